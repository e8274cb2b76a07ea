//! `GET` and `POST /invitations/{token}`: a new agent chooses name and password.

use access::Acceptance;
use axum::response::Response;
use http::StatusCode;
use words::Secret;

use super::{Stranger, page};
use crate::{
    error::{Error, Result},
    fields::{At, Form},
    view::{
        Flaws,
        entrance::{self, Invitation},
    },
};

/// The page that asks for name and password.
pub async fn show(stranger: Stranger, At(token): At<String>) -> Result<Response> {
    let secret = Secret::new(token.clone());
    let door = stranger.state.accounts().door();
    let found = door.invitation(&stranger.store, &secret).await?;
    let (_, agent) = found.ok_or(access::Error::NoInvitation)?;
    let head = stranger.head().await?;
    let (email, name) = (agent.address.to_string(), agent.name);
    let form = Invitation { token, email, name, flaws: Flaws::default() };
    Ok(page(&head, entrance::invitation(&head, &form)))
}

/// Takes it up: the agent is logged in.
pub async fn create(stranger: Stranger, At(token): At<String>, Form(form): Form) -> Result<Response> {
    let name = form.text("name")?;
    let acceptance = Acceptance {
        token: Secret::new(token.clone()),
        name: name.clone(),
        password: Secret::new(form.text("password")?),
        remote: stranger.remote.0,
        browser: stranger.browser.clone(),
    };
    let door = stranger.state.accounts().door();
    match door.accept_invitation(&stranger.store, acceptance).await {
        Ok(signed_in) => {
            stranger.account.forget();
            Ok(stranger.let_in(&signed_in, "/conversations"))
        }
        Err(error) => refused(&stranger, token, name, error.into()).await,
    }
}

async fn refused(stranger: &Stranger, token: String, name: String, error: Error) -> Result<Response> {
    if error.status() != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(error);
    }
    let secret = Secret::new(token.clone());
    let found = stranger.state.accounts().door().invitation(&stranger.store, &secret).await?;
    let (_, agent) = found.ok_or(access::Error::NoInvitation)?;
    let head = stranger.head().await?;
    let flaws = error.flaws(head.texts);
    let form = Invitation { token, email: agent.address.to_string(), name, flaws };
    let mut response = page(&head, entrance::invitation(&head, &form));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
