//! Versions of the list that the public sees: what of the register's history changed it.
//!
//! Drafts, and what accounts signed or said, are in the register too. They are nobody else's business: a
//! change that touches only these makes no version.

use std::collections::BTreeSet;

use register::{Change, ChangeRefusal, Decision, Diligence, Entry, EntryId, Recorded, Register};
use words::Time;

/// A version of the list: changes of one moment, by one author, for one reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// From 1.
    pub number: usize,
    /// When it was made.
    pub at: Time,
    /// By whom.
    pub author: String,
    /// Why.
    pub reason: String,
    /// The number of the last change of the register in it.
    pub last_change: u64,
    /// Of what it changed, what was there before.
    pub before: Register,
    /// And after.
    pub after: Register,
}

/// All versions, the oldest first.
pub fn versions(changes: &[Recorded]) -> Result<Vec<Version>, ChangeRefusal> {
    let (mut register, mut versions) = (Register::default(), Vec::<Version>::new());
    for moment in changes.chunk_by(is_same_moment) {
        let touched = moment.iter().filter_map(|recorded| touched(&recorded.change)).collect();
        let before = shown(&register, Some(&touched));
        moment.iter().try_for_each(|recorded| register.apply(recorded))?;
        let after = shown(&register, Some(&touched));
        let [.., last] = moment else { continue };
        if says_the_same(&before, &after) {
            continue;
        }
        versions.push(Version {
            number: versions.len() + 1,
            at: last.at,
            author: last.author.clone(),
            reason: last.reason.clone(),
            last_change: last.number,
            before,
            after,
        });
    }
    Ok(versions)
}

fn is_same_moment(one: &Recorded, next: &Recorded) -> bool {
    (one.at, &one.author, &one.reason) == (next.at, &next.author, &next.reason)
}

fn touched(change: &Change) -> Option<&EntryId> {
    match change {
        Change::Put { entry } => Some(&entry.id),
        Change::Step { entry, .. } | Change::Sample { entry, .. } => Some(entry),
        _ => None,
    }
}

fn says_the_same(before: &Register, after: &Register) -> bool {
    let said = |register: &Register| {
        register.entries.values().map(|held| (held.entry.clone(), held.state)).collect::<Vec<_>>()
    };
    before.operator == after.operator && said(before) == said(after)
}

/// What the public may see of a register: entries that are listed, all or only some of them, without how
/// they were judged and by whom; nothing of accounts.
pub fn shown(register: &Register, some: Option<&BTreeSet<&EntryId>>) -> Register {
    let listed = register.listed().filter(|held| some.is_none_or(|some| some.contains(&held.entry.id)));
    let entries = listed.map(|held| {
        let held = register::Held { entry: without_judgement(&held.entry), ..held.clone() };
        (held.entry.id.clone(), held)
    });
    Register {
        number: register.number,
        updated_at: register.updated_at,
        operator: register.operator.clone(),
        entries: entries.collect(),
        accounts: std::collections::BTreeMap::new(),
    }
}

/// Questions, answers, points and names of those who judged stay with the operator; when it was decided
/// and until when that counts does not.
fn without_judgement(entry: &Entry) -> Entry {
    let decided = |decision: &Decision| Decision {
        by: String::new(),
        on: decision.on,
        reason: String::new(),
        accepted: decision.accepted,
    };
    let diligence = entry.diligence.as_ref().map(|diligence| Diligence {
        author: String::new(),
        decision: diligence.decision.as_ref().map(decided),
        renew_by: diligence.renew_by,
        answers: Vec::new(),
        files: Vec::new(),
        points: Vec::new(),
    });
    Entry { diligence, ..entry.clone() }
}

/// The register as a version left it. Whole: with how entries were judged, which the rules ask for.
pub fn as_of(changes: &[Recorded], version: &Version) -> Result<Register, ChangeRefusal> {
    Register::replay(changes.iter().take_while(|recorded| recorded.number <= version.last_change))
}
