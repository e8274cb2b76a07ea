//! A mail server that keeps what it gets and answers as a test tells it: the relay of the suites. Written
//! apart from Havn's own server, so that one does not hide the other's faults.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

/// The longest mail that it takes, so that a fault does not eat the machine.
const MAIL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkTls {
    /// In the clear.
    None,
    /// STARTTLS is offered.
    Starttls,
    /// STARTTLS is offered and taken, and then something else comes.
    Broken,
    /// TLS from the first byte.
    Implicit,
}

/// What a server proves with who it is.
pub struct Identity {
    /// Its certificate.
    pub certificate: CertificateDer<'static>,
    /// The key to it.
    pub key: PrivateKeyDer<'static>,
}

/// A mail that it got.
#[derive(Debug, Clone)]
pub struct Got {
    /// What the client called itself.
    pub hello: String,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Name and password that the client logged in with.
    pub log_in: Option<(String, String)>,
    /// The line of `MAIL FROM`.
    pub mail_from: String,
    /// The addresses of `RCPT TO` that were accepted.
    pub recipients: Vec<String>,
    /// What was on the wire after DATA, its last dot too.
    pub wire: Vec<u8>,
    /// The mail.
    pub raw: Vec<u8>,
}

/// The server. It ends with this value.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate; without another it is for `localhost` and 127.0.0.1, signed by itself.
    pub certificate: CertificateDer<'static>,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    tls: SinkTls,
    acceptor: TlsAcceptor,
    got: watch::Sender<Vec<Got>>,
    /// Beginnings of lines and what is said to them; `.` is the end of a mail. An empty reply: it hangs up.
    replies: Mutex<Vec<(String, String)>>,
    /// Mails whose end is held back, until they may be answered.
    held: watch::Sender<(bool, usize)>,
    connections: watch::Sender<usize>,
}

impl Sink {
    /// A server in the clear that takes everything.
    pub async fn start() -> Self {
        Self::with(SinkTls::None).await
    }

    /// A server that takes everything.
    pub async fn with(tls: SinkTls) -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate is made");
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let identity = Identity { certificate: made.cert.der().clone(), key };
        Self::at(([127, 0, 0, 1], 0).into(), tls, identity).await
    }

    /// A server at this address that takes everything; port 0: a free one.
    pub async fn at(address: SocketAddr, tls: SinkTls, identity: Identity) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("its address");
        let certificate = identity.certificate.clone();
        let acceptor = acceptor(identity);
        let shared = Arc::new(Shared {
            tls,
            acceptor,
            got: watch::Sender::default(),
            replies: Mutex::default(),
            held: watch::Sender::default(),
            connections: watch::Sender::default(),
        });
        let of_task = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                of_task.connections.send_modify(|count| *count += 1);
                tokio::spawn(serve(stream, Arc::clone(&of_task)));
            }
        });
        Self { address, certificate, shared, task }
    }

    /// From now on, lines that begin so (in upper case; `.` is the end of a mail) are answered so. An
    /// empty answer hangs up. The newest counts; `None` forgets it.
    pub fn answer(&self, line: &str, reply: Option<&str>) {
        let mut replies = self.shared.replies();
        replies.retain(|(known, _)| known != line);
        if let Some(reply) = reply {
            replies.insert(0, (line.to_owned(), reply.to_owned()));
        }
    }

    /// What it got so far.
    pub fn got(&self) -> Vec<Got> {
        self.shared.got.borrow().clone()
    }

    /// What it got, once it has got so many.
    pub async fn got_at_least(&self, count: usize) -> Vec<Got> {
        let mut got = self.shared.got.subscribe();
        got.wait_for(|got| got.len() >= count).await.expect("the sink lives").clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// From now on, mails are kept but not answered until [`Sink::release`].
    pub fn hold(&self) {
        self.shared.held.send_modify(|(holds, _)| *holds = true);
    }

    /// Answers what is held back.
    pub fn release(&self) {
        self.shared.held.send_modify(|(holds, _)| *holds = false);
    }

    /// Waits until a mail is held back.
    pub async fn holds_one(&self) {
        let mut held = self.shared.held.subscribe();
        held.wait_for(|(_, count)| *count > 0).await.expect("the sink lives");
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn replies(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply_to(&self, line: &str, default: &str) -> String {
        let upper = line.to_uppercase();
        let replies = self.replies();
        let told = replies.iter().find(|(beginning, _)| upper.starts_with(&beginning.to_uppercase()));
        told.map_or_else(|| default.to_owned(), |(_, reply)| reply.clone())
    }
}

fn acceptor(identity: Identity) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], identity.key)
        .expect("a certificate that fits its key");
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut visit = Visit { shared, tls: false, hello: String::new(), log_in: None };
    // A client that goes away ends the visit.
    let _ = visit.all(stream).await;
}

struct Visit {
    shared: Arc<Shared>,
    tls: bool,
    hello: String,
    log_in: Option<(String, String)>,
}

