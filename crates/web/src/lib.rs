//! The pages of the desk, the API and the live events.
//!
//! [`router`] serves all accounts of a process by host; [`State`] is what it is wired to.

mod account;
mod admin;
pub mod agent;
mod api;
pub mod assets;
mod directory;
mod error;
mod fields;
mod file_key;
mod headers;
mod host;
pub mod language;
mod letters;
mod live;
pub mod public;
mod rates;
mod routes;
mod serve;
mod session;
mod state;
mod stream;
mod uploads;
pub mod view;

pub use host::Base;
pub use serve::{Remote, router};
pub use state::{Call, DomainKey, Outside, PickupFailed, RecordFound, RecordToCheck, State, Wiring};
