//! One child of the supervisor: started, looked after, started again with a growing pause.

use super::{Signals, User};
use crate::{channel::send_packet, inherited::Handover};
use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    process::{Pid, Signal, kill_process},
};
use std::{
    ffi::OsString,
    io,
    net::TcpListener,
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Who lived that long is started again at once; others after a pause that doubles up to the maximum.
const HEALTHY_LIFE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// The running program, also when the file behind its name was replaced meanwhile.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// How a child ended.
pub(super) enum Ended {
    /// It died, and is due to be started again.
    Died,
    /// It said why, with this exit code.
    For(i32),
}

pub(super) struct Child<'a> {
    name: &'static str,
    arguments: &'a [OsString],
    user: Option<User>,
    channel: &'a OwnedFd,
    listeners: &'a [(String, TcpListener)],
    running: Option<Running>,
    /// When it is to be started again, if it is not running.
    due: Option<Instant>,
    starts: u32,
    /// Short lives in a row.
    failures: u32,
}

struct Running {
    process: std::process::Child,
    since: Instant,
    /// Closes when the supervisor dies.
    _line: OwnedFd,
}

impl<'a> Child<'a> {
    pub(super) fn new(
        name: &'static str,
        arguments: &'a [OsString],
        user: Option<User>,
        channel: &'a OwnedFd,
        listeners: &'a [(String, TcpListener)],
    ) -> Self {
        Self { name, arguments, user, channel, listeners, running: None, due: None, starts: 0, failures: 0 }
    }

    pub(super) fn next_start(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn start(&mut self) -> io::Result<()> {
        let (line, childs_line) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let handover = Handover {
            starts: self.starts,
            listeners: self.listeners.iter().map(|(name, _)| name.clone()).collect(),
        };
        let mut descriptors = vec![self.channel.as_fd()];
        descriptors.extend(self.listeners.iter().map(|(_, listener)| listener.as_fd()));
        send_packet(&line, &serde_json::to_vec(&handover)?, &descriptors)?;

        let mut command = Command::new(THIS_PROGRAM);
        // Of its own group: a Ctrl-C is for the supervisor, which then asks its children one by one.
        command
            .arg0(format!("havn-{}", self.name))
            .args(self.arguments)
            .stdin(Stdio::from(childs_line))
            .process_group(0);
        if let Some(User { user, group }) = self.user {
            // As root this also takes all other groups from it.
            command.uid(user).gid(group);
        }
        let process = command.spawn()?;
        self.running = Some(Running { process, since: Instant::now(), _line: line });
        self.due = None;
        self.starts += 1;
        Ok(())
    }

    pub(super) fn start_if_due(&mut self) -> io::Result<()> {
        if self.due.is_some_and(|due| due <= Instant::now()) { self.start() } else { Ok(()) }
    }

    /// Whether it has ended since the last look.
    pub(super) fn look(&mut self) -> io::Result<Option<Ended>> {
        let Some(running) = &mut self.running else { return Ok(None) };
        let Some(status) = running.process.try_wait()? else { return Ok(None) };
        let lived = running.since.elapsed();
        self.running = None;
        if let Some(code @ 0..=2) = status.code() {
            return Ok(Some(Ended::For(code)));
        }
        self.failures = if lived < HEALTHY_LIFE { self.failures + 1 } else { 0 };
        let pause = if self.failures < 2 { Duration::ZERO } else { pause_after(self.failures) };
        self.due = Some(Instant::now() + pause);
        tracing::error!(child = self.name, %status, "a child died and is started again");
        Ok(Some(Ended::Died))
    }

    /// Asks it to end, waits so long, then ends it; its exit code. A second signal to the supervisor
    /// ends it at once.
    pub(super) fn end(&mut self, signals: &mut Signals, wait: Duration) -> io::Result<i32> {
        let Some(mut running) = self.running.take() else { return Ok(0) };
        let pid = Pid::from_child(&running.process);
        kill_process(pid, Signal::TERM)?;
        let until = Instant::now() + wait;
        loop {
            if let Some(status) = running.process.try_wait()? {
                return Ok(code_of(status));
            }
            let at_once = signals.wait(Some(until))?;
            if at_once || Instant::now() >= until {
                tracing::warn!(child = self.name, "a child did not end when asked to, and is ended");
                running.process.kill()?;
                return Ok(code_of(running.process.wait()?));
            }
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    PAUSE.saturating_mul(1 << failures.min(16)).min(PAUSE_MAX)
}

/// As a shell tells it: 128 and the signal's number for who was ended by one.
fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_is_bounded() {
        assert_eq!(pause_after(2), Duration::from_millis(200));
        assert_eq!(pause_after(5), Duration::from_millis(1600));
        assert_eq!(pause_after(60), PAUSE_MAX);
    }
}
