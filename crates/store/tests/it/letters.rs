//! Conversations and messages for tests, as the desk would write them.

use store::{
    Conversation, Counter, Envelope, Message, MessageKind, MessageState, Result, Status, Tx, tokens,
};
use words::{ContactId, ConversationId, DepartmentId, MessageId};

/// Adds a conversation without messages.
pub fn begin(tx: &mut Tx<'_>, department: DepartmentId, status: Status) -> Result<ConversationId> {
    let (now, number) = (tx.now(), tx.next_number(Counter::Conversation)?);
    let id = ConversationId::new(now);
    tx.insert_conversation(&Conversation {
        id,
        number,
        subject: "A matter".into(),
        preview: String::new(),
        status,
        department,
        assignee: None,
        contact: ContactId::new(now),
        contact_name: "Mette".into(),
        contact_address: "mette@example.dk".into(),
        waiting_since: Some(now),
        snoozed_until: None,
        last_message_at: now,
        last_message_number: 0,
        message_count: 0,
        tags: Vec::new(),
        linked: None,
        linked_reason: None,
        created_at: now,
        unread: false,
    })?;
    Ok(id)
}

/// Adds a letter to a conversation and makes it findable. Gives its id and number.
pub fn receive(tx: &mut Tx<'_>, conversation: ConversationId, text: &str) -> Result<(MessageId, i64)> {
    let (now, number) = (tx.now(), tx.next_number(Counter::Message)?);
    let message = Message {
        id: MessageId::new(now),
        number,
        conversation,
        kind: MessageKind::LetterIn,
        author: "contact:".into(),
        author_name: String::new(),
        from_address: String::new(),
        envelope: Envelope::default(),
        subject: String::new(),
        message_id: String::new(),
        created_at: now,
        dated_at: None,
        text: text.into(),
        html: None,
        preview: String::new(),
        facts: serde_json::Value::Null,
        state: MessageState::Received,
        send_at: None,
    };
    tx.insert_message(&message)?;
    tx.index_message(number, &tokens(text))?;
    let before = tx.conversation(conversation)?.expect("it was begun");
    let now = Conversation {
        last_message_number: number,
        last_message_at: now,
        message_count: before.message_count + 1,
        ..before.clone()
    };
    tx.update_conversation(&before, &now)?;
    Ok((message.id, number))
}
