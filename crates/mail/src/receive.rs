//! The way in behind the server: who a recipient is, and a mail from its envelope to the desk.

use crate::{
    authentication::{self, Envelope},
    names::Names,
    reply::Rejection,
    server::{Incoming, Intake, Recipients},
    session::{Mail, Outcome, Protocol, Recipient, Verdict},
    trace,
};
use access::Accounts;
use desk::{
    Authentication,
    receive::{Arrival, Gist, MAILBOXES_MAX},
};
use letter::{Bounce, Letter};
use std::sync::Arc;
use store::PickupPlace;
use words::{AccountId, Clock, EmailAddress, Host, MailboxId, Task};

/// Larger mails are read on a blocking thread.
const READ_HERE_BYTES_MAX: usize = 64 * 1024;

/// Takes mail in for the accounts of this process.
pub struct Reception {
    accounts: Accounts,
    names: Arc<Names>,
    host: String,
    clock: Clock,
}

/// A mail, read and checked: the same for all accounts that it is for.
#[derive(Clone)]
struct Known {
    letter: Letter,
    bounce: Option<Bounce>,
    gist: Gist,
    authentication: Authentication,
    envelope_from: Option<EmailAddress>,
    trace: String,
}

/// A mail that was picked up at another server.
pub(crate) struct PickedUp {
    pub account: AccountId,
    /// For which mailbox, and which mail of its folder.
    pub place: PickupPlace,
    pub raw: Vec<u8>,
    /// The other server.
    pub host: Host,
    /// The version and cipher of TLS, if it came that way.
    pub tls: Option<String>,
}

impl Reception {
    /// `host` is what we call ourselves in the trace.
    pub fn new(accounts: Accounts, names: Arc<Names>, host: String, clock: Clock) -> Arc<Self> {
        Arc::new(Self { accounts, names, host, clock })
    }

    /// For the server: who a recipient is.
    pub fn recipients(self: &Arc<Self>) -> Recipients {
        let reception = Arc::clone(self);
        Box::new(move |address| {
            let reception = Arc::clone(&reception);
            Box::pin(async move { reception.recipient(&address).await })
        })
    }

    /// For the server: where mails go.
    pub fn intake(self: &Arc<Self>) -> Intake {
        let reception = Arc::clone(self);
        Box::new(move |incoming| {
            let reception = Arc::clone(&reception);
            Box::pin(async move { reception.take(incoming).await })
        })
    }

    /// Who a recipient is.
    pub async fn recipient(&self, address: &EmailAddress) -> Verdict {
        match self.accounts.by_mailbox(address).await {
            Ok(Some(found)) => match found.mailbox {
                Some(mailbox) => Verdict::Ours(found.account, mailbox),
                None => Verdict::Unknown,
            },
            Ok(None) => Verdict::Unknown,
            Err(error) => {
                tracing::error!(%error, "the directory does not say who a recipient is");
                Verdict::Unavailable
            }
        }
    }

