//! Beginning a conversation with a letter of ours.

use std::time::Duration;

use register::Access;
use serde_json::json;
use store::{
    Contact, Conversation, Counter, Department, Envelope, EventKind, Mailbox, NewEvent, ParticipantRole,
    Person, PreparedRaw, Read, Status, Store, Tx,
};
use words::{Clock, ContactId, ConversationId, DepartmentId, EmailAddress, MailboxId, MessageId, Time};

use super::{
    File,
    answer::author_name,
    outgoing::{Body, Outgoing, check_files},
    recipients::{RECIPIENTS_MAX, take_part},
};
use crate::{Error, Problem, Result, conversation::may_write, error::filled, reply_keys};

/// Characters of a subject at most.
const SUBJECT_CHARS_MAX: usize = 500;

/// A letter to somebody who may never have written.
#[derive(Debug, Clone)]
pub struct FirstLetter {
    /// From which department.
    pub department: DepartmentId,
    /// From which mailbox of it; its first if not said.
    pub mailbox: Option<MailboxId>,
    /// To whom: the first is the contact.
    pub to: Vec<EmailAddress>,
    /// To whom as well.
    pub cc: Vec<EmailAddress>,
    /// What about.
    pub subject: String,
    /// What was written.
    pub body: Body,
    /// Files that go along.
    pub files: Vec<File>,
    /// How long it can be taken back; nothing: it is queued at once.
    pub undo: Duration,
    /// It was the agent's draft of a first letter, which ends with it.
    pub drafted: bool,
}

/// Begins a conversation and gives its id and the letter's.
pub async fn start(
    store: &Store,
    access: &Access,
    first: FirstLetter,
    clock: &Clock,
) -> Result<(ConversationId, MessageId)> {
    may_write(access)?;
    check_files(&first.files)?;
    let subject = filled("subject", &first.subject, SUBJECT_CHARS_MAX)?;
    let contact = first.to.first().cloned().ok_or(Error::invalid("to", Problem::Empty))?;
    if first.to.len() + first.cc.len() > RECIPIENTS_MAX {
        return Err(Error::invalid("to", Problem::TooMany(RECIPIENTS_MAX)));
    }
    let (html, text) = first.body.read(&first.files)?;
    let at = clock.now();
    let (undo, drafted) = (first.undo, first.drafted);
    let address = contact.clone();
    let outgoing = store
        .read(access, move |read| {
            let (department, mailbox) = from(read, first.department, first.mailbox)?;
            let conversation = conversation(read, &contact, &subject, &text, department.id, at)?;
            Ok::<_, Error>(Outgoing {
                message_id: reply_keys(read)?.mint(conversation.id, mailbox.address.domain()),
                envelope: Envelope { to: people(&first.to), cc: people(&first.cc), reply_to: Vec::new() },
                in_reply_to: None,
                references: Vec::new(),
                files: first.files,
                automatic: false,
                conversation,
                department,
                mailbox,
                subject,
                html,
                text,
                at,
            })
        })
        .await?;
    let raw = outgoing.compose(store, access).await?;
    store
        .write(access, move |tx| {
            let begun = put(tx, &outgoing, &address, &raw, undo)?;
            if let Some(agent) = tx.access().agent().filter(|_| drafted) {
                tx.delete_first_draft(agent)?;
            }
            Ok(begun)
        })
        .await
}

/// The department, if the access sees it, and its first mailbox or the one that was named.
fn from(read: &Read<'_>, id: DepartmentId, named: Option<MailboxId>) -> Result<(Department, Mailbox)> {
    if !read.access().departments().include(id) {
        return Err(Error::NoSuchDepartment(id));
    }
    let department = read.department(id)?.ok_or(Error::NoSuchDepartment(id))?;
    let mailboxes = read
        .mailboxes()?
        .into_iter()
        .filter(|mailbox| mailbox.department == id && named.is_none_or(|named| mailbox.id == named));
    let mailbox = mailboxes.min_by_key(|mailbox| mailbox.created_at).ok_or(Error::NoSuchMailbox)?;
    Ok((department, mailbox))
}

fn conversation(
    read: &Read<'_>,
    contact: &EmailAddress,
    subject: &str,
    text: &str,
    department: DepartmentId,
    at: Time,
) -> Result<Conversation> {
    let known = read.contact_by_address(contact)?;
    Ok(Conversation {
        id: ConversationId::new(at),
        number: 0,
        subject: subject.to_owned(),
        preview: letter::preview(text),
        status: Status::Open,
        department,
        assignee: read.access().agent(),
        contact: known.as_ref().map_or_else(|| ContactId::new(at), |known| known.id),
        contact_name: known.map(|known| known.name).unwrap_or_default(),
        contact_address: contact.to_string(),
        waiting_since: None,
        snoozed_until: None,
        last_message_at: at,
        last_message_number: 0,
        message_count: 1,
        tags: Vec::new(),
        linked: None,
        linked_reason: None,
        created_at: at,
        unread: false,
    })
}

fn put(
    tx: &mut Tx<'_>,
    outgoing: &Outgoing,
    address: &EmailAddress,
    raw: &PreparedRaw,
    undo: Duration,
) -> Result<(ConversationId, MessageId)> {
    let message = MessageId::new(outgoing.at);
    let mut conversation = outgoing.conversation.clone();
    // Somebody may have written in the meantime, and be a contact now.
    if let Some(known) = tx.contact_by_address(address)? {
        conversation.contact = known.id;
    } else {
        let new = Contact { id: conversation.contact, name: String::new(), created_at: outgoing.at };
        tx.insert_contact(&new, address, None)?;
    }
    conversation.number = tx.next_number(Counter::Conversation)?;
    conversation.last_message_number = outgoing.insert(tx, message, raw, &author_name(tx)?, undo)?;
    tx.insert_conversation(&conversation)?;
    tx.put_participant(conversation.id, address, &conversation.contact_name, ParticipantRole::Contact)?;
    take_part(tx, conversation.id, &outgoing.envelope)?;
    if let Some(agent) = tx.access().agent() {
        tx.mark_read(agent, conversation.id, conversation.last_message_number)?;
    }
    tx.append_event(&NewEvent {
        kind: EventKind::Started,
        conversation: Some(conversation.id),
        message: Some(message),
        department: Some(conversation.department),
        data: json!({ "outbound": true }),
    })?;
    Ok((conversation.id, message))
}

fn people(addresses: &[EmailAddress]) -> Vec<Person> {
    addresses.iter().map(|address| Person { name: String::new(), address: address.to_string() }).collect()
}
