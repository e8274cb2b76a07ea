//! `POST /logout`.

use axum::response::Response;
use http::header;

use crate::{error::Result, serve::see, session, session::Signed};

/// Ends the session, here and in every open page of it.
pub async fn create(signed: Signed) -> Result<Response> {
    let (agent, id) = (signed.agent(), signed.seen.session.id);
    let ended = access::session::end(&signed.store, signed.access(), agent, id).await;
    signed.account.forget();
    match ended {
        Ok(()) | Err(access::Error::NoSuchSession) => {}
        Err(error) => return Err(error.into()),
    }
    let mut response = see("/login");
    let gone = session::clear_cookie(signed.state.base().https);
    response.headers_mut().insert(header::SET_COOKIE, gone);
    Ok(response)
}
