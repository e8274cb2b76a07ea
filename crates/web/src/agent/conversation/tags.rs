//! `POST /conversations/{id}/tags`: all tags that shall be on it, and perhaps a new word.

use axum::response::Response;
use desk::conversation;
use http::HeaderMap;
use words::{ConversationId, TagId};

use super::changed;
use crate::{
    error::{Error, Result},
    fields::{At, Form},
    session::Signed,
};

/// Puts tags on and takes others off.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let mut wanted: Vec<TagId> = form.every("tag")?;
    if let Some(word) = form.one("new")? {
        wanted.push(named(&signed, word).await?);
    }
    set(&signed, id, &wanted).await?;
    changed(&signed, &headers, id).await
}

/// Makes these tags, and no others, those of a conversation.
pub async fn set(signed: &Signed, id: ConversationId, wanted: &[TagId]) -> Result<()> {
    let on = signed.store.read(signed.access(), move |read| {
        read.conversation(id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>(read.tags_of_conversation(id)?)
    });
    let on: Vec<TagId> = on.await?.into_iter().map(|tag| tag.id).collect();
    for tag in on.iter().filter(|tag| !wanted.contains(tag)) {
        conversation::untag(&signed.store, signed.access(), id, *tag).await?;
    }
    for tag in wanted.iter().filter(|tag| !on.contains(tag)) {
        conversation::tag(&signed.store, signed.access(), id, *tag).await?;
    }
    Ok(())
}

/// The tag of a word: the one that there is, or a new one of those who may make one.
async fn named(signed: &Signed, word: &str) -> Result<TagId> {
    let word = word.trim();
    let directory = signed.directory().await?;
    let same = directory.tags.iter().find(|tag| tag.name.to_lowercase() == word.to_lowercase());
    if let Some(tag) = same {
        return Ok(tag.id);
    }
    let colour = i64::try_from(directory.tags.len()).unwrap_or(0) % desk::settings::TAG_COLOURS;
    let id = desk::settings::add_tag(&signed.store, signed.access(), word, colour).await?;
    signed.account.forget();
    Ok(id)
}
