//! The shell around [`Session`]: sockets, TLS, waits and limits. Listeners are handed in already
//! bound, since the process may not make sockets once it is sealed.

mod visit;

use crate::{
    guard::{Guard, Limits},
    session::{Mail, Outcome, Protocol, Rules, Verdict},
};
use futures::future::BoxFuture;
use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use visit::Visit;
use words::EmailAddress;

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
