//! Noting: a message that only agents see.

use register::Access;
use serde_json::json;
use store::{Counter, Envelope, EventKind, Message, MessageKind, MessageState, NewEvent, Store};
use words::{Clock, ConversationId, MessageId};

use super::{
    File,
    answer::author_name,
    outgoing::{Body, check_files, insert_files},
};
use crate::{
    Facts, Result,
    conversation::{may_write, seen},
};

/// A note.
#[derive(Debug, Clone)]
pub struct Note {
    /// What was written.
    pub body: Body,
    /// Files that lie with it.
    pub files: Vec<File>,
}

/// Adds a note to a conversation and gives its id.
pub async fn note(
    store: &Store,
    access: &Access,
    id: ConversationId,
    note: Note,
    clock: &Clock,
) -> Result<MessageId> {
    may_write(access)?;
    check_files(&note.files)?;
    let (html, text) = note.body.read(&note.files)?;
    let at = clock.now();
    store
        .write(access, move |tx| {
            let before = seen(tx, id)?;
            let message = Message {
                id: MessageId::new(at),
                number: tx.next_number(Counter::Message)?,
                conversation: id,
                kind: MessageKind::Note,
                author: tx.principal().to_string(),
                author_name: author_name(tx)?,
                from_address: String::new(),
                envelope: Envelope::default(),
                subject: String::new(),
                message_id: String::new(),
                created_at: at,
                dated_at: None,
                preview: letter::preview(&text),
                text,
                html: Some(html),
                facts: Facts::default().json(),
                state: MessageState::Noted,
                send_at: None,
            };
            tx.insert_message(&message)?;
            insert_files(tx, message.id, &note.files)?;
            let names: Vec<&str> = note.files.iter().map(|file| file.name.as_str()).collect();
            crate::index::index(tx, &message, &names)?;
            let mut after = before.clone();
            after.message_count += 1;
            after.last_message_number = message.number;
            after.last_message_at = at;
            tx.update_conversation(&before, &after)?;
            if let Some(agent) = tx.access().agent() {
                tx.mark_read(agent, id, message.number)?;
                if let Some(draft) = tx.draft(id, agent, true)? {
                    tx.delete_draft(draft.id)?;
                }
            }
            tx.append_event(&NewEvent {
                kind: EventKind::Noted,
                conversation: Some(id),
                message: Some(message.id),
                department: Some(after.department),
                data: json!({}),
            })?;
            Ok(message.id)
        })
        .await
}
