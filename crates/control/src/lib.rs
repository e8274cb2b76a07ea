//! Control data: which accounts there are, where each has its home, whose a mail address is, how often
//! somebody tried to log in, the register of sub-processors and the operator's log. It holds no service
//! data.
//!
//! One SQLite file `control.db` in the data folder, which several processes use at once: the desk,
//! and commands beside it. Functions are synchronous and named by what is asked; [`Control::run`]
//! runs them on a blocking thread.

mod account;
mod account_checkpoint;
mod attempt;
mod automatic_mail;
mod connection;
mod data_centre;
mod directory;
mod error;
mod home;
mod key_use;
mod log;
mod register;
mod row;

pub use account::{Account, AccountState, NewAccount};
pub use account_checkpoint::Noted;
pub use attempt::{Attempt, AttemptKey, Attempts, Limited};
pub use connection::{Control, KeyMark};
pub use data_centre::Here;
pub use directory::{LOOKUP_AGE_SECONDS_MAX, Recipient};
pub use error::{Error, Result};
pub use home::{Held, Holder, Step};
pub use key_use::{KeyUse, KeyUseId, KeyUseOutcome};
pub use log::SignedCheckpoint;
pub use register::{Authorship, RegisterHistory};
