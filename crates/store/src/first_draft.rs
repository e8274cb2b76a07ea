//! Table `first_drafts`: letters that begin a conversation and are still being written.

use words::{AgentId, DraftId, MailboxId, Time};

use crate::{Read, Result, Tx, params};

/// A first letter that is still being written. Its files are those of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstDraft {
    /// Its id.
    pub id: DraftId,
    /// Who writes.
    pub agent: AgentId,
    /// From which mailbox, if one was chosen.
    pub mailbox: Option<MailboxId>,
    /// To whom, as typed.
    pub to: String,
    /// Who gets a copy, as typed.
    pub cc: String,
    /// What about.
    pub subject: String,
    /// What is written: clean HTML.
    pub html: String,
    /// When it was last saved.
    pub updated_at: Time,
}

const OF_AGENT: &str = "
    SELECT id, agent_id, mailbox_id, to_typed, cc_typed, subject, html, updated_at FROM first_drafts
    WHERE account_id = $1 AND agent_id = $2";
const PUT: &str = "
    INSERT INTO first_drafts (account_id, agent_id, id, mailbox_id, to_typed, cc_typed, subject, html, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (account_id, agent_id) DO UPDATE SET mailbox_id = excluded.mailbox_id,
        to_typed = excluded.to_typed, cc_typed = excluded.cc_typed, subject = excluded.subject,
        html = excluded.html, updated_at = excluded.updated_at";
const DELETE: &str = "DELETE FROM first_drafts WHERE account_id = $1 AND agent_id = $2";

impl Read<'_> {
    /// The first letter that an agent has begun.
    pub fn first_draft(&self, agent: AgentId) -> Result<Option<FirstDraft>> {
        self.row(OF_AGENT, params![self.account(), agent], |row| {
            Ok(FirstDraft {
                id: row.get(0)?,
                agent: row.get(1)?,
                mailbox: row.get(2)?,
                to: row.get(3)?,
                cc: row.get(4)?,
                subject: row.get(5)?,
                html: row.get(6)?,
                updated_at: row.get(7)?,
            })
        })
    }
}

impl Tx<'_> {
    /// Saves a first letter; there is one for each agent, whose id stays.
    pub fn put_first_draft(&mut self, now: &FirstDraft) -> Result<()> {
        let account = self.account();
        let typed = (&now.to, &now.cc, &now.subject, &now.html);
        self.change_one(
            PUT,
            params![
                account,
                now.agent,
                now.id,
                now.mailbox,
                typed.0,
                typed.1,
                typed.2,
                typed.3,
                now.updated_at
            ],
        )
    }

    /// Removes the first letter that an agent has begun, with the rows of its files.
    pub fn delete_first_draft(&mut self, agent: AgentId) -> Result<()> {
        let Some(draft) = self.first_draft(agent)? else { return Ok(()) };
        self.delete_draft(draft.id)?;
        let account = self.account();
        self.change(DELETE, params![account, agent])?;
        Ok(())
    }
}
