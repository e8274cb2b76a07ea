//! Takes the mail that Havn sends, with Havn's own SMTP server. Some addresses are as in real life:
//! `nobody@…` does not exist, `later@…` is busy for ever.

use std::sync::Arc;

use mail::{
    Server, Settings, Waits,
    guard::Limits,
    session::{Protocol, Verdict},
};
use tokio::{net::TcpListener, sync::watch};
use words::{AccountId, EmailAddress, MailboxId, Time};

use super::Letters;

const HELD_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Serves the listener for ever.
pub async fn serve(listener: TcpListener, letters: Arc<Letters>) {
    let server = Server::new(Settings {
        host: "outside.example".into(),
        mail_bytes_max: mail::MAIL_BYTES_MAX,
        held_bytes_max: HELD_BYTES_MAX,
        limits: Limits::default(),
        waits: Waits::default(),
        certificate: watch::channel(None).1,
        recipients: Box::new(|address| Box::pin(std::future::ready(who(&address)))),
        intake: Box::new(move |incoming| {
            let mail = incoming.mail;
            for recipient in &mail.recipients {
                letters.add(&mail.sender, recipient.address.as_str(), &mail.raw);
            }
            let outcomes = mail.recipients.iter().map(|_| Ok("kept".into())).collect();
            Box::pin(std::future::ready(outcomes))
        }),
    });
    let (_stopper, stop) = watch::channel(false);
    server.serve(listener, Protocol::Smtp, stop).await;
}

fn who(address: &EmailAddress) -> Verdict {
    match address.local() {
        "nobody" => Verdict::Unknown,
        "later" => Verdict::Unavailable,
        _ => Verdict::Ours(AccountId::new(Time::default()), MailboxId::new(Time::default())),
    }
}
