//! From what is asked to a connected socket: permit, resolve once, check every address, write, dial.

use super::{Door, count, names::Found, permission::Permission};
use crate::{CONNECT_SECONDS_MAX, DialError, LookupError, RecordType, spool::Spool};
use evidence::Flow;
use register::{Ask, Basis, Permit, PermitRefusal, is_public_name, may_dial};
use rustix::pipe::{PipeFlags, pipe_with};
use std::{
    io,
    net::{SocketAddr, TcpStream},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::unix::pipe,
    sync::OwnedSemaphorePermit,
    time::{sleep, timeout},
};
use words::Purpose;

/// How many addresses of a name are tried.
const ADDRESSES_MAX: usize = 3;

/// How long the door waits for the other side to take what the desk has written before it was done.
const DRAIN_WAIT: Duration = Duration::from_secs(30);

/// How often it is asked whether an open connection would still be permitted, while the register stays the
/// same: a lapse or the end of a period closes within that time.
const ASKED_AGAIN_EVERY: Duration = Duration::from_millis(500);

/// The first and the longest pause between two looks at what is not sent yet.
const DRAIN_PAUSE: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(250));

/// A connection that the door has handed out, or is about to.
pub(super) struct OpenFlow {
    permit: Permit,
    connection: u64,
    socket: TcpStream,
    lifeline: pipe::Receiver,
    _room: OwnedSemaphorePermit,
}

impl Door {
    /// Dials, if the register permits it. Also gives the desk's end of the lifeline.
    pub(super) async fn dial(&self, ask: Ask) -> Result<(OpenFlow, OwnedFd), DialError> {
        let permit = match self.permission.permit(&ask) {
            Ok(permit) => permit,
            Err(refusal) => return Err(self.refused(&ask, refusal).await),
        };
        let addresses = self.addresses(&ask).await?;
        for address in &addresses {
            // One address that may not be dialled spoils the name: it is not what it says.
            if let Err(refusal) = may_dial(&self.permission.file, ask.purpose, *address) {
                return Err(self.refused(&ask, refusal).await);
            }
        }
        let room = self.connections.clone().try_acquire_owned().map_err(|_| DialError::TooMany)?;
        let (connection, socket) = self.first_to_answer(&permit, &addresses).await?;
        open_flow(permit, connection, socket, room).map_err(|_| DialError::Unreachable)
    }

    async fn refused(&self, ask: &Ask, refusal: PermitRefusal) -> DialError {
        let flow = Flow::Refused {
            account: ask.account,
            purpose: ask.purpose,
            host: ask.host.clone(),
            port: ask.port,
            reason: refusal.to_string(),
        };
        match self.spool.write(flow).await {
            Ok(_) => DialError::Refused(refusal),
            Err(_) => DialError::NotRecorded,
        }
    }

    /// The addresses of the host, IPv6 first, resolved once: what is checked is what is dialled.
    async fn addresses(&self, ask: &Ask) -> Result<Vec<SocketAddr>, DialError> {
        if let Some(ip) = ask.host.ip() {
            return Ok(vec![SocketAddr::new(ip, ask.port)]);
        }
        let (v6, v4) = tokio::join!(
            self.names.find(&ask.host, RecordType::Aaaa),
            self.names.find(&ask.host, RecordType::A)
        );
        let found = match (v6, v4) {
            (Ok(v6), Ok(v4)) => vec![v6, v4],
            (Ok(found), Err(_)) | (Err(_), Ok(found)) => vec![found],
            (Err(v6), Err(v4)) => return Err(DialError::Name(worse(v6, v4))),
        };
        for alias in found.iter().flat_map(|found| &found.aliases) {
            if ask.purpose != Purpose::Database && !is_public_name(alias.as_str()) {
                return Err(self.refused(ask, PermitRefusal::InsideName(alias.clone())).await);
            }
        }
        Ok(found.iter().flat_map(Found::addresses).map(|ip| SocketAddr::new(ip, ask.port)).collect())
    }

    async fn first_to_answer(
        &self,
        permit: &Permit,
        addresses: &[SocketAddr],
    ) -> Result<(u64, TcpStream), DialError> {
        let mut last = DialError::Unreachable;
        for address in addresses.iter().take(ADDRESSES_MAX) {
            let intent = intent(permit.ask(), *address);
            let connection = self.spool.write(intent).await.map_err(|_| DialError::NotRecorded)?;
            match connect(*address).await {
                Ok(socket) => return Ok((connection, socket)),
                Err(error) => last = error,
            }
            let outcome =
                Flow::Outcome { connection, bytes_out: 0, bytes_in: 0, error: Some(last.to_string()) };
            self.spool.write(outcome).await.map_err(|_| DialError::NotRecorded)?;
        }
        Err(last)
    }
}

/// Of two failures the one that says more: that there is no such name, then that it may pass.
fn worse(one: LookupError, other: LookupError) -> LookupError {
    if one == LookupError::NoSuchName || (one.is_temporary() && other != LookupError::NoSuchName) {
        one
    } else {
        other
    }
}

