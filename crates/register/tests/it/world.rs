//! Random registers: entries, what accounts sign and say, and asks, all from small pools so that they meet.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use register::{
    Ask, Authorisation, Basis, Change, Contact, Decision, Diligence, Duty, DutyRecord, Endpoint, Entry,
    Mechanism, PlaceUse, Site, State, Terms, Transfer,
};
use words::{AccountId, Category, Purpose, Time};

/// The first day of every story.
pub const FIRST_DAY: Date = date(2026, 1, 1);
/// Hours that a story lasts.
pub const HOURS: i64 = 24 * 100;
pub const ENTRIES: [&str; 3] = ["alfa", "beta", "gamma"];
const HOSTS: [&str; 5] =
    ["a.example.com", "b.example.com", "c.d.example.com", "example.com", "other.example.dk"];
const PATTERNS: [&str; 4] = ["a.example.com", "b.example.com", "*.example.com", "other.example.dk"];
const PORTS: [u16; 3] = [25, 443, 8443];
const PURPOSES: [Purpose; 4] = [Purpose::Webhook, Purpose::Voice, Purpose::MailRelay, Purpose::Certificates];

/// The instant so many hours into the story.
pub fn hour(hours: i64) -> Time {
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(FIRST_DAY.at(0, 0, 0, 0)).unwrap();
    Time::from_seconds(midnight.as_second() + hours * 3_600)
}

pub fn account(number: u8) -> AccountId {
    format!("00000000-0000-7000-8000-00000000000{number}").parse().unwrap()
}

fn a_day() -> impl Strategy<Value = Date> {
    (0..100_i64).prop_map(|days| FIRST_DAY.checked_add(jiff::ToSpan::days(days)).unwrap())
}

fn perhaps_a_day() -> impl Strategy<Value = Option<Date>> {
    prop_oneof![4 => Just(None), 1 => a_day().prop_map(Some)]
}

fn duties() -> impl Strategy<Value = Vec<DutyRecord>> {
    let missing = prop_oneof![9 => Just(usize::MAX), 1 => 0..Duty::ALL.len()];
    (missing, 0..Duty::ALL.len(), perhaps_a_day(), prop::bool::weighted(0.05)).prop_map(
        |(missing, ends, to, late)| {
            let record = |(position, duty): (usize, &Duty)| DutyRecord {
                duty: *duty,
                clause: "7".into(),
                document: "00".repeat(32),
                valid_from: if late { date(2026, 2, 1) } else { date(2025, 1, 1) },
                valid_to: if position == ends { to } else { None },
            };
            Duty::ALL.iter().enumerate().filter(|(position, _)| *position != missing).map(record).collect()
        },
    )
}

fn diligence() -> impl Strategy<Value = Option<Diligence>> {
    let by = prop_oneof![9 => Just("mette"), 1 => Just("jens")];
    (by, prop::bool::weighted(0.95), perhaps_a_day()).prop_map(|(by, accepted, renew_by)| {
        let reason = "asked and answered".to_owned();
        Some(Diligence {
            author: "jens".into(),
            decision: Some(Decision { by: by.into(), on: date(2025, 12, 1), reason, accepted }),
            renew_by,
            answers: Vec::new(),
            files: Vec::new(),
            points: Vec::new(),
        })
    })
}

fn places() -> impl Strategy<Value = (Vec<Site>, Vec<Transfer>)> {
    let country = prop_oneof![6 => Just(Some("DK")), 3 => Just(Some("US")), 1 => Just(None)];
    let mechanism = prop_oneof![4 => Just(Mechanism::StandardClauses), 1 => Just(Mechanism::Derogation)];
    (country, prop::option::weighted(0.8, (mechanism, perhaps_a_day()))).prop_map(|(country, transfer)| {
        let site = Site {
            used_to: PlaceUse::Store,
            country: country.map(|code| code.parse().unwrap()),
            region: None,
            site: None,
            serves: Vec::new(),
        };
        let transfer = transfer.map(|(mechanism, valid_to)| Transfer {
            country: "US".parse().unwrap(),
            mechanism,
            document: "module 3".into(),
            valid_from: date(2025, 1, 1),
            valid_to,
            impact: None,
        });
        (vec![site], transfer.into_iter().collect())
    })
}

fn endpoints() -> impl Strategy<Value = Vec<Endpoint>> {
    let endpoint =
        (prop::sample::select(&PATTERNS[..]), prop::sample::select(&PORTS[..]), prop::bool::weighted(0.2));
    let endpoint = endpoint.prop_map(|(host, port, webhooks_only)| Endpoint {
        host: host.parse().unwrap(),
        port,
        purposes: if webhooks_only { vec![Purpose::Webhook] } else { Vec::new() },
    });
    prop::collection::vec(endpoint, 1..4)
}

