//! The list looked at from the side: by data centre, by country, by host, and as the chain that it is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use maud::{Markup, html};
use register::{CertificateStatus, Country, Entry, Heading, Held, PlaceUse, Register, Site, is_inside};
use words::Region;

use super::{
    Around,
    entry::{anchor, badges, entry_name, status},
    table, wording,
};
use crate::language::Texts;

fn link(t: &Texts, entry: &Entry) -> Markup {
    html! { a href={ "#" (anchor(entry)) } { (entry_name(t, entry)) } }
}

/// The names of all countries that are said, in the order of the alphabet.
pub(super) fn countries(t: &Texts, register: &Register) -> Vec<String> {
    let sites = register.listed().flat_map(|held| &held.entry.places);
    let all: std::collections::BTreeSet<Country> = sites.filter_map(|site| site.country).collect();
    let mut names: Vec<String> = all.into_iter().map(|country| wording::country(t, country)).collect();
    names.sort();
    names
}

/// What one company does at one site.
struct Row<'a> {
    held: &'a Held,
    site: Option<&'a Site>,
    uses: Vec<PlaceUse>,
}

/// A table of data centres by region, each with who runs it and with which certificates.
pub(super) fn data_centres(t: &Texts, register: &Register, on: Date) -> Markup {
    let mut by_region: BTreeMap<Option<&Region>, Vec<Row<'_>>> = BTreeMap::new();
    for held in register.listed().filter(|held| held.entry.heading == Heading::Infrastructure) {
        for row in rows(held) {
            by_region.entry(row.site.and_then(|site| site.region.as_ref())).or_default().push(row);
        }
    }
    if by_region.is_empty() {
        return Markup::default();
    }
    // What is not said comes last.
    let unsaid = by_region.remove(&None);
    let ordered = by_region.into_iter().chain(unsaid.map(|rows| (None, rows)));
    table(
        t.get("trust-infrastructure-caption"),
        &html! {
            thead { tr {
                th scope="col" { (t.get("trust-site")) }
                th scope="col" { (t.get("trust-company")) }
                th scope="col" { (t.get("trust-use")) }
                th scope="col" { (t.get("trust-certificates")) }
            } }
            @for (region, rows) in ordered {
                tbody {
                    tr { th.group colspan="4" scope="rowgroup" {
                        @match region {
                            Some(region) => (wording::region(t, region)),
                            None => (t.get("trust-region-unknown")),
                        }
                    } }
                    @for row in &rows { (data_centre(t, row, on)) }
                }
            }
        },
    )
}

fn rows(held: &Held) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let place = |site: &Site| (site.country, site.region.clone(), site.site.clone(), site.serves.clone());
    for site in held.entry.places.iter().filter(|site| site.used_to != PlaceUse::Look) {
        match rows.iter_mut().find(|row| row.site.is_some_and(|known| place(known) == place(site))) {
            Some(row) => row.uses.push(site.used_to),
            None => rows.push(Row { held, site: Some(site), uses: vec![site.used_to] }),
        }
    }
    if rows.is_empty() {
        rows.push(Row { held, site: None, uses: Vec::new() });
    }
    rows
}

fn data_centre(t: &Texts, row: &Row<'_>, on: Date) -> Markup {
    let entry = &row.held.entry;
    let uses: Vec<&str> = row.uses.iter().map(|used_to| wording::used_to(t, *used_to)).collect();
    let serves = row.site.map(|site| site.serves.as_slice()).filter(|serves| !serves.is_empty());
    html! {
        tr {
            th scope="row" {
                @match row.site {
                    Some(site) => (wording::whereabouts(t, site)),
                    None => span.lacking { (t.get("trust-site-unknown")) },
                }
            }
            td { (link(t, entry)) @if row.held.state != register::State::Active { " " (badges(t, row.held)) } }
            td {
                (uses.join(", "))
                @if let Some(serves) = serves {
                    small { (t.with("trust-serves", &[("regions", wording::regions(t, serves).into())])) }
                }
            }
            td { (certificates(t, entry, row.site, on)) }
        }
    }
}

fn certificates(t: &Texts, entry: &Entry, site: Option<&Site>, on: Date) -> Markup {
    let at_site = |sites: &[String]| {
        let named = site.and_then(|site| site.site.as_ref());
        sites.is_empty() || named.is_some_and(|name| sites.contains(name))
    };
    let here: Vec<_> = entry.certificates.iter().filter(|one| at_site(&one.sites)).collect();
    html! {
        @if here.is_empty() && entry.claims.is_empty() { span.lacking { (t.get("trust-certificates-none")) } }
        @else { ul.plain {
            @for one in here {
                li {
                    (wording::certificate_title(one)) " " (status(t, one.status(on)))
                    @if one.issued.is_some() || one.expires.is_some() { small { (wording::period(t, one.issued, one.expires)) } }
                }
            }
            @for claim in &entry.claims {
                li.claimed { "“" (claim.words) "” " (status(t, CertificateStatus::Claimed)) }
            }
        } }
    }
}

/// A country, or of a place without one the region.
type Where<'a> = (Option<String>, Option<Country>, Option<&'a Region>);

