//! Acts that were announced and of whose end nobody told.

use std::collections::HashSet;

use words::ActId;

use crate::{Act, Ending, Entry, Kind, Stage};

/// The outcomes to append at start for the intents among `entries` (in their order) that have none:
/// whoever began them is gone, so that what became of them is not known.
pub fn unknown_outcomes<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Vec<Act> {
    let mut open: Vec<(Kind, ActId)> = Vec::new();
    let mut settled = HashSet::new();
    for entry in entries {
        match entry.act.stage() {
            Stage::Act => {}
            Stage::Intent(id) => open.push((entry.act.kind(), id)),
            Stage::Outcome(id, _) => {
                settled.insert(id);
            }
        }
    }
    open.retain(|(_, id)| !settled.contains(id));
    open.into_iter().map(|(kind, id)| Act::outcome(kind, id, Ending::Unknown)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use words::{Principal, Task, Time};

    #[test]
    fn an_intent_without_an_outcome_becomes_unknown() {
        let id = |number| ActId::from_uuid(Uuid::from_u128(number));
        let acts = [
            Act::intent(Kind::Flow, id(1)),
            Act::intent(Kind::AccountOpened, id(2)),
            Act::outcome(Kind::Flow, id(1), Ending::Failed),
            Act::new(Kind::AccountSettings),
        ];
        let entry =
            |(number, act)| Entry { number, at: Time::default(), by: Principal::System(Task::Deliver), act };
        let mut entries: Vec<Entry> = (0..).zip(acts).map(entry).collect();
        let unknown = unknown_outcomes(&entries);
        assert_eq!(unknown, [Act::outcome(Kind::AccountOpened, id(2), Ending::Unknown)]);
        entries.extend((4..).zip(unknown).map(entry));
        assert_eq!(unknown_outcomes(&entries), []);
    }
}
