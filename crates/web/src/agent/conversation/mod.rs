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
pub mod recipients;
pub mod replies;
pub mod show;
pub mod snooze;
pub mod spam;
pub mod tags;

use axum::response::Response;
use http::{HeaderMap, Uri, header};
use maud::html;
use words::ConversationId;

use super::list::{self, Asked};
use crate::{
    error::{Error, Result},
    fields::Fields,
    serve::see,
    session::Signed,
    stream,
    view::{conversation as view, inbox},
};

/// The page of a conversation after a plain form, beside the list from which it was opened: the browser says
/// which (`Referer`), and what it says is read as any query is.
pub fn way_back(headers: &HeaderMap, id: ConversationId) -> String {
    match list_of(headers, id) {
        Some(asked) => format!("/conversations/{id}?{}", asked.filter.query()),
        None => format!("/conversations/{id}"),
    }
}

/// The list beside the page of a conversation from which a request came.
fn list_of(headers: &HeaderMap, id: ConversationId) -> Option<Asked> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let from = referer.path() == format!("/conversations/{id}");
    let query = referer.query().filter(|_| from)?;
    Asked::read(&Fields::read(query.as_bytes()).ok()?).ok()
}

/// The answer after something was done with a conversation: what changed in an open page, or the way
/// back to it.
pub async fn changed(signed: &Signed, headers: &HeaderMap, id: ConversationId) -> Result<Response> {
    if !stream::wanted(headers) {
        return Ok(see(&way_back(headers, id)));
    }
    let me = signed.agent();
    let found = signed.store.read(signed.access(), move |read| {
        let found = read.conversation(id)?;
        found.map(|found| Ok::<_, Error>((found, read.marks(id, me)?))).transpose()
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
