//! `GET` and `POST /login`.

use access::SignIn;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use words::{EmailAddress, Secret};

use super::{Stranger, own_path, page};
use crate::{
    error::{Error, Result},
    fields::{Form, Query},
    serve::see,
    view::entrance::{self, LogIn},
};

/// The page that asks who one is.
pub async fn new(stranger: Stranger, Query(query): Query) -> Result<Response> {
    let next = own_path(query.one("next")?);
    if stranger.is_known().await? {
        return Ok(see(next));
    }
    let head = stranger.head().await?;
    let form = LogIn { next: next.to_owned(), ..LogIn::default() };
    Ok(page(&head, entrance::log_in(&head, &form)))
}

/// Logs in. A session that the browser had before plays no part: a new one begins.
pub async fn create(stranger: Stranger, Form(form): Form) -> Result<Response> {
    let (typed, next) = (form.text("email")?, own_path(form.one("next")?).to_owned());
    let password = Secret::new(form.text("password")?);
    let signed_in = match typed.parse::<EmailAddress>() {
        // One who types no address is told the same as one who types a wrong one.
        Err(_) => Err(access::Error::NotKnown),
        Ok(address) => {
            let (remote, browser) = (stranger.remote.0, stranger.browser.clone());
            let asked = SignIn { address, password, remote, browser };
            stranger.state.accounts().door().sign_in(&stranger.store, asked).await
        }
    };
    match signed_in {
        Ok(signed_in) => Ok(stranger.let_in(&signed_in, &next)),
        Err(error) => refused(&stranger, LogIn { email: typed, next, wrong: None }, error.into()).await,
    }
}

/// The page again, with what was typed but the password, and why it was not enough.
async fn refused(stranger: &Stranger, mut form: LogIn, error: Error) -> Result<Response> {
    let status = error.status();
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        return Err(error);
    }
    let head = stranger.head().await?;
    form.wrong = Some(error.sentence(head.texts));
    let mut response = page(&head, entrance::log_in(&head, &form));
    *response.status_mut() = status;
    if let Error::Access(access::Error::Limited { again_at }) = error {
        let seconds = again_at.since(stranger.state.clock().now()).as_secs().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}
