//! Tables `messages` and `message_keys`.

use serde::{Deserialize, Serialize};
use words::{ConversationId, DepartmentId, MessageId, Time};

use crate::{Error, Read, Result, Row, Tx, params};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// A letter that came.
    LetterIn,
    /// A letter that an agent wrote.
    LetterOut,
    /// A note that only agents see.
    Note,
}

impl MessageKind {
    const ALL: [Self; 3] = [Self::LetterIn, Self::LetterOut, Self::Note];

    /// The name in rows and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LetterIn => "letter-in",
            Self::LetterOut => "letter-out",
            Self::Note => "note",
        }
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// It came.
    Received,
    /// It is a note.
    Noted,
    /// It can still be taken back.
    Waiting,
    /// It waits for its delivery.
    Queued,
    /// All recipients' servers have it.
    Sent,
    /// At least one recipient's server asked to try again later.
    Deferred,
    /// At least one recipient's server refused it, then or in a later report.
    Bounced,
    /// It could not be sent.
    Failed,
}

impl MessageState {
    const ALL: [Self; 8] = [
        Self::Received,
        Self::Noted,
        Self::Waiting,
        Self::Queued,
        Self::Sent,
        Self::Deferred,
        Self::Bounced,
        Self::Failed,
    ];

    /// The name in rows and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Noted => "noted",
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
        }
    }
}

/// Somebody in a mail's header: the name may be empty, the address is as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub address: String,
}

/// To whom a message is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Envelope {
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// Where the sender asks for answers: shown, never used by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reply_to: Vec<Person>,
}

/// A letter or a note.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its number in the account: the order in which messages came.
    pub number: i64,
    /// Its conversation.
    pub conversation: ConversationId,
    /// What it is.
    pub kind: MessageKind,
    /// Who wrote it: a principal, or `contact:<id>`.
    pub author: String,
    /// Their name, as shown.
    pub author_name: String,
    /// The address that it comes from; empty for a note.
    pub from_address: String,
    /// To whom.
    pub envelope: Envelope,
    /// Its own subject.
    pub subject: String,
    /// The Message-ID header without brackets; empty if there was none.
    pub message_id: String,
    /// When it came or was written.
    pub created_at: Time,
    /// What its Date header says.
    pub dated_at: Option<Time>,
    /// Its text.
    pub text: String,
    /// Clean HTML of what agents wrote. The HTML of letters that came is in the raw mail.
    pub html: Option<String>,
    /// Its first words.
    pub preview: String,
    /// What was found out about it (`desk::Facts`), JSON.
    pub facts: serde_json::Value,
    /// How far it has come.
    pub state: MessageState,
    /// Until when it can be taken back.
    pub send_at: Option<Time>,
}

/// Where a mail with a key lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The message.
    pub message: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its department.
    pub department: DepartmentId,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.number, m.conversation_id, m.kind, m.author, m.author_name, m.from_address,
                m.envelope, m.subject, m.message_id, m.created_at, m.dated_at, m.text, m.html, m.preview,
                m.facts, m.state, m.send_at
            FROM messages m JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
            WHERE m.account_id = $1
              AND ($2 = 1 OR c.department_id IN
                (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3)) ",
            $tail
        )
    };
}

const BY_ID: &str = select!("AND m.id = $4");
const BY_NUMBER: &str = select!("AND m.number > $4 ORDER BY m.number LIMIT $5");
const OF_CONVERSATION: &str =
    select!("AND m.conversation_id = $4 AND m.number > $5 ORDER BY m.number LIMIT $6");
const NEWEST_OF_CONVERSATION: &str =
    select!("AND m.conversation_id = $4 AND m.number < $5 ORDER BY m.number DESC LIMIT $6");
const NEWEST_LETTER_IN: &str =
    select!("AND m.conversation_id = $4 AND m.kind = 'letter-in' ORDER BY m.number DESC LIMIT 1");
const TIME_TO_SEND: &str = select!("AND m.state = 'waiting' AND m.send_at <= $4 ORDER BY m.send_at LIMIT $5");

