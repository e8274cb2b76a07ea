//! Files of an answer that is being written.

use register::Access;
use store::{Draft, Envelope, Store};
use words::{ConversationId, DraftId, FileId};

use super::{File, outgoing::check_files};
use crate::{
    Result,
    conversation::{may_write, seen},
};

/// Adds stored files to the agent's answer, of which a draft begins if there is none.
pub async fn add_draft_files(
    store: &Store,
    access: &Access,
    id: ConversationId,
    files: Vec<File>,
) -> Result<DraftId> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            seen(tx, id)?;
            let (agent, now) = (tx.agent()?, tx.now());
            let draft = if let Some(draft) = tx.draft(id, agent, false)? {
                draft.id
            } else {
                let draft = Draft {
                    id: DraftId::new(now),
                    conversation: id,
                    agent,
                    note: false,
                    html: String::new(),
                    recipients: Envelope::default(),
                    updated_at: now,
                };
                tx.put_draft(&draft)?;
                draft.id
            };
            let mut all = tx.draft_files(draft)?;
            all.extend(files.iter().cloned());
            check_files(&all)?;
            for file in &files {
                tx.add_draft_file(draft, file)?;
            }
            Ok(draft)
        })
        .await
}

/// Takes a file from the agent's answer. One that is not there changes nothing.
pub async fn remove_draft_file(
    store: &Store,
    access: &Access,
    id: ConversationId,
    file: FileId,
) -> Result<()> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            seen(tx, id)?;
            if let Some(draft) = tx.draft(id, tx.agent()?, false)? {
                tx.take_draft_file(draft.id, file)?;
            }
            Ok(())
        })
        .await
}
