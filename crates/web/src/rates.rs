//! How often a program may ask: so often that a sane one never meets the limit.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use words::{Time, TokenId};

use crate::error::{Error, Result};

/// Requests of one token in a row.
const REQUESTS_AT_ONCE_MAX: i64 = 10_000;
/// Requests of one token in a second, over time.
const REQUESTS_PER_SECOND_MAX: i64 = 2_000;
/// Tokens counted at once; more are forgotten, which only helps them.
const TOKENS_COUNTED_MAX: usize = 1_000;

/// What the tokens of one account have left.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<TokenId, Left>>);

struct Left {
    requests: i64,
    at: Time,
}

impl Rates {
    /// Takes one request of a token, or says how long to wait.
    pub fn take(&self, token: TokenId, now: Time) -> Result<()> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= TOKENS_COUNTED_MAX && !counted.contains_key(&token) {
            counted.clear();
        }
        let left = counted.entry(token).or_insert(Left { requests: REQUESTS_AT_ONCE_MAX, at: now });
        let micros = i64::try_from(now.since(left.at).as_micros()).unwrap_or(i64::MAX);
        let earned = micros.saturating_mul(REQUESTS_PER_SECOND_MAX) / 1_000_000;
        if earned > 0 {
            left.requests = left.requests.saturating_add(earned).min(REQUESTS_AT_ONCE_MAX);
            left.at = now;
        }
        if left.requests <= 0 {
            return Err(Error::TooMany { wait_seconds: 1 });
        }
        left.requests -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_waits_and_others_do_not() {
        let (rates, now) = (Rates::default(), Time::from_seconds(1_000));
        let (token, other) = (TokenId::new(now), TokenId::new(now));
        for _ in 0..REQUESTS_AT_ONCE_MAX {
            rates.take(token, now).unwrap();
        }
        assert!(matches!(rates.take(token, now), Err(Error::TooMany { wait_seconds: 1 })));
        rates.take(other, now).unwrap();
        rates.take(token, now.after(Duration::from_secs(1))).unwrap();
    }
}
