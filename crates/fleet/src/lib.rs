//! The door to a place: whether this data centre, and this process in it, may hold an account.
//!
//! The rules of the lease itself are `register::lease`. Here are the shell around them and the rule
//! by which processes follow one another: [`Fleet::serve`] takes accounts over, under a new number
//! that the store checks in each write; [`Fleet::join`] works beside whoever holds them.

mod error;
mod follow;
mod lease;

pub use error::{Error, Result};
pub use lease::{Fleet, LEASE_SECONDS};
