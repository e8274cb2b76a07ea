//! A mail server on a free port of the loopback, and a client to talk to it.

use mail::{
    Incoming, Server, Settings, Waits,
    guard::Limits,
    reply::Rejection,
    session::{Outcome, Protocol, Verdict},
};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsConnector;
use words::{AccountId, MailboxId, Time};

/// The longest mail of these tests.
pub const MAIL_BYTES_MAX: usize = 100_000;

/// What the server's intake answers, and what it got.
#[derive(Default)]
pub struct Intake {
    pub got: Mutex<Vec<Incoming>>,
    pub rejection: Mutex<Option<Rejection>>,
}

/// A server that takes mail for every address that begins with `ours`.
pub struct World {
    pub smtp: SocketAddr,
    pub lmtp: SocketAddr,
    pub intake: Arc<Intake>,
    pub stop: watch::Sender<bool>,
    tls: TlsConnector,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Limits::default(), Waits { tarpit: Duration::ZERO, ..Waits::default() }).await
    }

    pub async fn with(limits: Limits, waits: Waits) -> Self {
        let intake = Arc::new(Intake::default());
        let (config, tls) = certificate();
        let at_intake = Arc::clone(&intake);
        let server = Server::new(Settings {
            host: "mx.example".into(),
            mail_bytes_max: MAIL_BYTES_MAX,
            held_bytes_max: 10 * MAIL_BYTES_MAX,
            limits,
            waits,
            certificate: watch::channel(Some(config)).1,
            recipients: Box::new(|address| {
                let ours = address.local().starts_with("ours");
                let id = Time::from_seconds(1);
                let verdict = if ours {
                    Verdict::Ours(AccountId::new(id), MailboxId::new(id))
                } else {
                    Verdict::Unknown
                };
                Box::pin(std::future::ready(verdict))
            }),
            intake: Box::new(move |incoming| {
                let outcome: Outcome = match *at_intake.rejection.lock().unwrap() {
                    Some(rejection) => Err(rejection),
                    None => Ok("0199-id".into()),
                };
                let outcomes = vec![outcome; incoming.mail.recipients.len()];
                at_intake.got.lock().unwrap().push(incoming);
                Box::pin(std::future::ready(outcomes))
            }),
        });
        let (stop, stopped) = watch::channel(false);
        let mut addresses = Vec::new();
        for protocol in [Protocol::Smtp, Protocol::Lmtp] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            tokio::spawn(Arc::clone(&server).serve(listener, protocol, stopped.clone()));
        }
        Self { smtp: addresses[0], lmtp: addresses[1], intake, stop, tls }
    }

    pub async fn client(&self, protocol: Protocol) -> Client<TcpStream> {
        let address = if protocol == Protocol::Smtp { self.smtp } else { self.lmtp };
        Client::new(connect(address).await)
    }

    pub async fn secured(
        &self,
        client: Client<TcpStream>,
    ) -> Client<tokio_rustls::client::TlsStream<TcpStream>> {
        let name = "mx.example".try_into().unwrap();
        let stream = self.tls.connect(name, client.stream).await.unwrap();
        Client::new(stream)
    }

    /// How many mails came in.
    pub fn count(&self) -> usize {
        self.intake.got.lock().unwrap().len()
    }
}

#[expect(clippy::disallowed_methods, reason = "a client of the server under test, on the loopback")]
pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

fn certificate() -> (Arc<rustls::ServerConfig>, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(vec!["mx.example".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let certificate = made.cert.der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), TlsConnector::from(Arc::new(client)))
}

/// A client that reads replies.
pub struct Client<S> {
    pub stream: S,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The next reply, all its lines; empty when the server has closed.
    pub async fn reply(&mut self) -> String {
        loop {
            if let Some(end) = whole_reply(&self.buffer) {
                let reply: Vec<u8> = self.buffer.drain(..end).collect();
                return String::from_utf8(reply).unwrap().trim_end().to_owned();
            }
            let mut piece = [0; 4096];
            match self.stream.read(&mut piece).await {
                Ok(0) | Err(_) => return String::new(),
                Ok(count) => self.buffer.extend_from_slice(&piece[..count]),
            }
        }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // The server may have closed already: what counts is its last reply.
        let _ = self.stream.write_all(bytes.as_ref()).await;
        let _ = self.stream.flush().await;
    }

    /// Sends a line and gives the reply.
    pub async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        self.reply().await
    }

    /// Replies until the server closes.
    pub async fn rest(&mut self) -> Vec<String> {
        let mut replies = Vec::new();
        loop {
            match self.reply().await {
                reply if reply.is_empty() => return replies,
                reply => replies.push(reply),
            }
        }
    }

    pub async fn hello(&mut self, protocol: Protocol) {
        let verb = if protocol == Protocol::Smtp { "EHLO" } else { "LHLO" };
        assert!(self.say(&format!("{verb} client.example")).await.starts_with("250"));
    }

    /// Begins a mail up to DATA or its first chunk.
    pub async fn begin(&mut self, recipient: &str) {
        assert!(self.say("MAIL FROM:<a@example.org>").await.starts_with("250"));
        assert!(self.say(&format!("RCPT TO:<{recipient}>")).await.starts_with("250"));
    }

    /// Sends a whole mail and gives the last reply.
    pub async fn mail(&mut self, recipient: &str, text: &str) -> String {
        self.begin(recipient).await;
        assert!(self.say("DATA").await.starts_with("354"));
        self.send(format!("{text}\r\n.\r\n")).await;
        self.reply().await
    }
}

fn whole_reply(buffer: &[u8]) -> Option<usize> {
    let mut start = 0;
    while let Some(length) = buffer[start..].windows(2).position(|two| two == b"\r\n") {
        let line = &buffer[start..start + length];
        start += length + 2;
        if line.get(3) == Some(&b' ') {
            return Some(start);
        }
    }
    None
}
