//! The entrance: logging in and out, and taking up an invitation.

pub mod invitation;
pub mod log_in;
pub mod log_out;

use std::sync::Arc;

use access::SignedIn;
use axum::{
    extract::FromRequestParts,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, header, request::Parts};
use maud::Markup;
use register::Access;
use store::Store;
use words::Language;

use crate::{
    State,
    account::Account,
    directory::Directory,
    error::{Error, Result},
    headers::StyleNonce,
    language::Texts,
    serve::{Remote, see},
    session,
    view::shell::{Head, Theme},
};

/// Somebody at the entrance: nobody knows yet who.
pub struct Stranger {
    /// What all requests need.
    pub state: State,
    /// The account.
    pub account: Arc<Account>,
    /// Its store, under the task *sign-in*.
    pub store: Store,
    access: Access,
    /// Where they come from.
    pub remote: Remote,
    /// The browser's User-Agent.
    pub browser: String,
    headers: HeaderMap,
}

impl FromRequestParts<State> for Stranger {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let account = parts.extensions.get::<Arc<Account>>().cloned().ok_or(Error::NotFound)?;
        let remote = parts.extensions.get::<Remote>().copied().ok_or(Error::NotFound)?;
        let (store, access) = state.sign_in(account.id).await?;
        account.settle(&store, &access).await?;
        let browser = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let browser = browser.unwrap_or_default().to_owned();
        let headers = parts.headers.clone();
        Ok(Self { state: state.clone(), account, store, access, remote, browser, headers })
    }
}

impl Stranger {
    /// The names of the account.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        self.account.directory(&self.store, &self.access).await
    }

    /// The session that the browser has already, if it holds.
    pub async fn is_known(&self) -> Result<bool> {
        let Some(token) = session::token(&self.headers, self.state.base().https) else { return Ok(false) };
        Ok(session::seen(&self.state, &self.account, &token).await?.is_some())
    }

    /// The head of a page: in the browser's language, or the account's.
    pub async fn head(&self) -> Result<Head> {
        let directory = self.directory().await?;
        let language: Language = session::asked_language(&self.headers).unwrap_or(directory.language);
        Ok(Head {
            texts: Texts::of(language),
            theme: Theme::System,
            nonce: session::new_nonce(),
            account: directory.name.clone(),
        })
    }

    /// Lets somebody in whose session just began, and sends them on.
    pub fn let_in(&self, signed_in: &SignedIn, to: &str) -> Response {
        let cookie = session::set_cookie(signed_in, self.state.clock().now(), self.state.base().https);
        let mut response = see(to);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        response
    }
}

/// The answer that carries a page of the entrance.
fn page(head: &Head, page: Markup) -> Response {
    let mut response = Html(page.into_string()).into_response();
    response.extensions_mut().insert(StyleNonce(head.nonce.clone()));
    response
}

/// A path on this host to go to after log-in; anything else leads to the inbox.
fn own_path(next: Option<&str>) -> &str {
    match next {
        Some(path)
            if path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']) =>
        {
            path
        }
        _ => "/conversations",
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn one_is_sent_on_only_within_this_host() {
        assert_eq!(own_path(Some("/conversations/1?status=open")), "/conversations/1?status=open");
        for other in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", ""] {
            assert_eq!(own_path(Some(other)), "/conversations", "{other}");
        }
        assert_eq!(own_path(None), "/conversations");
    }
}
