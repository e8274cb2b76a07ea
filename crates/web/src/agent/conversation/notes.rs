//! `POST /conversations/{id}/notes`: a note that only agents see.

use axum::response::Response;
use desk::writing::{self, Body, Note};
use http::HeaderMap;
use maud::html;
use words::ConversationId;

use super::{replies::written, way_back};
use crate::{
    error::Result,
    fields::{At, Form},
    serve::see,
    session::Signed,
    stream,
};

/// Adds a note.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let note = Note { body: Body::Text(form.text("text")?.replace("\r\n", "\n")), files: Vec::new() };
    let message = writing::note(&signed.store, signed.access(), id, note, signed.state.clock()).await?;
    if !stream::wanted(&headers) {
        return Ok(see(&way_back(&headers, id)));
    }
    written(&signed, id, message, &html! {}).await
}
