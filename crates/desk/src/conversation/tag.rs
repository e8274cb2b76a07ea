//! Putting tags on a conversation and taking them off.

use register::Access;
use serde_json::json;
use store::{EventKind, Store, Tx};
use words::{ConversationId, TagId};

use super::{Changed, apply, may_write, seen};
use crate::{Error, Problem, Result};

/// Tags on one conversation at most.
const TAGS_MAX: usize = 20;

/// Puts a tag on a conversation.
pub async fn tag(store: &Store, access: &Access, id: ConversationId, tag: TagId) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            seen(tx, id)?;
            tx.put_tag(id, tag)?;
            retag(tx, id, tag)
        })
        .await
}

/// Takes a tag off a conversation.
pub async fn untag(store: &Store, access: &Access, id: ConversationId, tag: TagId) -> Result<Changed> {
    may_write(access)?;
    store
        .write(access, move |tx| {
            seen(tx, id)?;
            tx.take_tag(id, tag)?;
            retag(tx, id, tag)
        })
        .await
}

fn retag(tx: &mut Tx<'_>, id: ConversationId, tag: TagId) -> Result<Changed> {
    let named = tx.tag(tag)?.ok_or(Error::NoSuchTag(tag))?;
    let before = seen(tx, id)?;
    let mut after = before.clone();
    after.tags = tx.tags_of_conversation(id)?.into_iter().map(|tag| tag.name).collect();
    if after.tags.len() > TAGS_MAX {
        return Err(Error::invalid("tags", Problem::TooMany(TAGS_MAX)));
    }
    let data = json!({ "tag": tag.to_string(), "on": after.tags.contains(&named.name) });
    apply(tx, &before, &after, EventKind::Tagged, data)
}
