//! Beginning a conversation with a letter of ours.

use std::time::Duration;

use register::Access;
use serde_json::json;
use store::{
    Contact, Conversation, Counter, Envelope, EventKind, NewEvent, ParticipantRole, Person, Status, Store,
};
use words::{Clock, ContactId, ConversationId, DepartmentId, EmailAddress, MessageId};

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
    let contact_address = first.to.first().cloned().ok_or(Error::invalid("to", Problem::Empty))?;
    if first.to.len() + first.cc.len() > RECIPIENTS_MAX {
        return Err(Error::invalid("to", Problem::TooMany(RECIPIENTS_MAX)));
    }
    let (html, text) = first.body.read(&first.files)?;
    let at = clock.now();
    let (department, files, undo) = (first.department, first.files, first.undo);
    let envelope = Envelope { to: people(&first.to), cc: people(&first.cc), reply_to: Vec::new() };
    let outgoing = store
        .read(access, move |read| {
            if !read.access().departments().include(department) {
                return Err(Error::NoSuchDepartment(department));
            }
            let department = read.department(department)?.ok_or(Error::NoSuchDepartment(department))?;
            let mailboxes =
                read.mailboxes()?.into_iter().filter(|mailbox| mailbox.department == department.id);
            let mailbox = mailboxes.min_by_key(|mailbox| mailbox.created_at).ok_or(Error::NoSuchMailbox)?;
            let contact = read.contact_by_address(&contact_address)?;
            let id = ConversationId::new(at);
            let message_id = reply_keys(read)?.mint(id, mailbox.address.domain());
            let conversation = Conversation {
                id,
                number: 0,
                subject: subject.clone(),
                preview: letter::preview(&text),
                status: Status::Open,
                department: department.id,
                assignee: read.access().agent(),
                contact: contact.as_ref().map_or_else(|| ContactId::new(at), |contact| contact.id),
                contact_name: contact.map(|contact| contact.name).unwrap_or_default(),
                contact_address: contact_address.to_string(),
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
            };
            Ok(Outgoing {
                conversation,
                department,
                mailbox,
                envelope,
                subject,
                message_id,
                in_reply_to: None,
                references: Vec::new(),
                html,
                text,
                files,
                at,
                automatic: false,
            })
        })
        .await?;
    let raw = outgoing.compose(store, access).await?;
    let message = MessageId::new(at);
    store
        .write(access, move |tx| {
            let mut conversation = outgoing.conversation.clone();
            let address: EmailAddress = conversation
                .contact_address
                .parse()
                .map_err(|_| Error::invalid("to", Problem::NotAnAddress))?;
            // Somebody may have written in the meantime, and be a contact now.
            match tx.contact_by_address(&address)? {
                Some(known) => conversation.contact = known.id,
                None => {
                    let new = Contact { id: conversation.contact, name: String::new(), created_at: at };
                    tx.insert_contact(&new, &address, None)?;
                }
            }
            conversation.number = tx.next_number(Counter::Conversation)?;
            conversation.last_message_number = outgoing.insert(tx, message, &raw, &author_name(tx)?, undo)?;
            tx.insert_conversation(&conversation)?;
            tx.put_participant(
                conversation.id,
                &address,
                &conversation.contact_name,
                ParticipantRole::Contact,
            )?;
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
        })
        .await
}

fn people(addresses: &[EmailAddress]) -> Vec<Person> {
    addresses.iter().map(|address| Person { name: String::new(), address: address.to_string() }).collect()
}
