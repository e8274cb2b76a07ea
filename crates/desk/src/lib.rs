//! What people do and by which rules: taking mail in, answering, and all that agents do with a
//! conversation. Decisions are pure; each verb is one unit of work in the account's store.

pub mod conversation;
mod error;
mod facts;
mod hindrance;
mod index;
mod keys;
mod passage;
mod pickup_fault;
pub mod receive;
pub mod settings;
pub mod writing;

pub use error::{Error, Problem, Result};
pub use facts::{Authentication, Bounced, Facts, Signature, Verdict};
pub use hindrance::{Hindrance, OURS};
pub use passage::Passage;
pub use pickup_fault::PickupFault;

pub(crate) use keys::reply_keys;
