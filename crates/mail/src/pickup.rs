//! Mail in from an account's mailbox at another server, by IMAP (RFC 9051, RFC 3501).
//!
//! [`Collector`] keeps a connection for each mailbox that has a pickup: it looks what is new, takes it in as
//! [`crate::Reception`] does with what comes by SMTP, and waits for more ([`visit`]). How far it came is noted
//! in the unit that stores the mail ([`round`]). It reads only: the folder is opened read-only, no mark is
//! set and nothing is removed, so it works beside other readers.

mod backoff;
mod collector;
mod fault;
mod folder;
mod line;
mod round;
mod test;
mod visit;

pub use collector::{Collector, Means, Waits};
pub use fault::Fault;
pub use test::test_pickup;