/// The intent, as it is written before the first byte. The spool gives it its number.
pub(super) fn intent(ask: &Ask, address: SocketAddr) -> Flow {
    let basis = match &ask.basis {
        Basis::Operator => "operator".to_owned(),
        Basis::Instruction => "instruction".to_owned(),
        Basis::Entry => "entry".to_owned(),
        Basis::Addressee { domain } => format!("addressee {domain}"),
    };
    Flow::Intent {
        connection: 0,
        account: ask.account,
        purpose: ask.purpose,
        host: ask.host.clone(),
        address: address.to_string(),
        basis,
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that dials: the door")]
pub(super) async fn connect(address: SocketAddr) -> Result<TcpStream, DialError> {
    let dialled =
        timeout(Duration::from_secs(CONNECT_SECONDS_MAX), tokio::net::TcpStream::connect(address)).await;
    let reason = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => DialError::NobodyListens,
        io::ErrorKind::TimedOut => DialError::NoAnswer,
        _ => DialError::Unreachable,
    };
    let socket = dialled.map_err(|_| DialError::NoAnswer)?.map_err(reason)?;
    // The desk writes whole commands and answers; waiting for more to put into a packet only delays.
    socket.set_nodelay(true).map_err(reason)?;
    socket.into_std().map_err(reason)
}

async fn desk_is_done(lifeline: &mut pipe::Receiver) {
    while lifeline.read(&mut [0; 64]).await.is_ok_and(|length| length > 0) {}
}

/// Returns when there would be no permit any more: the register is another, or time has passed.
async fn is_shut(permit: &Permit, permission: &Permission) -> PermitRefusal {
    let mut changes = permission.changes();
    loop {
        if let Err(refusal) = permission.permit(permit.ask()) {
            return refusal;
        }
        // Whichever comes first; the book lives as long as the door.
        let _ = timeout(ASKED_AGAIN_EVERY, changes.changed()).await;
    }
}

/// Drops what was not sent, also for whoever holds a copy of the socket.
#[expect(clippy::disallowed_methods, reason = "dissolves a connection of the door, and dials nobody")]
fn cut(socket: &TcpStream) {
    // It fails only for a connection that is over.
    let _ = rustix::net::connect_unspec(socket);
}

fn open_flow(
    permit: Permit,
    connection: u64,
    socket: TcpStream,
    room: OwnedSemaphorePermit,
) -> io::Result<(OpenFlow, OwnedFd)> {
    let (door_end, desk_end) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    let lifeline = pipe::Receiver::from_owned_fd(door_end)?;
    Ok((OpenFlow { permit, connection, socket, lifeline, _room: room }, desk_end))
}

impl OpenFlow {
    /// What the desk gets.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Waits until the desk is done, lets the other side take what is still on its way, counts, closes.
    /// When the register shuts what it rests on, it is cut off at once.
    pub(super) async fn end(mut self, spool: &Spool, permission: &Permission) {
        let shut = tokio::select! {
            () = desk_is_done(&mut self.lifeline) => None,
            refusal = is_shut(&self.permit, permission) => Some(refusal),
        };
        if let Some(refusal) = shut {
            let counted = count::payload(&self.socket).ok();
            cut(&self.socket);
            let (bytes_out, bytes_in) =
                counted.map_or((0, 0), |counted| (counted.bytes_out, counted.bytes_in));
            let error = Some(format!("cut off by the register: {refusal}"));
            self.settle(spool, Flow::Outcome { connection: self.connection, bytes_out, bytes_in, error })
                .await;
            return;
        }
        // Also ends what a copy of the socket could still write: nothing leaves after the count.
        let _ = self.socket.shutdown(std::net::Shutdown::Write);
        let drained = timeout(DRAIN_WAIT, self.drained()).await.is_ok();
        let (bytes_out, bytes_in, uncounted) = match count::payload(&self.socket) {
            Ok(counted) => (counted.bytes_out, counted.bytes_in, None),
            Err(error) => {
                (0, 0, Some(format!("unknown: the kernel does not tell the counts ({})", error.kind())))
            }
        };
        if !drained {
            cut(&self.socket);
        }
        let cut = (!drained).then(|| "cut off: the other side did not take the rest".to_owned());
        let outcome =
            Flow::Outcome { connection: self.connection, bytes_out, bytes_in, error: uncounted.or(cut) };
        self.settle(spool, outcome).await;
    }

    async fn settle(&self, spool: &Spool, outcome: Flow) {
        if spool.write(outcome).await.is_err() {
            tracing::error!(connection = self.connection, "the outcome of a connection could not be written");
        }
    }

    /// Returns when each byte that the desk has written was sent once, or can never be.
    async fn drained(&self) {
        let mut pause = DRAIN_PAUSE.0;
        while count::payload(&self.socket).is_ok_and(|counted| counted.waits) {
            // The kernel has no event for "all sent" once the writing side is shut.
            sleep(pause).await;
            pause = (pause * 2).min(DRAIN_PAUSE.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{ErrorKind, Read, Write},
        net::TcpListener,
    };

    #[tokio::test]
    async fn what_nobody_takes_is_cut_off_for_every_copy() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = connect(server.local_addr().unwrap()).await.unwrap();
        let (mut other, _) = server.accept().unwrap();
        let mut copy = socket.try_clone().unwrap();
        let mut written = 0;
        while let Ok(length) = socket.write(&vec![b'x'; 100_000]) {
            written += length;
        }
        assert!(count::payload(&socket).unwrap().waits);
        cut(&socket);
        assert!(copy.write(b"more").is_err());
        let mut received = Vec::new();
        assert_eq!(other.read_to_end(&mut received).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert!(received.len() < written);
    }
}
