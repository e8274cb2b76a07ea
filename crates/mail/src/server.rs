//! The shell around [`Session`]: sockets, TLS, waits and limits. Listeners are handed in already
//! bound, since the process may not make sockets once it is sealed.

use crate::{
    guard::{Admission, Guard, Limits, Refused},
    reply::{Rejection, Reply},
    session::{Mail, Outcome, Protocol, Rules, Session, Step, Verdict},
};
use bytes::BytesMut;
use futures::future::BoxFuture;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use words::EmailAddress;

/// Bytes that are read at once, at most.
const READ_BYTES_MAX: usize = 64 * 1024;
/// Room in which a connection waits for its next command.
const WAITING_BYTES: usize = 4 * 1024;
/// The longest mail unless the operator says otherwise.
pub const MAIL_BYTES_MAX: usize = 35 * 1024 * 1024;
/// Recipients of one mail.
const RECIPIENTS_MAX: usize = 1_000;
/// Failures in one session.
const FAILURES_MAX: u32 = 20;

/// How long things may take.
#[derive(Debug, Clone)]
pub struct Waits {
    /// Silence that ends a session (RFC 5321 part 4.5.3.2.7 asks for five minutes).
    pub silence: Duration,
    /// From one stored mail to the next, beside the time for its bytes.
    pub mail: Duration,
    /// The slowest rate at which a mail may come, in bytes a second.
    pub bytes_per_second_min: u64,
    /// The TLS handshake.
    pub handshake: Duration,
    /// Storing one mail.
    pub store: Duration,
    /// What a failure costs the client from the fourth on, so that guessing is slow.
    pub tarpit: Duration,
    /// At the end: for sessions to finish what they are at.
    pub stop: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            silence: Duration::from_mins(5),
            mail: Duration::from_mins(10),
            bytes_per_second_min: 500,
            handshake: Duration::from_secs(30),
            store: Duration::from_mins(2),
            tarpit: Duration::from_millis(200),
            stop: Duration::from_secs(10),
        }
    }
}

/// Failures of a session that cost nothing.
const FREE_FAILURES: u64 = 3;
/// How long a client may take to read our last word.
const LINGER_SECONDS_MAX: u64 = 2;
/// How much a client may still send while it reads our last word.
const LINGER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A mail and how it came.
#[derive(Debug)]
pub struct Incoming {
    /// The mail.
    pub mail: Mail,
    /// Who sent it.
    pub remote: IpAddr,
    /// The version and cipher of TLS, if it came that way.
    pub tls: Option<String>,
    /// Whether it came from the operator's own mail server, which has checked the sender itself.
    pub protocol: Protocol,
}

/// Tells who a recipient is.
pub type Recipients = Box<dyn Fn(EmailAddress) -> BoxFuture<'static, Verdict> + Send + Sync>;
/// Stores a mail. Gives one outcome per recipient, in their order; `Ok` only if it is durable.
pub type Intake = Box<dyn Fn(Incoming) -> BoxFuture<'static, Vec<Outcome>> + Send + Sync>;
/// The certificate now, changed when its file changes; none: TLS is not offered.
pub type Certificate = watch::Receiver<Option<Arc<rustls::ServerConfig>>>;

/// What a mail server is made of.
pub struct Settings {
    /// What it calls itself.
    pub host: String,
    /// The longest mail in bytes, mostly [`MAIL_BYTES_MAX`].
    pub mail_bytes_max: usize,
    /// Bytes of all mails that may be on their way in at once.
    pub held_bytes_max: usize,
    /// Limits on those who connect.
    pub limits: Limits,
    /// How long things may take.
    pub waits: Waits,
    /// The certificate.
    pub certificate: Certificate,
    /// Who recipients are.
    pub recipients: Recipients,
    /// Where mails go.
    pub intake: Intake,
}

/// A mail server. SMTP and LMTP listeners share it, and with it the limits.
pub struct Server {
    host: String,
    mail_bytes_max: usize,
    held_bytes_max: usize,
    held: AtomicUsize,
    guard: Arc<Guard>,
    waits: Waits,
    certificate: Certificate,
    recipients: Recipients,
    intake: Intake,
}

impl Server {
    /// Makes it; nothing is listened to yet.
    pub fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            host: settings.host,
            mail_bytes_max: settings.mail_bytes_max,
            held_bytes_max: settings.held_bytes_max,
            held: AtomicUsize::new(0),
            guard: Guard::new(settings.limits),
            waits: settings.waits,
            certificate: settings.certificate,
            recipients: settings.recipients,
            intake: settings.intake,
        })
    }

    /// Serves a listener until `stop` turns true, then lets the sessions finish the mail they are at.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        protocol: Protocol,
        mut stop: watch::Receiver<bool>,
    ) {
        let rules = Arc::new(Rules {
            host: self.host.clone(),
            protocol,
            mail_bytes_max: self.mail_bytes_max,
            recipients_max: RECIPIENTS_MAX,
            failures_max: FAILURES_MAX,
        });
        let mut sessions = JoinSet::new();
        while !*stop.borrow_and_update() {
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                Some(_) = sessions.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let visit = Visit::new(Arc::clone(&self), Arc::clone(&rules), peer, stop.clone());
                        sessions.spawn(visit.serve(stream));
                    }
                    Err(error) => {
                        // Out of descriptors, mostly: those that are open are served, and close in time.
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
        drop(listener);
        let _ = timeout(self.waits.stop, async { while sessions.join_next().await.is_some() {} }).await;
    }
}

/// One client's visit.
struct Visit {
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
    fn new(server: Arc<Server>, rules: Arc<Rules>, peer: SocketAddr, stop: watch::Receiver<bool>) -> Self {
        Self { server, rules, peer, stop, held: 0 }
    }

    async fn serve(mut self, mut stream: TcpStream) {
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
            if let Some(reply) = self.read(stream, &mut buffer, session, &mut pace).await? {
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
        let read = tokio::select! {
            read = timeout_at(deadline, stream.read_buf(buffer)) => read,
            _ = self.stop.wait_for(|stop| *stop), if is_between => return Ok(Some(Reply::GoingAway)),
        };
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
