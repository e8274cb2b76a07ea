//! What was found lately, bounded in time and number.

use super::Found;
use crate::{LookupError, RecordType};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use words::Host;

/// How many answers are kept.
const ANSWERS_MAX: usize = 4096;

/// How long an answer is kept at most, whatever it allows.
const KEPT_SECONDS_MAX: u32 = 3600;

/// How long it is kept that there is nothing.
const NOTHING_WAIT: Duration = Duration::from_mins(1);

#[derive(Default)]
pub(super) struct Kept {
    answers: HashMap<(Host, RecordType), (Result<Found, LookupError>, Instant)>,
}

impl Kept {
    /// What is known at `now`, with the time that is left to it.
    pub(super) fn get(
        &self,
        name: &Host,
        kind: RecordType,
        now: Instant,
    ) -> Option<Result<Found, LookupError>> {
        let (answer, until) = self.answers.get(&(name.clone(), kind))?;
        let left = until.checked_duration_since(now).filter(|left| !left.is_zero())?;
        let mut answer = answer.clone();
        if let Ok(found) = &mut answer {
            found.records.ttl_seconds = u32::try_from(left.as_secs()).unwrap_or(KEPT_SECONDS_MAX);
        }
        Some(answer)
    }

    /// Keeps an answer as long as it allows; a failure that may pass is not kept.
    pub(super) fn keep(
        &mut self,
        name: &Host,
        kind: RecordType,
        answer: &Result<Found, LookupError>,
        now: Instant,
    ) {
        let wait = match answer {
            Ok(found) => Duration::from_secs(found.records.ttl_seconds.min(KEPT_SECONDS_MAX).into()),
            Err(error) if error.is_temporary() => return,
            Err(_) => NOTHING_WAIT,
        };
        if self.answers.len() >= ANSWERS_MAX {
            self.answers.retain(|_, (_, until)| *until > now);
        }
        if self.answers.len() >= ANSWERS_MAX {
            self.answers.clear();
        }
        self.answers.insert((name.clone(), kind), (answer.clone(), now + wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, Records};

    fn found(ttl_seconds: u32) -> Found {
        let records = Records { records: vec![Record::Txt("x".into())], ttl_seconds };
        Found { records, aliases: Vec::new() }
    }

    #[test]
    fn kept_as_long_as_allowed_and_no_longer() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        let name = |text: &str| text.parse::<Host>().unwrap();
        let cases = [
            ("none.example", Ok(found(0)), 0, false),
            ("short.example", Ok(found(10)), 9, true),
            ("short.example", Ok(found(10)), 10, false),
            ("long.example", Ok(found(u32::MAX)), 3599, true),
            ("long.example", Ok(found(u32::MAX)), 3600, false),
            ("missing.example", Err(LookupError::NoSuchName), 59, true),
            ("missing.example", Err(LookupError::NoSuchName), 60, false),
            ("failed.example", Err(LookupError::NoAnswer), 0, false),
        ];
        for (text, answer, seconds, is_known) in cases {
            kept.keep(&name(text), RecordType::Txt, &answer, now);
            let known = kept.get(&name(text), RecordType::Txt, now + Duration::from_secs(seconds));
            assert_eq!(known.is_some(), is_known, "{text} after {seconds} s");
        }
        assert_eq!(kept.get(&name("short.example"), RecordType::A, now), None);
    }

    #[test]
    fn never_more_than_the_maximum() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        for n in 0..3 * ANSWERS_MAX {
            kept.keep(&format!("n{n}.example").parse().unwrap(), RecordType::Txt, &Ok(found(60)), now);
            assert!(kept.answers.len() <= ANSWERS_MAX);
        }
    }
}
