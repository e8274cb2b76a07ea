//! The automatic answer to a first letter, if the account has switched one on.

use std::time::Duration;

use register::Access;
use serde_json::json;
use store::{EventKind, NewEvent, Person, Read, Store};
use words::{ConversationId, MessageId, Time};

use super::outgoing::{Body, Outgoing};
use crate::{Error, Facts, Result, conversation::seen, reply_keys};

/// After one automatic answer a contact gets no other for so long, whatever they write.
const PAUSE: Duration = Duration::from_hours(24);

/// Answers the first letter of a conversation by machine, if all of this holds (hardening rule 4):
///
/// 1. The account has switched it on.
/// 2. The letter was written by a person, and no spam filter has marked it.
/// 3. The sender's address has proved itself: this mail, or one before, was vouched for by its domain.
/// 4. The contact has begun no other conversation within a day.
///
/// The answer has an empty return path and says that a machine wrote it.
pub(crate) async fn acknowledge(
    store: &Store,
    access: &Access,
    id: ConversationId,
) -> Result<Option<MessageId>> {
    let Some(outgoing) = store.read(access, move |read| outgoing(read, id)).await? else { return Ok(None) };
    let raw = outgoing.compose(store, access).await?;
    let message = MessageId::new(outgoing.at);
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            let from_name = outgoing.department.from_name.clone();
            let number = outgoing.insert(tx, message, &raw, &from_name, Duration::ZERO)?;
            // The contact still waits for a person, so only the counts change.
            let mut after = before.clone();
            after.message_count += 1;
            after.last_message_number = number;
            tx.update_conversation(&before, &after)?;
            tx.append_event(&NewEvent {
                kind: EventKind::Answered,
                conversation: Some(id),
                message: Some(message),
                department: Some(after.department),
                data: json!({ "automatic": true }),
            })?;
            Ok(Some(message))
        })
        .await
}

fn outgoing(read: &Read<'_>, id: ConversationId) -> Result<Option<Outgoing>> {
    let Some(text) = read.account_settings()?.and_then(|account| account.acknowledgement) else {
        return Ok(None);
    };
    let conversation = seen(read, id)?;
    let Some(first) = read.newest_letter_in(id)? else { return Ok(None) };
    let facts = Facts::of(&first);
    let address = first.from_address.parse().map_err(|_| Error::NoSuchMessage(first.id))?;
    let others = read.conversations_of_contact(conversation.contact, 2)?;
    let paused = others.iter().any(|other| other.id != id && recently(other.created_at, read.now()));
    let by_person = facts.automatic.is_none() && !facts.spam && !facts.imported;
    if !by_person || paused || !read.address_is_proved(&address)? {
        return Ok(None);
    }
    let department =
        read.department(conversation.department)?.ok_or(Error::NoSuchDepartment(conversation.department))?;
    let mailbox = super::answer::mailbox(read, &conversation, Some(&first))?;
    let message_id = reply_keys(read)?.mint(id, mailbox.address.domain());
    let (html, text) = Body::Text(text).read(&[])?;
    let to = vec![Person { name: first.author_name.clone(), address: first.from_address.clone() }];
    Ok(Some(Outgoing {
        subject: super::answer::subject(&conversation.subject, true),
        in_reply_to: Some(first.message_id.clone()).filter(|id| !id.is_empty()),
        references: vec![first.message_id],
        conversation,
        department,
        mailbox,
        envelope: store::Envelope { to, ..store::Envelope::default() },
        message_id,
        html,
        text,
        files: Vec::new(),
        at: read.now(),
        automatic: true,
    }))
}

fn recently(began: Time, now: Time) -> bool {
    now.since(began) < PAUSE
}
