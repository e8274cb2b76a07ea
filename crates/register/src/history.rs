//! The register as its history makes it: every change in order, and the state at any moment.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use words::{AccountId, Time};

use crate::{
    AccountTerms, Change, Entry, EntryId, Objection, Operator, Recorded, Standing, State, StepRefusal, step,
};

/// How deep a chain of sub-processors may be.
const CHAIN_LENGTH_MAX: usize = 16;

/// An entry as the register has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its facts.
    pub entry: Entry,
    /// How far it has come.
    pub state: State,
    /// Since when it is in this state.
    pub since: Time,
    /// Since when it has been active without a break, if it is.
    pub active_since: Option<Time>,
    /// When its facts were last changed.
    pub changed_at: Time,
}

/// The register at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Register {
    /// The number of the last change in it.
    pub number: u64,
    /// When that was made.
    pub updated_at: Option<Time>,
    /// What the operator says.
    pub operator: Operator,
    /// The entries, ended ones too.
    pub entries: BTreeMap<EntryId, Held>,
    /// What accounts signed and said.
    pub accounts: BTreeMap<AccountId, AccountTerms>,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// Its number does not follow.
    #[error("change {found} does not follow change {last}")]
    Number {
        /// The last that was made.
        last: u64,
        /// The one at hand.
        found: u64,
    },
    /// There is no such entry.
    #[error("there is no entry {0}")]
    NoSuchEntry(EntryId),
    /// The account has signed nothing.
    #[error("the account has signed no terms")]
    NoTerms,
    /// The entry above it is not there, or the chain comes back to itself, or is too deep.
    #[error("the chain above {0} does not end at the operator")]
    Chain(EntryId),
    /// An entry that ended does not come back: a new one is written.
    #[error("{0} has ended; write a new entry")]
    Ended(EntryId),
    /// A sample becomes none, or the other way round.
    #[error("{0} is a sample, or is none: that does not change")]
    Sample(EntryId),
    /// The step is refused.
    #[error("{entry}: {refusal}")]
    Step {
        /// Which entry.
        entry: EntryId,
        /// Why.
        refusal: StepRefusal,
    },
    /// Facts of an entry that opens doors cannot be changed in silence: it goes through notice again.
    #[error("{0} is in use: a change of this kind needs a notice: write a new entry")]
    InUse(EntryId),
    /// There is no objection to answer or take back.
    #[error("there is no objection")]
    NoObjection,
}

/// The day of an instant in UTC.
pub fn day(at: Time) -> Date {
    jiff::Timestamp::from_microsecond(at.micros())
        .map_or(Date::MIN, |instant| TimeZone::UTC.to_datetime(instant).date())
}

