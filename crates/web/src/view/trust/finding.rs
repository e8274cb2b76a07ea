//! What a reader could stumble over: one line a kind, with the entries that it is about.

use jiff::civil::Date;
use maud::{Markup, html};
use register::{CertificateStatus, Code, Duty, Entry, Finding, PlaceUse, day};

use super::{
    entry::{anchor, entry_name, uncarried},
    list::List,
    wording,
};
use crate::language::Texts;

/// The part of the page.
pub(super) fn findings(t: &Texts, list: &List<'_>) -> Markup {
    let (date, count) = (wording::day_of(t, list.at), i64::try_from(list.findings.len()).unwrap_or(i64::MAX));
    if list.findings.is_empty() {
        return html! {
            p { (t.get("trust-findings-about")) " " (t.with("trust-findings-none", &[("date", date.into())])) }
        };
    }
    let values = [("count", count.into()), ("date", date.into())];
    let groups = list.findings.chunk_by(|one, next| one.code == next.code);
    html! {
        p { (t.get("trust-findings-about")) " " (t.with("trust-findings-count", &values)) }
        dl.findings { @for group in groups { (kind(t, list, group)) } }
    }
}

fn kind(t: &Texts, list: &List<'_>, group: &[Finding]) -> Markup {
    let Some(first) = group.first() else { return Markup::default() };
    let mut about: Vec<_> = group.iter().map(|finding| finding.entry.as_ref()).collect();
    about.dedup();
    html! {
        div {
            dt { (t.named("trust-finding-", first.code.name())) }
            @for id in about {
                @match id.and_then(|id| list.register.entries.get(id)) {
                    Some(held) => (on_entry(t, &held.entry, &detail(t, list, first.code, &held.entry))),
                    None => dd { (t.get("trust-finding-whole")) },
                }
            }
        }
    }
}

fn on_entry(t: &Texts, entry: &Entry, detail: &str) -> Markup {
    html! {
        dd.is-detailed[!detail.is_empty()] {
            a href={ "#" (anchor(entry)) } { (entry_name(t, entry)) }
            @if !detail.is_empty() { " – " (detail) }
        }
    }
}

/// What it is about an entry, in words of any language: names of places, certificates, duties.
fn detail(t: &Texts, list: &List<'_>, code: Code, entry: &Entry) -> String {
    let on = day(list.at);
    let by_status = |status| {
        let some = entry.certificates.iter().filter(|one| one.status(on) == status);
        some.map(wording::certificate_title).collect::<Vec<_>>()
    };
    let details = match code {
        Code::NoMechanism => uncarried(entry, on).into_iter().map(|one| wording::country(t, one)).collect(),
        Code::OutsideRegion => {
            let outside = |site: &&register::Site| {
                site.region.as_ref().is_some_and(|own| site.serves.iter().any(|served| served != own))
            };
            entry.places.iter().filter(outside).map(|site| wording::place(t, site)).collect()
        }
        Code::StatementContradicted => {
            let stated = &list.register.operator.regions;
            let unsaid = |site: &&register::Site| {
                site.used_to != PlaceUse::Look
                    && site.region.as_ref().is_some_and(|own| !stated.contains(own))
            };
            entry.places.iter().filter(unsaid).map(|site| wording::place(t, site)).collect()
        }
        Code::CertificatesJoined => entry.claims.iter().map(|claim| format!("“{}”", claim.words)).collect(),
        Code::NoSuchCertificate => entry.claims.iter().flat_map(|claim| claim.no_such.clone()).collect(),
        Code::CertificateSuperseded => superseded(entry, on, by_status(CertificateStatus::Superseded)),
        Code::CertificateLapsed => by_status(CertificateStatus::Lapsed),
        Code::CertificateUnproven => by_status(CertificateStatus::Claimed),
        Code::CertificateInvalid => by_status(CertificateStatus::Invalid),
        Code::Succeeded => wording::fact(t, entry, "successor"),
        Code::DutyWithoutClause | Code::DutyLapsed => unbound(t, entry, on),
        _ => Vec::new(),
    };
    details.join("; ")
}

fn superseded(entry: &Entry, on: Date, mut titles: Vec<String>) -> Vec<String> {
    let claimed = entry.claims.iter().flat_map(|claim| &claim.any_of);
    titles.extend(
        claimed
            .filter(|kind| kind.ended().is_some_and(|ended| on > ended))
            .map(|kind| kind.title().to_owned()),
    );
    titles
}

fn unbound(t: &Texts, entry: &Entry, on: Date) -> Vec<String> {
    let bound = |duty: Duty| entry.duties.iter().any(|record| record.duty == duty && record.binds(on));
    let unbound: Vec<Duty> = Duty::ALL.iter().copied().filter(|duty| !bound(*duty)).collect();
    if unbound.len() == Duty::ALL.len() {
        let count = Duty::ALL.len().to_string();
        return vec![t.with("trust-all-duties", &[("count", count.into())]).into_owned()];
    }
    unbound.into_iter().map(|duty| wording::duty(t, duty).to_owned()).collect()
}
