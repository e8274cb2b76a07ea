//! A conversation: reading it, and what is done with it. One file per thing that a person does.

pub mod assignment;
pub mod bulk;
pub mod closure;
pub mod department;
pub mod done;
pub mod draft;
pub mod files;
pub mod letters;
pub mod next;
pub mod notes;
pub mod original;
pub mod presence;
pub mod read;
pub mod replies;
pub mod show;
pub mod snooze;
pub mod spam;
pub mod tags;

use axum::response::Response;
use http::HeaderMap;
use maud::html;
use words::ConversationId;

use super::list;
use crate::{
    error::{Error, Result},
    serve::see,
    session::Signed,
    stream,
    view::{conversation as view, inbox},
};

/// The answer after something was done with a conversation: what changed in an open page, or the way
/// back to it.
pub async fn changed(signed: &Signed, headers: &HeaderMap, id: ConversationId) -> Result<Response> {
    if !stream::wanted(headers) {
        return Ok(see(&format!("/conversations/{id}")));
    }
    let me = signed.agent();
    let found = signed.store.read(signed.access(), move |read| {
        let found = read.conversation(id)?;
        Ok::<_, Error>(found.map(|found| Ok::<_, Error>((found, read.marks(id, me)?))).transpose()?)
    });
    let found = found.await?;
    let row = format!("row-{id}");
    // It went to a department that the agent does not see.
    let Some((found, marks)) = found else { return Ok(stream::response(&stream::remove(&row))) };
    let directory = signed.directory().await?;
    let (t, viewer) = (signed.texts(), signed.viewer(&directory));
    let head = view::head(t, &show::head(&viewer, &found));
    Ok(stream::response(&html! {
        (stream::replace(&format!("head-{id}"), &head))
        (stream::element("row", &row, &inbox::live_row(t, &list::row(found, marks, &directory))))
    }))
}
