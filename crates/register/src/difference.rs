//! What is different between two moments of the register.

use serde::Serialize;
use serde_json::Value;

use crate::{EntryId, Register, State};

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Difference {
    /// An entry that was not there.
    Added {
        /// Which.
        entry: EntryId,
        /// Its name.
        name: String,
    },
    /// An entry that is not listed any more.
    Removed {
        /// Which.
        entry: EntryId,
        /// Its name.
        name: String,
    },
    /// Another state.
    State {
        /// Which.
        entry: EntryId,
        /// Before.
        from: State,
        /// After.
        to: State,
    },
    /// Another fact.
    Fact {
        /// Which entry; none: the operator's own words.
        entry: Option<EntryId>,
        /// The fact's name in the file's format.
        fact: String,
        /// Before; null: unknown.
        from: Value,
        /// After; null: unknown.
        to: Value,
    },
}

/// The differences, in the order of the entries' ids; the operator's words first.
pub fn differences(before: &Register, after: &Register) -> Vec<Difference> {
    let mut all = facts(None, &json(&before.operator), &json(&after.operator));
    let ids = before.entries.keys().chain(after.entries.keys()).collect::<std::collections::BTreeSet<_>>();
    for id in ids {
        let (was, is) = (before.entries.get(id), after.entries.get(id));
        let gone = |state: State| state == State::Ended;
        match (was.filter(|held| !gone(held.state)), is.filter(|held| !gone(held.state))) {
            (None, Some(is)) => {
                all.push(Difference::Added { entry: id.clone(), name: is.entry.shown().to_owned() });
            }
            (Some(was), None) => {
                all.push(Difference::Removed { entry: id.clone(), name: was.entry.shown().to_owned() });
            }
            (Some(was), Some(is)) => {
                if was.state != is.state {
                    all.push(Difference::State { entry: id.clone(), from: was.state, to: is.state });
                }
                all.extend(facts(Some(id), &json(&was.entry), &json(&is.entry)));
            }
            (None, None) => {}
        }
    }
    all
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn facts(entry: Option<&EntryId>, before: &Value, after: &Value) -> Vec<Difference> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Vec::new() };
    let names = before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>();
    let fact = |name: &&String| {
        let (from, to) = (before.get(*name), after.get(*name));
        (from != to).then(|| Difference::Fact {
            entry: entry.cloned(),
            fact: (*name).clone(),
            from: from.cloned().unwrap_or(Value::Null),
            to: to.cloned().unwrap_or(Value::Null),
        })
    };
    names.iter().filter_map(fact).collect()
}
