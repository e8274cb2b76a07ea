//! What can go wrong with control data, by cause.

use words::{DataCentre, Host, Region, Slug};

/// The result of control's work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong with control data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder cannot be used.
    #[error("the data folder cannot be used")]
    Folder(#[source] std::io::Error),
    /// The file was made by a newer program.
    #[error("control.db has schema {found}, this program knows up to {known}")]
    NewerSchema {
        /// The version in the file.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The file `control.db` is none of ours.
    #[error("control.db is not a database of this program")]
    NotOurs,
    /// Accounts of the region were made under another key than the one given.
    #[error("this is not the key under which the accounts of region {0} were made")]
    WrongRegionKey(Region),
    /// The slug belongs to another account.
    #[error("there is an account {0} already")]
    SlugTaken(Slug),
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// There is no such data centre.
    #[error("there is no data centre {0}")]
    NoSuchDataCentre(DataCentre),
    /// A data centre outside the account's region was asked to hold it.
    #[error("data centre {data_centre} lies in {lies_in}, the account's region is {region}")]
    OutsideRegion {
        /// The data centre.
        data_centre: DataCentre,
        /// Its region.
        lies_in: Region,
        /// The account's region.
        region: Region,
    },
    /// A data centre was said to lie elsewhere before.
    #[error("data centre {data_centre} lies in {lies_in}; it cannot become one of {asked}")]
    DataCentreLies {
        /// The data centre.
        data_centre: DataCentre,
        /// Its region.
        lies_in: Region,
        /// The region that was named now.
        asked: Region,
    },
    /// The mail address belongs to another account.
    #[error("this address belongs to another account")]
    AddressTaken,
    /// The domain is another account's reply domain.
    #[error("the domain {0} belongs to another account")]
    DomainTaken(Host),
    /// The register does not make the change.
    #[error(transparent)]
    Register(register::ChangeRefusal),
    /// The operator's log does not fit together.
    #[error("the operator's log is damaged")]
    LogDamaged,
    /// No room on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// A value in the database is not what it must be.
    #[error("control.db is damaged: column {0} does not hold what it must")]
    Column(usize),
    /// The work broke off by a fault of the program.
    #[error("the work broke off")]
    Panicked,
    /// SQLite says something else.
    #[error("control.db says: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(cause, _) if cause.code == rusqlite::ErrorCode::DiskFull => {
                Self::DiskFull
            }
            rusqlite::Error::SqliteFailure(cause, _) if cause.code == rusqlite::ErrorCode::NotADatabase => {
                Self::NotOurs
            }
            rusqlite::Error::FromSqlConversionFailure(column, ..) => Self::Column(*column),
            _ => Self::Sqlite(error),
        }
    }
}
