//! What the API shows of each thing. Ids are texts; times are RFC 3339 in UTC.

use desk::Facts;
use jiff::Timestamp;
use serde::Serialize;
use store::{Attachment as StoredAttachment, Conversation as StoredConversation, Delivery as StoredDelivery};
use utoipa::ToSchema;
use words::Time;

/// A time as RFC 3339 with `Z`.
pub fn time(at: Time) -> String {
    Timestamp::from_microsecond(at.micros()).map(|at| at.to_string()).unwrap_or_default()
}

/// Somebody on a letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// The name; may be empty.
    pub name: String,
    /// The address.
    pub address: String,
}

impl From<&store::Person> for Person {
    fn from(person: &store::Person) -> Self {
        Self { name: person.name.clone(), address: person.address.clone() }
    }
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// Its number, as people see it.
    pub number: i64,
    /// The subject of the mail that began it.
    pub subject: String,
    /// First words of the newest letter.
    pub preview: String,
    /// `open`, `snoozed`, `closed` or `spam`.
    pub status: String,
    /// Its department.
    pub department_id: String,
    /// Who has it.
    pub assignee_id: Option<String>,
    /// With whom.
    pub contact: Contact,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// How many letters and notes it has.
    pub message_count: i64,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<String>,
    /// Until when it is put off.
    pub snoozed_until: Option<String>,
    /// When it began.
    pub created_at: String,
    /// When the newest letter or note came or was written.
    pub last_message_at: String,
    /// The conversation that it was kept apart from, or its twin in another department.
    pub linked_id: Option<String>,
}

/// A person who writes to the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    /// Their id.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// The address of this conversation.
    pub address: String,
}

impl From<StoredConversation> for Conversation {
    fn from(one: StoredConversation) -> Self {
        Self {
            id: one.id.to_string(),
            number: one.number,
            subject: one.subject,
            preview: one.preview,
            status: one.status.name().into(),
            department_id: one.department.to_string(),
            assignee_id: one.assignee.map(|agent| agent.to_string()),
            contact: Contact {
                id: one.contact.to_string(),
                name: one.contact_name,
                address: one.contact_address,
            },
            tags: one.tags,
            message_count: one.message_count,
            waiting_since: one.waiting_since.map(time),
            snoozed_until: one.snoozed_until.map(time),
            created_at: time(one.created_at),
            last_message_at: time(one.last_message_at),
            linked_id: one.linked.map(|id| id.to_string()),
        }
    }
}

/// A letter or a note.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its number in the account: the order in which messages came.
    pub number: i64,
    /// Its conversation.
    pub conversation_id: String,
    /// `letter-in`, `letter-out` or `note`.
    pub kind: String,
    /// Who wrote it; the address is empty for a note.
    pub from: Person,
    /// To whom.
    pub to: Vec<Person>,
    /// Who got a copy.
    pub cc: Vec<Person>,
    /// Its own subject.
    pub subject: String,
    /// The Message-ID header without brackets.
    #[serde(rename = "message_id")]
    pub header_id: String,
    /// When it came or was written.
    pub created_at: String,
    /// What its Date header says.
    pub dated_at: Option<String>,
    /// Its text.
    pub text: String,
    /// Its HTML, cleaned; null if it has none.
    pub html: Option<String>,
    /// `received`, `noted`, `waiting`, `queued`, `sent`, `deferred`, `bounced` or `failed`.
    pub state: String,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// How a letter of ours travels to each recipient.
    pub deliveries: Vec<Delivery>,
    /// What was found out about it: marks, authentication, automatic, bounced, appointments.
    #[schema(value_type = Object)]
    pub facts: serde_json::Value,
}

/// A file of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment {
    /// Its id: `GET /attachments/{id}` gives its bytes.
    pub id: String,
    /// Its name, cleaned.
    pub name: String,
    /// What its sender says it is.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Whether it is part of the text.
    pub inline: bool,
}

impl From<&StoredAttachment> for Attachment {
    fn from(file: &StoredAttachment) -> Self {
        Self {
            id: file.id.to_string(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            inline: file.inline,
        }
    }
}

/// How a letter travels to one recipient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// To whom.
    pub recipient: String,
    /// `queued`, `sending`, `sent`, `deferred`, `bounced` or `failed`.
    pub state: String,
    /// Tries begun.
    pub attempts: i64,
    /// What the other side, or we, said last.
    pub last_reply: String,
    /// A try was broken off: it may have arrived, and was sent again.
    pub maybe_twice: bool,
    /// When it last changed.
    pub updated_at: String,
}

impl From<&StoredDelivery> for Delivery {
    fn from(one: &StoredDelivery) -> Self {
        Self {
            recipient: one.recipient.to_string(),
            state: one.state.name().into(),
            attempts: one.attempts,
            last_reply: one.last_reply.clone(),
            maybe_twice: one.maybe_twice,
            updated_at: time(one.updated_at),
        }
    }
}

impl Message {
    /// A message with its files and deliveries. The HTML of a letter that came is in its raw mail, so it
    /// is handed in.
    pub fn of(
        message: store::Message,
        files: &[StoredAttachment],
        deliveries: &[StoredDelivery],
        html: Option<String>,
    ) -> Self {
        let facts = Facts::of(&message).json();
        Self {
            id: message.id.to_string(),
            number: message.number,
            conversation_id: message.conversation.to_string(),
            kind: message.kind.name().into(),
            from: Person { name: message.author_name, address: message.from_address },
            to: message.envelope.to.iter().map(Person::from).collect(),
            cc: message.envelope.cc.iter().map(Person::from).collect(),
            subject: message.subject,
            header_id: message.message_id,
            created_at: time(message.created_at),
            dated_at: message.dated_at.map(time),
            text: message.text,
            html: message.html.or(html),
            state: message.state.name().into(),
            attachments: files.iter().map(Attachment::from).collect(),
            deliveries: deliveries.iter().map(Delivery::from).collect(),
            facts,
        }
    }
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    /// Its number: without gap, in the order of commits.
    pub number: i64,
    /// When.
    pub at: String,
    /// What: `conversation.started`, `message.received`, …
    pub kind: String,
    /// To which conversation.
    pub conversation_id: Option<String>,
    /// To which message.
    pub message_id: Option<String>,
    /// In which department.
    pub department_id: Option<String>,
    /// Who did it: `agent:<id>`, `token:<id>` or `system:<task>`.
    pub caused_by: String,
    /// Particulars.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

impl From<store::Event> for Event {
    fn from(event: store::Event) -> Self {
        Self {
            number: event.number,
            at: time(event.at),
            kind: event.kind.name().into(),
            conversation_id: event.conversation.map(|id| id.to_string()),
            message_id: event.message.map(|id| id.to_string()),
            department_id: event.department.map(|id| id.to_string()),
            caused_by: event.caused_by.to_string(),
            data: event.data,
        }
    }
}
