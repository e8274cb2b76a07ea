//! Numbered events: what happened in the account, in the order of commits, without gap.

use evidence::{Act, Kind, RefName};
use words::{ConversationId, DepartmentId, MessageId, Principal, Time};

use crate::{Counter, Read, Result, Row, Tx, params};

/// What kind of thing happened: a closed set, by which pages know what to draw anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A conversation began.
    Started,
    /// A letter came.
    Received,
    /// A letter was written; it waits its ten seconds or is queued.
    Answered,
    /// A letter was taken back.
    TakenBack,
    /// A note was written.
    Noted,
    /// A delivery changed its state.
    Delivery,
    /// It was given to somebody or to nobody.
    Assigned,
    /// It moved to another department.
    Moved,
    /// Its tags changed.
    Tagged,
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
    /// It was put off.
    Snoozed,
    /// It was marked as spam.
    MarkedSpam,
    /// The account's settings changed.
    Settings,
}

impl EventKind {
    /// All that there are.
    pub const ALL: [Self; 14] = [
        Self::Started,
        Self::Received,
        Self::Answered,
        Self::TakenBack,
        Self::Noted,
        Self::Delivery,
        Self::Assigned,
        Self::Moved,
        Self::Tagged,
        Self::Closed,
        Self::Reopened,
        Self::Snoozed,
        Self::MarkedSpam,
        Self::Settings,
    ];

    /// The name in rows and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "conversation.started",
            Self::Received => "message.received",
            Self::Answered => "message.answered",
            Self::TakenBack => "message.taken-back",
            Self::Noted => "message.noted",
            Self::Delivery => "message.delivery",
            Self::Assigned => "conversation.assigned",
            Self::Moved => "conversation.moved",
            Self::Tagged => "conversation.tagged",
            Self::Closed => "conversation.closed",
            Self::Reopened => "conversation.reopened",
            Self::Snoozed => "conversation.snoozed",
            Self::MarkedSpam => "conversation.spam",
            Self::Settings => "account.settings",
        }
    }

    /// As what the account's log tells of it.
    const fn recorded(self) -> Kind {
        match self {
            Self::Started => Kind::ConversationStarted,
            Self::Received => Kind::MessageReceived,
            Self::Answered => Kind::MessageAnswered,
            Self::TakenBack => Kind::MessageTakenBack,
            Self::Noted => Kind::MessageNoted,
            Self::Delivery => Kind::MessageDelivery,
            Self::Assigned => Kind::ConversationAssigned,
            Self::Moved => Kind::ConversationMoved,
            Self::Tagged => Kind::ConversationTagged,
            Self::Closed => Kind::ConversationClosed,
            Self::Reopened => Kind::ConversationReopened,
            Self::Snoozed => Kind::ConversationSnoozed,
            Self::MarkedSpam => Kind::ConversationSpam,
            Self::Settings => Kind::AccountSettings,
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An event to append.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// To which conversation.
    pub conversation: Option<ConversationId>,
    /// To which message.
    pub message: Option<MessageId>,
    /// Whose agents may see it; none: all.
    pub department: Option<DepartmentId>,
    /// Particulars (ids, names of states), JSON.
    pub data: serde_json::Value,
}

/// An event of the account.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number: without gap.
    pub number: i64,
    /// When.
    pub at: Time,
    /// What happened.
    pub kind: EventKind,
    /// To which conversation.
    pub conversation: Option<ConversationId>,
    /// To which message.
    pub message: Option<MessageId>,
    /// Whose agents may see it.
    pub department: Option<DepartmentId>,
    /// Who did it.
    pub caused_by: Principal,
    /// Particulars, JSON.
    pub data: serde_json::Value,
}

const INSERT: &str = "
    INSERT INTO events (account_id, number, at, kind, conversation_id, message_id, department_id, caused_by, data)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const AFTER: &str = "
    SELECT number, at, kind, conversation_id, message_id, department_id, caused_by, data FROM events
    WHERE account_id = $1 AND number > $4
      AND ($2 = 1 OR department_id IS NULL OR department_id IN
        (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))
    ORDER BY number LIMIT $5";

const OF_CONVERSATION: &str = "
    SELECT number, at, kind, conversation_id, message_id, department_id, caused_by, data FROM events
    WHERE account_id = $1 AND conversation_id = $4
      AND ($2 = 1 OR department_id IS NULL OR department_id IN
        (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))
    ORDER BY number DESC LIMIT $5";

const NEWEST: &str = "SELECT next_event - 1 FROM account WHERE account_id = $1";

impl Tx<'_> {
    /// Appends an event of this transaction, and its entry to the account's log. Gives the event's number.
    pub fn append_event(&mut self, event: &NewEvent) -> Result<i64> {
        let number = self.next_number(Counter::Event)?;
        let (account, now, by) = (self.account(), self.now(), self.principal());
        self.change_one(
            INSERT,
            params![
                account,
                number,
                now,
                event.kind.name(),
                event.conversation,
                event.message,
                event.department,
                by,
                event.data.to_string()
            ],
        )?;
        let number_of_event = u64::try_from(number).map_err(|_| crate::Error::Column(0))?;
        self.record(
            Act::new(event.kind.recorded())
                .about_any(RefName::Conversation, event.conversation.map(ConversationId::uuid))
                .about_any(RefName::Message, event.message.map(MessageId::uuid))
                .about(RefName::Event, number_of_event),
        )?;
        self.noted(number);
        Ok(number)
    }
}

impl Read<'_> {
    /// Up to `limit` events after `number` that the access may see, oldest first.
    pub fn events_after(&self, number: i64, limit: i64) -> Result<Vec<Event>> {
        let (all, agent) = self.scope();
        self.rows(AFTER, &[self.account().into(), all, agent, number.into(), limit.into()], event)
    }

    /// The newest `limit` events of a conversation, newest first.
    pub fn events_of_conversation(&self, id: ConversationId, limit: i64) -> Result<Vec<Event>> {
        let (all, agent) = self.scope();
        self.rows(OF_CONVERSATION, &[self.account().into(), all, agent, id.into(), limit.into()], event)
    }

    /// The number of the newest event; 0 if there is none.
    pub fn newest_event(&self) -> Result<i64> {
        Ok(self.row(NEWEST, params![self.account()], |row| row.get(0))?.unwrap_or(0))
    }
}

fn event(row: &Row<'_>) -> Result<Event> {
    let kind = EventKind::of(&row.get::<String>(2)?).ok_or(crate::Error::Column(2))?;
    let data = serde_json::from_str(&row.get::<String>(7)?).map_err(|_| crate::Error::Column(7))?;
    Ok(Event {
        number: row.get(0)?,
        at: row.get(1)?,
        kind,
        conversation: row.get(3)?,
        message: row.get(4)?,
        department: row.get(5)?,
        caused_by: row.get(6)?,
        data,
    })
}
