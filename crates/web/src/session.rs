//! Who asks, by the cookie of a session; and that a form comes from these pages.
//!
//! Against forged requests: the cookie is `SameSite=Lax`, and a request that changes something must
//! say by `Sec-Fetch-Site`, or where that is not sent by `Origin`, that it comes from this very host.
//! One that says neither is refused, so forms need no token of their own.

use std::sync::Arc;

use access::{Seen, SignedIn};
use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use register::Access;
use store::Store;
use words::{AgentId, Language, Role, Secret, Time};

use crate::{
    State,
    account::Account,
    agent::Viewer,
    directory::Directory,
    error::{Error, Result},
    language::Texts,
    view::shell::Theme,
};

/// The cookie's name where browsers come by `https`: bound to host and path by its prefix.
const COOKIE_SECURE: &str = "__Host-havn";
/// The cookie's name on plain localhost.
const COOKIE_PLAIN: &str = "havn";
/// A token has 52 characters; a longer cookie is none.
const TOKEN_BYTES_MAX: usize = 100;

/// An agent who is logged in, with the account's store under their access.
pub struct Signed {
    /// What all requests need.
    pub state: State,
    /// The account.
    pub account: Arc<Account>,
    /// Its store.
    pub store: Store,
    /// The session, its agent and access.
    pub seen: Arc<Seen>,
    /// Light or dark.
    pub theme: Theme,
}

impl Signed {
    /// The session of this token.
    pub async fn of(state: &State, account: Arc<Account>, token: &Secret, theme: Theme) -> Result<Self> {
        let (store, seen) = seen(state, &account, token).await?.ok_or(Error::NotSignedIn)?;
        Ok(Self { state: state.clone(), account, store, seen, theme })
    }

    /// The access.
    pub fn access(&self) -> &Access {
        &self.seen.access
    }

    /// The agent.
    pub fn agent(&self) -> AgentId {
        self.seen.agent.id
    }

    /// Their role.
    pub fn role(&self) -> Role {
        self.seen.agent.role
    }

    /// The texts in their language.
    pub fn texts(&self) -> &'static Texts {
        Texts::of(self.seen.agent.language)
    }

    /// The names of the account.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        self.account.directory(&self.store, self.access()).await
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.state.clock().now()
    }

    /// For whom pages and fragments are made.
    pub fn viewer<'a>(&'a self, directory: &'a Directory) -> Viewer<'a> {
        let (account, store) = (&self.account, &self.store);
        Viewer { account, store, directory, agent: self.agent(), now: self.now() }
    }
}

impl FromRequestParts<State> for Signed {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let account = parts.extensions.get::<Arc<Account>>().cloned().ok_or(Error::NotFound)?;
        let token = token(&parts.headers, state.base().https).ok_or(Error::NotSignedIn)?;
        Self::of(state, account, &token, theme(&parts.headers)).await
    }
}

/// The session of a token, remembered or read, with the account's store.
pub async fn seen(state: &State, account: &Account, token: &Secret) -> Result<Option<(Store, Arc<Seen>)>> {
    let (store, sign_in) = state.sign_in(account.id).await?;
    account.settle(&store, &sign_in).await?;
    let now = state.clock().now();
    if let Some(seen) = account.remembered_session(token, now) {
        return Ok(Some((store, seen)));
    }
    let Some(seen) = state.accounts().door().session(&store, token).await? else { return Ok(None) };
    Ok(Some((store, account.remember_session(token, seen, now))))
}

/// A session of the agent for whom an address was signed.
pub async fn holder(
    state: &State,
    account: &Account,
    store: &Store,
    agent: AgentId,
) -> Result<Option<Arc<Seen>>> {
    let now = state.clock().now();
    if let Some(seen) = account.remembered_holder(agent, now) {
        return Ok(Some(seen));
    }
    let before = *account.settings().borrow();
    let seen = state.accounts().door().session_of_agent(store, agent).await?;
    Ok(seen.map(|seen| account.remember_holder(seen, now, before)))
}

/// The token in the session's cookie.
pub fn token(headers: &HeaderMap, https: bool) -> Option<Secret> {
    let value = cookie(headers, name(https))?;
    let good = value.len() <= TOKEN_BYTES_MAX && value.bytes().all(|b| b.is_ascii_alphanumeric());
    good.then(|| Secret::new(value.to_owned()))
}

/// Light or dark, as the browser remembers it.
pub fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, "theme").map_or(Theme::System, Theme::named)
}

/// The value of a cookie. Of two with one name the request has none.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

const fn name(https: bool) -> &'static str {
    if https { COOKIE_SECURE } else { COOKIE_PLAIN }
}

/// The cookie of a session that just began.
pub fn set_cookie(signed_in: &SignedIn, now: Time, https: bool) -> HeaderValue {
    let seconds = signed_in.ends_at.since(now).as_secs();
    cookie_line(signed_in.token.expose(), seconds, https)
}

/// The cookie that takes a session's away.
pub fn clear_cookie(https: bool) -> HeaderValue {
    cookie_line("", 0, https)
}

fn cookie_line(value: &str, seconds: u64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let name = name(https);
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A nonce for a page without session.
pub fn new_nonce() -> String {
    Secret::random("").expose().to_owned()
}

/// Whether a request may change something: it comes from a page of this very host.
pub fn is_own(method: &Method, headers: &HeaderMap, origin: &str) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let one = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (one("sec-fetch-site"), one("origin")) {
        (Some(site), None) => site == "same-origin",
        (None, Some(from)) => from == origin,
        (Some(site), Some(from)) => site == "same-origin" && from == origin,
        (None, None) => false,
    }
}

/// The language that a request without session asks for.
pub fn asked_language(headers: &HeaderMap) -> Option<Language> {
    let asked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    asked.split(',').find_map(|one| {
        let tag = one.split(';').next().unwrap_or("").trim();
        tag.split('-').next().unwrap_or("").to_ascii_lowercase().parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://acme.havn.example";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect::<HeaderMap>()
    }

    #[test]
    fn only_this_very_host_may_change_something() {
        let cases = [
            (headers(&[("sec-fetch-site", "same-origin"), ("origin", HERE)]), true),
            (headers(&[("sec-fetch-site", "same-origin")]), true),
            (headers(&[("origin", HERE)]), true),
            (headers(&[("sec-fetch-site", "same-site"), ("origin", "https://b.havn.example")]), false),
            (headers(&[("sec-fetch-site", "cross-site")]), false),
            (headers(&[("sec-fetch-site", "none")]), false),
            (headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]), false),
            (headers(&[("origin", "null")]), false),
            (headers(&[("origin", "https://acme.havn.example.evil.example")]), false),
            (headers(&[]), false),
        ];
        for (headers, may) in cases {
            assert_eq!(is_own(&Method::POST, &headers, HERE), may, "{headers:?}");
            assert!(is_own(&Method::GET, &headers, HERE));
        }
    }

    #[test]
    fn a_cookie_stands_once() {
        assert_eq!(cookie(&headers(&[("cookie", "a=1; havn=xyz; b=2")]), "havn"), Some("xyz"));
        assert_eq!(cookie(&headers(&[("cookie", "havn=x; havn=y")]), "havn"), None);
        assert_eq!(cookie(&headers(&[("cookie", "xhavn=x")]), "havn"), None);
    }

    #[test]
    fn a_language_is_the_first_that_we_speak() {
        assert_eq!(
            asked_language(&headers(&[("accept-language", "fr, da-DK;q=0.8, en")])),
            Some(Language::Da)
        );
        assert_eq!(asked_language(&headers(&[("accept-language", "fr")])), None);
    }
}