const INSERT: &str = "
    INSERT INTO messages (account_id, id, number, conversation_id, kind, author, author_name, from_address,
        envelope, subject, message_id, created_at, dated_at, text, html, preview, facts, state, send_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

const SET_STATE: &str = "UPDATE messages SET state = $3, send_at = $4 WHERE account_id = $1 AND id = $2";
const SET_FACTS: &str = "UPDATE messages SET facts = $3 WHERE account_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM messages WHERE account_id = $1 AND id = $2";
const DELETE_KEYS: &str = "DELETE FROM message_keys WHERE account_id = $1 AND message_id = $2";

const INSERT_KEY: &str = "
    INSERT INTO message_keys (account_id, key, message_id, conversation_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, key, conversation_id) DO NOTHING";
const BY_KEY: &str = "
    SELECT k.message_id, k.conversation_id, c.department_id FROM message_keys k
    JOIN conversations c ON c.account_id = $1 AND c.id = k.conversation_id
    WHERE k.account_id = $1 AND k.key = $2 LIMIT 50";

impl Read<'_> {
    /// The message, if the access sees it.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>> {
        let (all, agent) = self.scope();
        self.row(BY_ID, &[self.account().into(), all, agent, id.into()], message)
    }

    /// Messages of a conversation after a number, oldest first.
    pub fn messages_after(&self, id: ConversationId, number: i64, limit: i64) -> Result<Vec<Message>> {
        let (all, agent) = self.scope();
        let params = [self.account().into(), all, agent, id.into(), number.into(), limit.into()];
        self.rows(OF_CONVERSATION, &params, message)
    }

    /// The newest messages of a conversation before a number (`i64::MAX`: all), oldest first.
    pub fn newest_messages(&self, id: ConversationId, before: i64, limit: i64) -> Result<Vec<Message>> {
        let (all, agent) = self.scope();
        let params = [self.account().into(), all, agent, id.into(), before.into(), limit.into()];
        let mut messages = self.rows(NEWEST_OF_CONVERSATION, &params, message)?;
        messages.reverse();
        Ok(messages)
    }

    /// The newest letter that came into a conversation.
    pub fn newest_letter_in(&self, id: ConversationId) -> Result<Option<Message>> {
        let (all, agent) = self.scope();
        self.row(NEWEST_LETTER_IN, &[self.account().into(), all, agent, id.into()], message)
    }

    /// Letters whose time to be taken back is over, oldest first.
    pub fn letters_to_send(&self, limit: i64) -> Result<Vec<Message>> {
        let (all, agent) = self.scope();
        self.rows(
            TIME_TO_SEND,
            &[self.account().into(), all, agent, self.now().into(), limit.into()],
            message,
        )
    }

    /// Where mails with this key lie. Not limited to the access's departments.
    pub fn known(&self, key: &[u8; 32]) -> Result<Vec<Known>> {
        self.rows(BY_KEY, params![self.account(), &key[..]], |row| {
            Ok(Known { message: row.get(0)?, conversation: row.get(1)?, department: row.get(2)? })
        })
    }
}

impl Read<'_> {
    /// Messages of all conversations after `number`, in the order in which they came.
    pub(crate) fn messages_by_number(&self, number: i64, limit: i64) -> Result<Vec<Message>> {
        let (all, agent) = self.scope();
        self.rows(BY_NUMBER, &[self.account().into(), all, agent, number.into(), limit.into()], message)
    }
}

impl Tx<'_> {
    /// Adds a message.
    pub fn insert_message(&mut self, new: &Message) -> Result<()> {
        let account = self.account();
        let envelope = serde_json::to_string(&new.envelope).expect("an envelope is always JSON");
        self.change_one(
            INSERT,
            params![
                account,
                new.id,
                new.number,
                new.conversation,
                new.kind.name(),
                &new.author,
                &new.author_name,
                &new.from_address,
                envelope,
                &new.subject,
                &new.message_id,
                new.created_at,
                new.dated_at,
                &new.text,
                new.html.clone(),
                &new.preview,
                new.facts.to_string(),
                new.state.name(),
                new.send_at
            ],
        )
    }

    /// Makes a mail findable by a key.
    pub fn insert_message_key(
        &mut self,
        key: &[u8; 32],
        message: MessageId,
        conversation: ConversationId,
    ) -> Result<()> {
        let account = self.account();
        self.change(INSERT_KEY, params![account, &key[..], message, conversation])?;
        Ok(())
    }

    /// Notes how far a message has come.
    pub fn set_message_state(
        &mut self,
        id: MessageId,
        state: MessageState,
        send_at: Option<Time>,
    ) -> Result<()> {
        let account = self.account();
        self.change_one(SET_STATE, params![account, id, state.name(), send_at])
    }

    /// Writes back what was found out about a message.
    pub fn set_message_facts(&mut self, id: MessageId, facts: &serde_json::Value) -> Result<()> {
        let account = self.account();
        self.change_one(SET_FACTS, params![account, id, facts.to_string()])
    }

    /// Removes a message that was taken back, with its keys.
    pub fn delete_message(&mut self, id: MessageId) -> Result<()> {
        let account = self.account();
        self.change(DELETE_KEYS, params![account, id])?;
        self.change_one(DELETE, params![account, id])
    }
}

fn message(row: &Row<'_>) -> Result<Message> {
    let (kind, state): (String, String) = (row.get(3)?, row.get(16)?);
    Ok(Message {
        id: row.get(0)?,
        number: row.get(1)?,
        conversation: row.get(2)?,
        kind: MessageKind::ALL.into_iter().find(|k| k.name() == kind).ok_or(Error::Column(3))?,
        author: row.get(4)?,
        author_name: row.get(5)?,
        from_address: row.get(6)?,
        envelope: serde_json::from_str(&row.get::<String>(7)?).map_err(|_| Error::Column(7))?,
        subject: row.get(8)?,
        message_id: row.get(9)?,
        created_at: row.get(10)?,
        dated_at: row.get(11)?,
        text: row.get(12)?,
        html: row.get(13)?,
        preview: row.get(14)?,
        facts: serde_json::from_str(&row.get::<String>(15)?).map_err(|_| Error::Column(15))?,
        state: MessageState::ALL.into_iter().find(|s| s.name() == state).ok_or(Error::Column(16))?,
        send_at: row.get(17)?,
    })
}
