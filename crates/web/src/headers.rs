//! What every answer says to the browser about itself, by the kind of answer.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::host::Face;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
);
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
/// For what is no page: nothing may be loaded by it, and nobody may frame it.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// The nonce of `style-src` of a page; a handler that renders a page puts it on its answer.
#[derive(Debug, Clone)]
pub struct StyleNonce(pub String);

/// Where an answer comes from, as far as its headers depend on it.
pub struct Origin<'a> {
    /// Whether browsers come by `https`.
    pub https: bool,
    /// Which face of the account, if the host named one.
    pub face: Face,
    /// The address of the account's letters, which a page may frame.
    pub files: &'a str,
}

/// Puts on an answer what it does not say itself.
pub fn put(headers: &mut HeaderMap, origin: &Origin<'_>, nonce: Option<&StyleNonce>) {
    if origin.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Nothing goes to others; to ourselves it must, for without it a browser says `Origin: null` with a plain form.
    let referrer = match origin.face {
        Face::Desk => "same-origin",
        Face::Files | Face::Public => "no-referrer",
    };
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    headers.insert(PERMISSIONS_POLICY, PERMISSIONS);
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    // A frame of an opaque origin and pictures in it load from the letter host, so that host says so.
    let resource = match origin.face {
        Face::Desk | Face::Public => "same-origin",
        Face::Files => "cross-origin",
    };
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static(resource));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = nonce.and_then(|nonce| page_policy(origin.files, &nonce.0)).unwrap_or(NO_PAGE);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// What a page of the desk may load: its own files, and the frames of its letters.
fn page_policy(files: &str, nonce: &str) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; \
         img-src 'self' data: {files}; connect-src 'self'; frame-src {files}; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}
