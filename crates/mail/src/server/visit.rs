//! One client's visit: reads, lets the session work it off, writes, within the limits.

use super::{Incoming, Server, Waits};
use crate::{
    guard::{Admission, Refused},
    reply::{Rejection, Reply},
    session::{Mail, Outcome, Protocol, Rules, Session, Step},
};
use bytes::BytesMut;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Bytes that are read at once, at most.
const READ_BYTES_MAX: usize = 64 * 1024;
/// Room in which a connection waits for its next command.
const WAITING_BYTES: usize = 4 * 1024;
/// Failures of a session that cost nothing.
const FREE_FAILURES: u64 = 3;
/// How long a client may take to read our last word.
const LINGER_SECONDS_MAX: u64 = 2;
/// How much a client may still send while it reads our last word.
const LINGER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One client's visit.
pub(super) struct Visit {
    server: Arc<Server>,
    rules: Arc<Rules>,
    peer: SocketAddr,
    stop: watch::Receiver<bool>,
    /// The bytes that [`Server::held`] counts for this visit.
    held: usize,
}

/// Why a conversation over one stream ended.
enum End {
    Closed,
    BeginsTls,
}

impl Visit {
    pub(super) fn new(
        server: Arc<Server>,
        rules: Arc<Rules>,
        peer: SocketAddr,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { server, rules, peer, stop, held: 0 }
    }

    pub(super) async fn serve(mut self, mut stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let admission = match self.server.guard.admit(self.peer.ip(), Instant::now()) {
            Ok(admission) => admission,
            Err(refused) => {
                let reply = match refused {
                    Refused::Connections => Reply::TooManyConnections,
                    Refused::Failures => Reply::TooManyFailures,
                };
                metrics::counter!("havn_smtp_refused_connections_total").increment(1);
                say_and_close(stream, reply).await;
                return;
            }
        };
        // A lost connection ends the session; what it stored is stored, and the client knows what it was told.
        let _ = self.greet_and_converse(&mut stream, &admission).await;
    }

    async fn greet_and_converse(&mut self, stream: &mut TcpStream, admission: &Admission) -> io::Result<()> {
        if stream.try_read(&mut [0]).is_ok_and(|read| read > 0) {
            admission.failed(1, Instant::now());
            return last_word(stream, Reply::EarlyTalker).await;
        }
        let offers_tls = self.server.certificate.borrow().is_some();
        let mut session = Session::new(Arc::clone(&self.rules), offers_tls);
        let mut out = Vec::new();
        session.greet(&mut out);
        stream.write_all(&out).await?;
        if let End::BeginsTls = self.converse(stream, &mut session, admission, None).await? {
            let mut stream = self.shake_hands(stream, admission).await?;
            session.secured();
            let tls = described(&stream);
            self.converse(&mut stream, &mut session, admission, tls).await?;
        }
        Ok(())
    }

