//! `/trust/versions`: every version of the list, each as it was, and what it changed.

use axum::{
    extract::{Path, State as At},
    response::Response,
};
use http::{HeaderMap, Uri};

use super::{
    answer::{Kind, Rendered},
    pages::{Page, Source, language, page, page_of},
    trust::{around, rendered},
    version::as_of,
};
use crate::{
    State,
    error::{Error, Result},
    view::trust::{self, Differences, Versions},
};

/// All of them.
pub async fn index(At(state): At<State>, uri: Uri, headers: HeaderMap) -> Result<Response> {
    let texts = language(uri.query(), &headers);
    Ok(page(&state, Page::Versions, texts, all).await?.answer(&headers))
}

fn all(source: &Source) -> Rendered {
    let page = trust::versions(&around(source, "/trust/versions"), &Versions { all: &source.versions });
    Rendered::new(Kind::Page, Some(source.texts.tag()), page.into_string())
}

/// The list as a version left it, judged at its moment.
pub async fn show(
    At(state): At<State>,
    Path(number): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let (number, texts) = (parsed(&number)?, language(uri.query(), &headers));
    let make = move |source: &Source| then(source, number);
    Ok(page_of(&state, Page::Then(number), texts, make).await?.answer(&headers))
}

fn then(source: &Source, number: usize) -> control::Result<Option<Rendered>> {
    let Some(version) = source.version(number) else { return Ok(None) };
    let register = as_of(&source.history.changes, version).map_err(control::Error::Register)?;
    let path = format!("/trust/versions/{number}");
    let is_old = number < source.versions.len();
    Ok(Some(rendered(source, &path, &register, version.at, Some(version), is_old)))
}

/// What a version changed.
pub async fn differences(
    At(state): At<State>,
    Path(number): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let (number, texts) = (parsed(&number)?, language(uri.query(), &headers));
    let make = move |source: &Source| Ok(changed(source, number));
    Ok(page_of(&state, Page::Differences(number), texts, make).await?.answer(&headers))
}

fn changed(source: &Source, number: usize) -> Option<Rendered> {
    let version = source.version(number)?;
    let path = format!("/trust/versions/{number}/differences");
    let shown = Differences { version, versions: source.versions.len() };
    let page = trust::differences(&around(source, &path), &shown);
    Some(Rendered::new(Kind::Page, Some(source.texts.tag()), page.into_string()))
}

/// A number has one form: others lead nowhere.
fn parsed(number: &str) -> Result<usize> {
    let parsed: usize = number.parse().map_err(|_| Error::NotFound)?;
    if parsed.to_string() == number { Ok(parsed) } else { Err(Error::NotFound) }
}
