//! Taking back: within ten seconds a letter is as if it had never been written, but for its draft.

use register::Access;
use serde_json::json;
use store::{Conversation, Draft, EventKind, Message, MessageKind, MessageState, NewEvent, Read, Store};
use words::{DraftId, MessageId, Time};

use crate::{
    Error, Result,
    conversation::{may_write, seen},
};

/// Takes a letter back, which is then a draft again. Too late: [`Error::TooLate`].
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
            if let Some(agent) = tx.access().agent() {
                tx.put_draft(&draft(&message, agent, tx.now()))?;
                let kept = tx.draft(message.conversation, agent, false)?;
                if let Some(kept) = kept {
                    for file in tx.attachments_of_message(id)? {
                        let Some(stored) = file.file else { continue };
                        tx.add_draft_file(
                            kept.id,
                            &store::DraftFile {
                                file: stored,
                                name: file.name,
                                media_type: file.media_type,
                                size: file.size,
                            },
                        )?;
                    }
                }
            }
            tx.unindex_message(message.number)?;
            tx.delete_attachments(id)?;
            tx.delete_raw(id)?;
            tx.delete_message(id)?;
            let after = without(tx, &before)?;
            tx.update_conversation(&before, &after)?;
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
