//! Table `conversations`, with the counts that lists show.

use uuid::Uuid;
use words::{AgentId, ContactId, ConversationId, DepartmentId, Time};

use crate::{Error, Read, Result, Row, Tx, Value, params};

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Somebody should answer.
    Open,
    /// Put off until a time or the next letter.
    Snoozed,
    /// Done.
    Closed,
    /// Unwanted.
    Spam,
}

impl Status {
    /// All that there are.
    pub const ALL: [Self; 4] = [Self::Open, Self::Snoozed, Self::Closed, Self::Spam];

    /// The name in rows, addresses and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
            Self::Spam => "spam",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = words::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.name() == text).ok_or(words::IdError)
    }
}

/// A run of messages about one matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its number, as people see it.
    pub number: i64,
    /// The subject of the mail that began it.
    pub subject: String,
    /// First words of the newest letter.
    pub preview: String,
    /// Where it stands.
    pub status: Status,
    /// Whose it is.
    pub department: DepartmentId,
    /// Who has it.
    pub assignee: Option<AgentId>,
    /// With whom.
    pub contact: ContactId,
    /// Their name, as the list shows it.
    pub contact_name: String,
    /// Their address.
    pub contact_address: String,
    /// When the oldest letter without an answer came.
    pub waiting_since: Option<Time>,
    /// Until when it is put off.
    pub snoozed_until: Option<Time>,
    /// When the newest message came or was written.
    pub last_message_at: Time,
    /// The number of the newest message.
    pub last_message_number: i64,
    /// How many messages it has.
    pub message_count: i64,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// The conversation that it was kept apart from, or its twin in another department.
    pub linked: Option<ConversationId>,
    /// Why it is linked.
    pub linked_reason: Option<String>,
    /// When it began.
    pub created_at: Time,
    /// Whether the agent of the access has not seen its newest message.
    pub unread: bool,
}

/// How many conversations of one kind there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// In which department.
    pub department: DepartmentId,
    /// Of which status.
    pub status: Status,
    /// With whom.
    pub assignee: Option<AgentId>,
    /// How many.
    pub n: i64,
}

macro_rules! select {
    ($($tail:literal),*) => {
        concat!(
            "SELECT c.id, c.number, c.subject, c.preview, c.status, c.department_id, c.assignee_id,
                c.contact_id, c.contact_name, c.contact_address, c.waiting_since, c.snoozed_until,
                c.last_message_at, c.last_message_number, c.message_count, c.tags, c.linked_id,
                c.linked_reason, c.created_at, r.message_number
            FROM conversations c LEFT JOIN reads r
                ON r.account_id = $1 AND r.agent_id = $3 AND r.conversation_id = c.id
            WHERE c.account_id = $1
              AND ($2 = 1 OR c.department_id IN
                (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3)) ",
            $($tail),*
        )
    };
}

/// How many columns a conversation takes.
pub(crate) const CONVERSATION_COLUMNS: usize = 20;

const BY_ID: &str = select!("AND c.id = $4");
const BY_NUMBER: &str = select!("AND c.number = $4");
const LONGEST_WAITING: &str = select!(
    "
    AND c.status = 'open' AND c.waiting_since IS NOT NULL
    AND (c.assignee_id IS NULL OR c.assignee_id = $3)
    ORDER BY c.waiting_since, c.id LIMIT 1"
);
const OF_CONTACT: &str = select!("AND c.contact_id = $4 ORDER BY c.last_message_at DESC LIMIT $5");
const SNOOZE_OVER: &str = select!("AND c.snoozed_until <= $4 AND c.status = 'snoozed' LIMIT $5");

const NEXT_WAKING: &str = "
    SELECT snoozed_until FROM conversations
    WHERE account_id = $1 AND snoozed_until IS NOT NULL AND status = 'snoozed'
    ORDER BY snoozed_until LIMIT 1";

const COUNTS: &str = "
    SELECT c.department_id, c.status, c.assignee_id, c.n FROM conversation_counts c
    WHERE c.account_id = $1 AND c.n > 0
      AND ($2 = 1 OR c.department_id IN
        (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))";

