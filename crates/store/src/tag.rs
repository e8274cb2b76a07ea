//! Tables `tags` and `conversation_tags`.

use words::{ConversationId, TagId, Time};

use crate::{Read, Result, Row, Tx, params};

/// A word that agents put on conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its id.
    pub id: TagId,
    /// The word.
    pub name: String,
    /// One of eight colours, 0 to 7.
    pub colour: i64,
    /// When it was made.
    pub created_at: Time,
}

const ALL: &str = "SELECT id, name, colour, created_at FROM tags WHERE account_id = $1 ORDER BY name_key";
const BY_ID: &str = "SELECT id, name, colour, created_at FROM tags WHERE account_id = $1 AND id = $2";
const OF_CONVERSATION: &str = "
    SELECT t.id, t.name, t.colour, t.created_at FROM conversation_tags c
    JOIN tags t ON t.account_id = $1 AND t.id = c.tag_id
    WHERE c.account_id = $1 AND c.conversation_id = $2 ORDER BY t.name_key";
const CONVERSATIONS: &str = "
    SELECT conversation_id FROM conversation_tags WHERE account_id = $1 AND tag_id = $2";
const INSERT: &str = "
    INSERT INTO tags (account_id, id, name, name_key, colour, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE: &str = "
    UPDATE tags SET name = $3, name_key = $4, colour = $5 WHERE account_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM tags WHERE account_id = $1 AND id = $2";
const PUT: &str = "
    INSERT INTO conversation_tags (account_id, conversation_id, tag_id) VALUES ($1, $2, $3)
    ON CONFLICT (account_id, conversation_id, tag_id) DO NOTHING";
const TAKE: &str = "
    DELETE FROM conversation_tags WHERE account_id = $1 AND conversation_id = $2 AND tag_id = $3";

impl Read<'_> {
    /// All tags by name.
    pub fn tags(&self) -> Result<Vec<Tag>> {
        self.rows(ALL, params![self.account()], tag)
    }

    /// The tag.
    pub fn tag(&self, id: TagId) -> Result<Option<Tag>> {
        self.row(BY_ID, params![self.account(), id], tag)
    }

    /// The tags of a conversation by name.
    pub fn tags_of_conversation(&self, id: ConversationId) -> Result<Vec<Tag>> {
        self.rows(OF_CONVERSATION, params![self.account(), id], tag)
    }

    /// The conversations that carry a tag.
    pub fn conversations_with_tag(&self, id: TagId) -> Result<Vec<ConversationId>> {
        self.rows(CONVERSATIONS, params![self.account(), id], |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Adds a tag. A name twice: [`crate::Error::Exists`].
    pub fn insert_tag(&mut self, new: &Tag) -> Result<()> {
        let account = self.account();
        let key = new.name.to_lowercase();
        self.change_one(INSERT, params![account, new.id, &new.name, key, new.colour, new.created_at])
    }

    /// Writes a tag back.
    pub fn update_tag(&mut self, now: &Tag) -> Result<()> {
        let account = self.account();
        self.change_one(UPDATE, params![account, now.id, &now.name, now.name.to_lowercase(), now.colour])
    }

    /// Removes a tag that no conversation carries.
    pub fn delete_tag(&mut self, id: TagId) -> Result<()> {
        let account = self.account();
        self.change_one(DELETE, params![account, id])
    }

    /// Puts a tag on a conversation.
    pub fn put_tag(&mut self, conversation: ConversationId, tag: TagId) -> Result<()> {
        let account = self.account();
        self.change(PUT, params![account, conversation, tag])?;
        Ok(())
    }

    /// Takes a tag off a conversation.
    pub fn take_tag(&mut self, conversation: ConversationId, tag: TagId) -> Result<()> {
        let account = self.account();
        self.change(TAKE, params![account, conversation, tag])?;
        Ok(())
    }
}

fn tag(row: &Row<'_>) -> Result<Tag> {
    Ok(Tag { id: row.get(0)?, name: row.get(1)?, colour: row.get(2)?, created_at: row.get(3)? })
}
