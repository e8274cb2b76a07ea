//! `/trust.json`: the list and its versions for programs. The shape is told in docs/trust.md and only grows.

use std::collections::BTreeMap;

use axum::{extract::State as At, response::Response};
use http::HeaderMap;
use register::{Document, EntryId, Finding, State as EntryState, day};
use serde::Serialize;
use words::Time;

use super::{
    answer::{Kind, Rendered},
    findings,
    pages::{Page, Source, page},
    version::{Version, shown},
};
use crate::{State, error::Result, language::public};

/// The number of this shape.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Trust<'a> {
    format: u32,
    /// The version that holds now; none: nothing was ever entered.
    version: Option<usize>,
    updated_at: Option<String>,
    /// The day by which certificates, clauses and findings were judged.
    judged_on: String,
    /// The list, in the form of the register's file.
    register: Document,
    standing: BTreeMap<&'a EntryId, Standing<'a>>,
    findings: Vec<Finding>,
    /// The newest first.
    versions: Vec<Line<'a>>,
}

/// How an entry stands.
#[derive(Serialize)]
struct Standing<'a> {
    state: EntryState,
    since: String,
    active_since: Option<String>,
    /// How far each certificate counts, in the order of the entry.
    certificates: Vec<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    number: usize,
    at: String,
    author: &'a str,
    reason: &'a str,
    page: String,
    differences: String,
}

/// Gives it.
pub async fn show(At(state): At<State>, headers: HeaderMap) -> Result<Response> {
    Ok(page(&state, Page::Json, &public()[0], json).await?.answer(&headers))
}

fn json(source: &Source) -> Rendered {
    let (register, on) = (&source.history.register, day(source.now));
    let standing = register.listed().map(|held| {
        let certificates = held.entry.certificates.iter().map(|one| one.status(on).name()).collect();
        let (since, active_since) = (moment(held.since), held.active_since.map(moment));
        (&held.entry.id, Standing { state: held.state, since, active_since, certificates })
    });
    let trust = Trust {
        format: FORMAT,
        version: source.versions.last().map(|version| version.number),
        updated_at: source.versions.last().map(|version| moment(version.at)),
        judged_on: on.to_string(),
        register: Document::of(&shown(register, None)),
        standing: standing.collect(),
        findings: findings(register, source.now),
        versions: source.versions.iter().rev().map(|version| line(source, version)).collect(),
    };
    let text = serde_json::to_string_pretty(&trust).expect("a list is always JSON");
    Rendered::new(Kind::Json, None, text)
}

fn line<'a>(source: &Source, version: &'a Version) -> Line<'a> {
    let page = format!("{}/trust/versions/{}", source.origin, version.number);
    Line {
        number: version.number,
        at: moment(version.at),
        author: &version.author,
        reason: &version.reason,
        differences: format!("{page}/differences"),
        page,
    }
}

/// A moment by RFC 3339.
pub(super) fn moment(at: Time) -> String {
    jiff::Timestamp::from_second(at.seconds()).map_or_else(|_| String::new(), |moment| moment.to_string())
}
