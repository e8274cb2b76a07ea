//! Taking in a mail: which conversation, which contact, duplicate, automatic, bounce; then one
//! transaction with all of it.

mod bounce;
mod contact;
mod decide;
mod known;
mod put;

pub use decide::{Apart, Facts as Known, Plan, Start, decide};

use letter::{Automatic, Letter};
use register::Access;
use store::{PreparedRaw, Store};
use words::{ConversationId, EmailAddress, MailboxId, MessageId};

use crate::{Authentication, Error, Result, writing::acknowledge};

/// Mailboxes that one mail may be delivered to in one go.
pub const MAILBOXES_MAX: usize = 100;

/// A mail that has come, read and checked.
pub struct Arrival {
    /// The mailboxes of this account that it is for.
    pub mailboxes: Vec<MailboxId>,
    /// The envelope's sender; none for the empty one.
    pub envelope_from: Option<EmailAddress>,
    /// The mail, byte for byte, ready to be kept.
    pub raw: PreparedRaw,
    /// What distinguishes it: see [`content_key`].
    pub content_key: [u8; 32],
    /// The mail as a value.
    pub letter: Letter,
    /// What it says about mails of ours that did not arrive.
    pub bounce: Option<letter::Bounce>,
    /// What the sender's domain says of it.
    pub authentication: Authentication,
    /// How it came, in our own words.
    pub trace: String,
    /// Whether an admin takes it in from an old mailbox: threads by references alone, answers nothing.
    pub imported: bool,
}

/// What became of a mail at one mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It lay there already.
    Duplicate {
        /// The message that it is.
        message: MessageId,
    },
    /// It began a conversation.
    Started {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
    },
    /// It joined a conversation.
    Joined {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
    },
}

impl Received {
    /// The message.
    pub const fn message(self) -> MessageId {
        match self {
            Self::Duplicate { message } | Self::Started { message, .. } | Self::Joined { message, .. } => {
                message
            }
        }
    }
}

/// Takes a mail in: durable when this returns. One outcome per department that its mailboxes belong to,
/// in the order of the mailboxes.
pub async fn receive(store: &Store, access: &Access, arrival: Arrival) -> Result<Vec<Received>> {
    if arrival.mailboxes.is_empty() || arrival.mailboxes.len() > MAILBOXES_MAX {
        return Err(Error::NoSuchMailbox);
    }
    let (received, acknowledges) = store
        .write(access, move |tx| {
            let received = put::put(tx, &arrival)?;
            let settings = tx.account_settings()?;
            Ok::<_, Error>((received, settings.is_some_and(|account| account.acknowledgement.is_some())))
        })
        .await?;
    for one in received.iter().filter(|_| acknowledges) {
        if let Received::Started { conversation, .. } = one {
            // The mail is taken in whatever becomes of the automatic answer.
            if let Err(error) = acknowledge(store, access, *conversation).await {
                tracing::warn!(%conversation, %error, "no automatic answer");
            }
        }
    }
    Ok(received)
}

/// The key by which the same mail is known again at another delivery: what its sender made, without
/// the headers that servers add on the way.
pub fn content_key(letter: &Letter, raw: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(b"havn mail content v1\0");
    let from = letter.from.iter().map(|mailbox| mailbox.shown.as_str());
    for part in [letter.message_id.as_deref().unwrap_or_default(), &letter.subject].into_iter().chain(from) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(letter.date.map_or(0, words::Time::micros).to_be_bytes());
    hash.update(body(raw));
    hash.finalize().into()
}

fn body(raw: &[u8]) -> &[u8] {
    let crlf = raw.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let lf = raw.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
    let start = match (crlf, lf) {
        (Some(crlf), Some(lf)) => crlf.min(lf),
        (Some(at), None) | (None, Some(at)) => at,
        (None, None) => 0,
    };
    &raw[start..]
}

/// Whether a machine wrote it, by headers and envelope.
fn automatic(arrival: &Arrival) -> Automatic {
    if arrival.imported {
        // An old mailbox keeps no envelope.
        return letter::automatic(&arrival.letter, None);
    }
    letter::automatic(&arrival.letter, Some(arrival.envelope_from.as_ref().map_or("", EmailAddress::as_str)))
}
