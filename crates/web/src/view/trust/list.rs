//! The list: the page at `/trust`, as it is now or as a version left it.

use maud::{Markup, html};
use register::{Finding, Heading, Held, Register, Relation, State, day};
use words::Time;

use super::{Around, chosen, entry, finding, limits, overview, page, part, wording};
use crate::{language::Texts, public::Version};

/// The list at a moment.
pub struct List<'a> {
    /// The register, whole.
    pub register: &'a Register,
    /// By which moment certificates, clauses and the like are judged.
    pub at: Time,
    /// The version that made it so; none: nothing was ever entered.
    pub version: Option<&'a Version>,
    /// How many versions there are.
    pub versions: usize,
    /// Whether this is an earlier version.
    pub is_old: bool,
    /// What a reader could stumble over.
    pub findings: &'a [Finding],
}

/// Under which title an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Infrastructure,
    Services,
    Group,
    Subcontractors,
}

impl Section {
    fn of(held: &Held) -> Self {
        match (held.entry.heading, held.entry.relation) {
            (Heading::Infrastructure, _) => Self::Infrastructure,
            (_, Some(Relation::GroupCompany)) => Self::Group,
            (Heading::Service, _) => Self::Services,
            (Heading::Subcontractor, _) => Self::Subcontractors,
        }
    }
}

/// The page.
pub fn list(around: &Around<'_>, list: &List<'_>) -> Markup {
    let t = around.t;
    let title = t.with("trust-title", &[("name", around.name.into())]);
    let is_empty = list.register.listed().next().is_none();
    let content = html! {
        @if list.is_old { (old(around, list)) }
        (sample(t, list.register))
        header.title {
            h1 { (title) }
            (updated(around, list))
            @if !is_empty { (sum(t, list.register)) }
        }
        @if is_empty { (empty(around)) } @else { (full(around, list)) }
    };
    page(around, &title, &content)
}

fn old(around: &Around<'_>, list: &List<'_>) -> Markup {
    let (t, Some(version)) = (around.t, list.version) else { return Markup::default() };
    let values =
        [("number", version.number.to_string().into()), ("date", wording::day_of(t, version.at).into())];
    html! {
        div.notice role="note" {
            p { strong { (t.with("trust-old-title", &values)) } }
            p { a href=(around.link("/trust")) { (t.get("trust-old-now")) } " · "
                a href=(around.link(&format!("/trust/versions/{}/differences", version.number))) {
                    (t.get("trust-old-differences"))
                } }
        }
    }
}

fn sample(t: &Texts, register: &Register) -> Markup {
    let Some(words) = &register.operator.sample else { return Markup::default() };
    html! {
        div.notice.is-sample role="note" {
            p { strong { (t.get("trust-sample-title")) } }
            p { (words) }
            p { (t.get("trust-sample-text")) }
        }
    }
}

fn updated(around: &Around<'_>, list: &List<'_>) -> Markup {
    let t = around.t;
    let Some(version) = list.version else { return html! { p.updated { (t.get("trust-never-updated")) } } };
    let why = [("author", version.author.as_str().into()), ("reason", version.reason.as_str().into())];
    let of = [("number", version.number.to_string().into()), ("count", list.versions.to_string().into())];
    html! {
        p.updated {
            (t.with("trust-updated", &[("date", wording::day_of(t, version.at).into())])) " "
            (t.with("trust-updated-why", &why)) " · "
            a href=(around.link("/trust/versions")) { (t.with("trust-version-of", &of)) }
            @if let Some(dated) = list.register.operator.page_dated {
                " · " (t.with("trust-dated", &[("date", wording::date(t, dated).into())]))
            }
        }
    }
}

