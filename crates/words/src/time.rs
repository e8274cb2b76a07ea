//! Instants and the clock that gives them.

use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// An instant: microseconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

impl Time {
    /// The instant so many microseconds after 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The instant so many seconds after 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The instant that much later.
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// The instant that much earlier.
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// How long it is from `earlier` to this instant; nothing if it lies after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Where the time comes from: a parameter of everything that decides by time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that a test sets.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still until it is set.
    pub fn fixed(now: Time) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now.micros())))
    }

    /// What the clock shows.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => Time(micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())),
            Self::Fixed(now) => Time(now.load(Ordering::SeqCst)),
        }
    }

    /// Sets a fixed clock forward; the machine's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(now) = self {
            now.fetch_add(micros(by), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_and_takes_away() {
        let noon = Time::from_seconds(43_200);
        let later = noon.after(Duration::from_mins(1));
        assert_eq!(later.since(noon), Duration::from_mins(1));
        assert_eq!(noon.since(later), Duration::ZERO);
        assert_eq!(later.before(Duration::from_mins(1)), noon);
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(Time::from_seconds(10));
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Time::from_seconds(15));
    }
}
