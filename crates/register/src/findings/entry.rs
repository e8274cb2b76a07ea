//! Findings on one entry.

use jiff::civil::Date;

use super::{Code, Finding, on_entry};
use crate::{
    CertificateStatus, Country, Duty, Entry, Heading, Held, PlaceUse, Register, Relation, is_inside,
};

pub(super) fn check(register: &Register, held: &Held, on: Date) -> Vec<Finding> {
    let entry = &held.entry;
    [
        identity(entry),
        processing(entry),
        places(register, entry),
        mechanisms(entry, on),
        certificates(entry, on),
        duties(entry, on),
        diligence(entry, on),
    ]
    .concat()
}

fn identity(entry: &Entry) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    let mut findings = Vec::new();
    if !entry.names_a_person() {
        let sentence = format!("{shown}: who they are is not said; \"subcontractors\" is no legal person");
        findings.push(on_entry(Code::Unnamed, id, sentence));
    }
    if entry.address.is_none() {
        findings.push(on_entry(Code::NoAddress, id, format!("{shown}: no address is given")));
    }
    if entry.contact.as_ref().is_none_or(|contact| contact.channel.is_none()) {
        findings.push(on_entry(Code::NoContact, id, format!("{shown}: nobody is named whom one could ask")));
    }
    if let Some(successor) = &entry.successor {
        let sentence = format!("{shown}: since {} it is {}", successor.since, successor.name);
        findings.push(on_entry(Code::Succeeded, id, sentence));
    }
    if entry.relation == Some(Relation::Subcontractor) && entry.heading != Heading::Subcontractor {
        let sentence = format!(
            "{shown}: it is called a subcontractor, and listed under {}; does the rule that subcontractors \
             look only with the customer's consent bind it?",
            entry.heading.name()
        );
        findings.push(on_entry(Code::ConsentUnclear, id, sentence));
    }
    findings
}

fn processing(entry: &Entry) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    let mut findings = Vec::new();
    if entry.purposes.is_empty() {
        let sentence = format!("{shown}: it is not said what for it gets data");
        findings.push(on_entry(Code::NoPurpose, id, sentence));
    }
    if entry.categories.is_empty() {
        findings.push(on_entry(
            Code::NoCategories,
            id,
            format!("{shown}: it is not said which data it gets"),
        ));
    }
    findings
}

fn places(register: &Register, entry: &Entry) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    if entry.places.is_empty()
        || entry.places.iter().all(|place| place.country.is_none() && place.region.is_none())
    {
        return vec![on_entry(Code::NoPlace, id, format!("{shown}: it is not said where"))];
    }
    let mut findings = Vec::new();
    for place in &entry.places {
        let Some(region) = &place.region else { continue };
        let named = place.site.clone().or_else(|| place.country.map(|country| country.to_string()));
        let named = named.unwrap_or_else(|| region.to_string());
        for served in place.serves.iter().filter(|served| *served != region) {
            let sentence =
                format!("{shown}: accounts of region {served} are served from {named}, in region {region}");
            findings.push(on_entry(Code::OutsideRegion, id, sentence));
        }
        let stated = &register.operator.regions;
        if place.used_to != PlaceUse::Look && !stated.is_empty() && !stated.contains(region) {
            let stated = stated.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
            let sentence =
                format!("{shown}: data lies in {named}, region {region}; the page states {stated} only");
            findings.push(on_entry(Code::StatementContradicted, id, sentence));
        }
    }
    findings
}

