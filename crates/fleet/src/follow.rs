//! How processes follow one another in holding an account: a pure decision.

use control::{Held, Step};
use words::Time;

/// What a process is to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It serves, and has not held this account since it started.
    Starting,
    /// It serves, and has held this account before.
    Serving,
    /// It is a command beside the one that serves.
    Beside,
}

/// Decides whether `me` leaves a home as it is or takes it over. The rules, in order:
///
/// 1. Whoever holds it goes on.
/// 2. What nobody holds, or somebody whose time is over, is taken.
/// 3. One that starts takes over from whoever holds it: that one is dead, or is to be replaced, and
///    its first write fails on the new number.
/// 4. One that served it and lost it does not take it back from one that lives.
/// 5. A command works beside one that lives, under the same number.
pub(crate) fn decide(held: &Held, me: &str, role: Role, now: Time) -> Step {
    let Some(holder) = &held.holder else { return Step::Take };
    if holder.id == me {
        return Step::Leave;
    }
    if now >= holder.until {
        return Step::Take;
    }
    match role {
        Role::Starting => Step::Take,
        Role::Serving | Role::Beside => Step::Leave,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Holder;
    use register::Home;
    use words::AccountId;

    #[test]
    fn each_case_has_its_step() {
        let now = Time::from_seconds(100);
        let holder = |id: &str, until| Some(Holder { id: id.into(), until: Time::from_seconds(until) });
        let cases = [
            ("mine", holder("me", 110), Role::Serving, Step::Leave),
            ("mine, though late", holder("me", 90), Role::Serving, Step::Leave),
            ("nobody's", None, Role::Serving, Step::Take),
            ("nobody's, for a command", None, Role::Beside, Step::Take),
            ("a dead one's", holder("other", 100), Role::Serving, Step::Take),
            ("a dead one's, for a command", holder("other", 100), Role::Beside, Step::Take),
            ("a living one's, at the start", holder("other", 101), Role::Starting, Step::Take),
            ("a living one's, that took it from me", holder("other", 101), Role::Serving, Step::Leave),
            ("a living one's, for a command", holder("other", 101), Role::Beside, Step::Leave),
        ];
        for (case, holder, role, step) in cases {
            let home = Home {
                account: AccountId::new(now),
                region: "eu".parse().unwrap(),
                data_centre: "aarhus-1".parse().unwrap(),
                data_centre_region: "eu".parse().unwrap(),
                fencing: 3,
            };
            assert_eq!(decide(&Held { home, holder }, "me", role, now), step, "{case}");
        }
    }
}
