//! Assigning: who has the conversation.

use register::Access;
use serde_json::json;
use store::{EventKind, Store};
use words::{AgentId, ConversationId};

use super::{Changed, apply, may_write, seen};
use crate::{Error, Result};

/// Gives a conversation to an agent who works in its department, or to nobody.
pub async fn assign(
    store: &Store,
    access: &Access,
    id: ConversationId,
    to: Option<AgentId>,
) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            if let Some(agent) = to
                && !tx.agent_works_in(agent, before.department)?
            {
                return Err(Error::NoSuchAgent);
            }
            let mut after = before.clone();
            after.assignee = to;
            let data = json!({ "to": to.map(|agent| agent.to_string()) });
            apply(tx, &before, &after, EventKind::Assigned, data)
        })
        .await
}
