//! `GET /messages/{id}/original`: the way to the mail as it came, on the letter host.

use axum::response::Response;
use words::MessageId;

use crate::{
    error::{Error, Result},
    fields::At,
    serve::see,
    session::Signed,
};

/// Goes to the letter host.
pub async fn show(signed: Signed, At(id): At<MessageId>) -> Result<Response> {
    let message = signed.store.read(signed.access(), move |read| Ok::<_, Error>(read.message(id)?)).await?;
    message.ok_or(Error::NotFound)?;
    let directory = signed.directory().await?;
    Ok(see(&signed.viewer(&directory).file_address(&format!("/originals/{id}"))))
}
