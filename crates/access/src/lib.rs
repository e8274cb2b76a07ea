//! The door to a person: who may look into an account, and the keys that open its store.
//!
//! A store opens only with an [`register::Access`], which this crate alone makes (see `right.rs`):
//! for an agent's session, an API token or a named task of Havn. [`Accounts`] is the face for the
//! crates above: it joins this door with the home door's lease.

mod account;
mod accounts;
pub mod agent;
mod backup;
mod door;
mod error;
pub mod invitation;
mod mailbox;
mod password;
mod region_key;
mod right;
mod rule;
pub mod session;
pub mod token;

pub use account::NewAccount;
pub use accounts::{Accounts, LeaseGiver};
pub use agent::{NewAgent, PasswordChange};
pub use door::{Door, TASK_SECONDS_MAX};
pub use error::{Error, Result};
pub use invitation::{Acceptance, Invite, Invited};
pub use password::{PASSWORD_CHARS_MIN, PasswordFlaw};
pub use region_key::RegionKeys;
pub use session::{SESSION_DAYS_MAX, SESSION_IDLE_DAYS, Seen, SignIn, SignedIn};
pub use token::{NewToken, TOKEN_PREFIX, TokenSeen};
