//! What the agent on whose behalf the token acts has begun to write.

use axum::response::Response;
use desk::writing;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::Envelope;
use utoipa::ToSchema;
use words::ConversationId;

use super::{
    caller::Caller,
    json::{Json, answer, nothing},
    shapes::{Person, time},
};
use crate::{
    error::{Error, Flaw, Result},
    fields::At,
};

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Draft {
    /// What is written: clean HTML.
    pub html: String,
    /// To whom.
    pub to: Vec<Person>,
    /// Who gets a copy.
    pub cc: Vec<Person>,
    /// When it was last saved.
    pub updated_at: String,
}

/// A draft as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// What is written, as HTML: cleaned.
    html: String,
    /// To whom: addresses.
    #[serde(default)]
    to: Vec<String>,
    /// Who gets a copy.
    #[serde(default)]
    cc: Vec<String>,
}

/// Whether it is a note; anything else than the two kinds is not found.
fn is_note(kind: &str) -> Result<bool> {
    match kind {
        "answer" => Ok(false),
        "note" => Ok(true),
        _ => Err(Error::NotFound),
    }
}

async fn kept(caller: &Caller, id: ConversationId, note: bool) -> Result<Draft> {
    let agent = caller.agent();
    let kept = caller.store.read(caller.access(), move |read| {
        read.conversation(id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>(read.draft(id, agent, note)?)
    });
    let kept = kept.await?.ok_or(Error::NotFound)?;
    Ok(Draft {
        html: kept.html,
        to: kept.recipients.to.iter().map(Person::from).collect(),
        cc: kept.recipients.cc.iter().map(Person::from).collect(),
        updated_at: time(kept.updated_at),
    })
}

/// Shows a draft: `answer` or `note`.
#[utoipa::path(get, path = "/conversations/{id}/drafts/{kind}", tag = "messages",
    params(("id" = String, Path, description = "the conversation's id"),
        ("kind" = String, Path, description = "answer or note")),
    responses((status = 200, description = "The draft", body = Draft)))]
pub async fn show(caller: Caller, At((id, kind)): At<(ConversationId, String)>) -> Result<Response> {
    Ok(answer(StatusCode::OK, &kept(&caller, id, is_note(&kind)?).await?))
}

/// Keeps a draft.
#[utoipa::path(put, path = "/conversations/{id}/drafts/{kind}", tag = "messages", request_body = NewDraft,
    params(("id" = String, Path, description = "the conversation's id"),
        ("kind" = String, Path, description = "answer or note")),
    responses((status = 200, description = "The draft as it is now", body = Draft)))]
pub async fn update(
    caller: Caller,
    At((id, kind)): At<(ConversationId, String)>,
    Json(new): Json<NewDraft>,
) -> Result<Response> {
    let note = is_note(&kind)?;
    let recipients =
        Envelope { to: people("to", &new.to)?, cc: people("cc", &new.cc)?, reply_to: Vec::new() };
    writing::save_draft(&caller.store, caller.access(), id, note, new.html, recipients).await?;
    Ok(answer(StatusCode::OK, &kept(&caller, id, note).await?))
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/conversations/{id}/drafts/{kind}", tag = "messages",
    params(("id" = String, Path, description = "the conversation's id"),
        ("kind" = String, Path, description = "answer or note")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(caller: Caller, At((id, kind)): At<(ConversationId, String)>) -> Result<Response> {
    writing::discard_draft(&caller.store, caller.access(), id, is_note(&kind)?).await?;
    Ok(nothing())
}

fn people(field: &'static str, given: &[String]) -> Result<Vec<store::Person>> {
    let not_one = |_| Error::field(field, Flaw::Desk(desk::Problem::NotAnAddress));
    let read = |one: &String| {
        let address: words::EmailAddress = one.parse().map_err(not_one)?;
        Ok(store::Person { name: String::new(), address: address.to_string() })
    };
    given.iter().map(read).collect()
}
