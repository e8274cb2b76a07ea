//! The mails that came to the outside world.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Mails that are kept; older ones go.
const LETTERS_MAX: usize = 500;

/// A mail that Havn sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The how-manieth.
    pub number: u64,
    /// To whom it was brought.
    pub recipient: String,
    /// From whom, as the envelope says.
    pub sender: String,
    /// The mail.
    pub raw: Vec<u8>,
}

/// The mails, the newest first.
#[derive(Default)]
pub struct Letters(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    newest: u64,
    letters: VecDeque<Letter>,
}

impl Letters {
    /// Keeps one more.
    pub fn add(&self, sender: &str, recipient: &str, raw: &[u8]) {
        let mut kept = self.lock();
        kept.newest += 1;
        let (number, raw) = (kept.newest, raw.to_vec());
        kept.letters.push_front(Letter {
            number,
            recipient: recipient.to_owned(),
            sender: sender.to_owned(),
            raw,
        });
        kept.letters.truncate(LETTERS_MAX);
    }

    /// All that are kept.
    pub fn all(&self) -> Vec<Letter> {
        self.lock().letters.iter().cloned().collect()
    }

    /// One of them.
    pub fn one(&self, number: u64) -> Option<Letter> {
        self.lock().letters.iter().find(|letter| letter.number == number).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
