//! Moving to another department.

use register::Access;
use serde_json::json;
use store::{EventKind, Store};
use words::{ConversationId, DepartmentId};

use super::{Changed, apply, event, may_write, seen};
use crate::{Error, Result};

/// Moves a conversation to a department, also one that the mover does not see. An assignee who does
/// not work there loses it.
pub async fn move_to(
    store: &Store,
    access: &Access,
    id: ConversationId,
    to: DepartmentId,
) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            tx.department(to)?.ok_or(Error::NoSuchDepartment(to))?;
            let mut after = before.clone();
            after.department = to;
            if let Some(agent) = before.assignee
                && !tx.agent_works_in(agent, to)?
            {
                after.assignee = None;
            }
            let data = json!({ "from": before.department.to_string(), "to": to.to_string() });
            let changed = apply(tx, &before, &after, EventKind::Moved, data.clone())?;
            if changed == Changed::Now {
                // Those who see only the old department learn that it left their lists.
                tx.append_event(&event(&before, EventKind::Moved, data))?;
            }
            Ok(changed)
        })
        .await
}
