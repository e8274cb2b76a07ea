//! `POST /conversations/next`: the one that has waited longest.

use axum::response::Response;
use desk::conversation;

use crate::{error::Result, fields::Query, serve::see, session::Signed};

use super::super::list::Asked;

/// Takes the next one and goes there; back to the list if nobody waits.
pub async fn create(signed: Signed, Query(query): Query) -> Result<Response> {
    let list = Asked::read(&query)?.filter.query();
    let next = conversation::take_next(&signed.store, signed.access()).await?;
    Ok(see(&match next {
        Some(id) => format!("/conversations/{id}?{list}"),
        None => format!("/conversations?{list}"),
    }))
}
