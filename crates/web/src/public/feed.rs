//! `/trust/atom.xml`: one entry a version (RFC 4287), with ids that stay (RFC 4151).

use std::fmt::Write;

use axum::{extract::State as At, response::Response};
use http::{HeaderMap, Uri};
use maud::Escaper;
use words::Time;

use super::{
    answer::{Kind, Rendered},
    json::moment,
    pages::{Page, Source, language, page},
    version::Version,
};
use crate::{State, error::Result, view::trust::summary};

/// The year in the id of the feed: it never changes.
const ID_YEAR: &str = "2026";

/// Gives it.
pub async fn show(At(state): At<State>, uri: Uri, headers: HeaderMap) -> Result<Response> {
    let texts = language(uri.query(), &headers);
    Ok(page(&state, Page::Feed, texts, feed).await?.answer(&headers))
}

fn feed(source: &Source) -> Rendered {
    let (t, origin, tag) = (source.texts, &source.origin, source.texts.tag());
    let updated = source.versions.last().map_or(Time::default(), |version| version.at);
    let title = t.with("trust-feed-title", &[("name", source.name().into())]);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let _ = write!(xml, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{tag}\">");
    element(&mut xml, "id", &id(source, ""));
    element(&mut xml, "title", &title);
    element(&mut xml, "updated", &moment(updated));
    author(&mut xml, source.name());
    let _ = write!(
        xml,
        "<link rel=\"self\" type=\"application/atom+xml\" href=\"{origin}/trust/atom.xml?lang={tag}\"/>"
    );
    let _ = write!(xml, "<link rel=\"alternate\" type=\"text/html\" href=\"{origin}/trust?lang={tag}\"/>");
    for version in source.versions.iter().rev() {
        entry(&mut xml, source, version);
    }
    xml.push_str("</feed>\n");
    Rendered::new(Kind::Feed, Some(tag), xml)
}

fn entry(xml: &mut String, source: &Source, version: &Version) {
    let (t, tag) = (source.texts, source.texts.tag());
    let page = format!("{}/trust/versions/{}", source.origin, version.number);
    xml.push_str("\n<entry>");
    element(xml, "id", &id(source, &format!("/versions/{}", version.number)));
    element(xml, "title", &t.with("trust-version", &[("number", version.number.to_string().into())]));
    element(xml, "updated", &moment(version.at));
    author(xml, &version.author);
    let _ =
        write!(xml, "<link rel=\"alternate\" type=\"text/html\" href=\"{page}/differences?lang={tag}\"/>");
    element(xml, "summary", &format!("{}: “{}”. {}", version.author, version.reason, summary(t, version)));
    xml.push_str("</entry>");
}

fn id(source: &Source, which: &str) -> String {
    format!("tag:{},{ID_YEAR}:trust{which}", source.domain)
}

fn author(xml: &mut String, name: &str) {
    xml.push_str("<author>");
    element(xml, "name", name);
    xml.push_str("</author>");
}

/// An element with text. What XML has no way to write is left out.
fn element(xml: &mut String, name: &str, text: &str) {
    let _ = write!(xml, "<{name}>");
    let sayable = |letter: &char| matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().filter(sayable).collect();
    let _ = Escaper::new(xml).write_str(&text);
    let _ = write!(xml, "</{name}>");
}
