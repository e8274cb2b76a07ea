//! Answering: the letter and its deliveries are one unit; for ten seconds it can be taken back.

use std::time::Duration;

use register::Access;
use serde_json::json;
use store::{Conversation, EventKind, Mailbox, Message, MessageKind, NewEvent, Read, Status, Store};
use words::{Clock, ConversationId, EmailAddress, MessageId};

use super::{
    File,
    outgoing::{Body, Outgoing, check_files},
    recipients::{recipients, take_part},
};
use crate::{
    Error, Result,
    conversation::{may_write, seen},
    reply_keys,
};

/// Letters of a conversation that are looked at, from the newest.
const LETTERS_LOOKED_AT: i64 = 50;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was written.
    pub body: Body,
    /// To whom; the contact if not said.
    pub to: Option<Vec<EmailAddress>>,
    /// To whom as well.
    pub cc: Vec<EmailAddress>,
    /// Files that go along.
    pub files: Vec<File>,
    /// Close the conversation with it.
    pub close: bool,
    /// The number of the newest message that the writer has seen; a newer letter stops the answer.
    pub seen: Option<i64>,
    /// How long it can be taken back.
    pub undo: Duration,
}

/// Answers a conversation and gives the letter's id.
pub async fn answer(
    store: &Store,
    access: &Access,
    id: ConversationId,
    answer: Answer,
    clock: &Clock,
) -> Result<MessageId> {
    may_write(access)?;
    check_files(&answer.files)?;
    let (html, text) = answer.body.read(&answer.files)?;
    let at = clock.now();
    let (to, cc, files) = (answer.to, answer.cc, answer.files);
    let outgoing = store
        .read(access, move |read| {
            let conversation = seen(read, id)?;
            let envelope = recipients(&conversation, to.as_deref(), &cc)?;
            outgoing(read, conversation, envelope, html, text, files, at)
        })
        .await?;
    let raw = outgoing.compose(store, access).await?;
    let message = MessageId::new(at);
    let (close, undo, seen_number) = (answer.close, answer.undo, answer.seen);
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            stop_if_newer(tx, id, seen_number)?;
            let author = author_name(tx)?;
            let number = outgoing.insert(tx, message, &raw, &author, undo)?;
            take_part(tx, id, &outgoing.envelope)?;
            let after = answered(&before, &outgoing, number, close, tx.access().agent());
            tx.update_conversation(&before, &after)?;
            if let Some(agent) = tx.access().agent() {
                tx.mark_read(agent, id, number)?;
                if let Some(draft) = tx.draft(id, agent, false)? {
                    tx.delete_draft(draft.id)?;
                }
            }
            tx.append_event(&NewEvent {
                kind: EventKind::Answered,
                conversation: Some(id),
                message: Some(message),
                department: Some(after.department),
                data: json!({ "closed": close }),
            })?;
            Ok(message)
        })
        .await
}

/// The name under which the one who writes appears.
pub(crate) fn author_name(read: &Read<'_>) -> Result<String> {
    let Some(agent) = read.access().agent() else { return Ok(String::new()) };
    Ok(read.agent_by_id(agent)?.map(|agent| agent.name).unwrap_or_default())
}

/// A letter that came after what the writer has seen stops the answer.
fn stop_if_newer(read: &Read<'_>, id: ConversationId, seen: Option<i64>) -> Result<()> {
    let Some(seen) = seen else { return Ok(()) };
    match read.newest_letter_in(id)? {
        Some(newest) if newest.number > seen => Err(Error::NewerMessage { newest: newest.number }),
        _ => Ok(()),
    }
}

fn answered(
    before: &Conversation,
    outgoing: &Outgoing,
    number: i64,
    close: bool,
    agent: Option<words::AgentId>,
) -> Conversation {
    let mut after = before.clone();
    after.message_count += 1;
    after.last_message_number = number;
    after.last_message_at = outgoing.at;
    after.preview = letter::preview(&outgoing.text);
    after.waiting_since = None;
    after.snoozed_until = None;
    after.status = if close { Status::Closed } else { Status::Open };
    after.assignee = before.assignee.or(agent);
    after
}

/// Gathers what a mail in a conversation is made of.
fn outgoing(
    read: &Read<'_>,
    conversation: Conversation,
    envelope: store::Envelope,
    html: String,
    text: String,
    files: Vec<File>,
    at: words::Time,
) -> Result<Outgoing> {
    let department =
        read.department(conversation.department)?.ok_or(Error::NoSuchDepartment(conversation.department))?;
    let newest = read.newest_letter_in(conversation.id)?;
    let mailbox = mailbox(read, &conversation, newest.as_ref())?;
    let references = references(read, &conversation)?;
    let message_id = reply_keys(read)?.mint(conversation.id, mailbox.address.domain());
    Ok(Outgoing {
        subject: subject(&conversation.subject, newest.is_some()),
        in_reply_to: newest.map(|letter| letter.message_id).filter(|id| !id.is_empty()),
        references,
        conversation,
        department,
        mailbox,
        envelope,
        message_id,
        html,
        text,
        files,
        at,
        automatic: false,
    })
}

/// The mailbox that the contact wrote to, if it is the department's; else the one that we wrote from; else the
/// department's first.
pub(crate) fn mailbox(
    read: &Read<'_>,
    conversation: &Conversation,
    newest: Option<&Message>,
) -> Result<Mailbox> {
    let mut own: Vec<Mailbox> = read.mailboxes()?;
    own.retain(|mailbox| mailbox.department == conversation.department);
    let wrote_to = newest.and_then(|letter| {
        let people = letter.envelope.to.iter().chain(&letter.envelope.cc);
        people.into_iter().find_map(|person| {
            own.iter().find(|mailbox| mailbox.address.as_str().eq_ignore_ascii_case(&person.address))
        })
    });
    let wrote_from = match wrote_to {
        None => ours(read, conversation)?,
        Some(_) => None,
    };
    let found = wrote_to.or_else(|| {
        let from = wrote_from.as_deref()?;
        own.iter().find(|mailbox| mailbox.address.as_str().eq_ignore_ascii_case(from))
    });
    match found {
        Some(mailbox) => Ok(mailbox.clone()),
        None => own.into_iter().min_by_key(|mailbox| mailbox.created_at).ok_or(Error::NoSuchMailbox),
    }
}

/// The address of our newest letter in a conversation.
fn ours(read: &Read<'_>, conversation: &Conversation) -> Result<Option<String>> {
    let messages = read.newest_messages(conversation.id, i64::MAX, LETTERS_LOOKED_AT)?;
    let newest = messages.into_iter().rev().find(|message| message.kind == MessageKind::LetterOut);
    Ok(newest.map(|letter| letter.from_address))
}

/// The Message-IDs of the conversation's newest letters, oldest first.
fn references(read: &Read<'_>, conversation: &Conversation) -> Result<Vec<String>> {
    let messages = read.newest_messages(conversation.id, i64::MAX, LETTERS_LOOKED_AT)?;
    Ok(messages.into_iter().map(|message| message.message_id).filter(|id| !id.is_empty()).collect())
}

/// The subject with one `Re:` before it (RFC 5322 part 3.6.5).
pub(crate) fn subject(subject: &str, answers: bool) -> String {
    let marked = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    if !answers || marked { subject.to_owned() } else { format!("Re: {subject}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_re_is_enough() {
        assert_eq!(subject("Faktura", true), "Re: Faktura");
        assert_eq!(subject("RE: Faktura", true), "RE: Faktura");
        assert_eq!(subject("Faktura", false), "Faktura");
        assert_eq!(subject("æø", true), "Re: æø");
    }
}
