//! `POST /conversations/{id}/presence`: that one looks, writes, or went on.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use words::ConversationId;

use crate::{
    error::{Error, Flaw, Result},
    fields::{At, Form},
    live::presence::Doing,
    session::Signed,
};

/// Says so to the others.
pub async fn create(signed: Signed, At(id): At<ConversationId>, Form(form): Form) -> Result<Response> {
    let doing = match form.one("state")? {
        Some("looking") => Doing::Looks,
        Some("writing") => Doing::Writes,
        Some("away") => Doing::Away,
        _ => return Err(Error::field("state", Flaw::Value)),
    };
    let found =
        signed.store.read(signed.access(), move |read| Ok::<_, Error>(read.conversation(id)?)).await?;
    let found = match (found, doing) {
        (Some(found), _) => found,
        // It is gone, or went to a department that one does not see: leaving it is no mistake.
        (None, Doing::Away) => return Ok(StatusCode::NO_CONTENT.into_response()),
        (None, _) => return Err(Error::NotFound),
    };
    if signed.account.presences.note(id, signed.agent(), doing, signed.now()) {
        signed.account.live.tell_presence(id, found.department);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
