//! `POST` and `DELETE /conversations/{id}/spam`: marking as spam, and taking the mark away.

use axum::response::Response;
use desk::conversation;
use http::HeaderMap;
use words::ConversationId;

use super::changed;
use crate::{error::Result, fields::At, session::Signed};

/// Marks it as spam.
pub async fn create(signed: Signed, At(id): At<ConversationId>, headers: HeaderMap) -> Result<Response> {
    conversation::mark_spam(&signed.store, signed.access(), id).await?;
    changed(&signed, &headers, id).await
}

/// It is no spam.
pub async fn delete(signed: Signed, At(id): At<ConversationId>, headers: HeaderMap) -> Result<Response> {
    conversation::reopen(&signed.store, signed.access(), id).await?;
    changed(&signed, &headers, id).await
}
