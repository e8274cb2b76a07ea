//! Why an account is not held here, by cause.

use register::LeaseRefusal;
use words::Time;

/// The result of the home door's work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an account is not held here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The data centre may not hold it.
    #[error(transparent)]
    Refused(#[from] LeaseRefusal),
    /// Another process took it over and lives.
    #[error("another process holds this account")]
    TakenOver {
        /// Until when, unless it renews.
        until: Time,
    },
    /// Control data said no.
    #[error(transparent)]
    Control(#[from] control::Error),
}
