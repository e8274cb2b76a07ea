//! `POST` and `DELETE /conversations/{id}/closure`: closing and reopening.

use axum::response::Response;
use desk::conversation;
use http::HeaderMap;
use words::ConversationId;

use super::changed;
use crate::{error::Result, fields::At, session::Signed};

/// Closes it.
pub async fn create(signed: Signed, At(id): At<ConversationId>, headers: HeaderMap) -> Result<Response> {
    conversation::close(&signed.store, signed.access(), id).await?;
    changed(&signed, &headers, id).await
}

/// Opens it again.
pub async fn delete(signed: Signed, At(id): At<ConversationId>, headers: HeaderMap) -> Result<Response> {
    conversation::reopen(&signed.store, signed.access(), id).await?;
    changed(&signed, &headers, id).await
}
