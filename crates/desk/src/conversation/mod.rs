//! What agents do with a conversation. Each verb is one unit: row and event, or nothing.

mod assign;
mod close;
mod mark_read;
mod move_to;
mod reopen;
mod snooze;
mod spam;
mod tag;
mod take_next;
mod wake;

pub use assign::assign;
pub use close::close;
pub use mark_read::mark_read;
pub use move_to::move_to;
pub use reopen::reopen;
pub use snooze::snooze;
pub use spam::mark_spam;
pub use tag::{tag, untag};
pub use take_next::take_next;
pub use wake::wake;

use register::Access;
use serde_json::json;
use store::{Conversation, EventKind, NewEvent, Read, Tx};
use words::ConversationId;

use crate::{Error, Result};

/// Whether a verb changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It did.
    Now,
    /// All was so already.
    Already,
}

pub(crate) fn may_write(access: &Access) -> Result<()> {
    if access.may_write() { Ok(()) } else { Err(Error::NotAllowed) }
}

pub(crate) fn seen(read: &Read<'_>, id: ConversationId) -> Result<Conversation> {
    read.conversation(id)?.ok_or(Error::NoSuchConversation(id))
}

/// Writes the conversation back and says what happened, if it differs from `before`.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    before: &Conversation,
    after: &Conversation,
    kind: EventKind,
    data: serde_json::Value,
) -> Result<Changed> {
    if before == after {
        return Ok(Changed::Already);
    }
    tx.update_conversation(before, after)?;
    tx.append_event(&event(after, kind, data))?;
    Ok(Changed::Now)
}

/// An event of a conversation.
pub(crate) fn event(conversation: &Conversation, kind: EventKind, data: serde_json::Value) -> NewEvent {
    NewEvent {
        kind,
        conversation: Some(conversation.id),
        message: None,
        department: Some(conversation.department),
        data,
    }
}

/// Particulars of an event that has none.
pub(crate) fn nothing() -> serde_json::Value {
    json!({})
}
