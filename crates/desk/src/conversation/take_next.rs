//! Taking the next one: the conversation that has waited longest.

use register::Access;
use serde_json::json;
use store::{EventKind, Store};
use words::ConversationId;

use super::{apply, may_write};
use crate::Result;

/// Gives the agent the open conversation that has waited longest and is theirs or nobody's; none if
/// nobody waits. Two agents who ask at once get two different ones.
pub async fn take_next(store: &Store, access: &Access) -> Result<Option<ConversationId>> {
    may_write(access)?;
    store
        .write(access, |tx| {
            let agent = tx.agent()?;
            let Some(before) = tx.longest_waiting()? else { return Ok(None) };
            let mut after = before.clone();
            after.assignee = Some(agent);
            apply(
                tx,
                &before,
                &after,
                EventKind::Assigned,
                json!({ "to": agent.to_string(), "next": true }),
            )?;
            Ok(Some(before.id))
        })
        .await
}
