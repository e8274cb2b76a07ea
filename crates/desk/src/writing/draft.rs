//! Drafts: kept on the server as one types.

use register::Access;
use store::{Draft, Envelope, Store};
use words::{ConversationId, DraftId};

use super::BODY_CHARS_MAX;
use crate::{
    Error, Problem, Result,
    conversation::{may_write, seen},
};

/// Saves what the agent has written so far, and gives the draft's id (files are added to it).
pub async fn save_draft(
    store: &Store,
    access: &Access,
    id: ConversationId,
    note: bool,
    html: String,
    recipients: Envelope,
) -> Result<DraftId> {
    may_write(access)?;
    if html.chars().count() > BODY_CHARS_MAX {
        return Err(Error::invalid("html", Problem::TooLong(BODY_CHARS_MAX)));
    }
    let html = letter::clean_composed(&html);
    store
        .write(access, move |tx| {
            seen(tx, id)?;
            let (agent, now) = (tx.agent()?, tx.now());
            let kept = tx.draft(id, agent, note)?.map_or_else(|| DraftId::new(now), |draft| draft.id);
            tx.put_draft(&Draft {
                id: kept,
                conversation: id,
                agent,
                note,
                html,
                recipients,
                updated_at: now,
            })?;
            Ok(kept)
        })
        .await
}

/// Throws the agent's draft away.
pub async fn discard_draft(store: &Store, access: &Access, id: ConversationId, note: bool) -> Result<()> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            seen(tx, id)?;
            if let Some(draft) = tx.draft(id, tx.agent()?, note)? {
                tx.delete_draft(draft.id)?;
            }
            Ok(())
        })
        .await
}
