//! `POST /conversations/{id}/draft/files` and `DELETE …/{file}`: files of an answer that is being written.

use axum::{extract::Multipart, response::Response};
use desk::writing;
use http::HeaderMap;
use maud::html;
use words::{ConversationId, FileId};

use super::{show::draft_file, way_back};
use crate::{
    error::Result, fields::At, serve::see, session::Signed, stream, uploads, view::conversation as view,
};

/// Adds files to the draft.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response> {
    let (_, files) = uploads::read(form, &signed.store, signed.access()).await?;
    writing::add_draft_files(&signed.store, signed.access(), id, files.clone()).await?;
    if !stream::wanted(&headers) {
        return Ok(see(&way_back(&headers, id)));
    }
    let list = format!("draft-files-{id}");
    Ok(stream::response(&html! {
        @for file in &files {
            (stream::append(&list, &view::draft_file(signed.texts(), &format!("/conversations/{id}"), &draft_file(file))))
        }
    }))
}

/// Takes a file from the draft.
pub async fn delete(
    signed: Signed,
    At((id, file)): At<(ConversationId, FileId)>,
    headers: HeaderMap,
) -> Result<Response> {
    writing::remove_draft_file(&signed.store, signed.access(), id, file).await?;
    if !stream::wanted(&headers) {
        return Ok(see(&way_back(&headers, id)));
    }
    Ok(stream::response(&stream::remove(&format!("draft-file-{file}"))))
}
