//! With whom: the contact of the From address, made if there is none.

use letter::Letter;
use store::{Contact, Tx};
use words::{ContactId, EmailAddress};

use crate::Result;

/// The contact of a mail, as kept.
pub(crate) struct Correspondent {
    pub contact: ContactId,
    pub name: String,
    pub address: EmailAddress,
    /// Whether they wrote it, or we wrote it to them: an old letter of ours.
    pub wrote: bool,
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

/// Whom an old letter of ours went to: its first addressee, made if there is none.
pub(crate) fn addressee(tx: &mut Tx<'_>, letter: &Letter) -> Result<Correspondent> {
    let first =
        letter.to.iter().chain(&letter.cc).find_map(|to| Some((to.name.clone(), to.address.clone()?)));
    let (name, address) = first.unwrap_or_else(|| (String::new(), nobody()));
    Ok(Correspondent { wrote: false, ..kept(tx, name, address, false)? })
}

/// The contact who wrote, made if there is none.
pub(crate) fn writer(
    tx: &mut Tx<'_>,
    letter: &Letter,
    envelope_from: Option<&EmailAddress>,
    authenticated: bool,
) -> Result<Correspondent> {
    let (said, address) = author(letter, envelope_from);
    kept(tx, said, address, authenticated)
}

fn kept(tx: &mut Tx<'_>, said: String, address: EmailAddress, authenticated: bool) -> Result<Correspondent> {
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
        return Ok(Correspondent { contact: known.id, name, address, wrote: true });
    }
    let now = tx.now();
    let contact = Contact { id: ContactId::new(now), name: said.clone(), created_at: now };
    tx.insert_contact(&contact, &address, authenticated.then_some(now))?;
    Ok(Correspondent { contact: contact.id, name: said, address, wrote: true })
}
