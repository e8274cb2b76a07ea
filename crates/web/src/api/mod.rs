//! The API, `/api/v1`: JSON for programs that show a token. Cookies mean nothing here.

mod caller;
mod conversations;
mod drafts;
mod events;
mod files;
mod idempotency;
mod json;
mod messages;
mod openapi;
mod search;
mod settings;
mod shapes;
mod writing;

use axum::{
    Router,
    routing::{delete, get, patch, post},
};

use crate::State;
use settings::{account, agents, departments, domains, mailboxes, pickup, relay, tags, tokens};

/// The routes below `/api/v1`.
pub fn router() -> Router<State> {
    Router::new().merge(conversations()).merge(settings()).merge(settings_of_mail()).merge(own())
}

fn conversations() -> Router<State> {
    Router::new()
        .route("/openapi.json", get(openapi::show))
        .route("/conversations", get(conversations::index).post(writing::start))
        .route("/conversations/bulk", post(conversations::bulk))
        .route("/conversations/{id}", get(conversations::show).patch(conversations::update))
        .route("/conversations/{id}/messages", get(messages::index))
        .route("/conversations/{id}/replies", post(writing::reply))
        .route("/conversations/{id}/notes", post(writing::note))
        .route(
            "/conversations/{id}/drafts/{kind}",
            get(drafts::show).put(drafts::update).delete(drafts::delete),
        )
        .route("/messages/{id}", get(messages::show).delete(messages::take_back))
        .route("/messages/{id}/raw", get(messages::raw))
        .route("/attachments/{id}", get(messages::attachment))
        .route("/files", post(files::create))
        .route("/events", get(events::index))
}

fn settings() -> Router<State> {
    Router::new()
        .route("/account", get(account::show).patch(account::update))
        .route("/departments", get(departments::index).post(departments::create))
        .route("/departments/{id}", patch(departments::update).delete(departments::delete))
        .route("/tags", get(tags::index).post(tags::create))
        .route("/tags/{id}", patch(tags::update).delete(tags::delete))
        .route("/agents", get(agents::index).post(agents::create))
        .route("/agents/{id}", patch(agents::update))
}

fn settings_of_mail() -> Router<State> {
    Router::new()
        .route("/mailboxes", get(mailboxes::index).post(mailboxes::create))
        .route("/mailboxes/{id}", patch(mailboxes::update).delete(mailboxes::delete))
        .route("/mailboxes/{id}/pickup", get(pickup::show).put(pickup::update).delete(pickup::delete))
        .route("/mailboxes/{id}/pickup/test", post(pickup::test))
        .route("/mail-way", get(relay::way).put(relay::choose))
        .route("/relay", get(relay::show).put(relay::update).delete(relay::delete))
        .route("/relay/test", post(relay::test))
        .route("/domains", get(domains::index).post(domains::create))
        .route("/domains/{id}", delete(domains::delete))
        .route("/domains/{id}/check", post(domains::check))
}

fn own() -> Router<State> {
    Router::new()
        .route("/me", get(agents::me))
        .route("/tokens", get(tokens::index))
        .route("/tokens/{id}", delete(tokens::delete))
        .route("/sessions", get(tokens::sessions))
        .route("/sessions/{id}", delete(tokens::end_session))
}
