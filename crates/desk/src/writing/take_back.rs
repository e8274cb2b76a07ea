//! Taking back: within ten seconds a letter is as if it had never been written, but for its draft.

use register::Access;
use serde_json::json;
use store::{
    Attachment, Conversation, Draft, DraftFile, EventKind, FirstDraft, Message, MessageKind, MessageState,
    NewEvent, Person, Read, Store, Tx,
};
use words::{DraftId, MessageId, Time};

use crate::{
    Error, Result,
    conversation::{may_write, seen},
};

/// Takes a letter back, which is then a draft again; a conversation that it began is gone with it. Too late: [`Error::TooLate`].
pub async fn take_back(store: &Store, access: &Access, id: MessageId) -> Result<()> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            let message = tx.message(id)?.ok_or(Error::NoSuchMessage(id))?;
            if message.kind != MessageKind::LetterOut || message.state != MessageState::Waiting {
                return Err(Error::TooLate);
            }
            if !tx.withdraw_deliveries(id)? {
                return Err(Error::TooLate);
            }
            let before = seen(tx, message.conversation)?;
            let files = tx.attachments_of_message(id)?;
            tx.unindex_message(message.number)?;
            tx.delete_attachments(id)?;
            tx.delete_raw(id)?;
            tx.delete_message(id)?;
            if ends(tx, &before)? {
                put_first_draft(tx, &message, &files)?;
                tx.delete_conversation(&before)?;
            } else {
                put_draft(tx, &message, &files)?;
                let after = without(tx, &before)?;
                tx.update_conversation(&before, &after)?;
            }
            tx.append_event(&NewEvent {
                kind: EventKind::TakenBack,
                conversation: Some(before.id),
                message: Some(id),
                department: Some(before.department),
                data: json!({}),
            })?;
            Ok(())
        })
        .await
}

/// Whether nothing is left of a conversation that began with the letter; then the letter is again the draft
/// of a first one. Unless its writer has begun another meanwhile, or there is nobody to keep it for.
fn ends(tx: &Tx<'_>, before: &Conversation) -> Result<bool> {
    let Some(agent) = tx.access().agent() else { return Ok(false) };
    Ok(tx.newest_messages(before.id, i64::MAX, 1)?.is_empty() && tx.first_draft(agent)?.is_none())
}

fn put_first_draft(tx: &mut Tx<'_>, message: &Message, files: &[Attachment]) -> Result<()> {
    let (agent, now) = (tx.agent()?, tx.now());
    let from = message.from_address.to_lowercase();
    let mailbox = tx.mailboxes()?.into_iter().find(|mailbox| mailbox.address.key() == from);
    let draft = FirstDraft {
        id: DraftId::new(now),
        agent,
        mailbox: mailbox.map(|mailbox| mailbox.id),
        to: joined(&message.envelope.to),
        cc: joined(&message.envelope.cc),
        subject: message.subject.clone(),
        html: message.html.clone().unwrap_or_default(),
        updated_at: now,
    };
    tx.put_first_draft(&draft)?;
    put_files(tx, draft.id, files)
}

fn joined(people: &[Person]) -> String {
    people.iter().map(|person| person.address.as_str()).collect::<Vec<_>>().join(", ")
}

fn put_draft(tx: &mut Tx<'_>, message: &Message, files: &[Attachment]) -> Result<()> {
    let Some(agent) = tx.access().agent() else { return Ok(()) };
    tx.put_draft(&draft(message, agent, tx.now()))?;
    match tx.draft(message.conversation, agent, false)? {
        Some(kept) => put_files(tx, kept.id, files),
        None => Ok(()),
    }
}

fn put_files(tx: &mut Tx<'_>, draft: DraftId, files: &[Attachment]) -> Result<()> {
    for file in files {
        let Some(stored) = file.file else { continue };
        let file = DraftFile {
            file: stored,
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        };
        tx.add_draft_file(draft, &file)?;
    }
    Ok(())
}

fn draft(message: &Message, agent: words::AgentId, now: Time) -> Draft {
    Draft {
        id: DraftId::new(now),
        conversation: message.conversation,
        agent,
        note: false,
        html: message.html.clone().unwrap_or_default(),
        recipients: message.envelope.clone(),
        updated_at: now,
    }
}

/// The conversation as its remaining messages make it.
fn without(read: &Read<'_>, before: &Conversation) -> Result<Conversation> {
    const LOOKED_AT: i64 = 100;
    let messages = read.newest_messages(before.id, i64::MAX, LOOKED_AT)?;
    let mut after = before.clone();
    after.message_count = before.message_count - 1;
    after.status = store::Status::Open;
    if let Some(newest) = messages.last() {
        after.last_message_number = newest.number;
        after.last_message_at = newest.created_at;
    }
    if let Some(letter) = messages.iter().rev().find(|message| message.kind != MessageKind::Note) {
        after.preview.clone_from(&letter.preview);
    }
    after.waiting_since = waiting_since(&messages);
    Ok(after)
}

/// When the oldest letter since our last one came.
fn waiting_since(messages: &[Message]) -> Option<Time> {
    let answered = messages.iter().rposition(|message| message.kind == MessageKind::LetterOut);
    let since = &messages[answered.map_or(0, |at| at + 1)..];
    let letter = since.iter().find(|message| {
        message.kind == MessageKind::LetterIn && crate::Facts::of(message).automatic.is_none()
    });
    letter.map(|message| message.created_at)
}
