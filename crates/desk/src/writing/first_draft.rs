//! The draft of a first letter: kept on the server as one types, one for each agent.

use register::Access;
use store::{FirstDraft, Store, Tx};
use words::{DraftId, FileId, MailboxId};

use super::{BODY_CHARS_MAX, File, outgoing::check_files};
use crate::{Error, Problem, Result, conversation::may_write};

/// Characters of a line of addresses, and of a subject, while it is being written.
const LINE_CHARS_MAX: usize = 4_000;

/// A first letter as typed so far.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// From which mailbox, if one was chosen.
    pub mailbox: Option<MailboxId>,
    /// To whom, as typed.
    pub to: String,
    /// Who gets a copy, as typed.
    pub cc: String,
    /// What about.
    pub subject: String,
    /// What is written, as HTML: cleaned.
    pub html: String,
}

/// Saves what the agent has typed so far. What was emptied again is thrown away.
pub async fn save_first_draft(store: &Store, access: &Access, typed: Typed) -> Result<()> {
    may_write(access)?;
    for (field, line) in [("to", &typed.to), ("cc", &typed.cc), ("subject", &typed.subject)] {
        if line.chars().count() > LINE_CHARS_MAX {
            return Err(Error::invalid(field, Problem::TooLong(LINE_CHARS_MAX)));
        }
    }
    if typed.html.chars().count() > BODY_CHARS_MAX {
        return Err(Error::invalid("html", Problem::TooLong(BODY_CHARS_MAX)));
    }
    let html = letter::clean_composed(&typed.html);
    store
        .write(access, move |tx| {
            let mut draft = begun(tx)?;
            draft.mailbox = typed.mailbox;
            (draft.to, draft.cc, draft.subject, draft.html) = (typed.to, typed.cc, typed.subject, html);
            draft.updated_at = tx.now();
            if is_empty(&draft) && tx.draft_files(draft.id)?.is_empty() {
                return Ok(tx.delete_first_draft(draft.agent)?);
            }
            Ok(tx.put_first_draft(&draft)?)
        })
        .await
}

/// Throws the agent's first letter away.
pub async fn discard_first_draft(store: &Store, access: &Access) -> Result<()> {
    may_write(access)?;
    store.write(access, |tx| Ok(tx.delete_first_draft(tx.agent()?)?)).await
}

/// Adds stored files to the agent's first letter, which begins with them if there is none.
pub async fn add_first_draft_files(store: &Store, access: &Access, files: Vec<File>) -> Result<()> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let draft = begun(tx)?;
            let mut all = tx.draft_files(draft.id)?;
            all.extend(files.iter().cloned());
            check_files(&all)?;
            tx.put_first_draft(&draft)?;
            for file in &files {
                tx.add_draft_file(draft.id, file)?;
            }
            Ok(())
        })
        .await
}

/// Takes a file from the agent's first letter. One that is not there changes nothing.
pub async fn remove_first_draft_file(store: &Store, access: &Access, file: FileId) -> Result<()> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            if let Some(draft) = tx.first_draft(tx.agent()?)? {
                tx.take_draft_file(draft.id, file)?;
            }
            Ok(())
        })
        .await
}

/// The agent's first letter as it is kept, or a new one.
fn begun(tx: &Tx<'_>) -> Result<FirstDraft> {
    let (agent, now) = (tx.agent()?, tx.now());
    let kept = tx.first_draft(agent)?;
    Ok(kept.unwrap_or_else(|| FirstDraft {
        id: DraftId::new(now),
        agent,
        mailbox: None,
        to: String::new(),
        cc: String::new(),
        subject: String::new(),
        html: String::new(),
        updated_at: now,
    }))
}

fn is_empty(draft: &FirstDraft) -> bool {
    let written = letter::text_of_html(&draft.html);
    [&draft.to, &draft.cc, &draft.subject, &written].into_iter().all(|text| text.trim().is_empty())
}
