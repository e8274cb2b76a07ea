//! When a mailbox that could not be looked at is looked at again, and a mail that was left is tried again.

use desk::PickupFault;
use std::time::Duration;
use words::Time;

/// The gaps between tries of a mailbox; the last one stays.
const GAPS: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_mins(30),
];
/// A server that does not take the password may lock whoever asks too often.
const LOG_IN_GAP: Duration = Duration::from_mins(10);
/// The gaps between tries of a mail that was left; after the last it is left for good.
const LEFT_GAPS: [Duration; 5] = [
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(3),
    Duration::from_hours(12),
    Duration::from_hours(48),
];

/// How long to wait after so many failures in a row (the first is 1). `chance` spreads the waits of many
/// mailboxes over a quarter more, so that they do not all come back at once.
pub(super) fn gap(failures: u32, fault: PickupFault, chance: u64) -> Duration {
    let tried = usize::try_from(failures.max(1) - 1).unwrap_or(usize::MAX);
    let gap = GAPS[tried.min(GAPS.len() - 1)];
    let gap = match fault {
        PickupFault::LogIn | PickupFault::NoPassword => gap.max(LOG_IN_GAP),
        _ => gap,
    };
    let thousandths = u32::try_from(chance % 250).unwrap_or(0);
    gap + gap * thousandths / 1_000
}

/// When a mail that was tried so often is tried again; none: never.
pub(super) fn next_try(tries: i64, now: Time) -> Option<Time> {
    let at = usize::try_from(tries.max(1) - 1).unwrap_or(usize::MAX);
    LEFT_GAPS.get(at).map(|gap| now.after(*gap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_grow_and_have_an_end(failures in 0_u32..u32::MAX, chance: u64) {
            let wait = gap(failures, PickupFault::Lost, chance);
            prop_assert!(wait >= GAPS[0] && wait <= GAPS[GAPS.len() - 1].mul_f64(1.25));
            prop_assert!(gap(failures.saturating_add(1), PickupFault::Lost, chance) >= wait);
            prop_assert!(gap(failures, PickupFault::LogIn, chance) >= LOG_IN_GAP);
        }
    }

    #[test]
    fn a_mail_is_not_tried_for_ever() {
        let now = Time::from_seconds(1_000);
        let tries: Vec<_> = (1..=6).map(|tries| next_try(tries, now)).collect();
        assert!(tries[..5].iter().all(|next| next.is_some_and(|at| at > now)));
        assert_eq!(tries[5], None);
    }
}
