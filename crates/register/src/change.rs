//! What changes the register: each change has its number, its author, its time and its reason.

use serde::{Deserialize, Serialize};
use words::{AccountId, Time};

use crate::{Entry, EntryId, Operator, State, Terms};

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// What the operator says of itself and of all entries.
    Operator {
        /// All of it.
        operator: Box<Operator>,
    },
    /// A new entry, or one with other facts.
    Put {
        /// All of them.
        entry: Box<Entry>,
    },
    /// An entry's next state.
    Step {
        /// Which.
        entry: EntryId,
        /// To where.
        to: State,
    },
    /// An entry of a list that is taken over as it stands, with the state that the list gives it. Only
    /// for samples, which open no door.
    Sample {
        /// Which.
        entry: EntryId,
        /// As the list has it.
        state: State,
    },
    /// What an account signed.
    Terms {
        /// Which account.
        account: AccountId,
        /// What.
        terms: Box<Terms>,
    },
    /// A notice was proven to be delivered to an account.
    Told {
        /// Which account.
        account: AccountId,
        /// Of which entry.
        entry: EntryId,
    },
    /// A notice came back.
    Bounced {
        /// Which account.
        account: AccountId,
        /// Of which entry.
        entry: EntryId,
    },
    /// An account said yes.
    Accepted {
        /// Which account.
        account: AccountId,
        /// To which entry.
        entry: EntryId,
    },
    /// An account objects.
    Objected {
        /// Which account.
        account: AccountId,
        /// To which entry.
        entry: EntryId,
    },
    /// The operator answered an objection. It stands until the account takes it back.
    Answered {
        /// Which account.
        account: AccountId,
        /// To which entry.
        entry: EntryId,
        /// Served without it, remedied, or the agreement ends.
        answer: String,
    },
    /// An account took its objection back.
    ObjectionWithdrawn {
        /// Which account.
        account: AccountId,
        /// To which entry.
        entry: EntryId,
    },
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// From 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// What.
    pub change: Change,
}
