//! `PUT /conversations/{id}/draft`: what one has written so far, kept as one types.

use axum::response::{IntoResponse, Response};
use desk::writing;
use http::StatusCode;
use store::Envelope;
use words::ConversationId;

use super::replies::recipients;
use crate::{
    error::Result,
    fields::{At, Form},
    session::Signed,
};

/// Keeps an answer or a note.
pub async fn update(signed: Signed, At(id): At<ConversationId>, Form(form): Form) -> Result<Response> {
    let note = form.one("kind")? == Some("note");
    let html = match (form.one("text")?, form.one("html")?) {
        (Some(text), _) => letter::html_of_text(text),
        (None, html) => html.unwrap_or_default().to_owned(),
    };
    let recipients = if note { Envelope::default() } else { recipients(&form) };
    if html.is_empty() && note {
        writing::discard_draft(&signed.store, signed.access(), id, note).await?;
    } else {
        writing::save_draft(&signed.store, signed.access(), id, note, html, recipients).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