/// The list in a few sentences.
fn sum(t: &Texts, register: &Register) -> Markup {
    let count = |is: &dyn Fn(&Held) -> bool| register.listed().filter(|held| is(held)).count();
    let countries = overview::countries(t, register);
    let names = countries.join(", ");
    let counted = |count: usize| i64::try_from(count).unwrap_or(i64::MAX).into();
    let (announced, suspended) =
        (count(&|held| held.state == State::Announced), count(&|held| held.state == State::Suspended));
    let unnamed = count(&|held| held.entry.name.is_none());
    html! {
        p.sum {
            (t.with("trust-sum", &[("count", counted(register.listed().count() - unnamed))])) " "
            @if unnamed > 0 { (t.with("trust-sum-unnamed", &[("count", counted(unnamed))])) " " }
            @if !countries.is_empty() {
                (t.with("trust-sum-countries", &[("count", counted(countries.len())), ("names", names.into())])) " "
            }
            @if announced > 0 { (t.with("trust-sum-announced", &[("count", counted(announced))])) " " }
            @if suspended > 0 { (t.with("trust-sum-suspended", &[("count", counted(suspended))])) }
        }
    }
}

/// Ids and titles of the parts, in order.
const PARTS: [(&str, &str); 12] = [
    ("what", "trust-what-title"),
    ("chosen", "trust-chosen-title"),
    ("infrastructure", "trust-infrastructure-title"),
    ("services", "trust-services-title"),
    ("group", "trust-group-title"),
    ("subcontractors", "trust-subcontractors-title"),
    ("chain", "trust-chain-title"),
    ("places", "trust-places-title"),
    ("hosts", "trust-hosts-title"),
    ("enforced", "trust-enforced-title"),
    ("not-stopped", "trust-not-stopped-title"),
    ("findings", "trust-findings-title"),
];

fn full(around: &Around<'_>, list: &List<'_>) -> Markup {
    let (t, register, on) = (around.t, list.register, day(list.at));
    let section = |section| entries(t, list, section);
    let bodies = [
        what(around),
        chosen::chosen(t, register, on),
        html! {
            p { (t.get("trust-infrastructure-about")) }
            (overview::data_centres(t, register, on))
            p { small { (t.get("trust-statuses")) } }
            (section(Section::Infrastructure))
        },
        html! { p { (t.get("trust-services-about")) } (section(Section::Services)) },
        html! { p { (t.get("trust-group-about")) } (section(Section::Group)) },
        html! { p { (t.get("trust-subcontractors-about")) } (section(Section::Subcontractors)) },
        overview::chain(around, register),
        overview::places(t, register, on),
        overview::hosts(t, register),
        limits::enforced(t),
        limits::not_stopped(t),
        finding::findings(t, list),
    ];
    html! {
        nav.contents aria-labelledby="contents" {
            h2 #contents { (t.get("trust-contents")) }
            ol { @for (id, title) in PARTS { li { a href={ "#" (id) } { (t.get(title)) } } } }
        }
        @for ((id, title), body) in PARTS.iter().zip(&bodies) { (part(id, t.get(title), body)) }
    }
}

fn what(around: &Around<'_>) -> Markup {
    let t = around.t;
    html! {
        p { (t.with("trust-what-text", &[("name", around.name.into())])) }
        p { (t.get("trust-what-law")) }
    }
}

fn entries(t: &Texts, list: &List<'_>, section: Section) -> Markup {
    let mut of_section: Vec<&Held> =
        list.register.listed().filter(|held| Section::of(held) == section).collect();
    of_section.sort_by_key(|held| held.entry.shown().to_lowercase());
    html! {
        @if of_section.is_empty() { p.none { (t.get("trust-none-here")) } }
        @for held in of_section { (entry::entry(t, list.register, held, day(list.at))) }
    }
}

/// The page of an empty register: that nobody else gets data, and why it can say so.
fn empty(around: &Around<'_>) -> Markup {
    let t = around.t;
    html! {
        section.part.is-empty {
            h2 { (t.get("trust-empty-title")) }
            p.lead { (t.with("trust-empty-text", &[("name", around.name.into())])) }
        }
        (part("what", t.get("trust-what-title"), &what(around)))
        (part("why", t.get("trust-empty-why-title"), &html! {
            p { (t.get("trust-empty-why-door")) }
            p { (t.get("trust-empty-why-rest")) }
            p { (t.get("trust-empty-why-file")) }
        }))
        (part("enforced", t.get("trust-enforced-title"), &limits::enforced(t)))
        (part("not-stopped", t.get("trust-not-stopped-title"), &limits::not_stopped(t)))
    }
}
