//! Answers of the public pages: rendered once, kept packed, and the same for everybody who asks in that language.

use std::io::Write;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::pages;
use crate::{
    assets,
    error::Error,
    host::Base,
    language,
    view::trust::{self, Around},
};

/// A page may load its own style, font and icon, and nothing else: no script, no form, no frame.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);
/// It may be kept, and is asked for again each time: what holds now must be seen now.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The page for an error: what happened, and a way on.
pub fn problem(error: &Error, base: &Base, query: Option<&str>, asked: &HeaderMap) -> Response {
    let (status, t) = (error.status(), pages::language(query, asked));
    if status.is_server_error() {
        tracing::error!(cause = %error, "a public page failed");
    }
    let (languages, origin) = (language::public(), base.own());
    let around = Around { t, languages, origin: &origin, path: "/trust", name: "Havn" };
    let page = trust::problem(&around, status.as_u16()).into_string();
    let mut response = Rendered::new(Kind::Page, Some(t.tag()), page).answer(&HeaderMap::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What kind of text an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTML.
    Page,
    /// JSON.
    Json,
    /// Atom.
    Feed,
}

/// An answer, rendered.
pub struct Rendered {
    kind: Kind,
    language: Option<&'static str>,
    tag: HeaderValue,
    plain: Bytes,
    packed: Bytes,
}

impl Rendered {
    /// Keeps a text as it will be sent. `language` is that of the text, if it is in one.
    pub fn new(kind: Kind, language: Option<&'static str>, text: String) -> Self {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..12]);
        let tag =
            HeaderValue::from_str(&format!("W/\"{digest}\"")).unwrap_or(HeaderValue::from_static("W/\"\""));
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        // Writing into memory does not fail; if it did, the text would be sent as it is.
        let packed = packer.write_all(text.as_bytes()).and_then(|()| packer.finish()).unwrap_or_default();
        Self { kind, language, tag, plain: text.into(), packed: packed.into() }
    }

    /// Bytes that it takes in memory.
    pub fn bytes(&self) -> usize {
        self.plain.len() + self.packed.len()
    }

    /// The answer to a request: packed, or not at all, if the browser takes or has it so.
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        let has = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let tag = self.tag.to_str().unwrap_or_default();
        let is_known = has.is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
        let takes = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
        let packed = !is_known && !self.packed.is_empty() && assets::takes(takes, "gzip");
        let body = match (is_known, packed) {
            (true, _) => Body::empty(),
            (false, true) => Body::from(self.packed.clone()),
            (false, false) => Body::from(self.plain.clone()),
        };
        let mut response = Response::new(body);
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        self.put_headers(response.headers_mut(), packed);
        response
    }

    fn put_headers(&self, headers: &mut HeaderMap, packed: bool) {
        let (kind, policy) = match self.kind {
            Kind::Page => ("text/html; charset=utf-8", Some(PAGE_POLICY)),
            Kind::Json => ("application/json; charset=utf-8", None),
            Kind::Feed => ("application/atom+xml; charset=utf-8", None),
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Accept-Language"));
        if let Some(policy) = policy {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if let Some(language) = self.language {
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
        }
        if packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
}