    /// Stores a mail in each account that it is for. One outcome per recipient, in their order.
    pub async fn take(&self, incoming: Incoming) -> Vec<Outcome> {
        let (known, mail) = self.read(incoming).await;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; mail.recipients.len()];
        let mut left = Some((mail.raw, known));
        let groups = groups(&mail.recipients);
        let last = groups.len().saturating_sub(1);
        for (at, (account, mailboxes)) in groups.into_iter().enumerate() {
            let Some((raw, known)) = (if at == last { left.take() } else { left.clone() }) else { break };
            let outcome = self.store(account, mailboxes.clone(), raw, known).await;
            count(&outcome);
            for (recipient, slot) in mail.recipients.iter().zip(&mut outcomes) {
                if recipient.account == account && mailboxes.contains(&recipient.mailbox) {
                    *slot = Some(outcome.clone());
                }
            }
        }
        let missing = || Err(Rejection::Unavailable);
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect()
    }

    async fn read(&self, incoming: Incoming) -> (Known, Mail) {
        let authentication =
            authentication::check(&self.names, self.envelope(&incoming), &incoming.mail.raw).await;
        let trace = trace::trace(&incoming, &self.host, &authentication, self.clock.now());
        let mail = incoming.mail;
        // A sender that is no plain address is somebody all the same, but nobody whom we could answer.
        let envelope_from = mail.sender.parse().ok();
        let sender = envelope_from.clone();
        let read = move |mail: Mail| {
            let letter = Letter::read(&mail.raw);
            let bounce = letter::bounce(&letter, &mail.raw);
            let gist = Gist::of(&letter, &mail.raw, sender.as_ref());
            (letter, bounce, gist, mail)
        };
        let (letter, bounce, gist, mail) = if mail.raw.len() <= READ_HERE_BYTES_MAX {
            read(mail)
        } else {
            tokio::task::spawn_blocking(move || read(mail)).await.expect("reading a mail does not panic")
        };
        (Known { letter, bounce, gist, authentication, envelope_from, trace }, mail)
    }

    /// Stores a mail that was picked up, and with it that this is done. Who brought it to the other server only
    /// that server knows: SPF is not checked, and of its own headers the return path alone is read, to see
    /// whether a machine wrote it. Signatures (DKIM) are in the mail itself.
    pub(crate) async fn pick_up(&self, came: PickedUp) -> Result<(), Rejection> {
        let nobody = Envelope { remote: None, hello: "", sender: "", host: &self.host };
        let authentication = authentication::check(&self.names, nobody, &came.raw).await;
        let trace = trace::picked_up(&came, &self.host, &authentication, self.clock.now());
        let read = move |raw: Vec<u8>| {
            let letter = Letter::read(&raw);
            let envelope_from = sender_by_headers(&letter);
            let bounce = letter::bounce(&letter, &raw);
            let gist = Gist::of(&letter, &raw, envelope_from.as_ref());
            (Known { letter, bounce, gist, authentication, envelope_from, trace }, raw)
        };
        let (known, raw) = if came.raw.len() <= READ_HERE_BYTES_MAX {
            read(came.raw)
        } else {
            tokio::task::spawn_blocking(move || read(came.raw)).await.expect("reading a mail does not panic")
        };
        let outcome =
            self.store_at(came.account, vec![came.place.mailbox], raw, known, Some(came.place)).await;
        count(&outcome);
        outcome.map(|_| ())
    }

    fn envelope<'a>(&'a self, incoming: &'a Incoming) -> Envelope<'a> {
        // Who comes by LMTP is the operator's own server: it hides from whom it got the mail.
        let remote = (incoming.protocol == Protocol::Smtp).then_some(incoming.remote);
        Envelope { remote, hello: &incoming.mail.hello, sender: &incoming.mail.sender, host: &self.host }
    }

    /// Stores a mail in an account. Gives the id under which it lies.
    async fn store(
        &self,
        account: AccountId,
        mailboxes: Vec<MailboxId>,
        raw: Vec<u8>,
        known: Known,
    ) -> Outcome {
        self.store_at(account, mailboxes, raw, known, None).await
    }

    async fn store_at(
        &self,
        account: AccountId,
        mailboxes: Vec<MailboxId>,
        raw: Vec<u8>,
        known: Known,
        place: Option<PickupPlace>,
    ) -> Outcome {
        let (store, access) = self.accounts.open_task(account, Task::Receive).await.map_err(|error| {
            tracing::error!(%account, %error, "a mail cannot be stored: the store does not open");
            Rejection::from(&error)
        })?;
        let raw = store.prepare_raw(raw).await.map_err(|error| refused(account, &error))?;
        let arrival = Arrival {
            mailboxes,
            envelope_from: known.envelope_from,
            raw,
            letter: known.letter,
            gist: known.gist,
            bounce: known.bounce,
            authentication: known.authentication,
            trace: known.trace,
            imported: false,
        };
        let received = match place {
            None => desk::receive::receive(&store, &access, arrival).await,
            Some(place) => desk::receive::pick_up(&store, &access, arrival, place).await,
        };
        let received = received.map_err(|error| match error {
            desk::Error::Store(error) => refused(account, &error),
            desk::Error::NoSuchMailbox => Rejection::NoSuchMailbox,
            error => {
                tracing::error!(%account, %error, "a mail cannot be stored");
                Rejection::Unavailable
            }
        })?;
        received.first().map(|received| received.message().to_string()).ok_or(Rejection::Unavailable)
    }
}

/// Whom an answer by machine would go to: nobody if the return path is empty. A mail without one was not
/// delivered by a server that notes it, and is judged by its other headers.
fn sender_by_headers(letter: &Letter) -> Option<EmailAddress> {
    let from = || letter.from.iter().find_map(|mailbox| mailbox.address.clone());
    match letter.machine.return_path.as_deref().map(|path| path.trim_matches(['<', '>', ' '])) {
        Some("") => None,
        Some(path) => path.parse().ok().or_else(from),
        None => from(),
    }
}

fn refused(account: AccountId, error: &store::Error) -> Rejection {
    tracing::error!(%account, %error, "a mail cannot be stored");
    error.into()
}

fn count(outcome: &Outcome) {
    let result = match outcome {
        Ok(_) => "stored",
        Err(rejection) if crate::reply::Reply::from(*rejection).is_failure() => "refused",
        Err(_) => "put off",
    };
    metrics::counter!("havn_mail_received_total", "result" => result).increment(1);
}

/// The mailboxes by account, each once, in the order of the envelope; an account comes again if it has
/// more of them than one transaction takes.
fn groups(recipients: &[Recipient]) -> Vec<(AccountId, Vec<MailboxId>)> {
    let mut groups: Vec<(AccountId, Vec<MailboxId>)> = Vec::new();
    for recipient in recipients {
        let of_account = |(account, _): &(AccountId, Vec<MailboxId>)| *account == recipient.account;
        if groups.iter().any(|group| of_account(group) && group.1.contains(&recipient.mailbox)) {
            continue;
        }
        match groups.iter_mut().find(|group| of_account(group) && group.1.len() < MAILBOXES_MAX) {
            Some((_, mailboxes)) => mailboxes.push(recipient.mailbox),
            None => groups.push((recipient.account, vec![recipient.mailbox])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use words::Time;

    #[test]
    fn each_mailbox_is_in_one_group_of_its_account() {
        let now = Time::from_seconds(1);
        let (one, other) = (AccountId::new(now), AccountId::new(now));
        let recipient =
            |account, mailbox| Recipient { address: "a@b.example".parse().unwrap(), account, mailbox };
        let mailboxes: Vec<MailboxId> = (0..=MAILBOXES_MAX).map(|_| MailboxId::new(now)).collect();
        let mut recipients: Vec<Recipient> =
            mailboxes.iter().map(|mailbox| recipient(one, *mailbox)).collect();
        recipients.push(recipient(other, mailboxes[0]));
        recipients.push(recipient(one, mailboxes[0]));
        let sizes: Vec<_> =
            groups(&recipients).into_iter().map(|(account, some)| (account, some.len())).collect();
        assert_eq!(sizes, [(one, MAILBOXES_MAX), (one, 1), (other, 1)]);
    }
}
