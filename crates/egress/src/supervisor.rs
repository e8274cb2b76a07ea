//! The supervisor: starts door and desk, joins them, starts again what dies, and takes all down with it.
//!
//! It reads nothing that strangers send, has one thread and no runtime. It keeps both ends of the
//! channel, so that a new door or desk goes on with the same one; and it opens the listening sockets, so
//! that ports stay and callers wait while the desk is started again.

mod child;

use crate::channel;
use child::{Child, Ended};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::DumpableBehavior,
    time::Timespec,
};
use std::{
    ffi::OsString,
    io::{self, Read},
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

/// How long the desk may take to end when asked to.
const DESK_END_WAIT: Duration = Duration::from_secs(30);

/// How long the door may take after the desk: it counts what is still on its way.
const DOOR_END_WAIT: Duration = Duration::from_secs(40);

/// A user of this machine, by numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub user: u32,
    /// Its only group.
    pub group: u32,
}

/// What the supervisor is to start: this very program, with these arguments.
#[derive(Debug)]
pub struct Plan {
    /// Arguments with which the program becomes the door.
    pub door: Vec<OsString>,
    /// Arguments with which the program becomes the desk.
    pub desk: Vec<OsString>,
    /// The user that the door runs as, if the supervisor is root.
    pub door_user: Option<User>,
    /// Listening sockets for the desk, each under a name. Port 0 takes a free one.
    pub listen: Vec<(String, SocketAddr)>,
}

/// Why the supervisor could not begin.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// Somebody else listens there, or one may not.
    #[error("cannot listen at {address} for {name}: {source}")]
    Listen {
        /// What for.
        name: String,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system refuses processes, signals or sockets.
    #[error("cannot start: {0}")]
    Io(#[from] io::Error),
}

/// Runs until the desk ends by itself or a signal (SIGTERM, SIGINT) asks for the end; the desk's exit
/// code. A second signal ends all at once. A child that dies otherwise is started again; one that ends
/// with code 0, 1 or 2 has said why, and all ends with it.
pub fn run(plan: &Plan) -> Result<i32, SupervisorError> {
    // Whoever could write into the supervisor's memory could dial.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(io::Error::from)?;
    let listeners = listen(plan)?;
    let (desk_end, door_end) = channel::pair()?;
    let mut door = Child::new("door", &plan.door, plan.door_user, &door_end, &[]);
    let mut desk = Child::new("desk", &plan.desk, None, &desk_end, &listeners);
    let mut signals = Signals::catch()?;
    door.start()?;
    desk.start()?;
    let code = loop {
        let pause = [door.next_start(), desk.next_start()].into_iter().flatten().min();
        let asked_to_end = signals.wait(pause)?;
        if let Some(Ended::For(code)) = desk.look()? {
            break code;
        }
        if let Some(Ended::For(code)) = door.look()? {
            desk.end(&mut signals, DESK_END_WAIT)?;
            break code;
        }
        if asked_to_end {
            break desk.end(&mut signals, DESK_END_WAIT)?;
        }
        door.start_if_due()?;
        desk.start_if_due()?;
    };
    door.end(&mut signals, DOOR_END_WAIT)?;
    Ok(code)
}

fn listen(plan: &Plan) -> Result<Vec<(String, TcpListener)>, SupervisorError> {
    let open = |(name, address): &(String, SocketAddr)| {
        let listener = TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        match listener {
            Ok(listener) => Ok((name.clone(), listener)),
            Err(source) => Err(SupervisorError::Listen { name: name.clone(), address: *address, source }),
        }
    };
    plan.listen.iter().map(open).collect()
}

/// Signals as bytes to wait for.
struct Signals {
    end: UnixStream,
    child: UnixStream,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        let (end, end_writer) = UnixStream::pair()?;
        let (child, child_writer) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(libc::SIGTERM, end_writer.try_clone()?)?;
        signal_hook::low_level::pipe::register(libc::SIGINT, end_writer)?;
        signal_hook::low_level::pipe::register(libc::SIGCHLD, child_writer)?;
        end.set_nonblocking(true)?;
        child.set_nonblocking(true)?;
        Ok(Self { end, child })
    }

    /// Waits for a signal, or until `until`; whether the end was asked for.
    fn wait(&mut self, until: Option<Instant>) -> io::Result<bool> {
        let pause = until.map(|until| {
            let left = until.saturating_duration_since(Instant::now());
            Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() }
        });
        let mut ready = [PollFd::new(&self.end, PollFlags::IN), PollFd::new(&self.child, PollFlags::IN)];
        match poll(&mut ready, pause.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut drain = [0; 64];
        while self.child.read(&mut drain).is_ok() {}
        Ok(self.end.read(&mut drain).is_ok())
    }
}
