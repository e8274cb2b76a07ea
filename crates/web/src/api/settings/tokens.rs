//! Tokens and sessions: listed and ended. A token is made in the browser only.

use access::{session, token};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use words::{SessionId, TokenId};

use crate::{
    api::{
        caller::Caller,
        json::{Page, nothing},
        shapes::time,
    },
    error::Result,
    fields::At,
};

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// What its maker calls it.
    pub name: String,
    /// On whose behalf it acts.
    pub agent_id: String,
    /// `read` or `write`.
    pub scope: String,
    /// When it was made.
    pub created_at: String,
    /// When it was last used, to the minute.
    pub used_at: Option<String>,
    /// When it ends; null: never.
    pub ends_at: Option<String>,
}

impl From<store::Token> for Token {
    fn from(one: store::Token) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name,
            agent_id: one.agent.to_string(),
            scope: one.scope.name().into(),
            created_at: time(one.created_at),
            used_at: one.used_at.map(time),
            ends_at: one.ends_at.map(time),
        }
    }
}

/// A log-in in one browser.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The first words of the browser's User-Agent.
    pub browser: String,
    /// The network address at log-in.
    pub remote: String,
    /// When it began.
    pub created_at: String,
    /// When it was last seen, to the minute.
    pub seen_at: String,
    /// When it ends, whatever happens.
    pub ends_at: String,
}

/// Lists the tokens: one's own, or all for whoever sets the account up.
#[utoipa::path(get, path = "/tokens", tag = "settings",
    responses((status = 200, description = "The tokens", body = Page<Token>)))]
pub async fn index(caller: Caller) -> Result<Response> {
    let tokens = token::list(&caller.store, caller.access()).await?;
    Ok(Page::whole(tokens.into_iter().map(Token::from).collect()).answer())
}

/// Revokes a token: it dies at once.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(caller: Caller, At(id): At<TokenId>) -> Result<Response> {
    token::revoke(&caller.store, caller.access(), id).await?;
    caller.account.forget();
    Ok(nothing())
}

/// Lists the sessions of the agent on whose behalf the token acts.
#[utoipa::path(get, path = "/sessions", tag = "settings",
    responses((status = 200, description = "The sessions", body = Page<Session>)))]
pub async fn sessions(caller: Caller) -> Result<Response> {
    let sessions = session::list(&caller.store, caller.access(), caller.agent()).await?;
    let shown = sessions.into_iter().map(|one| Session {
        id: one.id.to_string(),
        browser: one.browser,
        remote: one.remote,
        created_at: time(one.created_at),
        seen_at: time(one.seen_at),
        ends_at: time(one.ends_at),
    });
    Ok(Page::whole(shown.collect()).answer())
}

/// Ends a session of the agent on whose behalf the token acts.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 204, description = "It is over")))]
pub async fn end_session(caller: Caller, At(id): At<SessionId>) -> Result<Response> {
    session::end(&caller.store, caller.access(), caller.agent(), id).await?;
    caller.account.forget();
    Ok(nothing())
}
