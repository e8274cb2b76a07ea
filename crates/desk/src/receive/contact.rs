//! Who wrote: the contact of the From address, made if there is none.

use letter::Letter;
use store::{Contact, Tx};
use words::{ContactId, EmailAddress};

use crate::Result;

/// The writer of a mail, as kept.
pub(crate) struct Writer {
    pub contact: ContactId,
    pub name: String,
    pub address: EmailAddress,
}

/// Who a mail without any usable address is from.
fn nobody() -> EmailAddress {
    "unknown@unknown.invalid".parse().expect("an address")
}

/// The address that a mail is from: From, and only if that names none, the envelope (never Reply-To).
pub(crate) fn address(letter: &Letter, envelope_from: Option<&EmailAddress>) -> Option<EmailAddress> {
    let from = letter.from.iter().find_map(|mailbox| mailbox.address.clone());
    from.or_else(|| envelope_from.cloned())
}

/// Who a mail says that it is from: name, which may be empty, and address.
pub(crate) fn author(letter: &Letter, envelope_from: Option<&EmailAddress>) -> (String, EmailAddress) {
    let name = letter.from.first().map(|mailbox| mailbox.name.clone()).unwrap_or_default();
    (name, address(letter, envelope_from).unwrap_or_else(nobody))
}

/// The contact who wrote, made if there is none.
pub(crate) fn writer(
    tx: &mut Tx<'_>,
    letter: &Letter,
    envelope_from: Option<&EmailAddress>,
    authenticated: bool,
) -> Result<Writer> {
    let (said, address) = author(letter, envelope_from);
    if let Some(known) = tx.contact_by_address(&address)? {
        if authenticated {
            tx.prove_address(&address)?;
        }
        let name = if known.name.is_empty() && !said.is_empty() {
            tx.rename_contact(known.id, &said)?;
            said
        } else {
            known.name
        };
        return Ok(Writer { contact: known.id, name, address });
    }
    let now = tx.now();
    let contact = Contact { id: ContactId::new(now), name: said.clone(), created_at: now };
    tx.insert_contact(&contact, &address, authenticated.then_some(now))?;
    Ok(Writer { contact: contact.id, name: said, address })
}
