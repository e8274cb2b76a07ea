//! Reopening: somebody should answer again.

use register::Access;
use store::{EventKind, Mark, Status, Store};
use words::ConversationId;

use super::{Changed, apply, may_write, nothing, seen};
use crate::Result;

/// Opens a closed, snoozed or spam conversation. Opening an open one changes nothing.
pub async fn reopen(store: &Store, access: &Access, id: ConversationId) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            let mut after = before.clone();
            after.status = Status::Open;
            after.snoozed_until = None;
            // Somebody has looked.
            if before.status == Status::Spam {
                tx.unmark(id, Mark::Suspect)?;
            }
            apply(tx, &before, &after, EventKind::Reopened, nothing())
        })
        .await
}
