//! What a version changed: added, removed, changed, before and after side by side, in words.

use maud::{Markup, html};
use register::{Difference, EntryId, Held, State, day, differences as differences_of};

use super::{Around, badges, entry_name, facts, page, part, table, wording};
use crate::{language::Texts, public::Version};

/// The differences of a version.
pub struct Differences<'a> {
    /// The version.
    pub version: &'a Version,
    /// How many versions there are.
    pub versions: usize,
}

/// The page at `/trust/versions/{number}/differences`.
pub fn differences(around: &Around<'_>, shown: &Differences<'_>) -> Markup {
    let (t, version) = (around.t, shown.version);
    let title = t.with("trust-differences-title", &[("number", version.number.to_string().into())]);
    let all = differences_of(&version.before, &version.after);
    let content = html! {
        header.title {
            h1 { (title) }
            p { (wording::time(t, version.at)) " · " (version.author) ": “" (version.reason) "”" }
            @if version.number == 1 { p { (t.get("trust-version-first")) } }
            (steps(around, shown))
        }
        @if all.is_empty() { p.none { (t.get("trust-differences-none")) } }
        (stated(t, version, &all))
        (added(t, version, &all))
        (removed(t, version, &all))
        (changed(t, version, &all))
    };
    page(around, &format!("{title} · {}", around.name), &content)
}

fn steps(around: &Around<'_>, shown: &Differences<'_>) -> Markup {
    let (t, number) = (around.t, shown.version.number);
    let step = |number: usize| around.link(&format!("/trust/versions/{number}/differences"));
    let named = |key: &str, number: usize| match key {
        "earlier" => {
            t.with("trust-differences-earlier", &[("number", number.to_string().into())]).into_owned()
        }
        _ => t.with("trust-differences-later", &[("number", number.to_string().into())]).into_owned(),
    };
    html! {
        nav.steps-nav aria-label=(t.get("trust-differences-steps")) {
            @if number > 1 { a rel="prev" href=(step(number - 1)) { "← " (named("earlier", number - 1)) } }
            a href=(around.link(&format!("/trust/versions/{number}"))) { (t.get("trust-version-show")) }
            @if number < shown.versions { a rel="next" href=(step(number + 1)) { (named("later", number + 1)) " →" } }
        }
    }
}

/// A row: what, before, after.
struct Row {
    what: String,
    before: Vec<String>,
    after: Vec<String>,
}

fn rows(t: &Texts, rows: &[Row], caption: &str) -> Markup {
    table(
        caption,
        &html! {
            thead { tr {
                th scope="col" { (t.get("trust-differences-what")) }
                th scope="col" { (t.get("trust-differences-before")) }
                th scope="col" { (t.get("trust-differences-after")) }
            } }
            tbody { @for row in rows {
                tr {
                    th scope="row" { (row.what) }
                    td { (side(t, &row.before, &row.after, false)) }
                    td { (side(t, &row.after, &row.before, true)) }
                }
            } }
        },
    )
}

/// One side's lines; those that the other side does not have are marked.
fn side(t: &Texts, lines: &[String], other: &[String], is_after: bool) -> Markup {
    if lines.is_empty() {
        return html! { span.lacking { (t.get("trust-not-said")) } };
    }
    html! {
        ul.plain { @for line in lines {
            li {
                @if other.contains(line) { (line) }
                @else if is_after { ins { (line) } }
                @else { del { (line) } }
            }
        } }
    }
}

fn stated(t: &Texts, version: &Version, all: &[Difference]) -> Markup {
    let facts: Vec<Row> = all
        .iter()
        .filter_map(|difference| match difference {
            Difference::Fact { entry: None, fact, .. } => Some(Row {
                what: t.named("trust-fact-", fact).to_owned(),
                before: wording::stated(t, &version.before.operator, fact),
                after: wording::stated(t, &version.after.operator, fact),
            }),
            _ => None,
        })
        .collect();
    if facts.is_empty() {
        return Markup::default();
    }
    let title = t.get("trust-differences-operator");
    part("operator", title, &rows(t, &facts, title))
}

fn added(t: &Texts, version: &Version, all: &[Difference]) -> Markup {
    let added = all.iter().filter_map(|difference| match difference {
        Difference::Added { entry, .. } => version.after.entries.get(entry),
        _ => None,
    });
    let added: Vec<&Held> = added.collect();
    if added.is_empty() {
        return Markup::default();
    }
    part(
        "added",
        t.get("trust-differences-added"),
        &html! { @for held in added {
            article.party {
                header { h3 { ins { (entry_name(t, &held.entry)) } } (badges(t, held)) }
                @if let Some(task) = &held.entry.task { p.task { (task) } }
                dl.particulars { (facts(t, &held.entry, day(version.at))) }
            }
        } },
    )
}

fn removed(t: &Texts, version: &Version, all: &[Difference]) -> Markup {
    let removed = all.iter().filter_map(|difference| match difference {
        Difference::Removed { entry, .. } => version.before.entries.get(entry),
        _ => None,
    });
    let removed: Vec<&Held> = removed.collect();
    if removed.is_empty() {
        return Markup::default();
    }
    part(
        "removed",
        t.get("trust-differences-removed"),
        &html! { ul.stated { @for held in removed {
            li { del { (entry_name(t, &held.entry)) } @if let Some(task) = &held.entry.task { " – " (task) } }
        } } },
    )
}

fn changed(t: &Texts, version: &Version, all: &[Difference]) -> Markup {
    let about = |difference: &Difference| match difference {
        Difference::State { entry, .. } | Difference::Fact { entry: Some(entry), .. } => Some(entry.clone()),
        _ => None,
    };
    let changed: Vec<&Difference> = all.iter().filter(|one| about(one).is_some()).collect();
    if changed.is_empty() {
        return Markup::default();
    }
    let entries = changed.chunk_by(|one, next| about(one) == about(next));
    part(
        "changed",
        t.get("trust-differences-changed"),
        &html! { @for some in entries {
            @if let Some(id) = some.first().and_then(|one| about(one)) { (entry(t, version, &id, some)) }
        } },
    )
}

fn entry(t: &Texts, version: &Version, id: &EntryId, some: &[&Difference]) -> Markup {
    let (Some(was), Some(is)) = (version.before.entries.get(id), version.after.entries.get(id)) else {
        return Markup::default();
    };
    let state = |state: State| vec![t.named("trust-state-", state.name()).to_owned()];
    let changed: Vec<Row> = some
        .iter()
        .filter_map(|difference| match difference {
            Difference::State { from, to, .. } => Some(Row {
                what: t.get("trust-differences-state").to_owned(),
                before: state(*from),
                after: state(*to),
            }),
            Difference::Fact { fact, .. } => Some(Row {
                what: t.named("trust-fact-", fact).to_owned(),
                before: wording::fact(t, &was.entry, fact),
                after: wording::fact(t, &is.entry, fact),
            }),
            _ => None,
        })
        .collect();
    html! { h3 { (entry_name(t, &is.entry)) } (rows(t, &changed, is.entry.shown())) }
}