impl Register {
    /// The register as the changes made it. The first that does not fit ends it.
    pub fn replay<'c>(changes: impl IntoIterator<Item = &'c Recorded>) -> Result<Self, ChangeRefusal> {
        let mut register = Self::default();
        changes.into_iter().try_for_each(|change| register.apply(change))?;
        Ok(register)
    }

    /// The register as it was at a moment.
    pub fn at<'c>(changes: impl IntoIterator<Item = &'c Recorded>, at: Time) -> Result<Self, ChangeRefusal> {
        Self::replay(changes.into_iter().take_while(|change| change.at <= at))
    }

    /// Makes a change. After a refusal the register is as it was.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), ChangeRefusal> {
        if recorded.number != self.number + 1 {
            return Err(ChangeRefusal::Number { last: self.number, found: recorded.number });
        }
        match &recorded.change {
            Change::Operator { operator } => self.operator = (**operator).clone(),
            Change::Put { entry } => self.put(entry, recorded.at)?,
            Change::Step { entry, to } => self.step(entry, *to, recorded.at)?,
            Change::Sample { entry, state } => self.set_sample(entry, *state, recorded.at)?,
            Change::Terms { account, terms } => {
                let terms = (**terms).clone();
                let standings = self.accounts.remove(account).map(|held| held.standings).unwrap_or_default();
                self.accounts.insert(*account, AccountTerms { terms, standings });
            }
            Change::Told { account, entry } => {
                let standing = self.standing(*account, entry)?;
                standing.bounced = false;
                standing.told_at.get_or_insert(recorded.at);
            }
            Change::Bounced { account, entry } => self.standing(*account, entry)?.bounced = true,
            Change::Accepted { account, entry } => {
                self.standing(*account, entry)?.accepted_at = Some(recorded.at);
            }
            Change::Objected { account, entry } => {
                let objection = Objection { at: recorded.at, reason: recorded.reason.clone(), answer: None };
                let standing = self.standing(*account, entry)?;
                standing.accepted_at = None;
                standing.objection = Some(objection);
            }
            Change::Answered { account, entry, answer } => {
                let objection = self.objecting(*account, entry)?.objection.as_mut();
                objection.ok_or(ChangeRefusal::NoObjection)?.answer = Some(answer.clone());
            }
            Change::ObjectionWithdrawn { account, entry } => {
                let objection = self.objecting(*account, entry)?.objection.take();
                objection.ok_or(ChangeRefusal::NoObjection)?;
            }
        }
        self.number = recorded.number;
        self.updated_at = Some(recorded.at);
        Ok(())
    }

    fn put(&mut self, entry: &Entry, at: Time) -> Result<(), ChangeRefusal> {
        self.check_chain(entry)?;
        let Some(held) = self.entries.get_mut(&entry.id) else {
            let held = Held {
                entry: entry.clone(),
                state: State::Draft,
                since: at,
                active_since: None,
                changed_at: at,
            };
            self.entries.insert(entry.id.clone(), held);
            return Ok(());
        };
        if held.entry.sample != entry.sample {
            return Err(ChangeRefusal::Sample(entry.id.clone()));
        }
        if held.state == State::Ended && !entry.sample {
            return Err(ChangeRefusal::Ended(entry.id.clone()));
        }
        let in_use =
            matches!(held.state, State::Announced | State::Active | State::Suspended) && !entry.sample;
        if in_use && needs_notice(&held.entry, entry) {
            return Err(ChangeRefusal::InUse(entry.id.clone()));
        }
        held.entry = entry.clone();
        held.changed_at = at;
        Ok(())
    }

    fn step(&mut self, id: &EntryId, to: State, at: Time) -> Result<(), ChangeRefusal> {
        let held = self.entries.get_mut(id).ok_or_else(|| ChangeRefusal::NoSuchEntry(id.clone()))?;
        step(&held.entry, held.state, to, day(at))
            .map_err(|refusal| ChangeRefusal::Step { entry: id.clone(), refusal })?;
        held.set(to, at);
        if to == State::Announced {
            self.ask_anew(id);
        }
        Ok(())
    }

    fn set_sample(&mut self, id: &EntryId, state: State, at: Time) -> Result<(), ChangeRefusal> {
        let held = self.entries.get_mut(id).ok_or_else(|| ChangeRefusal::NoSuchEntry(id.clone()))?;
        if !held.entry.sample {
            return Err(ChangeRefusal::Sample(id.clone()));
        }
        held.set(state, at);
        Ok(())
    }

    fn standing(&mut self, account: AccountId, entry: &EntryId) -> Result<&mut Standing, ChangeRefusal> {
        if !self.entries.contains_key(entry) {
            return Err(ChangeRefusal::NoSuchEntry(entry.clone()));
        }
        let account = self.accounts.get_mut(&account).ok_or(ChangeRefusal::NoTerms)?;
        Ok(account.standings.entry(entry.clone()).or_default())
    }

    /// Where an objection would be. Unlike `standing` it writes nothing.
    fn objecting(&mut self, account: AccountId, entry: &EntryId) -> Result<&mut Standing, ChangeRefusal> {
        let account = self.accounts.get_mut(&account).ok_or(ChangeRefusal::NoTerms)?;
        account.standings.get_mut(entry).ok_or(ChangeRefusal::NoObjection)
    }

    /// What accounts were told of and said yes to before an entry is announced was another entry than the
    /// one that is announced now. Objections stand.
    fn ask_anew(&mut self, entry: &EntryId) {
        for standing in self.accounts.values_mut().filter_map(|account| account.standings.get_mut(entry)) {
            standing.told_at = None;
            standing.accepted_at = None;
            standing.bounced = false;
        }
    }

    fn check_chain(&self, entry: &Entry) -> Result<(), ChangeRefusal> {
        let mut above = entry.parent.as_ref();
        for _ in 0..CHAIN_LENGTH_MAX {
            let Some(parent) = above else { return Ok(()) };
            if *parent == entry.id {
                break;
            }
            above = match self.entries.get(parent) {
                Some(held) => held.entry.parent.as_ref(),
                None => break,
            };
        }
        Err(ChangeRefusal::Chain(entry.id.clone()))
    }

    /// The entries that the page shows.
    pub fn listed(&self) -> impl Iterator<Item = &Held> {
        self.entries
            .values()
            .filter(|held| matches!(held.state, State::Announced | State::Active | State::Suspended))
    }
}

impl Held {
    fn set(&mut self, state: State, at: Time) {
        self.active_since = match state {
            State::Active => self.active_since.or(Some(at)),
            // Back from a suspension it is the same entry that the accounts know.
            State::Suspended => self.active_since,
            _ => None,
        };
        self.state = state;
        self.since = at;
    }
}

/// Whether the difference is one of those that accounts must be told of before: purpose, category, place,
/// country, tier, legal entity, owner, hosts.
fn needs_notice(before: &Entry, after: &Entry) -> bool {
    let known = |entry: &Entry| {
        (
            entry.name.clone(),
            entry.owner.clone(),
            entry.country,
            entry.parent.clone(),
            entry.purposes.clone(),
            entry.categories.clone(),
        )
    };
    let widened = after.places.iter().any(|place| !before.places.contains(place))
        || after.endpoints.iter().any(|endpoint| !before.endpoints.contains(endpoint));
    known(before) != known(after) || widened
}
