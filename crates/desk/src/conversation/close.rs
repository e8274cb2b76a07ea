//! Closing: nobody needs to answer any more.

use register::Access;
use store::{EventKind, Status, Store};
use words::ConversationId;

use super::{Changed, apply, may_write, nothing, seen};
use crate::Result;

/// Closes a conversation. Closing a closed one changes nothing.
pub async fn close(store: &Store, access: &Access, id: ConversationId) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            let mut after = before.clone();
            after.status = Status::Closed;
            after.waiting_since = None;
            after.snoozed_until = None;
            apply(tx, &before, &after, EventKind::Closed, nothing())
        })
        .await
}
