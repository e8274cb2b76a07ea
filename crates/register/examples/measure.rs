//! How long a decision takes: 1,000 entries, 10,000 accounts, each with an objection.
//!
//! `cargo run --release -p register --example measure`

use std::{hint::black_box, time::Instant};

use register::{
    AccountTerms, Ask, Authorisation, Basis, Endpoint, EntryId, EntryRule, Objection, OperatorFile, Rulebook,
    Rules, Snapshot, Standing, State, Terms, explain,
};
use words::{AccountId, Purpose, Time};

const ENTRIES: usize = 1_000;
const ACCOUNTS: usize = 10_000;
const DECISIONS: usize = 200_000;

fn entry(number: usize) -> EntryRule {
    let host = format!("host-{number}.example.com").parse().expect("a host");
    EntryRule {
        id: id(number),
        state: State::Active,
        active_since: Some(Time::from_seconds(1_000)),
        closes_at: None,
        serves: Vec::new(),
        purposes: vec![Purpose::Voice],
        categories: Purpose::Voice.carries().to_vec(),
        endpoints: vec![Endpoint { host, port: 443, purposes: Vec::new() }],
    }
}

fn id(number: usize) -> EntryId {
    format!("entry-{number}").parse().expect("an id")
}

fn account(number: usize) -> AccountTerms {
    let terms = Terms {
        authorisation: Authorisation::General,
        objection_days: 30,
        region: "eu".parse().expect("a region"),
        signed_at: Time::from_seconds(2_000),
    };
    let objection = Objection { at: Time::from_seconds(3_000), reason: "a reason".into(), answer: None };
    let standing = Standing { objection: Some(objection), ..Standing::default() };
    AccountTerms { terms, standings: [(id(number % ENTRIES), standing)].into() }
}

fn main() {
    let now = Time::from_seconds(10_000);
    let accounts: Vec<AccountId> = (0..ACCOUNTS).map(|_| AccountId::new(now)).collect();
    let rules = Rules {
        number: 1,
        made_at: now,
        entries: (0..ENTRIES).map(entry).collect(),
        accounts: accounts.iter().enumerate().map(|(number, id)| (*id, account(number))).collect(),
    };
    let (file, book) = (OperatorFile::default(), Rulebook::Signed(Box::new(Snapshot::new(rules))));
    let mut nanoseconds = Vec::with_capacity(DECISIONS);
    let mut refused = 0;
    for number in 0..DECISIONS {
        let who = (number * 7_919) % ACCOUNTS;
        // Each tenth asks for the entry that it objects to.
        let which = if number % 10 == 0 { who % ENTRIES } else { (number * 104_729) % ENTRIES };
        let ask = Ask {
            account: Some(accounts[who]),
            purpose: Purpose::Voice,
            host: format!("host-{which}.example.com").parse().expect("a host"),
            port: 443,
            basis: Basis::Entry,
        };
        let begun = Instant::now();
        let (decision, rules) = black_box(explain(&file, &book, black_box(&ask), now));
        nanoseconds.push(begun.elapsed().as_nanos());
        refused += usize::from(decision.is_err());
        drop(rules);
    }
    nanoseconds.sort_unstable();
    let at = |share: usize| nanoseconds[DECISIONS * share / 1_000];
    let figure = serde_json::json!({
        "figure": "a decision with its explanation", "decisions": DECISIONS, "refused": refused,
        "entries": ENTRIES, "accounts": ACCOUNTS,
        "median_ns": at(500), "p99_ns": at(990), "p999_ns": at(999),
    });
    println!("{figure}");
}
