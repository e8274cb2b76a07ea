//! To whom an answer goes.

use store::{Conversation, Envelope, ParticipantRole, Person, Tx};
use words::{ConversationId, EmailAddress};

use crate::{Error, Problem, Result};

/// Recipients of one letter at most.
pub(crate) const RECIPIENTS_MAX: usize = 50;

/// To whom an answer goes: to the contact, unless the agent names others.
pub(crate) fn recipients(
    conversation: &Conversation,
    to: Option<&[EmailAddress]>,
    cc: &[EmailAddress],
) -> Result<Envelope> {
    let contact =
        Person { name: conversation.contact_name.clone(), address: conversation.contact_address.clone() };
    let named = |address: &EmailAddress| {
        let is_contact = address.as_str().eq_ignore_ascii_case(&contact.address);
        if is_contact {
            contact.clone()
        } else {
            Person { name: String::new(), address: address.to_string() }
        }
    };
    let to: Vec<Person> = match to {
        Some(some) => some.iter().map(named).collect(),
        None if contact.address.ends_with(".invalid") => Vec::new(),
        None => vec![contact.clone()],
    };
    if to.is_empty() {
        return Err(Error::invalid("to", Problem::Empty));
    }
    if to.len() + cc.len() > RECIPIENTS_MAX {
        return Err(Error::invalid("to", Problem::TooMany(RECIPIENTS_MAX)));
    }
    let mut envelope = Envelope { to, cc: cc.iter().map(named).collect(), reply_to: Vec::new() };
    once(&mut envelope);
    Ok(envelope)
}

/// Takes out whom it names a second time.
fn once(envelope: &mut Envelope) {
    let mut seen = std::collections::HashSet::new();
    envelope.to.retain(|person| seen.insert(person.address.to_lowercase()));
    envelope.cc.retain(|person| seen.insert(person.address.to_lowercase()));
}

/// Whoever an agent answers to takes part from then on.
pub(crate) fn take_part(tx: &mut Tx<'_>, id: ConversationId, envelope: &Envelope) -> Result<()> {
    for person in envelope.to.iter().chain(&envelope.cc) {
        if let Ok(address) = person.address.parse::<EmailAddress>() {
            tx.put_participant(id, &address, &person.name, ParticipantRole::Reader)?;
        }
    }
    Ok(())
}
