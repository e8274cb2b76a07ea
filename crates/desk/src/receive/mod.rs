//! Taking in a mail: which conversation, which contact, duplicate, automatic, bounce; then one
//! transaction with all of it.

mod bounce;
mod contact;
mod decide;
mod gist;
mod known;
mod put;

pub use decide::{Apart, Facts as Known, Plan, Start, decide};
pub use gist::Gist;

use letter::{Automatic, Letter};
use register::Access;
use store::{PickupPlace, PreparedRaw, Store};
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
    /// The mail as a value.
    pub letter: Letter,
    /// What was worked out of it beforehand.
    pub gist: Gist,
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
    take(store, access, arrival, None).await
}

/// Takes in a mail that was picked up at another server, and notes in the same unit that it is done: however
/// this ends, it is neither fetched twice nor left out.
pub async fn pick_up(
    store: &Store,
    access: &Access,
    arrival: Arrival,
    place: PickupPlace,
) -> Result<Vec<Received>> {
    take(store, access, arrival, Some(place)).await
}

async fn take(
    store: &Store,
    access: &Access,
    arrival: Arrival,
    place: Option<PickupPlace>,
) -> Result<Vec<Received>> {
    if arrival.mailboxes.is_empty() || arrival.mailboxes.len() > MAILBOXES_MAX {
        return Err(Error::NoSuchMailbox);
    }
    let (received, acknowledges) = store
        .write(access, move |tx| {
            let received = put::put(tx, &arrival)?;
            if let Some(place) = place {
                tx.pickup_took(place)?;
            }
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

/// Whether a machine wrote it, by headers and envelope.
fn automatic(arrival: &Arrival) -> Automatic {
    if arrival.imported {
        // An old mailbox keeps no envelope.
        return letter::automatic(&arrival.letter, None);
    }
    letter::automatic(&arrival.letter, Some(arrival.envelope_from.as_ref().map_or("", EmailAddress::as_str)))
}