const INSERT: &str = "
    INSERT INTO conversations (account_id, id, number, subject, preview, status, department_id,
        assignee_id, contact_id, contact_name, contact_address, waiting_since, snoozed_until,
        last_message_at, last_message_number, message_count, tags, linked_id, linked_reason, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";

const UPDATE: &str = "
    UPDATE conversations SET subject = $3, preview = $4, status = $5, department_id = $6, assignee_id = $7,
        contact_id = $8, contact_name = $9, contact_address = $10, waiting_since = $11, snoozed_until = $12,
        last_message_at = $13, last_message_number = $14, message_count = $15, tags = $16, linked_id = $17,
        linked_reason = $18
    WHERE account_id = $1 AND id = $2";

const DELETE: &str = "DELETE FROM conversations WHERE account_id = $1 AND id = $2";
/// What belongs to a conversation besides its messages and events.
const DELETE_BESIDES: [&str; 6] = [
    "DELETE FROM participants WHERE account_id = $1 AND conversation_id = $2",
    "DELETE FROM conversation_tags WHERE account_id = $1 AND conversation_id = $2",
    "DELETE FROM conversation_marks WHERE account_id = $1 AND conversation_id = $2",
    "DELETE FROM reads WHERE account_id = $1 AND conversation_id = $2
      AND agent_id IN (SELECT id FROM agents WHERE account_id = $1)",
    "DELETE FROM draft_files WHERE account_id = $1 AND draft_id IN
        (SELECT id FROM drafts WHERE account_id = $1 AND conversation_id = $2)",
    "DELETE FROM drafts WHERE account_id = $1 AND conversation_id = $2",
];

const COUNT_ONE: &str = "
    INSERT INTO conversation_counts (account_id, department_id, status, assignee_id, n)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id, department_id, status, assignee_id)
    DO UPDATE SET n = conversation_counts.n + excluded.n";

const MARK_READ: &str = "
    INSERT INTO reads (account_id, agent_id, conversation_id, message_number) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, agent_id, conversation_id)
    DO UPDATE SET message_number = excluded.message_number WHERE reads.message_number < excluded.message_number";

const READ_MARK: &str = "
    SELECT message_number FROM reads WHERE account_id = $1 AND agent_id = $2 AND conversation_id = $3";

impl Read<'_> {
    /// The number of the newest message that an agent has seen in a conversation; 0 if none.
    pub fn read_mark(&self, agent: AgentId, id: ConversationId) -> Result<i64> {
        Ok(self.row(READ_MARK, params![self.account(), agent, id], |row| row.get(0))?.unwrap_or(0))
    }

    /// The conversation, if the access sees it.
    pub fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>> {
        let (all, agent) = self.scope();
        self.row(BY_ID, &[self.account().into(), all, agent, id.into()], conversation)
    }

    /// The conversation with this number, if the access sees it.
    pub fn conversation_by_number(&self, number: i64) -> Result<Option<Conversation>> {
        let (all, agent) = self.scope();
        self.row(BY_NUMBER, &[self.account().into(), all, agent, number.into()], conversation)
    }

    /// The open conversation that has waited longest and is the agent's or nobody's.
    pub fn longest_waiting(&self) -> Result<Option<Conversation>> {
        let (all, agent) = self.scope();
        self.row(LONGEST_WAITING, &[self.account().into(), all, agent], conversation)
    }

    /// The newest conversations with a contact.
    pub fn conversations_of_contact(&self, contact: ContactId, limit: i64) -> Result<Vec<Conversation>> {
        let (all, agent) = self.scope();
        self.rows(
            OF_CONTACT,
            &[self.account().into(), all, agent, contact.into(), limit.into()],
            conversation,
        )
    }

    /// Snoozed conversations whose time has come.
    pub fn snoozes_over(&self, limit: i64) -> Result<Vec<Conversation>> {
        let (all, agent) = self.scope();
        self.rows(
            SNOOZE_OVER,
            &[self.account().into(), all, agent, self.now().into(), limit.into()],
            conversation,
        )
    }

    /// When the next snoozed conversation is to be woken, if there is one.
    pub fn next_waking_at(&self) -> Result<Option<Time>> {
        self.row(NEXT_WAKING, params![self.account()], |row| row.get(0))
    }

    /// How many conversations there are, by department, status and assignee, as far as the access sees.
    pub fn conversation_counts(&self) -> Result<Vec<Count>> {
        let (all, agent) = self.scope();
        self.rows(COUNTS, &[self.account().into(), all, agent], |row| {
            let assignee: Uuid = row.get(2)?;
            Ok(Count {
                department: row.get(0)?,
                status: status(row, 1)?,
                assignee: (!assignee.is_nil()).then(|| AgentId::from_uuid(assignee)),
                n: row.get(3)?,
            })
        })
    }
}

