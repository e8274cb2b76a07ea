//! Lists of conversations: by status, department, assignee or tag, newest first.

use uuid::Uuid;
use words::{AgentId, ConversationId, DepartmentId, TagId, Time};

use crate::{
    Conversation, Marks, Read, Result, Row, Status, Value,
    conversation::{CONVERSATION_COLUMNS, conversation},
    mark::marks,
};

/// Whose conversations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assigned {
    /// Anybody's or nobody's.
    #[default]
    Any,
    /// This agent's.
    To(AgentId),
    /// Nobody's.
    Nobody,
}

/// What a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of one status, or of all.
    pub status: Option<Status>,
    /// Of one department, or of all.
    pub department: Option<DepartmentId>,
    /// By who has it.
    pub assigned: Assigned,
    /// With a tag.
    pub tag: Option<TagId>,
}

/// A place in a list, sorted by the newest message: what comes after is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPlace {
    /// Time of the last row seen.
    pub last_message_at: Time,
    /// Id of the last row seen.
    pub id: ConversationId,
}

// The columns of a conversation (see `conversation`), then its marks for the agent $3.
macro_rules! select {
    ($($tail:literal),*) => {
        concat!(
            "SELECT c.id, c.number, c.subject, c.preview, c.status, c.department_id, c.assignee_id,
                c.contact_id, c.contact_name, c.contact_address, c.waiting_since, c.snoozed_until,
                c.last_message_at, c.last_message_number, c.message_count, c.tags, c.linked_id,
                c.linked_reason, c.created_at, r.message_number,
        EXISTS (SELECT 1 FROM conversation_marks k
            WHERE k.account_id = $1 AND k.conversation_id = c.id AND k.mark = 'files'),
        EXISTS (SELECT 1 FROM conversation_marks k
            WHERE k.account_id = $1 AND k.conversation_id = c.id AND k.mark = 'suspect'),
        EXISTS (SELECT 1 FROM messages m
            WHERE m.account_id = $1 AND m.conversation_id = c.id AND m.state IN ('bounced', 'failed')
              AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.account_id = $1 AND n.conversation_id = c.id
                AND n.number > m.number AND n.kind = 'letter-out')),
        EXISTS (SELECT 1 FROM drafts d
            WHERE d.account_id = $1 AND d.conversation_id = c.id AND d.agent_id = $3
              AND (d.html <> '' OR EXISTS
                (SELECT 1 FROM draft_files f WHERE f.account_id = $1 AND f.draft_id = d.id)))
            FROM conversations c LEFT JOIN reads r
                ON r.account_id = $1 AND r.agent_id = $3 AND r.conversation_id = c.id
            WHERE c.account_id = $1
              AND ($2 = 1 OR c.department_id IN
                (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3)) ",
            $($tail),*
        )
    };
}

// $4 status, $5 department, $6 assignee, $7 tag, $8 and $9 the place, $10 the limit. Each text
// follows one index; what is left is asked of each row.
macro_rules! list {
    ($($condition:literal),*) => {
        select!($($condition,)* "
            AND (c.department_id = $5 OR $5 IS NULL) AND (c.last_message_at, c.id) < ($8, $9)
            ORDER BY c.last_message_at DESC, c.id DESC LIMIT $10")
    };
}

const BY_ID: &str = select!("AND c.id = $4");
const LIST_ALL: &str =
    list!("AND CAST($4 AS text) IS NULL AND CAST($6 AS uuid) IS NULL AND CAST($7 AS uuid) IS NULL");
const LIST_STATUS: &str =
    list!("AND c.status = $4 AND CAST($6 AS uuid) IS NULL AND CAST($7 AS uuid) IS NULL");
const LIST_ASSIGNEE: &str =
    list!("AND c.assignee_id = $6 AND (c.status = $4 OR $4 IS NULL) AND CAST($7 AS uuid) IS NULL");
const LIST_NOBODY: &str = list!(
    "AND c.assignee_id IS NULL AND (c.status = $4 OR $4 IS NULL) AND CAST($6 AS uuid) IS NULL AND CAST($7 AS uuid) IS NULL"
);
const LIST_TAG: &str = list!(
    "
    AND c.id IN (SELECT conversation_id FROM conversation_tags WHERE account_id = $1 AND tag_id = $7)
    AND (c.status = $4 OR $4 IS NULL) AND (c.assignee_id = $6 OR $6 IS NULL)"
);
const LIST_DEPARTMENT: &str = select!(
    "
    AND c.department_id = $5 AND c.status = $4 AND CAST($6 AS uuid) IS NULL AND CAST($7 AS uuid) IS NULL
    AND (c.last_message_at, c.id) < ($8, $9)
    ORDER BY c.last_message_at DESC, c.id DESC LIMIT $10"
);

impl Read<'_> {
    /// A page of a list, newest first.
    pub fn conversations(
        &self,
        filter: &Filter,
        after: Option<ListPlace>,
        limit: i64,
    ) -> Result<Vec<Conversation>> {
        self.list(filter, after, limit, conversation)
    }

    /// A page of a list, newest first, with what a list shows beside each.
    pub fn marked_conversations(
        &self,
        filter: &Filter,
        after: Option<ListPlace>,
        limit: i64,
    ) -> Result<Vec<(Conversation, Marks)>> {
        self.list(filter, after, limit, |row| Ok((conversation(row)?, marks(row, CONVERSATION_COLUMNS)?)))
    }

    /// The marks of a conversation that the access has seen, as an agent sees them.
    pub fn marks(&self, id: ConversationId, agent: AgentId) -> Result<Marks> {
        let params = [self.account().into(), Value::Int(1), agent.into(), id.into()];
        let found = self.row(BY_ID, &params, |row| marks(row, CONVERSATION_COLUMNS))?;
        Ok(found.unwrap_or_default())
    }

    fn list<T>(
        &self,
        filter: &Filter,
        after: Option<ListPlace>,
        limit: i64,
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let (all, agent) = self.scope();
        let assignee = match filter.assigned {
            Assigned::To(agent) => Some(agent),
            Assigned::Any | Assigned::Nobody => None,
        };
        let sql = match (filter.tag, filter.assigned, filter.status, filter.department) {
            (Some(_), ..) => LIST_TAG,
            (None, Assigned::To(_), ..) => LIST_ASSIGNEE,
            (None, Assigned::Nobody, ..) => LIST_NOBODY,
            (None, Assigned::Any, Some(_), Some(_)) => LIST_DEPARTMENT,
            (None, Assigned::Any, Some(_), None) => LIST_STATUS,
            (None, Assigned::Any, None, _) => LIST_ALL,
        };
        let place =
            after.map_or((i64::MAX, Uuid::max()), |place| (place.last_message_at.micros(), place.id.uuid()));
        let params = [
            self.account().into(),
            all,
            agent,
            filter.status.map(Status::name).into(),
            filter.department.into(),
            assignee.into(),
            filter.tag.into(),
            place.0.into(),
            Value::Uuid(place.1),
            limit.into(),
        ];
        self.rows(sql, &params, map)
    }
}
