//! When a delivery that was put off is tried again.

use std::time::Duration;
use words::Time;

/// After this long a delivery is given up (RFC 5321 part 4.5.4.1 asks for four or five days).
pub const GIVE_UP_AFTER: Duration = Duration::from_hours(5 * 24);

/// When the next try is due if our own way out was not there: the door is started again in no time.
pub(super) const SOON: Duration = Duration::from_secs(5);

/// The gaps between the first tries; the last one stays.
const GAPS: [Duration; 6] = [
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(3),
    Duration::from_hours(6),
];

/// When the next try is due after `attempts` tries; none if it is to be given up. The last try is at
/// the very end of the time that there is.
pub fn next_try(attempts: i64, queued_at: Time, now: Time) -> Option<Time> {
    let end = queued_at.after(GIVE_UP_AFTER);
    if now >= end {
        return None;
    }
    let tried = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX);
    let gap = GAPS[tried.min(GAPS.len() - 1)];
    Some(now.after(gap).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_grow_to_five_days() {
        let queued = Time::from_seconds(1_000);
        let (mut now, mut tries) = (queued, vec![]);
        while let Some(next) = next_try(i64::try_from(tries.len()).unwrap() + 1, queued, now) {
            tries.push(next.since(now));
            now = next;
        }
        assert_eq!(tries[..6], GAPS);
        assert_eq!(now, queued.after(GIVE_UP_AFTER));
        assert_eq!(tries.len(), 25);
    }

    proptest! {
        #[test]
        fn a_try_is_always_later_and_never_too_late(attempts in -3_i64..1_000, waited in 0_u64..1_000_000) {
            let queued = Time::from_seconds(1_000_000);
            let now = queued.after(Duration::from_secs(waited));
            match next_try(attempts, queued, now) {
                Some(next) => {
                    prop_assert!(next > now && next <= queued.after(GIVE_UP_AFTER));
                    prop_assert!(next.since(now) <= GAPS[GAPS.len() - 1]);
                    let after = next_try(attempts.saturating_add(1), queued, now);
                    prop_assert!(after.is_some_and(|after| after >= next));
                }
                None => prop_assert!(now.since(queued) >= GIVE_UP_AFTER),
            }
        }
    }
}
