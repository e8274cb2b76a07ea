//! Snoozing: out of the inbox until a time, or until the contact writes.

use register::Access;
use serde_json::json;
use store::{EventKind, Status, Store};
use words::{ConversationId, Time};

use super::{Changed, apply, may_write, seen};
use crate::{Error, Problem, Result};

/// Puts a conversation off until `until`, which must lie in the future.
pub async fn snooze(store: &Store, access: &Access, id: ConversationId, until: Time) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            if until <= tx.now() {
                return Err(Error::invalid("until", Problem::Past));
            }
            let before = seen(tx, id)?;
            let mut after = before.clone();
            after.status = Status::Snoozed;
            after.snoozed_until = Some(until);
            apply(tx, &before, &after, EventKind::Snoozed, json!({ "until": until.micros() }))
        })
        .await
}
