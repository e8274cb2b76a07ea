//! Mail out: from the queue of an account to its relay, or straight to the servers of those it is addressed
//! to, with states on the message all the way.
//!
//! [`Courier`] follows the queues of all accounts. One try of one message is: claim its rows, sign,
//! dial through the door, speak SMTP ([`conversation`]), note how it ended ([`settle`]). Straight, it is
//! asked first which servers there are ([`exchanger`]) and what their domain demands ([`policy`]).

mod backoff;
mod conversation;
mod courier;
mod exchanger;
mod hindrance;
mod plan;
mod policy;
mod settle;
mod sign;
mod straight;
mod stream;
mod test;
mod text;
mod trust;

pub use backoff::{GIVE_UP_AFTER, next_try};
pub use courier::{Courier, Means};
pub use sign::KeyError;
pub(crate) use sign::key;
pub use test::{RelayTest, Step, test_relay};
