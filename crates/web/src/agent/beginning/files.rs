//! `POST /conversations/new/draft/files` and `DELETE …/{file}`: files of a first letter that is being written.

use axum::{extract::Multipart, response::Response};
use desk::writing;
use http::HeaderMap;
use maud::html;
use words::FileId;

use super::Typed;
use crate::{
    agent::conversation::show::draft_file,
    error::Result,
    fields::At,
    serve::see,
    session::Signed,
    stream, uploads,
    view::{beginning as view, conversation},
};

/// Adds files to it.
pub async fn create(signed: Signed, headers: HeaderMap, form: Multipart) -> Result<Response> {
    let (_, files) = uploads::read(form, &signed.store, signed.access()).await?;
    writing::add_first_draft_files(&signed.store, signed.access(), files.clone()).await?;
    if !stream::wanted(&headers) {
        return Ok(see(view::PATH));
    }
    Ok(stream::response(&html! {
        @for file in &files {
            (stream::append(view::FILES, &conversation::draft_file(signed.texts(), view::PATH, &draft_file(file))))
        }
    }))
}

/// Takes a file from it. Without script the whole form comes along, and is kept.
pub async fn delete(
    signed: Signed,
    At(file): At<FileId>,
    headers: HeaderMap,
    form: Option<Multipart>,
) -> Result<Response> {
    if let Some(form) = form {
        let (fields, _) = uploads::read(form, &signed.store, signed.access()).await?;
        let typed = Typed::read(&fields)?.kept();
        writing::save_first_draft(&signed.store, signed.access(), typed).await?;
    }
    writing::remove_first_draft_file(&signed.store, signed.access(), file).await?;
    if !stream::wanted(&headers) {
        return Ok(see(view::PATH));
    }
    Ok(stream::response(&stream::remove(&format!("draft-file-{file}"))))
}
