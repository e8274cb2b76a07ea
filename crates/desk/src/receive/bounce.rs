//! A bounce: which letter of ours did not arrive, and at whom.

use serde_json::json;
use store::{EventKind, Message, MessageState, NewEvent, Read, Tx};
use words::ConversationId;

use crate::{Bounced, Result, keys::message_id_key, reply_keys};

/// The letter of ours that a bounce is about. Its Message-ID must carry our signature, and one of the
/// recipients that it names must be one of the letter's: nobody else can make a letter look bounced.
pub(crate) fn letter_of(read: &Read<'_>, bounce: &letter::Bounce) -> Result<Option<Message>> {
    let Some(original) = &bounce.original_message_id else { return Ok(None) };
    if reply_keys(read)?.verify(original).is_none() {
        return Ok(None);
    }
    for known in read.known(&message_id_key(original))? {
        let Some(message) = read.message(known.message)? else { continue };
        let went_to = |recipient: &letter::Recipient| {
            let people = message.envelope.to.iter().chain(&message.envelope.cc);
            people.into_iter().any(|person| person.address.eq_ignore_ascii_case(recipient.address.as_str()))
        };
        if bounce.recipients.iter().any(went_to) {
            return Ok(Some(message));
        }
    }
    Ok(None)
}

/// What is kept of a bounce.
pub(crate) fn bounced(bounce: &letter::Bounce) -> Vec<Bounced> {
    let recipients = bounce.recipients.iter().map(|recipient| Bounced {
        recipient: recipient.address.to_string(),
        status: recipient.status.clone(),
        diagnostic: recipient.diagnostic.clone(),
        permanent: recipient.permanent(),
    });
    recipients.collect()
}

/// Notes at the letter and its deliveries that it did not arrive.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    letter: &Message,
    bounced: &[Bounced],
    conversation: ConversationId,
    department: words::DepartmentId,
) -> Result<()> {
    let mut any = false;
    for recipient in bounced.iter().filter(|recipient| recipient.permanent) {
        any |= tx.delivery_bounced(letter.id, &recipient.recipient, &recipient.diagnostic)?;
    }
    if !any {
        return Ok(());
    }
    tx.set_message_state(letter.id, MessageState::Bounced, None)?;
    tx.append_event(&NewEvent {
        kind: EventKind::Delivery,
        conversation: Some(conversation),
        message: Some(letter.id),
        department: Some(department),
        data: json!({ "state": MessageState::Bounced.name() }),
    })?;
    Ok(())
}
