//! What the register knows, in the words of a language: one line a fact. Pages and differences both read these.

use jiff::civil::Date;
use maud::{Markup, html};
use register::{
    Certificate, Claim, Country, Duty, DutyRecord, Endpoint, Entry, Operator, PlaceUse, Relation, Site,
    Transfer, day,
};
use words::{Category, Purpose, Region, Time};

use crate::language::Texts;

/// A day in words.
pub fn date(t: &Texts, date: Date) -> String {
    let month = t.named("trust-month-", &date.month().to_string()).to_owned();
    let values = [
        ("day", date.day().to_string().into()),
        ("month", month.into()),
        ("year", date.year().to_string().into()),
    ];
    t.with("trust-date", &values).into_owned()
}

/// The day of a moment, in words.
pub fn day_of(t: &Texts, at: Time) -> String {
    date(t, day(at))
}

/// The day of a moment, as `<time>`.
pub fn time(t: &Texts, at: Time) -> Markup {
    html! { time datetime=(day(at)) { (day_of(t, at)) } }
}

/// A country's name, or its two letters.
pub fn country(t: &Texts, country: Country) -> String {
    let key = country.as_str().to_ascii_lowercase();
    let name = t.named("trust-country-", &key);
    if name == key { country.as_str().to_owned() } else { name.to_owned() }
}

/// A region's name, or what the operator calls it.
pub fn region(t: &Texts, region: &Region) -> String {
    let name = t.named("trust-region-", region.as_str());
    if name == region.as_str() { name.to_uppercase() } else { name.to_owned() }
}

/// Some regions.
pub fn regions(t: &Texts, some: &[Region]) -> String {
    some.iter().map(|one| region(t, one)).collect::<Vec<_>>().join(", ")
}

/// What for.
pub fn purposes(t: &Texts, some: &[Purpose]) -> String {
    some.iter().map(|one| t.named("trust-purpose-", one.name())).collect::<Vec<_>>().join(", ")
}

fn category(t: &Texts, category: Category) -> &str {
    t.get(match category {
        Category::Content => "trust-category-content",
        Category::Metadata => "trust-category-metadata",
        Category::Credentials => "trust-category-credentials",
    })
}

/// Which data.
pub fn categories(t: &Texts, some: &[Category]) -> String {
    some.iter().map(|one| category(t, *one)).collect::<Vec<_>>().join("; ")
}

/// What somebody is to the operator.
pub fn relation(t: &Texts, relation: Relation) -> &str {
    t.get(match relation {
        Relation::ThirdParty => "trust-relation-third-party",
        Relation::GroupCompany => "trust-relation-group-company",
        Relation::Subcontractor => "trust-relation-subcontractor",
    })
}

/// What happens at a place.
pub fn used_to(t: &Texts, used_to: PlaceUse) -> &str {
    t.get(match used_to {
        PlaceUse::Store => "trust-use-store",
        PlaceUse::Process => "trust-use-process",
        PlaceUse::Look => "trust-use-look",
    })
}

/// Where a place is: the site and the country, each if it is said.
pub fn whereabouts(t: &Texts, site: &Site) -> String {
    let country = site.country.map(|known| country(t, known));
    // A list that knows no town says the country's name.
    let town = site.site.clone().filter(|town| country.as_ref() != Some(town));
    let parts: Vec<String> = town.into_iter().chain(country).collect();
    match (parts.is_empty(), &site.region) {
        (false, _) => parts.join(", "),
        (true, Some(known)) => region(t, known),
        (true, None) => t.get("trust-not-said").to_owned(),
    }
}

/// A place and what happens there.
pub fn place(t: &Texts, site: &Site) -> String {
    let mut line = format!("{}: {}", used_to(t, site.used_to), whereabouts(t, site));
    if let Some(known) = &site.region {
        line += " · ";
        line += &t.with("trust-region-counts", &[("region", region(t, known).into())]);
    }
    if !site.serves.is_empty() {
        line += " · ";
        line += &t.with("trust-serves", &[("regions", regions(t, &site.serves).into())]);
    }
    line
}

