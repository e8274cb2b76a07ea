//! `POST` and `DELETE /conversations/{id}/assignment`: who has it.

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

/// Gives it to an agent.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let to = form.parsed("agent")?;
    conversation::assign(&signed.store, signed.access(), id, to).await?;
    changed(&signed, &headers, id).await
}

/// Gives it to nobody.
pub async fn delete(signed: Signed, At(id): At<ConversationId>, headers: HeaderMap) -> Result<Response> {
    conversation::assign(&signed.store, signed.access(), id, None).await?;
    changed(&signed, &headers, id).await
}
