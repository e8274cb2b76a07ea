//! The scripts, styles and fonts of the pages, out of the program itself.
//!
//! Each file has a hash of its content in its name, so that a browser may keep it for ever.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The path under which the files are served.
pub const ASSETS_PATH: &str = "/assets/";

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

#[derive(RustEmbed)]
#[folder = "assets/dist/"]
struct Built;

/// Where a file is served: `app.js` → `/assets/app-3K7Q….js`. Worked out once.
static PATHS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let Some(manifest) = Built::get("manifest.json") else {
        tracing::error!(
            "the pages' scripts and styles are not in this program: run `make assets` and build again"
        );
        return BTreeMap::new();
    };
    let names: BTreeMap<String, String> = serde_json::from_slice(&manifest.data).unwrap_or_default();
    names.into_iter().map(|(source, built)| (source, format!("{ASSETS_PATH}{built}"))).collect()
});

/// The path of a built file by the name of its source; nothing if it is not built.
pub fn path(source: &str) -> &'static str {
    PATHS.get(source).map_or("", String::as_str)
}

/// Answers a request for the file of this built name, compressed if the browser takes it so.
pub fn serve(name: &str, headers: &HeaderMap) -> Response<Body> {
    let Some((file, encoding)) = find(name, headers) else {
        let mut none = Response::new(Body::empty());
        *none.status_mut() = StatusCode::NOT_FOUND;
        return none;
    };
    let mut response = Response::new(Body::from(file.data));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, content_type(name));
    about.insert(header::CACHE_CONTROL, FOR_EVER);
    about.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    about.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        about.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn find(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    // Only what the manifest names is served: neither the manifest itself nor a path out of the folder.
    PATHS.values().find(|path| path.strip_prefix(ASSETS_PATH) == Some(name))?;
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if !takes(accepted, encoding) {
            continue;
        }
        if let Some(file) = Built::get(&format!("{name}{ending}")) {
            return Some((file, Some(encoding)));
        }
    }
    Built::get(name).map(|file| (file, None))
}

/// Whether a browser that accepts these takes answers packed so.
pub(crate) fn takes(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == encoding && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_is_not_refused() {
        assert!(takes("gzip, deflate, br", "br"));
        assert!(takes("br;q=0.5", "br"));
        assert!(!takes("gzip, br;q=0", "br"));
        assert!(!takes("brotli", "br"));
    }

    #[test]
    fn serves_only_what_is_listed() {
        for name in ["", "manifest.json", "../src/app.js", "app.js.br", "nothing.css"] {
            assert_eq!(serve(name, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
