//! The account's log of what was done: an entry commits with the act that it tells of.
//!
//! Units note their acts; at the end of the batch the acts of those that are kept become entries, so
//! that the log is read and lengthened once for all that are committed together.

mod append;
mod check;
mod intent;
mod read;
mod salt;

pub(crate) use append::{LogEnd, Recorded, append};
pub use read::KeptCheckpoint;

/// Whether acts are told of. A build that does not is for one measurement only, and serves nobody.
pub const KEEPS_EVIDENCE: bool = !cfg!(feature = "without-evidence-for-the-benchmark");
