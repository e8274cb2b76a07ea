//! `GET /conversations/new`: the page on which a conversation is begun.

use axum::response::Response;
use http::HeaderMap;

use super::{Typed, kept, shown};
use crate::{
    agent::list::Asked,
    error::{Error, Result},
    fields::Query,
    session::Signed,
    view::Flaws,
};

/// Shows what is kept of the agent's first letter, or an empty one; `to=` fills in whom it goes to.
pub async fn show(signed: Signed, Query(query): Query, headers: HeaderMap) -> Result<Response> {
    let asked = Asked::read(&query)?;
    let me = signed.agent();
    let (draft, files) =
        signed.store.read(signed.access(), move |read| Ok::<_, Error>(kept(read, me)?)).await?;
    let mut typed = draft.map(Typed::from).unwrap_or_default();
    if typed.to.is_empty() {
        typed.to = query.text("to")?;
    }
    shown(&signed, &headers, &asked, typed, &files, Flaws::default()).await
}
