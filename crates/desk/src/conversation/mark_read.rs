//! Marking as read: an agent has seen a conversation up to a message. Nobody else learns of it, so there
//! is no event.

use register::Access;
use store::Store;
use words::ConversationId;

use super::seen;
use crate::{Error, Result};

/// Notes that the agent has seen a conversation up to this message.
pub async fn mark_read(store: &Store, access: &Access, id: ConversationId, number: i64) -> Result<()> {
    let agent = access.agent().ok_or(Error::NotAllowed)?;
    store
        .write(access, move |tx| {
            let upto = seen(tx, id)?.last_message_number.min(number);
            Ok(tx.mark_read(agent, id, upto)?)
        })
        .await
}
