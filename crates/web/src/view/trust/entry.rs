//! One entry of the list: who they are, what they get, where, by which hosts, and what binds them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use maud::{Markup, html};
use register::{
    Certificate, CertificateStatus, Claim, Country, Duty, Entry, Held, Register, State, is_inside,
};

use super::wording;
use crate::language::Texts;

/// The id of an entry's place on the page.
pub(super) fn anchor(entry: &Entry) -> String {
    format!("entry-{}", entry.id)
}

/// The name of an entry; of one that the list does not name, that it is so.
pub fn entry_name(t: &Texts, entry: &Entry) -> Markup {
    let Some(name) = &entry.name else {
        return html! { em.claimed { (t.get("trust-unnamed")) } " (" (entry.id) ")" };
    };
    html! { (name) }
}

/// What is particular about how an entry stands.
pub fn badges(t: &Texts, held: &Held) -> Markup {
    html! {
        @match held.state {
            State::Announced => span.badge.is-wait { (t.get("trust-state-announced")) },
            State::Suspended => span.badge.is-bad { (t.get("trust-state-suspended")) },
            _ => {}
        }
        @if held.entry.sample { span.badge { (t.get("trust-sample-mark")) } }
    }
}

/// An entry of the public list.
pub(super) fn entry(t: &Texts, register: &Register, held: &Held, on: Date) -> Markup {
    let entry = &held.entry;
    html! {
        article.party #(anchor(entry)) {
            header { h3 { (entry_name(t, entry)) } (badges(t, held)) }
            @if let Some(task) = &entry.task { p.task { (task) } }
            @if entry.name.is_none() {
                p.claimed { (t.with("trust-unnamed-about", &[("id", entry.id.as_str().into())])) }
            }
            dl.particulars {
                (since(t, held))
                (facts(t, entry, on))
                (below(t, register, entry))
            }
        }
    }
}

fn row(label: &str, content: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (content) } } }
}

fn lines(label: &str, lines: &[String]) -> Markup {
    match lines {
        [] => Markup::default(),
        [one] => row(label, &html! { (one) }),
        many => row(label, &html! { ul { @for line in many { li { (line) } } } }),
    }
}

fn since(t: &Texts, held: &Held) -> Markup {
    let since = held.active_since.filter(|_| held.state == State::Active).unwrap_or(held.since);
    let date = wording::day_of(t, since);
    let sentence = match held.state {
        State::Active => t.with("trust-since-active", &[("date", date.into())]),
        State::Suspended => t.with("trust-since-suspended", &[("date", date.into())]),
        _ => t.with("trust-since-announced", &[("date", date.into())]),
    };
    let is_obeyed = !held.entry.sample;
    row(
        t.get("trust-differences-state"),
        &html! { (sentence) @if is_obeyed { " " a.mark-enforced href="#enforced" { (t.get("trust-enforced-mark")) } } },
    )
}

/// The facts of an entry, as rows of a list of definitions.
pub fn facts(t: &Texts, entry: &Entry, on: Date) -> Markup {
    html! {
        (lines(t.get("trust-fact-who"), &company(t, entry)))
        (lines(t.get("trust-fact-contact"), &wording::fact(t, entry, "contact")))
        (lines(t.get("trust-fact-dpo"), &wording::fact(t, entry, "dpo")))
        (lines(t.get("trust-fact-representative"), &wording::fact(t, entry, "representative")))
        (lines(t.get("trust-fact-successor"), &wording::fact(t, entry, "successor")))
        @if !entry.purposes.is_empty() { (row(t.get("trust-fact-purposes"), &html! { (wording::purposes(t, &entry.purposes)) })) }
        @if !entry.categories.is_empty() { (row(t.get("trust-fact-categories"), &html! { (wording::categories(t, &entry.categories)) })) }
        (lines(t.get("trust-fact-special"), &wording::fact(t, entry, "special")))
        (lines(t.get("trust-fact-duration"), &wording::fact(t, entry, "duration")))
        @if !entry.serves.is_empty() { (row(t.get("trust-fact-serves"), &html! { (wording::regions(t, &entry.serves)) })) }
        (lines(t.get("trust-fact-place"), &wording::fact(t, entry, "place")))
        (transfers(t, entry, on))
        (endpoints(t, entry))
        (certificates(t, entry, on))
        (row(t.get("trust-fact-duty"), &clauses(t, entry, on)))
        (row(t.get("trust-fact-diligence"), &decided(t, entry)))
        (lines(t.get("trust-fact-unseen"), &wording::fact(t, entry, "unseen")))
        (not_said(t, entry))
    }
}

