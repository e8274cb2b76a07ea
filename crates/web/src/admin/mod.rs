//! The settings of an account, for those who may set it up. One file per page.

mod account;
mod agents;
mod departments;
mod domains;
mod evidence;
mod mailboxes;
mod pickup;
mod recipients;
mod relay;
mod tags;
mod tokens;

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRequestParts,
    response::Response,
    routing::{get, post},
};
use http::{StatusCode, request::Parts};
use maud::Markup;

use crate::{
    State,
    agent::{
        page,
        shell::{Counted, shell},
    },
    directory::Directory,
    error::{Error, Result},
    session::Signed,
    view::shell::{Here, Shell},
};

/// The routes of the settings.
pub fn router() -> Router<State> {
    Router::new()
        .route("/settings/account", get(account::show).post(account::update))
        .route("/settings/agents", get(agents::show).post(agents::create))
        .route("/settings/agents/{id}", post(agents::update))
        .route("/settings/agents/{id}/invitation", post(agents::invite_again))
        .route("/settings/agents/{id}/disablement", post(agents::disable).delete(agents::enable))
        .route("/settings/departments", get(departments::show).post(departments::create))
        .route("/settings/departments/{id}", post(departments::update).delete(departments::delete))
        .route("/settings/mailboxes", get(mailboxes::show).post(mailboxes::create))
        .route("/settings/mailboxes/{id}", post(mailboxes::update).delete(mailboxes::delete))
        .route(
            "/settings/mailboxes/{id}/pickup",
            get(pickup::show).post(pickup::update).delete(pickup::delete),
        )
        .route("/settings/mailboxes/{id}/pickup/test", post(pickup::test))
        .route("/settings/sub-processors", get(recipients::show))
        .route("/settings/relay", get(relay::show).post(relay::update).delete(relay::delete))
        .route("/settings/relay/way", post(relay::choose))
        .route("/settings/relay/test", post(relay::test))
        .route("/settings/domains", get(domains::show).post(domains::create))
        .route("/settings/domains/{id}", axum::routing::delete(domains::delete))
        .route("/settings/domains/{id}/check", post(domains::check))
        .route("/settings/tags", get(tags::show).post(tags::create))
        .route("/settings/tags/{id}", post(tags::update).delete(tags::delete))
        .route("/settings/tokens", get(tokens::show).post(tokens::create))
        .route("/settings/tokens/{id}", axum::routing::delete(tokens::delete))
        .route("/settings/evidence", get(evidence::show))
        .route("/settings/evidence/checkpoint", get(evidence::checkpoint))
        .route("/settings/evidence/log", get(evidence::log))
        .route("/settings/evidence/proof", get(evidence::proof))
}

/// Somebody who may set the account up.
pub struct Admin(pub Signed);

impl FromRequestParts<State> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self> {
        let signed = Signed::from_request_parts(parts, state).await?;
        if signed.access().may_set_up() { Ok(Self(signed)) } else { Err(desk::Error::NotAllowed.into()) }
    }
}

impl Admin {
    /// What is around a page of the settings, and the names of the account.
    async fn shell(&self) -> Result<(Shell, Arc<Directory>)> {
        let signed = &self.0;
        let counted = signed.store.read(signed.access(), Counted::read).await?;
        let directory = signed.directory().await?;
        Ok((shell(signed, &directory, &counted, Here::Settings), directory))
    }

    /// The answer that carries a page, as it is or with what is wrong with what was sent.
    fn page(&self, content: Markup, wrong: Option<&Error>) -> Response {
        let mut response = page(&self.0, content);
        if let Some(error) = wrong {
            *response.status_mut() = error.status();
        }
        response
    }
}

/// The error if it is one of the form, to be shown in it; all others are pages of their own.
fn of_form(error: Error) -> Result<Error> {
    match error.status() {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT | StatusCode::BAD_GATEWAY => Ok(error),
        _ => Err(error),
    }
}
