//! The description of the API (OpenAPI 3.1), made of the code itself.

use std::sync::LazyLock;

use axum::response::Response;
use http::StatusCode;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        self, Content, Ref, ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    conversations, drafts, events, files, json, messages,
    settings::{account, agents, departments, domains, mailboxes, pickup, relay, tags, tokens},
    writing,
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
        drafts::show, drafts::update, drafts::delete,
        messages::index, messages::show, messages::take_back, messages::raw, messages::attachment,
        files::create, events::index,
        account::show, account::update,
        departments::index, departments::create, departments::update, departments::delete,
        tags::index, tags::create, tags::update, tags::delete,
        agents::index, agents::me, agents::create, agents::update,
        mailboxes::index, mailboxes::create, mailboxes::update, mailboxes::delete,
        pickup::show, pickup::update, pickup::delete, pickup::test,
        relay::way, relay::choose, relay::show, relay::update, relay::delete, relay::test,
        domains::index, domains::create, domains::check, domains::delete,
        tokens::index, tokens::delete, tokens::sessions, tokens::end_session
    ),
    components(schemas(Problem))
)]
struct Description;

/// What went wrong (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described; `crate::error` writes it")]
struct Problem {
    /// `urn:havn:problem:<code>`: by this a program tells problems apart.
    r#type: String,
    /// What happened, in the language of `Accept-Language`.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What it means, or what is wrong with the field.
    detail: String,
    /// The fields to blame.
    errors: Option<Vec<Blame>>,
}

/// A field to blame.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described; `crate::error` writes it")]
struct Blame {
    /// Its name.
    field: String,
    /// What is wrong with it.
    detail: String,
}

/// The token of each request, and what every request may be answered.
struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("havn_…").build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let problem = ResponseBuilder::new()
            .description("What went wrong: 400, 401, 403, 404, 409, 413, 422, 429, 5xx")
            .content("application/problem+json", problem)
            .build();
        for item in description.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            for operation in operations.into_iter().flatten() {
                operation.responses.responses.insert("default".into(), problem.clone().into());
            }
        }
    }
}

static WRITTEN: LazyLock<String> = LazyLock::new(|| Description::openapi().to_json().unwrap_or_default());

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "description",
    responses((status = 200, description = "The description of the API")))]
pub async fn show() -> Response {
    json::text_answer(StatusCode::OK, WRITTEN.clone())
}