/// The company: what it is, where it is entered, where it sits, whose it is.
fn company(t: &Texts, entry: &Entry) -> Vec<String> {
    let relation = entry.relation.map(|known| wording::relation(t, known).to_owned());
    let owner = entry.owner.as_deref();
    let owner = owner.map(|owner| t.with("trust-owned-by", &[("owner", owner.into())]).into_owned());
    // An address mostly ends with the country.
    let country = entry.country.map(|known| wording::country(t, known)).filter(|_| entry.address.is_none());
    let parts = [relation, entry.registration.clone(), entry.address.clone(), country, owner];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    if line.is_empty() { Vec::new() } else { vec![line] }
}

/// Countries outside the EEA on that day, of the company and of its places.
pub(super) fn outside(entry: &Entry, on: Date) -> BTreeSet<Country> {
    let countries = entry.places.iter().filter_map(|place| place.country).chain(entry.country);
    countries.filter(|country| !is_inside(*country, on)).collect()
}

/// Those of them without a mechanism.
pub(super) fn uncarried(entry: &Entry, on: Date) -> Vec<Country> {
    let carried = |country: &Country| entry.transfers.iter().any(|transfer| transfer.carries(*country, on));
    outside(entry, on).into_iter().filter(|country| !carried(country)).collect()
}

fn transfers(t: &Texts, entry: &Entry, on: Date) -> Markup {
    let uncarried: Vec<String> =
        uncarried(entry, on).into_iter().map(|country| wording::country(t, country)).collect();
    let all_known = !entry.places.is_empty() && entry.places.iter().all(|place| place.country.is_some());
    let label = t.get("trust-fact-transfer");
    if entry.transfers.is_empty() && uncarried.is_empty() {
        return if all_known {
            row(label, &html! { (t.get("trust-no-transfer")) })
        } else {
            Markup::default()
        };
    }
    row(
        label,
        &html! {
            ul {
                @for transfer in &entry.transfers {
                    li {
                        (wording::transfer(t, transfer))
                        @if !transfer.carries(transfer.country, on) { " " span.badge.is-bad { (t.get("trust-over")) } }
                        @if let Some(impact) = &transfer.impact { small { (impact) } }
                    }
                }
                @if !uncarried.is_empty() {
                    li.lacking { (t.with("trust-no-mechanism", &[("countries", uncarried.join(", ").into())])) }
                }
            }
        },
    )
}

fn endpoints(t: &Texts, entry: &Entry) -> Markup {
    let label = t.get("trust-fact-endpoint");
    if entry.endpoints.is_empty() {
        return row(label, &html! { (t.get("trust-no-endpoints")) });
    }
    row(
        label,
        &html! {
            ul { @for endpoint in &entry.endpoints {
                li {
                    code { (endpoint.host) ":" (endpoint.port) }
                    @if let Some(letters) = endpoint.host.in_letters() { " (" (letters) ")" }
                    @if !endpoint.purposes.is_empty() { " · " (wording::purposes(t, &endpoint.purposes)) }
                }
            } }
        },
    )
}