/// A host and port with what for, in both forms if it has other letters.
pub fn endpoint(t: &Texts, endpoint: &Endpoint) -> String {
    let mut line = format!("{}:{}", endpoint.host, endpoint.port);
    if let Some(letters) = endpoint.host.in_letters() {
        line += " (";
        line += &letters;
        line += ")";
    }
    if !endpoint.purposes.is_empty() {
        line += " · ";
        line += &purposes(t, &endpoint.purposes);
    }
    line
}

/// From when until when something counts.
pub fn period(t: &Texts, from: Option<Date>, until: Option<Date>) -> String {
    match (from, until) {
        (Some(from), Some(until)) => {
            let values = [("from", date(t, from).into()), ("until", date(t, until).into())];
            t.with("trust-from-until", &values).into_owned()
        }
        (Some(from), None) => t.with("trust-from", &[("date", date(t, from).into())]).into_owned(),
        (None, Some(until)) => t.with("trust-until", &[("date", date(t, until).into())]).into_owned(),
        (None, None) => String::new(),
    }
}

/// A country with the mechanism on which data goes there.
pub fn transfer(t: &Texts, transfer: &Transfer) -> String {
    let mechanism = t.named("trust-mechanism-", transfer.mechanism.name());
    let period = period(t, Some(transfer.valid_from), transfer.valid_to);
    format!("{}: {mechanism} · {} · {period}", country(t, transfer.country), transfer.document)
}

/// A certificate's standard and edition.
pub fn certificate_title(certificate: &Certificate) -> String {
    match certificate.edition.as_deref() {
        Some(edition) if edition.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}:{edition}", certificate.kind.title())
        }
        Some(edition) => format!("{} ({})", certificate.kind.title(), edition.replace('-', " ")),
        None => certificate.kind.title().to_owned(),
    }
}

/// All that is known of a certificate, but its title and status.
pub fn certificate_facts(t: &Texts, certificate: &Certificate) -> Vec<String> {
    let with = |key: &'static str, name: &'static str, value: &str| match key {
        "trust-number" => t.with("trust-number", &[(name, value.into())]).into_owned(),
        "trust-at-sites" => t.with("trust-at-sites", &[(name, value.into())]).into_owned(),
        _ => t.with("trust-edition-scope", &[(name, value.into())]).into_owned(),
    };
    let mut facts = Vec::new();
    let period = period(t, certificate.issued, certificate.expires);
    facts.extend((!period.is_empty()).then_some(period));
    facts.extend(certificate.number.as_deref().map(|number| with("trust-number", "number", number)));
    facts.extend(certificate.entity.clone());
    facts.extend(certificate.issuer.clone());
    facts.extend(certificate.scope.as_deref().map(|scope| with("trust-edition-scope", "scope", scope)));
    if !certificate.sites.is_empty() {
        facts.push(with("trust-at-sites", "sites", &certificate.sites.join(", ")));
    }
    if let (Some(who), Some(on)) = (&certificate.checked_by, certificate.checked_on) {
        let values = [("who", who.as_str().into()), ("date", date(t, on).into())];
        facts.push(t.with("trust-seen-by", &values).into_owned());
    }
    facts
}

fn certificate(t: &Texts, certificate: &Certificate) -> String {
    let (facts, file) = (certificate_facts(t, certificate), certificate.file.as_deref().map(short));
    std::iter::once(certificate_title(certificate)).chain(facts).chain(file).collect::<Vec<_>>().join(" · ")
}

/// So much of a hash as tells two documents apart.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn claim(claim: &Claim) -> String {
    format!("“{}”", claim.words)
}

/// A duty in words.
pub fn duty(t: &Texts, duty: Duty) -> &str {
    t.named("trust-duty-", duty.name())
}

fn clause(t: &Texts, record: &DutyRecord) -> String {
    let period = period(t, Some(record.valid_from), record.valid_to);
    let document = short(&record.document);
    format!("{} · {} · {document} · {period}", duty(t, record.duty), record.clause)
}

