//! The table of contents: who comes, and where to.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path},
    response::{Redirect, Response},
    routing::{delete, get, post, put},
};
use http::HeaderMap;
use tower_http::{CompressionLevel, compression::CompressionLayer};

use crate::{
    State, admin,
    agent::{
        beginning,
        conversation::{
            assignment, bulk, closure, department, draft, files, next, notes, original, presence, replies,
            show, snooze, spam, tags,
        },
        entrance, list, me, search,
    },
    api, assets,
    error::Error,
    letters, live, public,
    uploads::UPLOAD_BYTES_MAX,
};

/// Bytes of the frame around an upload: names and boundaries.
const UPLOAD_FRAME_BYTES: usize = 64 * 1024;

/// The letter host: nobody is logged in here; addresses are signed.
pub fn files(state: State) -> Router {
    Router::new()
        .route("/letters/{id}", get(letters::letter))
        .route("/files/{id}", get(letters::file))
        .route("/pictures/{id}", get(letters::picture))
        .route("/originals/{id}", get(letters::original))
        .method_not_allowed_fallback(async || Error::Method)
        .fallback(async || Error::NotFound)
        .with_state(state)
}

/// The operator's host: anybody, about who gets data.
pub fn public(state: State) -> Router {
    Router::new()
        .route("/trust", get(public::trust))
        .route("/trust/versions", get(public::versions))
        .route("/trust/versions/{number}", get(public::version))
        .route("/trust/versions/{number}/differences", get(public::differences))
        .route("/trust.json", get(public::json))
        .route("/trust/atom.xml", get(public::feed))
        .merge(
            Router::new()
                .route("/", get(async || Redirect::to("/trust")))
                .route("/assets/{name}", get(asset)),
        )
        .method_not_allowed_fallback(async || Error::Method)
        .fallback(async || Error::NotFound)
        .with_state(state)
}

/// The desk: anybody at the entrance, agents at conversations, admins at settings, programs at the API.
pub fn desk(state: State) -> Router {
    Router::new()
        .merge(anybody())
        .merge(agents())
        .merge(writing())
        .merge(admin::router())
        .nest("/api/v1", api::router())
        .method_not_allowed_fallback(async || Error::Method)
        .fallback(async || Error::NotFound)
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX + UPLOAD_FRAME_BYTES))
        // Only where it is asked for, and quickly: pages are small.
        .layer(CompressionLayer::new().no_br().quality(CompressionLevel::Fastest))
        .with_state(state)
}

fn anybody() -> Router<State> {
    Router::new()
        .route("/", get(async || Redirect::to("/conversations")))
        .route("/assets/{name}", get(asset))
        .route("/login", get(entrance::log_in::new).post(entrance::log_in::create))
        .route("/logout", post(entrance::log_out::create))
        .route("/invitations/{token}", get(entrance::invitation::show).post(entrance::invitation::create))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    assets::serve(&name, &headers)
}

fn agents() -> Router<State> {
    Router::new()
        .route("/conversations", get(list::index))
        .route("/conversations/new", get(beginning::new::show))
        .route("/conversations/next", post(next::create))
        .route("/conversations/bulk", post(bulk::create))
        .route("/conversations/{id}", get(show::show))
        .route("/conversations/{id}/closure", post(closure::create).delete(closure::delete))
        .route("/conversations/{id}/assignment", post(assignment::create).delete(assignment::delete))
        .route("/conversations/{id}/department", post(department::create))
        .route("/conversations/{id}/tags", post(tags::create))
        .route("/conversations/{id}/snooze", post(snooze::create).delete(snooze::delete))
        .route("/conversations/{id}/spam", post(spam::create).delete(spam::delete))
        .route("/conversations/{id}/presence", post(presence::create))
        .route("/messages/{id}/original", get(original::show))
        .route("/search", get(search::show))
        .route("/live", get(live::live))
        .route("/me", get(me::show).post(me::update))
        .route("/me/password", post(me::password))
        .route("/me/sessions", delete(me::end_sessions))
        .route("/me/sessions/{id}", delete(me::end_session))
}

fn writing() -> Router<State> {
    Router::new()
        .route("/conversations", post(beginning::create::create))
        .route("/conversations/new/draft", put(beginning::draft::update).delete(beginning::draft::delete))
        .route("/conversations/new/draft/files", post(beginning::files::create))
        .route("/conversations/new/draft/files/{file}", delete(beginning::files::delete))
        .route("/conversations/{id}/replies", post(replies::create))
        .route("/conversations/{id}/notes", post(notes::create))
        .route("/conversations/{id}/draft", put(draft::update))
        .route("/conversations/{id}/draft/files", post(files::create))
        .route("/conversations/{id}/draft/files/{file}", delete(files::delete))
        .route("/replies/{id}/undo", post(replies::undo))
}
