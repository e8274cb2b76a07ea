//! Table `conversation_marks`: what a list shows beside a conversation, noted when it comes about.

use words::ConversationId;

use crate::{Result, Row, Tx, params};

/// What is noted of a conversation when it comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A message brought files.
    Files,
    /// A letter's sender proved nothing, or a spam filter marked it.
    Suspect,
}

impl Mark {
    const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Suspect => "suspect",
        }
    }
}

/// What a list shows beside a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own on the row")]
pub struct Marks {
    /// A message brought files.
    pub files: bool,
    /// A letter's sender proved nothing, or a spam filter marked it.
    pub suspect: bool,
    /// A letter of ours did not arrive, and none was written since.
    pub undelivered: bool,
    /// The agent has begun to write something.
    pub draft: bool,
}

const PUT: &str = "
    INSERT INTO conversation_marks (account_id, conversation_id, mark) VALUES ($1, $2, $3)
    ON CONFLICT (account_id, conversation_id, mark) DO NOTHING";
const TAKE: &str = "
    DELETE FROM conversation_marks WHERE account_id = $1 AND conversation_id = $2 AND mark = $3";
const PUT_FILES_OF_MESSAGE: &str = "
    INSERT INTO conversation_marks (account_id, conversation_id, mark)
    SELECT account_id, conversation_id, 'files' FROM messages WHERE account_id = $1 AND id = $2
    ON CONFLICT (account_id, conversation_id, mark) DO NOTHING";
const PUT_ALL_FILES: &str = "
    INSERT INTO conversation_marks (account_id, conversation_id, mark)
    SELECT DISTINCT m.account_id, m.conversation_id, 'files' FROM messages m
    JOIN attachments a ON a.account_id = $1 AND a.message_id = m.id AND NOT a.inline
    WHERE m.account_id = $1
    ON CONFLICT (account_id, conversation_id, mark) DO NOTHING";
const TAKE_FILES_IF_NONE: &str = "
    DELETE FROM conversation_marks
    WHERE account_id = $1 AND mark = 'files'
      AND conversation_id = (SELECT conversation_id FROM messages WHERE account_id = $1 AND id = $2)
      AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.account_id = $1 AND NOT a.inline AND a.message_id IN
        (SELECT id FROM messages WHERE account_id = $1 AND conversation_id = conversation_marks.conversation_id))";

impl Tx<'_> {
    /// Notes it of a conversation. Twice is once.
    pub fn mark(&mut self, id: ConversationId, mark: Mark) -> Result<()> {
        let account = self.account();
        self.change(PUT, params![account, id, mark.name()])?;
        Ok(())
    }

    /// It is so no more.
    pub fn unmark(&mut self, id: ConversationId, mark: Mark) -> Result<()> {
        let account = self.account();
        self.change(TAKE, params![account, id, mark.name()])?;
        Ok(())
    }

    /// Notes all files anew: a backup of an older program has no marks.
    pub(crate) fn mark_all_files(&mut self) -> Result<()> {
        let account = self.account();
        self.change(PUT_ALL_FILES, params![account])?;
        Ok(())
    }

    /// The conversation of this message has files.
    pub(crate) fn mark_files_of(&mut self, message: words::MessageId) -> Result<()> {
        let account = self.account();
        self.change(PUT_FILES_OF_MESSAGE, params![account, message])?;
        Ok(())
    }

    /// The files of this message are gone.
    pub(crate) fn unmark_files_of(&mut self, message: words::MessageId) -> Result<()> {
        let account = self.account();
        self.change(TAKE_FILES_IF_NONE, params![account, message])?;
        Ok(())
    }
}

pub(crate) fn marks(row: &Row<'_>, column: usize) -> Result<Marks> {
    Ok(Marks {
        files: row.get(column)?,
        suspect: row.get(column + 1)?,
        undelivered: row.get(column + 2)?,
        draft: row.get(column + 3)?,
    })
}
