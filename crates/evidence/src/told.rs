//! Whether the operator's log tells of an account's log as it is: then the account has one history.

use std::collections::BTreeMap;

use words::AccountId;

use crate::{Edge, Entry, Export, Hash, HashName, Kind, Ref, RefName};

/// Why the two logs do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToldFault {
    /// It tells of another history.
    #[error(
        "the operator's log tells otherwise of this log when it had {size} entries: there are two histories"
    )]
    Otherwise {
        /// How many entries it had.
        size: u64,
    },
    /// It does not tell of this checkpoint.
    #[error("the operator's log does not tell of this log's checkpoint of {size} entries")]
    NotTold {
        /// How many entries it has.
        size: u64,
    },
}

/// What the operator's log tells of an account's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Of how many of its checkpoints.
    pub checkpoints: u64,
    /// The largest size that it tells of, if that is more than is shown here.
    pub newer: Option<u64>,
}

/// Compares an account's log with each of its checkpoints in the operator's log. Both must be verified
/// before; the account's has as many entries as its checkpoint says.
pub fn told_by_operator(
    operator: &Export<'_>,
    account: AccountId,
    log: &Export<'_>,
) -> Result<Told, ToldFault> {
    let told = checkpoints_in(operator, account);
    let size = log.entries.len() as u64;
    let mut edge = Edge::empty();
    let mut checkpoints = 0;
    let mut compare = |edge: &Edge| match told.get(&edge.size()) {
        Some(roots) if roots.iter().any(|root| *root != edge.root()) => {
            Err(ToldFault::Otherwise { size: edge.size() })
        }
        Some(_) => {
            checkpoints += 1;
            Ok(())
        }
        None => Ok(()),
    };
    compare(&edge)?;
    for entry in &log.entries {
        edge.append(entry);
        compare(&edge)?;
    }
    if !told.contains_key(&size) {
        return Err(ToldFault::NotTold { size });
    }
    let newer = told.keys().next_back().copied().filter(|told| *told > size);
    Ok(Told { checkpoints, newer })
}

/// The roots by size that the operator's log gives for an account.
fn checkpoints_in(operator: &Export<'_>, account: AccountId) -> BTreeMap<u64, Vec<Hash>> {
    let mut told: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
    // Others are passed over, also those of a newer program.
    let acts = operator.entries.iter().filter_map(|entry| Some(Entry::read(entry).ok()?.act));
    for act in acts.filter(|act| act.kind() == Kind::AccountCheckpoint) {
        let is_its = act.reference(RefName::Account) == Some(&account.uuid().into());
        if let (true, Some(Ref::Number(size)), Some(root)) =
            (is_its, act.reference(RefName::Size), act.hash(HashName::Root))
        {
            told.entry(*size).or_default().push(root);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use words::{Principal, Task, Time};

    use super::*;
    use crate::{Act, Checkpoint, Origin};

    fn account(number: u128) -> AccountId {
        AccountId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn entry(number: u64, act: Act) -> Vec<u8> {
        Entry { number, at: Time::default(), by: Principal::System(Task::Housekeeping), act }.bytes()
    }

    fn log(size: u64) -> Vec<Vec<u8>> {
        (0..size).map(|number| entry(number, Act::new(Kind::AccountSettings))).collect()
    }

    fn noted(number: u64, whose: AccountId, entries: &[Vec<u8>]) -> Vec<u8> {
        let mut edge = Edge::empty();
        for entry in entries {
            edge.append(entry);
        }
        let origin = Origin::account(&"havn.example".parse().unwrap(), whose);
        let checkpoint = Checkpoint { origin, size: edge.size(), root: edge.root() };
        entry(number, Act::of_checkpoint(whose, &checkpoint))
    }

    fn export(entries: &[Vec<u8>]) -> Export<'_> {
        Export { checkpoint: "", entries: entries.iter().map(Vec::as_slice).collect() }
    }

    #[test]
    fn each_checkpoint_is_compared() {
        let (ours, all) = (account(1), log(9));
        let operator = [
            noted(0, ours, &all[..3]),
            noted(1, account(2), &all[..4]),
            noted(2, ours, &all[..7]),
            noted(3, ours, &all),
        ];
        let told =
            |operator: &[Vec<u8>], log: &[Vec<u8>]| told_by_operator(&export(operator), ours, &export(log));
        assert_eq!(told(&operator, &all), Ok(Told { checkpoints: 3, newer: None }));
        assert_eq!(told(&operator, &all[..7]), Ok(Told { checkpoints: 2, newer: Some(9) }));
        assert_eq!(told(&operator, &all[..4]), Err(ToldFault::NotTold { size: 4 }));
        let mut other = all.clone();
        other[5] = entry(5, Act::new(Kind::ConversationClosed));
        assert_eq!(told(&operator, &other), Err(ToldFault::Otherwise { size: 7 }));
        let both = [operator.as_slice(), &[noted(4, ours, &other[..7])]].concat();
        assert_eq!(told(&both, &all), Err(ToldFault::Otherwise { size: 7 }));
    }
}
