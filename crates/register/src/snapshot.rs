//! What the door reads of the register: signed by the console, small, and quick to ask.

use std::collections::HashMap;

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use words::{AccountId, Category, Host, Purpose, Region, Time};

use crate::{
    AccountTerms, Endpoint, Entry, EntryId, Held, HostPattern, Register, State, day, unbound,
    without_mechanism,
};

/// An entry as the door asks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRule {
    /// Which.
    pub id: EntryId,
    /// Its state.
    pub state: State,
    /// Since when it is active.
    pub active_since: Option<Time>,
    /// When the first duty, decision or mechanism lapses; what has lapsed already: the past. None: never.
    pub closes_at: Option<Time>,
    /// Regions whose accounts it serves; empty: all.
    pub serves: Vec<Region>,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// Which data it may get.
    pub categories: Vec<Category>,
    /// Its hosts.
    pub endpoints: Vec<Endpoint>,
}

impl EntryRule {
    /// Whether one of its endpoints is this one, for this purpose.
    pub fn is_for(&self, host: &Host, port: u16, purpose: Purpose) -> bool {
        self.purposes.contains(&purpose)
            && self.endpoints.iter().any(|endpoint| {
                endpoint.port == port
                    && (endpoint.purposes.is_empty() || endpoint.purposes.contains(&purpose))
                    && endpoint.host.matches(host)
            })
    }
}

/// What is signed: the rules as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rules {
    /// The number of the register's last change in it.
    pub number: u64,
    /// When it was made.
    pub made_at: Time,
    /// The entries that have hosts. Samples are not among them.
    pub entries: Vec<EntryRule>,
    /// What accounts signed and said.
    pub accounts: Vec<(AccountId, AccountTerms)>,
}

impl Rules {
    /// The rules of a register.
    pub fn of(register: &Register, now: Time) -> Self {
        let with_hosts = register.entries.values().filter(|held| {
            !held.entry.sample && held.state != State::Ended && !held.entry.endpoints.is_empty()
        });
        Self {
            number: register.number,
            made_at: now,
            entries: with_hosts.map(|held| rule(held, now)).collect(),
            accounts: register.accounts.iter().map(|(id, account)| (*id, account.clone())).collect(),
        }
    }
}

fn rule(held: &Held, now: Time) -> EntryRule {
    let entry = &held.entry;
    EntryRule {
        id: entry.id.clone(),
        state: held.state,
        active_since: held.active_since,
        closes_at: closes_on(entry, day(now)).map(start_of),
        serves: entry.serves.clone(),
        purposes: entry.purposes.clone(),
        categories: entry.categories.clone(),
        endpoints: entry.endpoints.clone(),
    }
}

/// The first day, from `today` on, on which a duty, the decision or a mechanism does not hold.
fn closes_on(entry: &Entry, today: Date) -> Option<Date> {
    let duties = entry.duties.iter().filter_map(|duty| duty.valid_to);
    let renewal = entry.diligence.iter().filter_map(|diligence| diligence.renew_by);
    let mechanisms = entry.transfers.iter().filter_map(|transfer| transfer.valid_to);
    let last_days = duties.chain(renewal).chain(mechanisms);
    let mut days: Vec<Date> =
        last_days.filter_map(|last| last.tomorrow().ok()).filter(|day| *day > today).chain([today]).collect();
    days.sort();
    days.into_iter().find(|day| !holds(entry, *day))
}

fn holds(entry: &Entry, on: Date) -> bool {
    let decided = entry.diligence.as_ref().is_some_and(|diligence| diligence.holds(on));
    decided && without_mechanism(entry, on).is_ok() && unbound(entry, on).is_none()
}

fn start_of(day: Date) -> Time {
    let midnight = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    midnight.map_or(Time::from_micros(i64::MIN), |at| Time::from_micros(at.as_microsecond()))
}

/// The rules, ready to be asked.
#[derive(Debug, Clone)]
pub struct Snapshot {
    rules: Rules,
    exact: HashMap<(Host, u16), Vec<usize>>,
    under: HashMap<(Host, u16), Vec<usize>>,
    accounts: HashMap<AccountId, usize>,
}

impl Snapshot {
    /// Makes rules ready.
    pub fn new(rules: Rules) -> Self {
        let (mut exact, mut under) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (position, entry) in rules.entries.iter().enumerate() {
            for endpoint in &entry.endpoints {
                let (index, host) = match &endpoint.host {
                    HostPattern::Host(host) => (&mut exact, host),
                    HostPattern::Under(domain) => (&mut under, domain),
                };
                let positions = index.entry((host.clone(), endpoint.port)).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
        let accounts = rules.accounts.iter().enumerate().map(|(position, (id, _))| (*id, position)).collect();
        Self { rules, exact, under, accounts }
    }

    /// The number of the register's last change in it.
    pub fn number(&self) -> u64 {
        self.rules.number
    }

    /// The entries that have a host and port.
    pub(crate) fn having(&self, host: &Host, port: u16) -> impl Iterator<Item = &EntryRule> {
        let exact = self.exact.get(&(host.clone(), port)).into_iter().flatten();
        let above =
            if self.under.is_empty() || host.ip().is_some() { Vec::new() } else { domains_above(host) };
        let under = above.into_iter().filter_map(move |domain| self.under.get(&(domain, port))).flatten();
        exact.chain(under).map(|position| &self.rules.entries[*position])
    }

    /// What an account signed and said.
    pub(crate) fn account(&self, id: AccountId) -> Option<&AccountTerms> {
        self.accounts.get(&id).map(|position| &self.rules.accounts[*position].1)
    }

    /// Whether an account objects to an entry.
    pub(crate) fn objects(&self, account: AccountId, entry: &EntryId) -> bool {
        let standing = self.account(account).and_then(|account| account.standings.get(entry));
        standing.is_some_and(|standing| standing.objection.is_some())
    }
}

/// The domains above a host, the nearest first.
fn domains_above(host: &Host) -> Vec<Host> {
    let name = host.as_str();
    let dots = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
    dots.filter_map(|domain| domain.parse().ok()).collect()
}
