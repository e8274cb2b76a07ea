//! Which program asks, by its token.

use std::sync::Arc;

use access::TokenSeen;
use axum::extract::FromRequestParts;
use http::{Method, header, request::Parts};
use register::Access;
use store::Store;
use words::{AgentId, Secret, Time, TokenId};

use crate::{
    State,
    account::Account,
    directory::Directory,
    error::{Error, Result},
};

/// Tokens are shorter; what is longer is none.
const TOKEN_BYTES_MAX: usize = 200;

/// A program with a token that holds, and the account's store under its access.
pub struct Caller {
    /// What all requests need.
    pub state: State,
    /// The account.
    pub account: Arc<Account>,
    /// Its store.
    pub store: Store,
    /// The token, its agent and access.
    pub seen: Arc<TokenSeen>,
}

impl Caller {
    /// The access.
    pub fn access(&self) -> &Access {
        &self.seen.access
    }

    /// The agent on whose behalf it acts.
    pub fn agent(&self) -> AgentId {
        self.seen.agent.id
    }

    /// The token.
    pub fn token(&self) -> TokenId {
        self.seen.token.id
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.state.clock().now()
    }

    /// The names of the account.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        self.account.directory(&self.store, self.access()).await
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let account = parts.extensions.get::<Arc<Account>>().cloned().ok_or(Error::NotFound)?;
        let secret = bearer(parts).ok_or(Error::NotSignedIn)?;
        let (store, sign_in) = state.sign_in(account.id).await?;
        account.settle(&store, &sign_in).await?;
        let seen = seen(state, &account, &store, &secret).await?.ok_or(Error::NotSignedIn)?;
        account.rates.take(seen.token.id, state.clock().now())?;
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        if !reads && !seen.access.may_write() {
            return Err(desk::Error::NotAllowed.into());
        }
        Ok(Self { state: state.clone(), account, store, seen })
    }
}

/// A program whose token may set the account up. Others are refused before their body is looked at.
pub struct Setter(pub Caller);

impl FromRequestParts<State> for Setter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.access().may_set_up() { Ok(Self(caller)) } else { Err(desk::Error::NotAllowed.into()) }
    }
}

/// The token, remembered or read.
pub async fn seen(
    state: &State,
    account: &Account,
    store: &Store,
    secret: &Secret,
) -> Result<Option<Arc<TokenSeen>>> {
    let now = state.clock().now();
    if let Some(seen) = account.remembered_token(secret, now) {
        return Ok(Some(seen));
    }
    let seen = state.accounts().door().token(store, secret).await?;
    Ok(seen.map(|seen| account.remember_token(secret, seen, now)))
}

/// The token of a request: `Authorization: Bearer …`, once.
pub fn bearer(parts: &Parts) -> Option<Secret> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() || value.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (kind, token) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim().to_owned()))
}
