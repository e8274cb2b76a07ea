//! The door to a host: only this crate dials, and only the door process does it.
//!
//! - [`Door`] resolves, checks, dials and counts, in a process of its own (or in a thread, which says so).
//! - [`Egress`] is the desk's handle on it: [`Egress::dial`] gives a [`Connection`], [`Egress::lookup`]
//!   the records of a name.
//! - [`supervisor`] starts both as processes, joins them and keeps them alive; [`Inherited`] is what each
//!   gets from it; [`seal`] takes from the desk every other way out.
//! - [`spool`] is where the door writes what it did, each line signed.

mod channel;
mod client;
mod connection;
mod door;
mod error;
mod inherited;
mod records;
mod seal;
pub mod spool;
pub mod supervisor;
mod wire;

pub use client::Egress;
pub use connection::Connection;
pub use door::{
    Door, DoorError, DoorProcessError, RULES_USE, RegisterFileError, RulesPlace, operator_file, read_rules,
};
pub use error::{DialError, LookupError};
pub use inherited::Inherited;
pub use records::{Record, RecordType, Records};
pub use seal::{SealError, seal};

/// How long one address may take to answer.
pub const CONNECT_SECONDS_MAX: u64 = 15;

/// A number that nobody can guess.
fn random_number() -> u64 {
    getrandom::u64().expect("the system gives random bytes")
}
