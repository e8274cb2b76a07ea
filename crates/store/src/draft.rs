//! Tables `drafts` and `draft_files`: what agents have begun to write.

use words::{AgentId, ConversationId, DraftId, FileId, Time};

use crate::{Error, Read, Result, Row, Tx, message::Envelope, params};

/// An answer or note that is still being written.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who writes.
    pub agent: AgentId,
    /// Whether it is a note.
    pub note: bool,
    /// What is written: clean HTML.
    pub html: String,
    /// To whom.
    pub recipients: Envelope,
    /// When it was last saved.
    pub updated_at: Time,
}

/// A file of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFile {
    /// The stored file.
    pub file: FileId,
    /// Its name, cleaned.
    pub name: String,
    /// What the browser says it is.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, conversation_id, agent_id, kind, html, recipients, updated_at FROM drafts
            WHERE account_id = $1 ",
            $tail
        )
    };
}

const MINE: &str = select!("AND conversation_id = $2 AND agent_id = $3 ORDER BY kind");
const BY_KIND: &str = select!("AND conversation_id = $2 AND agent_id = $3 AND kind = $4");
const PUT: &str = "
    INSERT INTO drafts (account_id, id, conversation_id, agent_id, kind, html, recipients, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, conversation_id, agent_id, kind)
    DO UPDATE SET html = excluded.html, recipients = excluded.recipients, updated_at = excluded.updated_at";
const DELETE: &str = "DELETE FROM drafts WHERE account_id = $1 AND id = $2";
const DELETE_FILES: &str = "DELETE FROM draft_files WHERE account_id = $1 AND draft_id = $2";
const FILES: &str = "
    SELECT file_id, name, media_type, size FROM draft_files WHERE account_id = $1 AND draft_id = $2 ORDER BY position";
const ADD_FILE: &str = "
    INSERT INTO draft_files (account_id, draft_id, position, file_id, name, media_type, size)
    VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM draft_files WHERE account_id = $1 AND draft_id = $2),
        $3, $4, $5, $6)";
const TAKE_FILE: &str = "
    DELETE FROM draft_files WHERE account_id = $1 AND draft_id = $2 AND file_id = $3";

impl Read<'_> {
    /// The agent's drafts in a conversation: the answer, the note, or both.
    pub fn drafts(&self, conversation: ConversationId, agent: AgentId) -> Result<Vec<Draft>> {
        self.rows(MINE, params![self.account(), conversation, agent], draft)
    }

    /// The agent's draft of one kind in a conversation.
    pub fn draft(&self, conversation: ConversationId, agent: AgentId, note: bool) -> Result<Option<Draft>> {
        self.row(BY_KIND, params![self.account(), conversation, agent, kind(note)], draft)
    }

    /// The files of a draft, in order.
    pub fn draft_files(&self, id: DraftId) -> Result<Vec<DraftFile>> {
        self.rows(FILES, params![self.account(), id], |row| {
            Ok(DraftFile { file: row.get(0)?, name: row.get(1)?, media_type: row.get(2)?, size: row.get(3)? })
        })
    }
}

impl Tx<'_> {
    /// Saves a draft; there is one of each kind for an agent in a conversation.
    pub fn put_draft(&mut self, now: &Draft) -> Result<()> {
        let account = self.account();
        let recipients = serde_json::to_string(&now.recipients).expect("an envelope is always JSON");
        self.change_one(
            PUT,
            params![
                account,
                now.id,
                now.conversation,
                now.agent,
                kind(now.note),
                &now.html,
                recipients,
                now.updated_at
            ],
        )
    }

    /// Removes a draft with the rows of its files.
    pub fn delete_draft(&mut self, id: DraftId) -> Result<()> {
        let account = self.account();
        self.change(DELETE_FILES, params![account, id])?;
        self.change(DELETE, params![account, id])?;
        Ok(())
    }

    /// Adds a file to a draft.
    pub fn add_draft_file(&mut self, id: DraftId, file: &DraftFile) -> Result<()> {
        let account = self.account();
        self.name_file(file.file)?;
        self.change_one(ADD_FILE, params![account, id, file.file, &file.name, &file.media_type, file.size])
    }

    /// Takes a file from a draft.
    pub fn take_draft_file(&mut self, id: DraftId, file: FileId) -> Result<()> {
        let account = self.account();
        self.change(TAKE_FILE, params![account, id, file])?;
        Ok(())
    }
}

const fn kind(note: bool) -> &'static str {
    if note { "note" } else { "answer" }
}

fn draft(row: &Row<'_>) -> Result<Draft> {
    Ok(Draft {
        id: row.get(0)?,
        conversation: row.get(1)?,
        agent: row.get(2)?,
        note: row.get::<String>(3)? == "note",
        html: row.get(4)?,
        recipients: serde_json::from_str(&row.get::<String>(5)?).map_err(|_| Error::Column(5))?,
        updated_at: row.get(6)?,
    })
}
