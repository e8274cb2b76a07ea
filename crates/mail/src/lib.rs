//! The mail channel: SMTP and LMTP in, delivery out.
//!
//! - In: [`Server`] speaks, [`session`] decides what the bytes mean, [`Reception`] reads, checks
//!   ([`authenticate`]) and hands over to the desk.
//! - Out: [`delivery::Courier`] follows the queues of the accounts.
//! - [`pickup`]: mail in from mailboxes at other servers.
//! - [`domain`] makes the keys that sign what goes out.

mod authentication;
pub mod delivery;
pub mod domain;
pub mod guard;
mod names;
pub mod pickup;
mod receive;
pub mod reply;
mod server;
pub mod session;
mod trace;

pub use authentication::{Envelope, check as authenticate};
pub use names::{Lookup, Names};
pub use receive::Reception;
pub use server::{Certificate, Incoming, Intake, MAIL_BYTES_MAX, Recipients, Server, Settings, Waits};
