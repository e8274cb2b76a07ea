//! Mail out: from the queue of an account to its relay, with states on the message all the way.
//!
//! [`Courier`] follows the queues of all accounts. One try of one message is: claim its rows, sign,
//! dial through the door, speak SMTP ([`conversation`]), note how it ended ([`settle`]).

mod backoff;
mod conversation;
mod courier;
mod hindrance;
mod settle;
mod sign;
mod stream;
mod test;
mod text;

pub use backoff::{GIVE_UP_AFTER, next_try};
pub use courier::{Courier, Means};
pub use sign::KeyError;
pub(crate) use sign::key;
pub use test::{RelayTest, Step, test_relay};
