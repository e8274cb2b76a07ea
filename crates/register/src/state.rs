//! How far an entry has come, and what it needs for the next step (law.md part 1).

use serde::{Deserialize, Serialize};

use crate::{Country, Duty, Entry, is_inside};
use jiff::civil::Date;

/// The state of an entry. Only `Active` opens a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is written.
    Draft,
    /// It is looked into.
    Diligence,
    /// It is bound.
    Contracted,
    /// The accounts concerned are told.
    Announced,
    /// It may be used, as far as each account lets it.
    Active,
    /// It is shut at once.
    Suspended,
    /// It is over.
    Ended,
}

impl State {
    /// All that there are.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Diligence,
        Self::Contracted,
        Self::Announced,
        Self::Active,
        Self::Suspended,
        Self::Ended,
    ];

    /// The name in files and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Diligence => "diligence",
            Self::Contracted => "contracted",
            Self::Announced => "announced",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
        }
    }
}

/// Why an entry does not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// The step does not follow.
    #[error("an entry that is {} cannot become {}", from.name(), to.name())]
    NotNext {
        /// Its state.
        from: State,
        /// The one asked for.
        to: State,
    },
    /// It names nobody.
    #[error("it names no legal person")]
    Nameless,
    /// It does not say what for, which data, or where.
    #[error("it does not say {0}")]
    Unsaid(&'static str),
    /// Nobody other than the author has decided that they may be used, or the decision is too old.
    #[error("nobody but its author has decided that they may be used, or that decision is too old")]
    NotDecided,
    /// A duty has no clause that binds on that day.
    #[error("the contract does not bind it to \"{}\"", .0.name())]
    Unbound(Duty),
    /// A third country without a mechanism.
    #[error("there is no mechanism for {0}")]
    NoMechanism(Country),
    /// A country is not known, so nobody can tell whether it needs a mechanism.
    #[error("it does not say in which country data lies or is looked at")]
    CountryUnknown,
}

/// Decides whether an entry takes a step on that day. The rules, in order:
///
/// 1. The step must follow: draft → diligence → contracted → announced → active; back to draft from any
///    before active; suspended from active and back; ended from anywhere.
/// 2. Out of draft it must name a legal person, its purposes, its categories and its places.
/// 3. Contracted, announced and active need a decision by somebody other than the author that still counts.
/// 4. Announced and active need every duty bound by a clause on that day.
/// 5. Announced and active need a mechanism for each country outside the European Economic Area.
pub fn step(entry: &Entry, from: State, to: State, on: Date) -> Result<(), StepRefusal> {
    use State::{Active, Announced, Contracted, Diligence, Draft, Ended, Suspended};
    let follows = matches!(
        (from, to),
        (Draft, Diligence)
            | (Diligence, Contracted | Draft)
            | (Contracted, Announced | Draft)
            | (Announced, Active | Draft)
            | (Active, Suspended)
            | (Suspended, Active)
            | (Draft | Diligence | Contracted | Announced | Active | Suspended, Ended)
    );
    if !follows {
        return Err(StepRefusal::NotNext { from, to });
    }
    if matches!(to, Draft | Suspended | Ended) {
        return Ok(());
    }
    is_whole(entry)?;
    if to == Diligence {
        return Ok(());
    }
    if !entry.diligence.as_ref().is_some_and(|diligence| diligence.holds(on)) {
        return Err(StepRefusal::NotDecided);
    }
    if to == Contracted {
        return Ok(());
    }
    if let Some(unbound) = unbound(entry, on) {
        return Err(StepRefusal::Unbound(unbound));
    }
    without_mechanism(entry, on)
}

fn is_whole(entry: &Entry) -> Result<(), StepRefusal> {
    if !entry.names_a_person() {
        return Err(StepRefusal::Nameless);
    }
    let unsaid = [
        (entry.address.is_none(), "its address"),
        (entry.contact.as_ref().is_none_or(|contact| contact.channel.is_none()), "whom to ask"),
        (entry.purposes.is_empty(), "what for it gets data"),
        (entry.categories.is_empty(), "which data it gets"),
        (entry.places.is_empty(), "where data lies or is looked at"),
    ];
    unsaid
        .into_iter()
        .find(|(missing, _)| *missing)
        .map_or(Ok(()), |(_, what)| Err(StepRefusal::Unsaid(what)))
}

/// The first duty that no clause binds to on that day.
pub fn unbound(entry: &Entry, on: Date) -> Option<Duty> {
    let bound = |duty: Duty| entry.duties.iter().any(|record| record.duty == duty && record.binds(on));
    Duty::ALL.iter().copied().find(|duty| !bound(*duty))
}

/// Whether every country where data lies or is looked at has its mechanism on that day.
pub fn without_mechanism(entry: &Entry, on: Date) -> Result<(), StepRefusal> {
    for site in &entry.places {
        let country = site.country.ok_or(StepRefusal::CountryUnknown)?;
        let carried = entry.transfers.iter().any(|transfer| transfer.carries(country, on));
        if !is_inside(country, on) && !carried {
            return Err(StepRefusal::NoMechanism(country));
        }
    }
    Ok(())
}