    async fn shake_hands<'s>(
        &self,
        stream: &'s mut TcpStream,
        admission: &Admission,
    ) -> io::Result<TlsStream<&'s mut TcpStream>> {
        let config = self.server.certificate.borrow().clone().ok_or(io::ErrorKind::NotConnected)?;
        let handshake = TlsAcceptor::from(config).accept(stream);
        let done = timeout(self.server.waits.handshake, handshake)
            .await
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()));
        if done.is_err() {
            admission.failed(1, Instant::now());
        }
        done
    }

    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        session: &mut Session,
        admission: &Admission,
        tls: Option<String>,
    ) -> io::Result<End> {
        let mut buffer = BytesMut::with_capacity(WAITING_BYTES);
        let mut out = Vec::new();
        let mut pace = Pace::new();
        let mut failures = session.failures();
        loop {
            let step =
                self.work_off(&mut buffer, session, admission, &mut out, &mut pace, tls.as_ref()).await;
            if session.failures() > failures {
                let more = session.failures() - failures;
                failures = session.failures();
                if !self.punish(more, failures, admission).await {
                    out.extend_from_slice(Reply::TooManyFailures.line().as_bytes());
                    out.extend_from_slice(b"\r\n");
                    return end(stream, &out).await;
                }
            }
            match step {
                Step::Close => return end(stream, &out).await,
                _ if !out.is_empty() => {
                    timeout(self.server.waits.silence, send(stream, &out)).await??;
                    out.clear();
                }
                _ => {}
            }
            if step == Step::StartTls {
                return Ok(End::BeginsTls);
            }
            if let Some(reply) = self.read(stream, &mut buffer, session, admission, &mut pace).await? {
                return end(stream, format!("{}\r\n", reply.line()).as_bytes()).await;
            }
        }
    }

    /// Lets the session work off what was read, doing what it asks for, until it needs more bytes.
    async fn work_off(
        &mut self,
        buffer: &mut BytesMut,
        session: &mut Session,
        admission: &Admission,
        out: &mut Vec<u8>,
        pace: &mut Pace,
        tls: Option<&String>,
    ) -> Step {
        loop {
            let (used, step) = session.take(buffer, out);
            let _ = buffer.split_to(used);
            let next = match step {
                Step::Recipient(address) => {
                    let verdict = (self.server.recipients)(address).await;
                    session.recipient(verdict, out)
                }
                Step::Store(mail) => {
                    let outcomes = self.store(*mail, tls.cloned()).await;
                    if outcomes.iter().any(Result::is_ok) {
                        admission.delivered();
                        pace.stored();
                    }
                    session.stored(&outcomes, out)
                }
                Step::Read | Step::StartTls | Step::Close => {
                    self.count_held(session);
                    return step;
                }
            };
            if next != Step::Read {
                return next;
            }
        }
    }

    async fn store(&self, mail: Mail, tls: Option<String>) -> Vec<Outcome> {
        let count = mail.recipients.len();
        let incoming =
            Incoming { mail, remote: self.peer.ip().to_canonical(), tls, protocol: self.rules.protocol };
        let stored = timeout(self.server.waits.store, (self.server.intake)(incoming)).await;
        // Nobody knows whether it will be stored yet; sent again, it is known as the same.
        stored.unwrap_or_else(|_| vec![Err(Rejection::Unavailable); count])
    }

    /// Keeps the sum of all mails on their way in within bounds.
    fn count_held(&mut self, session: &mut Session) {
        let now = session.held();
        if now > self.held
            && self.server.held.load(Ordering::Relaxed) + now - self.held > self.server.held_bytes_max
        {
            session.refuse(Reply::NoRoom);
        }
        let now = session.held();
        if now >= self.held {
            self.server.held.fetch_add(now - self.held, Ordering::Relaxed);
        } else {
            self.server.held.fetch_sub(self.held - now, Ordering::Relaxed);
        }
        self.held = now;
    }

    /// Makes failures slow and counts them. False if the client's address has had too many.
    async fn punish(&self, more: u64, failures: u64, admission: &Admission) -> bool {
        metrics::counter!("havn_smtp_failures_total").increment(more);
        if self.rules.protocol == Protocol::Lmtp {
            return true;
        }
        if failures > FREE_FAILURES {
            sleep(self.server.waits.tarpit).await;
        }
        admission.failed(more, Instant::now())
    }

    /// Reads on. Gives the reply to close with if the client is too slow, or we stop.
    async fn read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        buffer: &mut BytesMut,
        session: &Session,
        admission: &Admission,
        pace: &mut Pace,
    ) -> io::Result<Option<Reply>> {
        if *self.stop.borrow() && session.is_between_mails() {
            return Ok(Some(Reply::GoingAway));
        }
        let is_between = session.is_between_mails();
        if is_between && buffer.is_empty() && buffer.capacity() > WAITING_BYTES {
            *buffer = BytesMut::with_capacity(WAITING_BYTES);
        }
        buffer.reserve(if is_between { WAITING_BYTES } else { READ_BYTES_MAX });
        let deadline = pace.deadline(&self.server.waits);
        admission.set_idle(is_between);
        let read = tokio::select! {
            biased;
            read = timeout_at(deadline, stream.read_buf(buffer)) => read,
            _ = self.stop.wait_for(|stop| *stop), if is_between => return Ok(Some(Reply::GoingAway)),
            () = admission.makes_room(), if is_between => return Ok(Some(Reply::TooManyConnections)),
        };
        admission.set_idle(false);
        match read {
            Ok(Ok(0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(Ok(count)) => {
                pace.read(count);
                Ok(None)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(Some(Reply::TooSlow)),
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.server.held.fetch_sub(self.held, Ordering::Relaxed);
    }
}

/// When a client has been too slow.
struct Pace {
    since: Instant,
    bytes: u64,
}

impl Pace {
    fn new() -> Self {
        Self { since: Instant::now(), bytes: 0 }
    }

    fn stored(&mut self) {
        *self = Self::new();
    }

    fn read(&mut self, count: usize) {
        self.bytes += u64::try_from(count).unwrap_or(u64::MAX);
    }

    /// Until when the next byte must come: soon, and soon enough for the whole mail.
    fn deadline(&self, waits: &Waits) -> Instant {
        let for_bytes = Duration::from_secs(self.bytes / waits.bytes_per_second_min.max(1));
        (Instant::now() + waits.silence).min(self.since + waits.mail + for_bytes)
    }
}

fn described<T>(stream: &TlsStream<T>) -> Option<String> {
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version()?.as_str()?.replace('v', " ").replace('_', ".");
    let suite = connection.negotiated_cipher_suite()?.suite();
    Some(format!("{version} {}", suite.as_str().unwrap_or_default()))
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn end<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<End> {
    // A client that sends on would lose the last word by the reset that answers its bytes.
    let _ = timeout(Duration::from_secs(LINGER_SECONDS_MAX), async {
        send(stream, bytes).await?;
        stream.shutdown().await?;
        let (mut rest, mut read) = (vec![0; 16 * 1024], 0);
        while read < LINGER_BYTES_MAX {
            match stream.read(&mut rest).await? {
                0 => break,
                count => read += count,
            }
        }
        io::Result::Ok(())
    })
    .await;
    Ok(End::Closed)
}

async fn last_word(stream: &mut TcpStream, reply: Reply) -> io::Result<()> {
    end(stream, format!("{}\r\n", reply.line()).as_bytes()).await.map(|_| ())
}

async fn say_and_close(mut stream: TcpStream, reply: Reply) {
    let _ = last_word(&mut stream, reply).await;
}
