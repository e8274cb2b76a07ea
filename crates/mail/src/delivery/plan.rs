//! When the courier looks at which account.

use std::collections::HashMap;
use words::{AccountId, Time};

/// Which accounts are to be looked at, and when.
#[derive(Default)]
pub(super) struct Plan {
    due: HashMap<AccountId, Time>,
    /// Looked at now; true: again right after, since something happened meanwhile.
    running: HashMap<AccountId, bool>,
}

impl Plan {
    /// Looks at an account at `at`, or earlier if that was planned.
    pub(super) fn look(&mut self, account: AccountId, at: Time) {
        if let Some(again) = self.running.get_mut(&account) {
            *again = true;
            return;
        }
        let due = self.due.entry(account).or_insert(at);
        *due = at.min(*due);
    }

    /// An account whose time has come. It is under way from now on.
    pub(super) fn begin(&mut self, now: Time) -> Option<AccountId> {
        let (&account, _) = self.due.iter().filter(|(_, at)| **at <= now).min_by_key(|(_, at)| **at)?;
        self.due.remove(&account);
        self.running.insert(account, false);
        Some(account)
    }

    /// An account was looked at; `next` is when something is due in it.
    pub(super) fn ended(&mut self, account: AccountId, next: Option<Time>) {
        let again = self.running.remove(&account).unwrap_or(false);
        if again {
            self.look(account, Time::from_micros(0));
        } else if let Some(next) = next {
            self.look(account, next);
        }
    }

    pub(super) fn next_at(&self) -> Option<Time> {
        self.due.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_looked_at_once_at_a_time_and_again_if_something_happened() {
        let at = Time::from_seconds;
        let (account, mut plan) = (AccountId::new(at(1)), Plan::default());
        plan.look(account, at(10));
        plan.look(account, at(20));
        assert_eq!((plan.next_at(), plan.begin(at(9))), (Some(at(10)), None));
        assert_eq!(plan.begin(at(10)), Some(account));
        plan.look(account, at(11));
        assert_eq!(plan.begin(at(12)), None);
        plan.ended(account, Some(at(90)));
        assert_eq!(plan.begin(at(12)), Some(account));
        plan.ended(account, Some(at(90)));
        assert_eq!(plan.next_at(), Some(at(90)));
        assert_eq!(plan.begin(at(90)), Some(account));
        plan.ended(account, None);
        assert_eq!(plan.next_at(), None);
    }
}
