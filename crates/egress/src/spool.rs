//! The door's signed record of what it did: intents durable before the act, outcomes after it.
//!
//! A thread of its own takes the lines that wait together, signs each, and makes them durable with one
//! sync. After a failed write or sync nothing more is written: the spool is opened anew, by a new door.
//!
//! Files are named by the number of their first line and hold at most [`FILE_BYTES_MAX`]; each begins
//! with the intents that were still open, so that the last one alone tells what is open. Only the
//! newest [`FILES_MAX`] are kept.

mod files;
mod writer;

pub use files::{SpoolReadError, read};
pub use writer::{Spool, SpoolClosed};

/// The longest that a spool file gets before a new one is begun.
pub const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How many files are kept.
pub const FILES_MAX: usize = 64;
