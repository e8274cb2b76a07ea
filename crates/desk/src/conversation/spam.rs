//! Marking as spam: out of sight, never answered by machine.

use register::Access;
use store::{EventKind, Status, Store};
use words::ConversationId;

use super::{Changed, apply, may_write, nothing, seen};
use crate::Result;

/// Marks a conversation as spam. Opening it again takes the mark away.
pub async fn mark_spam(store: &Store, access: &Access, id: ConversationId) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            let mut after = before.clone();
            after.status = Status::Spam;
            after.waiting_since = None;
            after.snoozed_until = None;
            apply(tx, &before, &after, EventKind::MarkedSpam, nothing())
        })
        .await
}