fn yes(t: &Texts, yes: bool) -> String {
    t.get(if yes { "trust-yes" } else { "trust-no" }).to_owned()
}

/// When it was decided that an entry may be used, and until when that counts.
pub fn decided(t: &Texts, entry: &Entry) -> Option<String> {
    let diligence = entry.diligence.as_ref()?;
    let decision = diligence.decision.as_ref().filter(|decision| decision.accepted)?;
    let on = date(t, decision.on);
    Some(match diligence.renew_by {
        Some(renew) => {
            let values = [("date", on.into()), ("renew", date(t, renew).into())];
            t.with("trust-decided-renew", &values).into_owned()
        }
        None => t.with("trust-decided", &[("date", on.into())]).into_owned(),
    })
}

/// An entry's fact by its name in the file's format, one line each; nothing: it is not said.
pub fn fact(t: &Texts, entry: &Entry, name: &str) -> Vec<String> {
    let one = |text: &Option<String>| text.clone().into_iter().collect();
    match name {
        "sample" => vec![yes(t, entry.sample)],
        "name" => one(&entry.name),
        "heading" => vec![t.named("trust-heading-", entry.heading.name()).to_owned()],
        "relation" => entry.relation.map(|known| relation(t, known).to_owned()).into_iter().collect(),
        "task" => one(&entry.task),
        "registration" => one(&entry.registration),
        "address" => one(&entry.address),
        "country" => entry.country.map(|known| country(t, known)).into_iter().collect(),
        "owner" => one(&entry.owner),
        "contact" => entry.contact.iter().flat_map(|c| c.person.iter().chain(&c.channel).cloned()).collect(),
        "dpo" => one(&entry.dpo),
        "representative" => one(&entry.representative),
        "successor" => {
            entry.successor.iter().map(|next| format!("{} · {}", next.name, date(t, next.since))).collect()
        }
        "purposes" => entry.purposes.iter().map(|one| purposes(t, &[*one])).collect(),
        "categories" => entry.categories.iter().map(|one| category(t, *one).to_owned()).collect(),
        "special" => one(&entry.special),
        "duration" => one(&entry.duration),
        "parent" => entry.parent.iter().map(ToString::to_string).collect(),
        "serves" => entry.serves.iter().map(|one| region(t, one)).collect(),
        "unseen" => entry.unseen.clone(),
        "place" => entry.places.iter().map(|site| place(t, site)).collect(),
        "endpoint" => entry.endpoints.iter().map(|one| endpoint(t, one)).collect(),
        "transfer" => entry.transfers.iter().map(|one| transfer(t, one)).collect(),
        "claim" => entry.claims.iter().map(claim).collect(),
        "certificate" => entry.certificates.iter().map(|one| certificate(t, one)).collect(),
        "diligence" => decided(t, entry).into_iter().collect(),
        "duty" => entry.duties.iter().map(|record| clause(t, record)).collect(),
        _ => Vec::new(),
    }
}

/// What the operator states, by the fact's name in the file's format, one line each; nothing: it is not said.
pub fn stated(t: &Texts, operator: &Operator, name: &str) -> Vec<String> {
    let one = |text: &Option<String>| text.clone().into_iter().collect();
    let choice = |choice: Option<bool>| choice.map(|value| yes(t, value)).into_iter().collect();
    match name {
        "name" => one(&operator.name),
        "service" => one(&operator.service),
        "sample" => one(&operator.sample),
        "page_dated" => operator.page_dated.map(|on| date(t, on)).into_iter().collect(),
        "regions" => operator.regions.iter().map(|one| region(t, one)).collect(),
        "agreement_by" => one(&operator.agreement_by),
        "binding" => choice(operator.binding),
        "earlier_versions" => one(&operator.earlier_versions),
        "notice_channel" => one(&operator.notice_channel),
        "notice_days" => operator.notice_days.map(|days| days.to_string()).into_iter().collect(),
        "duties_stated" => operator.duties_stated.iter().map(|one| duty(t, *one).to_owned()).collect(),
        "consent_before_looking" => choice(operator.consent_before_looking),
        _ => Vec::new(),
    }
}
