//! The description of the API (OpenAPI 3.1), made of the code itself.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    conversations, events, files, json, messages,
    settings::{account, agents, departments, domains, mailboxes, relay, tags, tokens},
    shapes, writing,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Havn",
        description = "Lists are `{\"items\": […], \"next_cursor\": … | null}`. What went wrong is told as a \
            problem (RFC 9457); a field to blame is named in `errors`."
    ),
    servers((url = "/api/v1")),
    security(("token" = [])),
    modifiers(&Token),
    paths(
        show,
        conversations::index, conversations::show, conversations::update, conversations::bulk,
        writing::start, writing::reply, writing::note,
        messages::index, messages::show, messages::take_back, messages::raw, messages::attachment,
        files::create, events::index,
        account::show, account::update,
        departments::index, departments::create, departments::update, departments::delete,
        tags::index, tags::create, tags::update, tags::delete,
        agents::index, agents::me, agents::create, agents::update,
        mailboxes::index, mailboxes::create, mailboxes::update, mailboxes::delete,
        relay::show, relay::update, relay::delete, relay::test,
        domains::index, domains::create, domains::check, domains::delete,
        tokens::index, tokens::delete, tokens::sessions, tokens::end_session
    ),
    components(schemas(shapes::Event))
)]
struct Description;

/// The token of each request.
struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("havn_…").build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

static WRITTEN: LazyLock<String> = LazyLock::new(|| Description::openapi().to_json().unwrap_or_default());

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "description",
    responses((status = 200, description = "The description of the API")))]
pub async fn show() -> Response {
    json::text_answer(StatusCode::OK, WRITTEN.clone())
}
