//! How often somebody tried to log in of late: counted in memory, bounded, forgotten at a restart.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use words::{AccountId, AgentId, EmailAddress, Secret, Time};

/// Keys that are counted at once; the oldest make room.
const KEYS_MAX: usize = 100_000;
/// The window in which attempts are counted.
const WINDOW_SECONDS: i64 = 15 * 60;
/// Attempts from one network address that may fail in a window: an office has many people.
const FROM_REMOTE_MAX: u32 = 60;
/// Attempts at one agent's address that may fail in a window, from wherever.
const AT_ADDRESS_MAX: u32 = 10;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptKey {
    hash: [u8; 32],
    max: u32,
}

impl AttemptKey {
    /// Attempts from a network address (of IPv6: its /64, which one customer has).
    pub fn remote(remote: IpAddr) -> Self {
        Self::of(&format!("remote {}", network(remote)), FROM_REMOTE_MAX)
    }

    /// Attempts at an agent's address from places where that agent never logged in.
    pub fn address(account: AccountId, address: &EmailAddress) -> Self {
        Self::of(&format!("address {account} {}", address.key()), AT_ADDRESS_MAX)
    }

    /// Attempts at an agent's address from a place where that agent logged in before: counted apart,
    /// so that a stranger's failures do not lock the owner out.
    pub fn address_from_known(account: AccountId, address: &EmailAddress, remote: IpAddr) -> Self {
        Self::of(&format!("known {account} {} {}", address.key(), network(remote)), AT_ADDRESS_MAX)
    }

    /// Attempts of an agent, who has logged in, at their own password.
    pub fn own_password(account: AccountId, agent: AgentId) -> Self {
        Self::of(&format!("own {account} {agent}"), AT_ADDRESS_MAX)
    }

    fn of(text: &str, max: u32) -> Self {
        Self { hash: *Secret::new(text.to_owned()).hash().bytes(), max }
    }
}

fn network(remote: IpAddr) -> String {
    match remote.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:?}", &v6.segments()[..4]),
    }
}

/// There were too many attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct Limited {
    /// When the next may be made.
    pub again_at: Time,
}

/// Counts in two windows, of which the former fades: what is counted never exceeds the limit in any
/// window, and 24 bytes hold it.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    window: i64,
    current: u32,
    former: u32,
}

impl Counts {
    /// The counts as they are at `now`.
    fn at(self, now: Time) -> Self {
        let window = now.seconds().div_euclid(WINDOW_SECONDS);
        match window - self.window {
            // A clock that goes back frees nobody.
            ..=0 => self,
            1 => Self { window, current: 0, former: self.current },
            _ => Self { window, current: 0, former: 0 },
        }
    }

    /// How many count, rounded up.
    fn sum(self, now: Time) -> u32 {
        let left = WINDOW_SECONDS - now.seconds().rem_euclid(WINDOW_SECONDS);
        let former = (i64::from(self.former) * left + WINDOW_SECONDS - 1) / WINDOW_SECONDS;
        self.current.saturating_add(u32::try_from(former).unwrap_or(u32::MAX))
    }
}

/// Attempts of late by key.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<[u8; 32], Counts>>);

/// An attempt that is under way. It counts as failed unless [`Attempt::succeeded`].
#[derive(Debug)]
pub struct Attempt {
    keys: Vec<AttemptKey>,
}

impl Attempts {
    /// Begins an attempt, which counts under each key; refuses if one has its fill. It is counted
    /// before its outcome is known, so that many at once do not slip through.
    pub fn begin(&self, keys: &[AttemptKey], now: Time) -> Result<Attempt, Limited> {
        let mut counted = self.lock();
        for key in keys {
            let counts = counted.get(&key.hash).copied().unwrap_or_default().at(now);
            if counts.sum(now) >= key.max {
                return Err(Limited { again_at: next_window(now) });
            }
        }
        for key in keys {
            make_room(&mut counted, now);
            let counts = counted.entry(key.hash).or_default();
            *counts = counts.at(now);
            counts.current += 1;
        }
        Ok(Attempt { keys: keys.to_vec() })
    }

    /// Takes an attempt back: it was no failure.
    pub fn succeeded(&self, attempt: &Attempt) {
        let mut counted = self.lock();
        for key in &attempt.keys {
            if let Some(counts) = counted.get_mut(&key.hash) {
                counts.current = counts.current.saturating_sub(1);
            }
        }
    }

    /// How many keys are counted.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next_window(now: Time) -> Time {
    let left = WINDOW_SECONDS - now.seconds().rem_euclid(WINDOW_SECONDS);
    now.after(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// Drops what no longer counts; if that is not enough, what counts least of late.
fn make_room(counted: &mut HashMap<[u8; 32], Counts>, now: Time) {
    if counted.len() < KEYS_MAX {
        return;
    }
    counted.retain(|_, counts| counts.at(now).sum(now) > 0);
    let mut least = 1;
    while counted.len() >= KEYS_MAX {
        counted.retain(|_, counts| counts.at(now).sum(now) > least);
        least *= 2;
    }
}
