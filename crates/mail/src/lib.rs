//! The mail channel: SMTP and LMTP in, delivery out.
//!
//! In: [`Server`] speaks, [`session`] decides what the bytes mean, [`Intake`] stores.

mod authentication;
pub mod delivery;
pub mod domain;
pub mod guard;
mod names;
pub mod reply;
mod server;
pub mod session;

pub use authentication::{Envelope, check as authenticate};
pub use names::{Lookup, Names};
pub use server::{Certificate, Incoming, Intake, MAIL_BYTES_MAX, Recipients, Server, Settings, Waits};