impl Tx<'_> {
    /// Adds a conversation.
    pub fn insert_conversation(&mut self, new: &Conversation) -> Result<()> {
        let account = self.account();
        self.change_one(
            INSERT,
            params![
                account,
                new.id,
                new.number,
                &new.subject,
                &new.preview,
                new.status.name(),
                new.department,
                new.assignee,
                new.contact,
                &new.contact_name,
                &new.contact_address,
                new.waiting_since,
                new.snoozed_until,
                new.last_message_at,
                new.last_message_number,
                new.message_count,
                new.tags.join("\n"),
                new.linked,
                new.linked_reason.clone(),
                new.created_at
            ],
        )?;
        self.count_conversation(new, 1)
    }

    /// Writes a conversation back as it is now; `before` is how it was read.
    pub fn update_conversation(&mut self, before: &Conversation, now: &Conversation) -> Result<()> {
        let account = self.account();
        self.change_one(
            UPDATE,
            params![
                account,
                now.id,
                &now.subject,
                &now.preview,
                now.status.name(),
                now.department,
                now.assignee,
                now.contact,
                &now.contact_name,
                &now.contact_address,
                now.waiting_since,
                now.snoozed_until,
                now.last_message_at,
                now.last_message_number,
                now.message_count,
                now.tags.join("\n"),
                now.linked,
                now.linked_reason.clone()
            ],
        )?;
        let place = |c: &Conversation| (c.department, c.status, c.assignee);
        if place(before) != place(now) {
            self.count_conversation(before, -1)?;
            self.count_conversation(now, 1)?;
        }
        Ok(())
    }

    /// Removes a conversation that has no messages, as it was read.
    pub fn delete_conversation(&mut self, as_read: &Conversation) -> Result<()> {
        let account = self.account();
        for besides in DELETE_BESIDES {
            self.change(besides, params![account, as_read.id])?;
        }
        self.change_one(DELETE, params![account, as_read.id])?;
        self.count_conversation(as_read, -1)
    }

    /// The agent has seen the conversation up to this message.
    pub fn mark_read(&mut self, agent: AgentId, id: ConversationId, message_number: i64) -> Result<()> {
        let account = self.account();
        self.change(MARK_READ, params![account, agent, id, message_number])?;
        Ok(())
    }

    fn count_conversation(&mut self, at: &Conversation, by: i64) -> Result<()> {
        let account = self.account();
        let assignee = at.assignee.map_or(Uuid::nil(), AgentId::uuid);
        let params =
            [account.into(), at.department.into(), at.status.name().into(), Value::Uuid(assignee), by.into()];
        self.change_one(COUNT_ONE, &params)
    }
}

fn status(row: &Row<'_>, column: usize) -> Result<Status> {
    row.get::<String>(column)?.parse().map_err(|_| Error::Column(column))
}

pub(crate) fn conversation(row: &Row<'_>) -> Result<Conversation> {
    let last_message_number: i64 = row.get(13)?;
    Ok(Conversation {
        id: row.get(0)?,
        number: row.get(1)?,
        subject: row.get(2)?,
        preview: row.get(3)?,
        status: status(row, 4)?,
        department: row.get(5)?,
        assignee: row.get(6)?,
        contact: row.get(7)?,
        contact_name: row.get(8)?,
        contact_address: row.get(9)?,
        waiting_since: row.get(10)?,
        snoozed_until: row.get(11)?,
        last_message_at: row.get(12)?,
        last_message_number,
        message_count: row.get(14)?,
        tags: row.get::<String>(15)?.lines().map(str::to_owned).collect(),
        linked: row.get(16)?,
        linked_reason: row.get(17)?,
        created_at: row.get(18)?,
        unread: row.get::<Option<i64>>(19)?.unwrap_or(0) < last_message_number,
    })
}
