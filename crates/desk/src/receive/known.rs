//! What the store knows of a mail, asked before the decision.

use letter::{JoinFacts, Letter};
use sha2::{Digest, Sha256};
use store::{Conversation, Read};
use words::{ConversationId, EmailAddress, MailboxId};

use super::{Arrival, automatic, decide::Facts};
use crate::{Result, keys::message_id_key, reply_keys};

/// Conversations that a mail may name and that are looked at.
const NAMED_MAX: usize = 20;

/// The key by which a mail is found again at the same mailbox.
pub(crate) fn duplicate_key(mailbox: MailboxId, content_key: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"havn duplicate v1\0");
    hash.update(mailbox.uuid().as_bytes());
    hash.update(content_key);
    hash.finalize().into()
}

/// A conversation that the mail names.
pub(crate) struct Named {
    pub conversation: Conversation,
    /// By our signed token, not only by a reference.
    pub by_token: bool,
}

/// The conversations that the mail names: those of our tokens first, then those of its references,
/// the newest reference first. An old mail is named by those that answer it, too, if they came first.
pub(crate) fn named(read: &Read<'_>, arrival: &Arrival) -> Result<Vec<Named>> {
    let letter = &arrival.letter;
    let mut found: Vec<Named> = Vec::new();
    let tokens = letter::tokens(letter);
    if !tokens.is_empty() {
        let keys = reply_keys(read)?;
        for id in tokens.iter().filter_map(|token| keys.verify(token)).take(NAMED_MAX) {
            add(read, &mut found, id, true)?;
        }
    }
    let own = letter.message_id.as_deref().filter(|_| arrival.imported);
    for reference in references(letter).chain(own) {
        for known in read.known(&message_id_key(reference))? {
            add(read, &mut found, known.conversation, false)?;
        }
    }
    Ok(found)
}

/// The Message-IDs that a mail names, the newest first.
pub(crate) fn references(letter: &Letter) -> impl Iterator<Item = &str> {
    letter.in_reply_to.iter().chain(letter.references.iter().rev()).map(String::as_str).take(NAMED_MAX)
}

fn add(read: &Read<'_>, found: &mut Vec<Named>, id: ConversationId, by_token: bool) -> Result<()> {
    if found.len() >= NAMED_MAX || found.iter().any(|named| named.conversation.id == id) {
        return Ok(());
    }
    if let Some(conversation) = read.conversation(id)? {
        found.push(Named { conversation, by_token });
    }
    Ok(())
}

/// Picks, among the conversations that a mail names, the one that it is meant for at this department:
/// one of the department itself, else the first if the mail came to one department only.
pub(crate) fn pick(named: &[Named], department: words::DepartmentId, one_department: bool) -> Option<&Named> {
    named
        .iter()
        .find(|named| named.conversation.department == department)
        .or_else(|| if one_department { named.first() } else { None })
}

/// The facts that the decision needs, at one mailbox.
pub(crate) fn facts(
    read: &Read<'_>,
    arrival: &Arrival,
    from: Option<&EmailAddress>,
    named: &[Named],
    picked: Option<&Named>,
    duplicate: bool,
) -> Result<Facts> {
    let named = match picked {
        None => None,
        Some(picked) => {
            let takes_part = match from {
                Some(from) => read
                    .participant(picked.conversation.id, from)?
                    .is_some_and(|participant| participant.role.takes_part()),
                None => false,
            };
            let join = letter::may_join(&JoinFacts {
                token: picked.by_token,
                two_tokens: named.iter().filter(|other| other.by_token).count() > 1,
                reference: true,
                takes_part,
                authenticated: arrival.authentication.aligned,
                imported: arrival.imported,
            });
            Some((picked.conversation.id, join))
        }
    };
    Ok(Facts {
        duplicate,
        named,
        automatic: automatic(arrival),
        spam: arrival.letter.machine.spam,
        imported: arrival.imported,
    })
}
