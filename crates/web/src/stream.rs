//! Changes in an open page: Turbo's stream elements and the answer that carries them.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use maud::{Markup, html};

/// The media type by which a page says that it takes changes.
pub const MEDIA_TYPE: &str = "text/vnd.turbo-stream.html";

/// Whether the request takes changes.
pub fn wanted(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|value| value.to_str().is_ok_and(|value| value.contains(MEDIA_TYPE)))
}

/// An element that does `action` with `content` at `target`.
pub fn element(action: &str, target: &str, content: &Markup) -> Markup {
    html! { turbo-stream action=(action) target=(target) { template { (content) } } }
}

/// Puts content at the end of a target.
pub fn append(target: &str, content: &Markup) -> Markup {
    element("append", target, content)
}

/// Puts content in a target's place.
pub fn replace(target: &str, content: &Markup) -> Markup {
    element("replace", target, content)
}

/// Takes a target away.
pub fn remove(target: &str) -> Markup {
    html! { turbo-stream action="remove" target=(target) {} }
}

/// The answer that carries changes.
pub fn response(changes: &Markup) -> Response {
    let mut response = Response::new(Body::from(changes.0.clone()));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/vnd.turbo-stream.html; charset=utf-8"));
    response
}
