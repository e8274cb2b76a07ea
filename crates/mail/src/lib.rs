//! The mail channel: SMTP and LMTP in, delivery out.
//!
//! In: [`Server`] speaks, [`session`] decides what the bytes mean, [`Intake`] stores.

pub mod guard;
pub mod reply;
mod server;
pub mod session;

pub use server::{Certificate, Incoming, Intake, MAIL_BYTES_MAX, Recipients, Server, Settings, Waits};