/// Third countries without a mechanism. Who works from nobody knows where has none either.
fn mechanisms(entry: &Entry, on: Date) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    let mut findings = Vec::new();
    let countries: std::collections::BTreeSet<Country> =
        entry.places.iter().filter_map(|place| place.country).chain(entry.country).collect();
    let carried = |country: Country| entry.transfers.iter().any(|transfer| transfer.carries(country, on));
    for country in countries.into_iter().filter(|country| !is_inside(*country, on) && !carried(*country)) {
        let sentence = format!("{shown}: {country} lies outside the EEA, and no mechanism is given");
        findings.push(on_entry(Code::NoMechanism, id, sentence));
    }
    let somewhere = entry.country.is_some()
        || entry.places.iter().any(|place| place.country.is_some() || place.region.is_some());
    if !somewhere && entry.transfers.is_empty() && entry.heading != Heading::Infrastructure {
        let sentence = format!(
            "{shown}: no country is given, and no mechanism for the case that it lies outside the EEA"
        );
        findings.push(on_entry(Code::NoMechanism, id, sentence));
    }
    for transfer in entry.transfers.iter().filter(|transfer| !transfer.mechanism.stands()) {
        let sentence = format!(
            "{shown}: a derogation (Art. 49) is no ground for what goes to {} regularly",
            transfer.country
        );
        findings.push(on_entry(Code::MechanismDoesNotStand, id, sentence));
    }
    findings
}

fn certificates(entry: &Entry, on: Date) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    let mut findings = Vec::new();
    for claim in &entry.claims {
        if claim.any_of.len() + claim.no_such.len() > 1 {
            let sentence =
                format!("{shown}: \"{}\" claims nothing: one of them is enough to make it true", claim.words);
            findings.push(on_entry(Code::CertificatesJoined, id, sentence));
        }
        for word in &claim.no_such {
            let sentence = format!("{shown}: there is no certificate \"{word}\"");
            findings.push(on_entry(Code::NoSuchCertificate, id, sentence));
        }
        for kind in &claim.any_of {
            let Some(ended) = kind.ended().filter(|ended| on > *ended) else { continue };
            let sentence = format!("{shown}: no report by {} was given after {ended}", kind.title());
            findings.push(on_entry(Code::CertificateSuperseded, id, sentence));
        }
    }
    for certificate in &entry.certificates {
        let title = certificate.kind.title();
        let (code, what) = match certificate.status(on) {
            CertificateStatus::Evidenced => continue,
            CertificateStatus::Claimed => (Code::CertificateUnproven, "is claimed; nobody has seen it"),
            CertificateStatus::Lapsed => (Code::CertificateLapsed, "has lapsed"),
            CertificateStatus::Superseded => (Code::CertificateSuperseded, "was followed by another"),
            CertificateStatus::Invalid => (Code::CertificateInvalid, "cannot stand alone"),
        };
        findings.push(on_entry(code, id, format!("{shown}: {title} {what}")));
    }
    findings
}

fn duties(entry: &Entry, on: Date) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    let mut findings = Vec::new();
    let mut without = Vec::new();
    for duty in Duty::ALL {
        let records = entry.duties.iter().filter(|record| record.duty == *duty);
        let mut lapsed = records.clone().filter(|record| record.valid_to.is_some_and(|to| to < on));
        if records.clone().any(|record| record.binds(on)) {
            continue;
        }
        match lapsed.next() {
            Some(_) => {
                let sentence = format!("{shown}: the clause on {} has lapsed", duty.name());
                findings.push(on_entry(Code::DutyLapsed, id, sentence));
            }
            None => without.push(duty.name()),
        }
    }
    if !without.is_empty() {
        let sentence = format!("{shown}: no clause is named for {}", without.join(", "));
        findings.push(on_entry(Code::DutyWithoutClause, id, sentence));
    }
    findings
}

fn diligence(entry: &Entry, on: Date) -> Vec<Finding> {
    let (id, shown) = (&entry.id, entry.shown());
    match &entry.diligence {
        Some(diligence) if diligence.holds(on) => Vec::new(),
        Some(diligence) if diligence.renew_by.is_some_and(|day| day < on) => {
            vec![on_entry(
                Code::DecisionLapsed,
                id,
                format!("{shown}: the decision to use it was to be renewed"),
            )]
        }
        _ => {
            let sentence = format!("{shown}: nobody but its author has decided that it may be used");
            vec![on_entry(Code::NotDecided, id, sentence)]
        }
    }
}
