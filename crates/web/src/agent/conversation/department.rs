//! `POST /conversations/{id}/department`: moving it.

use axum::response::Response;
use desk::conversation;
use http::HeaderMap;
use words::ConversationId;

use super::changed;
use crate::{
    error::Result,
    fields::{At, Form},
    session::Signed,
};

/// Moves it to a department.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let to = form.must("department")?;
    conversation::move_to(&signed.store, signed.access(), id, to).await?;
    let sees = signed.access().departments().include(to);
    if !sees && !crate::stream::wanted(&headers) {
        return Ok(crate::serve::see("/conversations"));
    }
    changed(&signed, &headers, id).await
}
