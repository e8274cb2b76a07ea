//! Table `attachments`: the files that came or go with a message.

use words::{AttachmentId, FileId, MessageId};

use crate::{Read, Result, Row, Tx, params};

/// A file that came or goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its message.
    pub message: MessageId,
    /// Its place among the files of the message.
    pub position: i64,
    /// Its name, cleaned for people and downloads.
    pub name: String,
    /// What its sender says it is; never believed when it is served.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Its Content-ID without brackets, by which HTML names it.
    pub content_id: Option<String>,
    /// Whether it is part of the text.
    pub inline: bool,
    /// `file`, `calendar`, `letter`, `tnef`, `signature`, …
    pub kind: String,
    /// Where it lies in the raw mail, for letters that came.
    pub part: Option<String>,
    /// The stored file, for what agents wrote.
    pub file: Option<FileId>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.message_id, a.position, a.name, a.media_type, a.size, a.content_id, a.inline,
                a.kind, a.part, a.file_id
            FROM attachments a
            JOIN messages m ON m.account_id = $1 AND m.id = a.message_id
            JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
            WHERE a.account_id = $1
              AND ($2 = 1 OR c.department_id IN
                (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3)) ",
            $tail
        )
    };
}

const BY_ID: &str = select!("AND a.id = $4");
const OF_MESSAGE: &str = select!("AND a.message_id = $4 ORDER BY a.position");
// The messages are asked for by themselves: else SQLite may go through all of the account's.
const OF_CONVERSATION: &str = "
    SELECT a.id, a.message_id, a.position, a.name, a.media_type, a.size, a.content_id, a.inline,
        a.kind, a.part, a.file_id
    FROM attachments a
    WHERE a.account_id = $1 AND a.message_id IN (
        SELECT m.id FROM messages m
        JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
        WHERE m.account_id = $1 AND m.conversation_id = $4
          AND ($2 = 1 OR c.department_id IN
            (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3)))
    ORDER BY a.message_id, a.position LIMIT 2000";
const INSERT: &str = "
    INSERT INTO attachments (account_id, id, message_id, position, name, media_type, size, content_id,
        inline, kind, part, file_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const DELETE_OF_MESSAGE: &str = "DELETE FROM attachments WHERE account_id = $1 AND message_id = $2";

impl Read<'_> {
    /// The attachment, if the access sees its conversation.
    pub fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        let (all, agent) = self.scope();
        self.row(BY_ID, &[self.account().into(), all, agent, id.into()], attachment)
    }

    /// The files of a message, in order.
    pub fn attachments_of_message(&self, id: MessageId) -> Result<Vec<Attachment>> {
        let (all, agent) = self.scope();
        self.rows(OF_MESSAGE, &[self.account().into(), all, agent, id.into()], attachment)
    }

    /// The files of a conversation, in order.
    pub fn attachments_of_conversation(&self, id: words::ConversationId) -> Result<Vec<Attachment>> {
        let (all, agent) = self.scope();
        self.rows(OF_CONVERSATION, &[self.account().into(), all, agent, id.into()], attachment)
    }
}

impl Tx<'_> {
    /// Adds an attachment of a message that is there.
    pub fn insert_attachment(&mut self, new: &Attachment) -> Result<()> {
        let account = self.account();
        if let Some(file) = new.file {
            self.name_file(file)?;
        }
        self.change_one(
            INSERT,
            params![
                account,
                new.id,
                new.message,
                new.position,
                &new.name,
                &new.media_type,
                new.size,
                new.content_id.clone(),
                new.inline,
                &new.kind,
                new.part.clone(),
                new.file
            ],
        )?;
        if new.inline { Ok(()) } else { self.mark_files_of(new.message) }
    }

    /// Removes the rows of a message's files.
    pub fn delete_attachments(&mut self, message: MessageId) -> Result<()> {
        let account = self.account();
        if self.change(DELETE_OF_MESSAGE, params![account, message])? == 0 {
            return Ok(());
        }
        self.unmark_files_of(message)
    }
}

fn attachment(row: &Row<'_>) -> Result<Attachment> {
    Ok(Attachment {
        id: row.get(0)?,
        message: row.get(1)?,
        position: row.get(2)?,
        name: row.get(3)?,
        media_type: row.get(4)?,
        size: row.get(5)?,
        content_id: row.get(6)?,
        inline: row.get(7)?,
        kind: row.get(8)?,
        part: row.get(9)?,
        file: row.get(10)?,
    })
}
