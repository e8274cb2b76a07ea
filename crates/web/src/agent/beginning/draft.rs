//! `PUT` and `DELETE /conversations/new/draft`: the first letter that one is writing, kept as one types.

use axum::response::{IntoResponse, Response};
use desk::writing;
use http::StatusCode;

use super::Typed;
use crate::{error::Result, fields::Form, serve::see, session::Signed};

/// Keeps it.
pub async fn update(signed: Signed, Form(form): Form) -> Result<Response> {
    let typed = Typed::read(&form)?.kept();
    writing::save_first_draft(&signed.store, signed.access(), typed).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Throws it away.
pub async fn delete(signed: Signed) -> Result<Response> {
    writing::discard_first_draft(&signed.store, signed.access()).await?;
    Ok(see("/conversations"))
}