/// How a stream ended.
#[derive(PartialEq)]
enum End {
    Over,
    BeginsTls,
}

impl Visit {
    async fn all(&mut self, mut stream: TcpStream) -> io::Result<()> {
        if self.shared.tls == SinkTls::Implicit {
            self.tls = true;
            let acceptor = self.shared.acceptor.clone();
            self.talk(acceptor.accept(stream).await?, true).await?;
        } else if self.talk(&mut stream, true).await? == End::BeginsTls {
            if self.shared.tls == SinkTls::Broken {
                return stream.write_all(b"this is no TLS\r\n").await;
            }
            self.tls = true;
            let acceptor = self.shared.acceptor.clone();
            self.talk(acceptor.accept(stream).await?, false).await?;
        }
        Ok(())
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: S, greets: bool) -> io::Result<End> {
        let mut stream = BufReader::new(stream);
        if greets {
            let greeting = self.shared.reply_to("CONNECT", "220 sink ESMTP");
            if !say(&mut stream, &greeting).await? {
                return Ok(End::Over);
            }
        }
        let (mut from, mut recipients) = (String::new(), Vec::new());
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(End::Over);
            }
            assert!(line.ends_with("\r\n"), "a command without CRLF: {line:?}");
            let line = line.trim_end_matches("\r\n").to_owned();
            assert!(!line.contains(['\r', '\n', '\0']), "a command with a stray line end: {line:?}");
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let default = match verb.as_str() {
                "EHLO" => self.extensions(),
                "DATA" => "354 go on".to_owned(),
                "STARTTLS" => "220 go on".to_owned(),
                "AUTH" => "235 welcome".to_owned(),
                "QUIT" => "221 bye".to_owned(),
                _ => "250 ok".to_owned(),
            };
            let reply = self.shared.reply_to(&line, &default);
            let good = reply.starts_with(['2', '3']);
            match verb.as_str() {
                "EHLO" | "HELO" => line.split(' ').nth(1).unwrap_or_default().clone_into(&mut self.hello),
                "AUTH" => self.log_in = log_in(&line),
                "MAIL" => (from, recipients) = (line.clone(), Vec::new()),
                "RCPT" if good => recipients.push(address(&line)),
                "RSET" => (from, recipients) = (String::new(), Vec::new()),
                _ => {}
            }
            if !say(&mut stream, &reply).await? {
                return Ok(End::Over);
            }
            match verb.as_str() {
                "QUIT" => return Ok(End::Over),
                "STARTTLS" if good => return Ok(End::BeginsTls),
                "DATA" if good => {
                    let (from, recipients) = (std::mem::take(&mut from), std::mem::take(&mut recipients));
                    if !self.mail(&mut stream, from, recipients).await? {
                        return Ok(End::Over);
                    }
                }
                _ => {}
            }
        }
    }

    fn extensions(&self) -> String {
        let starttls = if matches!(self.shared.tls, SinkTls::Starttls | SinkTls::Broken) && !self.tls {
            "250-STARTTLS\r\n"
        } else {
            ""
        };
        format!(
            "250-sink\r\n{starttls}250-SIZE 64000000\r\n250-AUTH PLAIN LOGIN\r\n250-SMTPUTF8\r\n250 8BITMIME"
        )
    }

    async fn mail<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut BufReader<S>,
        mail_from: String,
        recipients: Vec<String>,
    ) -> io::Result<bool> {
        let (mut wire, mut raw) = (Vec::new(), Vec::new());
        loop {
            let mut line = Vec::new();
            (&mut *stream).take(MAIL_BYTES_MAX).read_until(b'\n', &mut line).await?;
            if line.is_empty() {
                return Ok(false);
            }
            wire.extend_from_slice(&line);
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let reply = self.shared.reply_to(".", "250 taken");
        let log_in = self.log_in.clone();
        let got = Got { hello: self.hello.clone(), tls: self.tls, log_in, mail_from, recipients, wire, raw };
        self.shared.got.send_modify(|all| all.push(got));
        if self.shared.held.borrow().0 {
            self.shared.held.send_modify(|(_, count)| *count += 1);
            let mut held = self.shared.held.subscribe();
            let _ = held.wait_for(|(holds, _)| !holds).await;
            self.shared.held.send_modify(|(_, count)| *count -= 1);
        }
        say(stream, &reply).await
    }
}

/// Says a reply. False if it is to hang up.
async fn say<S: AsyncWrite + Unpin>(stream: &mut S, reply: &str) -> io::Result<bool> {
    if reply.is_empty() {
        return Ok(false);
    }
    stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    stream.flush().await?;
    Ok(true)
}

fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

/// Name and password of `AUTH PLAIN`.
fn log_in(line: &str) -> Option<(String, String)> {
    let encoded = line.split(' ').nth(2)?;
    let decoded = data_encoding::BASE64.decode(encoded.as_bytes()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let mut parts = text.split('\0').skip(1);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}