/// An entry, mostly one that may be used.
pub fn entries() -> impl Strategy<Value = Entry> {
    let purposes = prop::sample::subsequence(PURPOSES.to_vec(), 1..=PURPOSES.len());
    let serves = prop_oneof![3 => Just(Vec::new()), 1 => Just(vec!["eu".parse().unwrap()])];
    let all = vec![Category::Content, Category::Metadata, Category::Credentials];
    let categories =
        prop_oneof![6 => Just(all), 1 => Just(vec![Category::Metadata]), 1 => Just(vec![Category::Content])];
    let facts = (purposes, serves, duties(), diligence(), places(), endpoints(), categories);
    (prop::sample::select(&ENTRIES[..]), facts, prop::bool::weighted(0.03)).prop_map(|(id, facts, sample)| {
        let (purposes, serves, duties, diligence, (places, transfers), endpoints, categories) = facts;
        let mut entry = named(id);
        entry.sample = sample;
        Entry { categories, purposes, serves, duties, diligence, places, transfers, endpoints, ..entry }
    })
}

fn named(id: &str) -> Entry {
    let mut entry: Entry = toml::from_str(&format!("id = \"{id}\"\nheading = \"service\"")).unwrap();
    entry.name = Some(format!("{id} ApS"));
    entry.address = Some("Somewhere 1, Aarhus".into());
    entry.contact = Some(Contact { person: None, channel: Some(format!("privacy@{id}.example")) });
    entry
}

fn terms() -> impl Strategy<Value = Terms> {
    let mode = prop_oneof![2 => Just(Authorisation::General), 1 => Just(Authorisation::Specific)];
    (mode, 0..40_u32, prop_oneof![2 => Just("eu"), 1 => Just("us")]).prop_map(
        |(authorisation, days, region)| Terms {
            authorisation,
            objection_days: days,
            region: region.parse().unwrap(),
            signed_at: Time::default(),
        },
    )
}

/// A change of any kind. The hour of signing is filled in when it is made.
pub fn changes() -> impl Strategy<Value = Change> {
    let entry = || prop::sample::select(&ENTRIES[..]).prop_map(|id| id.parse().unwrap());
    let of = || ((1..=2_u8).prop_map(account), entry());
    prop_oneof![
        2 => entries().prop_map(|entry| Change::Put { entry: Box::new(entry) }),
        6 => (entry(), prop::sample::select(&State::ALL[..])).prop_map(|(entry, to)| Change::Step { entry, to }),
        2 => ((1..=2_u8).prop_map(account), terms())
            .prop_map(|(account, terms)| Change::Terms { account, terms: Box::new(terms) }),
        4 => of().prop_map(|(account, entry)| Change::Told { account, entry }),
        1 => of().prop_map(|(account, entry)| Change::Bounced { account, entry }),
        2 => of().prop_map(|(account, entry)| Change::Accepted { account, entry }),
        2 => of().prop_map(|(account, entry)| Change::Objected { account, entry }),
        1 => of().prop_map(|(account, entry)| Change::Answered { account, entry, answer: "served without it".into() }),
        2 => of().prop_map(|(account, entry)| Change::ObjectionWithdrawn { account, entry }),
    ]
}

/// The way of an entry into use, as changes that follow one another.
pub fn ways_into_use() -> impl Strategy<Value = Vec<Change>> {
    entries().prop_map(|entry| {
        let steps = [State::Diligence, State::Contracted, State::Announced, State::Active];
        let id = entry.id.clone();
        let put = Change::Put { entry: Box::new(entry) };
        std::iter::once(put).chain(steps.map(|to| Change::Step { entry: id.clone(), to })).collect()
    })
}

pub fn asks() -> impl Strategy<Value = Ask> {
    let basis = prop_oneof![
        8 => Just(Basis::Entry),
        2 => Just(Basis::Instruction),
        1 => Just(Basis::Operator),
        1 => Just(Basis::Addressee { domain: "example.com".parse().unwrap() }),
    ];
    let purposes = [&PURPOSES[..], &[Purpose::MailAddressee, Purpose::Database]].concat();
    let account = prop_oneof![8 => (1..=3_u8).prop_map(|number| Some(account(number))), 1 => Just(None)];
    let host = prop::sample::select(&HOSTS[..]).prop_map(|host| host.parse().unwrap());
    (account, prop::sample::select(purposes), host, prop::sample::select(&PORTS[..]), basis)
        .prop_map(|(account, purpose, host, port, basis)| Ask { account, purpose, host, port, basis })
}
