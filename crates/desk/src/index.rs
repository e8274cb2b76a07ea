//! Search: what a message is found by.

use store::{Message, Tx};

use crate::Result;

/// Makes a message findable by what people remember of it: subject, names, addresses, text, files.
pub(crate) fn index(tx: &mut Tx<'_>, message: &Message, files: &[&str]) -> Result<()> {
    let people = message.envelope.to.iter().chain(&message.envelope.cc);
    let people = people.flat_map(|person| [person.name.as_str(), person.address.as_str()]);
    let own = [&message.subject, &message.author_name, &message.from_address, &message.text];
    let all: Vec<&str> =
        own.into_iter().map(String::as_str).chain(people).chain(files.iter().copied()).collect();
    tx.index_message(message.number, &store::tokens(&all.join("\n")))?;
    Ok(())
}