/// A table of countries: who keeps data there, works on it there, looks at it from there.
pub(super) fn places(t: &Texts, register: &Register, on: Date) -> Markup {
    let mut by_country: BTreeMap<Where<'_>, Vec<(&Entry, PlaceUse)>> = BTreeMap::new();
    let mut unsaid = Vec::new();
    for held in register.listed() {
        for site in &held.entry.places {
            let name = site.country.map(|country| wording::country(t, country));
            let region = site.region.as_ref().filter(|_| site.country.is_none());
            by_country.entry((name, site.country, region)).or_default().push((&held.entry, site.used_to));
        }
        if held.entry.places.is_empty() {
            unsaid.push(&held.entry);
        }
    }
    let doing = |all: &[(&Entry, PlaceUse)], what: PlaceUse| {
        let mut some: Vec<&Entry> =
            all.iter().filter(|(_, used_to)| *used_to == what).map(|(entry, _)| *entry).collect();
        some.dedup_by_key(|entry| &entry.id);
        html! { ul.plain { @for entry in some { li { (link(t, entry)) } } } }
    };
    let uses = [PlaceUse::Store, PlaceUse::Process, PlaceUse::Look];
    html! {
        p { (t.get("trust-places-about")) }
        (table(t.get("trust-places-caption"), &html! {
            thead { tr {
                th scope="col" { (t.get("trust-country")) }
                @for used_to in uses { th scope="col" { (wording::used_to(t, used_to)) } }
            } }
            tbody {
                @for ((_, country, region), all) in &by_country {
                    tr {
                        th scope="row" { (named(t, *country, *region, on)) }
                        @for used_to in uses { td { (doing(all, used_to)) } }
                    }
                }
                @if !unsaid.is_empty() {
                    tr {
                        th scope="row" { span.lacking { (t.get("trust-country-unknown")) } }
                        td colspan="3" { ul.plain { @for entry in unsaid { li { (link(t, entry)) } } } }
                    }
                }
            }
        }))
    }
}

fn named(t: &Texts, country: Option<Country>, region: Option<&Region>, on: Date) -> Markup {
    let area = |country| if is_inside(country, on) { "trust-places-inside" } else { "trust-places-outside" };
    html! {
        @match (country, region) {
            (Some(country), _) => { (wording::country(t, country)) small { (t.get(area(country))) } },
            (None, Some(region)) => {
                (t.with("trust-region-counts", &[("region", wording::region(t, region).into())]))
                small.lacking { (t.get("trust-country")) ": " (t.get("trust-not-said")) }
            },
            (None, None) => span.lacking { (t.get("trust-country-unknown")) },
        }
    }
}

/// A table of hosts, in both forms where they differ.
pub(super) fn hosts(t: &Texts, register: &Register) -> Markup {
    let all =
        register.listed().flat_map(|held| held.entry.endpoints.iter().map(move |one| (one, &held.entry)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(endpoint, _)| (endpoint.host.to_string(), endpoint.port));
    if all.is_empty() {
        return html! { p.none { (t.get("trust-hosts-none")) } };
    }
    html! {
        p { (t.get("trust-hosts-about")) }
        (table(t.get("trust-hosts-caption"), &html! {
            thead { tr {
                th scope="col" { (t.get("trust-host")) }
                th.number scope="col" { (t.get("trust-port")) }
                th scope="col" { (t.get("trust-company")) }
                th scope="col" { (t.get("trust-fact-purposes")) }
            } }
            tbody { @for (endpoint, entry) in all {
                tr {
                    th scope="row" {
                        code { (endpoint.host) }
                        @if let Some(letters) = endpoint.host.in_letters() { small { (letters) } }
                    }
                    td.number { (endpoint.port) }
                    td { (link(t, entry)) }
                    td { (wording::purposes(t, if endpoint.purposes.is_empty() { &entry.purposes } else { &endpoint.purposes })) }
                }
            } }
        }))
    }
}

/// The chain as a tree, from the operator down.
pub(super) fn chain(around: &Around<'_>, register: &Register) -> Markup {
    let t = around.t;
    let is_listed = |entry: &Entry| {
        entry.parent.as_ref().is_some_and(|parent| register.listed().any(|held| held.entry.id == *parent))
    };
    if !register.listed().any(|held| is_listed(&held.entry)) {
        return html! { p { (t.get("trust-chain-flat")) } };
    }
    html! {
        p { (t.get("trust-chain-about")) }
        ul.tree { li { strong { (around.name) } ul {
            @for held in register.listed().filter(|held| !is_listed(&held.entry)) { (branch(t, register, held)) }
        } } }
    }
}

/// An entry with all below it. The register refuses chains that come back to themselves or are too deep.
fn branch(t: &Texts, register: &Register, held: &Held) -> Markup {
    let below: Vec<&Held> =
        register.listed().filter(|other| other.entry.parent.as_ref() == Some(&held.entry.id)).collect();
    html! {
        li {
            (link(t, &held.entry))
            @if let Some(task) = &held.entry.task { " – " (task) }
            @if !below.is_empty() { ul { @for held in below { (branch(t, register, held)) } } }
        }
    }
}
