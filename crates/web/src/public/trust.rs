//! `/trust`: who gets data, as it is now.

use axum::{extract::State as At, response::Response};
use http::{HeaderMap, Uri};
use words::Time;

use super::{
    answer::{Kind, Rendered},
    findings,
    pages::{Page, Source, language, page},
    version::Version,
};
use crate::{
    State,
    error::Result,
    language as languages,
    view::trust::{Around, List, list},
};

/// Shows it.
pub async fn show(At(state): At<State>, uri: Uri, headers: HeaderMap) -> Result<Response> {
    let texts = language(uri.query(), &headers);
    Ok(page(&state, Page::Now, texts, now).await?.answer(&headers))
}

fn now(source: &Source) -> Rendered {
    let shown = source.versions.last();
    rendered(source, "/trust", &source.history.register, source.now, shown, false)
}

/// The list of a register, judged at a moment.
pub(super) fn rendered(
    source: &Source,
    path: &str,
    register: &register::Register,
    at: Time,
    version: Option<&Version>,
    is_old: bool,
) -> Rendered {
    let findings = findings(register, at);
    let around = around(source, path);
    let shown = List { register, at, version, versions: source.versions.len(), is_old, findings: &findings };
    Rendered::new(Kind::Page, Some(source.texts.tag()), list(&around, &shown).into_string())
}

/// What is around a page.
pub(super) fn around<'a>(source: &'a Source, path: &'a str) -> Around<'a> {
    Around {
        t: source.texts,
        languages: languages::public(),
        origin: &source.origin,
        path,
        name: source.name(),
    }
}
