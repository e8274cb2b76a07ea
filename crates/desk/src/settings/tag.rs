//! The tags that there are.

use register::Access;
use store::{Store, Tag, Tx};
use words::TagId;

use super::{changed, may_set_up, taken};
use crate::{Error, Problem, Result, error::filled};

/// Characters of a tag at most.
const NAME_CHARS_MAX: usize = 40;
/// So many colours there are, from 0.
pub const TAG_COLOURS: i64 = 8;

fn read(name: &str, colour: i64) -> Result<String> {
    if !(0..TAG_COLOURS).contains(&colour) {
        return Err(Error::invalid("colour", Problem::Unknown));
    }
    filled("name", name, NAME_CHARS_MAX)
}

/// Adds a tag.
pub async fn add_tag(store: &Store, access: &Access, name: &str, colour: i64) -> Result<TagId> {
    may_set_up(access)?;
    let name = read(name, colour)?;
    store
        .write(access, move |tx| {
            let now = tx.now();
            let id = TagId::new(now);
            tx.insert_tag(&Tag { id, name, colour, created_at: now }).map_err(taken("name"))?;
            changed(tx, "tags")?;
            Ok(id)
        })
        .await
}

/// Renames or recolours a tag, on every conversation that carries it.
pub async fn update_tag(store: &Store, access: &Access, id: TagId, name: &str, colour: i64) -> Result<()> {
    may_set_up(access)?;
    let name = read(name, colour)?;
    store
        .write(access, move |tx| {
            let before = tx.tag(id)?.ok_or(Error::NoSuchTag(id))?;
            let carriers = tx.conversations_with_tag(id)?;
            tx.update_tag(&Tag { name, colour, ..before }).map_err(taken("name"))?;
            rewrite(tx, carriers)?;
            changed(tx, "tags")
        })
        .await
}

/// Removes a tag from every conversation and from the list.
pub async fn remove_tag(store: &Store, access: &Access, id: TagId) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            let carriers = tx.conversations_with_tag(id)?;
            for conversation in &carriers {
                tx.take_tag(*conversation, id)?;
            }
            tx.delete_tag(id).map_err(|error| match error {
                store::Error::Missed { .. } => Error::NoSuchTag(id),
                other => other.into(),
            })?;
            rewrite(tx, carriers)?;
            changed(tx, "tags")
        })
        .await
}

/// The list shows the names of the tags: they are written anew with each conversation.
fn rewrite(tx: &mut Tx<'_>, carriers: Vec<words::ConversationId>) -> Result<()> {
    for id in carriers {
        let Some(before) = tx.conversation(id)? else { continue };
        let mut after = before.clone();
        after.tags = tx.tags_of_conversation(id)?.into_iter().map(|tag| tag.name).collect();
        tx.update_conversation(&before, &after)?;
    }
    Ok(())
}