/// How far a certificate counts, as a mark.
pub(super) fn status(t: &Texts, status: CertificateStatus) -> Markup {
    let class = match status {
        CertificateStatus::Evidenced => "badge is-ok",
        CertificateStatus::Claimed => "badge is-claimed",
        CertificateStatus::Lapsed | CertificateStatus::Superseded | CertificateStatus::Invalid => {
            "badge is-bad"
        }
    };
    html! { span class=(class) { (t.named("trust-status-", status.name())) } }
}

fn certificates(t: &Texts, entry: &Entry, on: Date) -> Markup {
    if entry.certificates.is_empty() && entry.claims.is_empty() {
        return Markup::default();
    }
    row(
        t.get("trust-fact-certificate"),
        &html! {
            ul {
                @for one in &entry.certificates { (certificate(t, one, on)) }
                @for claim in &entry.claims { (self::claim(t, claim)) }
            }
        },
    )
}

fn certificate(t: &Texts, certificate: &Certificate, on: Date) -> Markup {
    let (how, facts) = (certificate.status(on), wording::certificate_facts(t, certificate));
    let class = if how == CertificateStatus::Evidenced { "" } else { "claimed" };
    html! {
        li class=(class) {
            strong { (wording::certificate_title(certificate)) } " " (status(t, how))
            small { (facts.join(" · ")) }
        }
    }
}

fn claim(t: &Texts, claim: &Claim) -> Markup {
    let joined = claim.any_of.len() + claim.no_such.len() > 1;
    html! {
        li.claimed {
            "“" (claim.words) "” " (status(t, CertificateStatus::Claimed))
            small { (t.get(if joined { "trust-claim-nothing" } else { "trust-claim-none-seen" })) }
        }
    }
}

fn clauses(t: &Texts, entry: &Entry, on: Date) -> Markup {
    let binding: Vec<_> = entry.duties.iter().filter(|record| record.binds(on)).collect();
    let all = Duty::ALL.iter().all(|duty| binding.iter().any(|record| record.duty == *duty));
    if binding.is_empty() {
        return html! { span.lacking { (t.get("trust-no-clauses")) } };
    }
    let numbers: Vec<&str> = binding.iter().map(|record| record.clause.as_str()).collect();
    html! {
        @if all {
            (t.with("trust-all-duties", &[("count", Duty::ALL.len().to_string().into())])) " (" (numbers.join(", ")) ")"
        } @else {
            ul { @for record in binding { li { (wording::duty(t, record.duty)) " (" (record.clause) ")" } } }
        }
    }
}

fn decided(t: &Texts, entry: &Entry) -> Markup {
    html! {
        @match wording::decided(t, entry) {
            Some(decided) => (decided),
            None => span.lacking { (t.get("trust-not-decided")) },
        }
    }
}

fn below(t: &Texts, register: &Register, entry: &Entry) -> Markup {
    let below: Vec<_> =
        register.listed().filter(|held| held.entry.parent.as_ref() == Some(&entry.id)).collect();
    if below.is_empty() {
        return Markup::default();
    }
    row(
        t.get("trust-fact-below"),
        &html! { ul { @for held in below { li { a href={ "#" (anchor(&held.entry)) } { (held.entry.shown()) } } } } },
    )
}

/// What the law asks for and the list leaves out, in one line.
fn not_said(t: &Texts, entry: &Entry) -> Markup {
    let asked = [
        (entry.address.is_none(), "trust-fact-address"),
        (entry.contact.as_ref().is_none_or(|contact| contact.channel.is_none()), "trust-fact-contact"),
        (entry.purposes.is_empty(), "trust-fact-purposes"),
        (entry.categories.is_empty(), "trust-fact-categories"),
        (entry.places.is_empty(), "trust-fact-place"),
    ];
    let missing: Vec<String> =
        asked.into_iter().filter(|(missing, _)| *missing).map(|(_, key)| lower(t.get(key))).collect();
    if missing.is_empty() {
        return Markup::default();
    }
    row(t.get("trust-fact-not-said"), &html! { span.lacking { (missing.join(", ")) } })
}

/// A label in the middle of a sentence.
fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
