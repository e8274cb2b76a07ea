//! Waking: snoozed conversations whose time has come are open again.

use register::Access;
use store::{EventKind, Status, Store};

use super::{apply, nothing};
use crate::Result;

/// Conversations woken in one unit.
const WOKEN_AT_ONCE_MAX: i64 = 100;

/// Opens the snoozed conversations whose time has come, and tells how many there were. A task's verb.
pub async fn wake(store: &Store, access: &Access) -> Result<usize> {
    // Most of the time there is nothing to do: look before the writer is asked.
    let some = store.read(access, |read| read.snoozes_over(1)).await?;
    if some.is_empty() {
        return Ok(0);
    }
    store
        .write(access, |tx| {
            let over = tx.snoozes_over(WOKEN_AT_ONCE_MAX)?;
            for before in &over {
                let mut after = before.clone();
                after.status = Status::Open;
                after.snoozed_until = None;
                apply(tx, before, &after, EventKind::Reopened, nothing())?;
            }
            Ok(over.len())
        })
        .await
}
