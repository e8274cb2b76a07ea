//! Why the door stays shut, by cause.

use std::path::PathBuf;

use register::AccessRefusal;
use words::{EmailAddress, Region, Slug, Time};

use crate::PasswordFlaw;

/// The result of the door's work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Address or password is wrong, or the agent is shut out: nobody is told which.
    #[error("address or password is wrong")]
    NotKnown,
    /// There were too many attempts.
    #[error("too many attempts")]
    Limited {
        /// When the next may be made.
        again_at: Time,
    },
    /// Too many log in at this moment.
    #[error("too many log in at this moment")]
    Busy,
    /// There is no such invitation, or it was taken up, or it has ended.
    #[error("this invitation is not valid any more")]
    NoInvitation,
    /// The new password will not do.
    #[error("this password will not do: {0}")]
    Password(PasswordFlaw),
    /// A name is empty, too long, or has control characters in it.
    #[error("a name is 1 to 100 characters")]
    Name,
    /// Their rights do not allow it.
    #[error("this is not theirs to do")]
    NotAllowed,
    /// Only an owner makes or unmakes owners.
    #[error("only an owner makes or unmakes owners")]
    OwnersOnly,
    /// The account would be left without an owner.
    #[error("the last owner stays owner")]
    LastOwner,
    /// There is no such agent.
    #[error("there is no such agent")]
    NoSuchAgent,
    /// There is no such department.
    #[error("there is no such department")]
    NoSuchDepartment,
    /// There is no such session.
    #[error("there is no such session")]
    NoSuchSession,
    /// There is no such token.
    #[error("there is no such token")]
    NoSuchToken,
    /// The address has an agent already.
    #[error("this address has an agent already")]
    AddressTaken(EmailAddress),
    /// The address is a mailbox already, of this account or another.
    #[error("this address is a mailbox already")]
    MailboxTaken(EmailAddress),
    /// There is no such mailbox.
    #[error("there is no such mailbox")]
    NoSuchMailbox,
    /// The account has as many of these as it may.
    #[error("there are {0} already, and no more are possible")]
    Full(i64),
    /// There is no such account, or it is not in use yet.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The slug belongs to an account in use.
    #[error("there is an account {0} already")]
    AccountExists(Slug),
    /// The home door gave no lease.
    #[error("the account is not held here")]
    NotHeldHere(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The region's key file is not there or cannot be read.
    #[error("the region key {path} cannot be read")]
    KeyUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others on the machine may read the region's key.
    #[error("the region key {path} has mode {mode:o}; it must be 600, so that nobody else may read it")]
    KeyOpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The region's key file does not hold 64 hexadecimal digits.
    #[error("the region key {path} does not hold 64 hexadecimal digits")]
    KeyMalformed {
        /// The file.
        path: PathBuf,
    },
    /// The region's key lies in the data folder, so that whoever takes the one has the other.
    #[error("the region key {path} lies in the data folder; it must lie elsewhere")]
    KeyInsideData {
        /// The file.
        path: PathBuf,
    },
    /// This process has no key of the region.
    #[error("there is no key of region {0} here")]
    NoKeyOf(Region),
    /// The region's key does not unwrap the account's key.
    #[error("the key of region {0} does not open this account")]
    KeyDoesNotFit(Region),
    /// The right was refused.
    #[error(transparent)]
    Refused(#[from] AccessRefusal),
    /// Control data said no.
    #[error(transparent)]
    Control(#[from] control::Error),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The work broke off by a fault of the program.
    #[error("the work broke off")]
    Panicked,
}

impl Error {
    /// Whether there is no room on the disk.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Store(store::Error::DiskFull) | Self::Control(control::Error::DiskFull))
    }
}
