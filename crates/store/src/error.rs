//! What can go wrong in a store, by cause.

/// The result of a store's work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The access is over, or is for another account.
    #[error("there is no access to this account")]
    NoAccess,
    /// Another holder has written under a newer lease.
    #[error("this account is held elsewhere now (lease {ours}, theirs {theirs})")]
    Fenced {
        /// Our fencing number.
        ours: i64,
        /// The number in the store.
        theirs: i64,
    },
    /// The key does not open the database.
    #[error("the key does not open this account's database")]
    WrongKey,
    /// The database was made by a newer program.
    #[error("the database has schema {found}, this program knows up to {known}")]
    NewerSchema {
        /// The version in the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// No room on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The disk failed; the store is closed and checked before it is used again.
    #[error("the disk failed")]
    DiskFailed(#[source] std::io::Error),
    /// Something that was acknowledged is missing.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A file that a row names is not there.
    #[error("file {0} is missing")]
    FileMissing(crate::FileHash),
    /// A file's content is not what was stored.
    #[error("file {0} is damaged")]
    FileDamaged(crate::FileHash),
    /// A row with this key exists (named by its constraint or columns).
    #[error("this exists already ({0})")]
    Exists(String),
    /// A change met another number of rows than it must.
    #[error("a change met {met} rows")]
    Missed {
        /// How many rows it met.
        met: u64,
    },
    /// A value in the database is not what it must be.
    #[error("column {0} does not hold what it must")]
    Column(usize),
    /// It is not known whether the work was committed.
    #[error("it is not known whether this was stored")]
    Unknown,
    /// The work broke off by a fault of the program.
    #[error("the work broke off")]
    Panicked,
    /// Too many wait for this account already.
    #[error("too many wait for this account")]
    Busy,
    /// SQLite says something else.
    #[error("the database says: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// PostgreSQL says something else.
    #[error("the database says: {0}")]
    Postgres(#[source] tokio_postgres::Error),
    /// PostgreSQL cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
}

impl Error {
    /// Whether the handle that said so must not be used again.
    pub(crate) fn closes_handle(&self) -> bool {
        matches!(self, Self::DiskFailed(_) | Self::Damaged(_) | Self::Unknown)
    }
}

impl Error {
    /// The same cause, told to another who waited for the same commit.
    pub(crate) fn for_another(&self) -> Self {
        match self {
            Self::NoAccess => Self::NoAccess,
            Self::Fenced { ours, theirs } => Self::Fenced { ours: *ours, theirs: *theirs },
            Self::WrongKey => Self::WrongKey,
            Self::NewerSchema { found, known } => Self::NewerSchema { found: *found, known: *known },
            Self::DiskFull => Self::DiskFull,
            Self::DiskFailed(error) => Self::DiskFailed(std::io::Error::other(error.to_string())),
            Self::Damaged(what) => Self::Damaged(what.clone()),
            Self::Unreachable(why) => Self::Unreachable(why.clone()),
            _ => Self::Unknown,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let rusqlite::Error::SqliteFailure(cause, ref text) = error else {
            return Self::Sqlite(error);
        };
        match cause.code {
            Code::DiskFull => Self::DiskFull,
            Code::SystemIoFailure => Self::DiskFailed(std::io::Error::other(cause.to_string())),
            Code::DatabaseCorrupt => Self::Damaged(cause.to_string()),
            Code::NotADatabase => Self::WrongKey,
            Code::ConstraintViolation
                if matches!(
                    cause.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                ) =>
            {
                Self::Exists(text.clone().unwrap_or_default())
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        match error.as_db_error() {
            Some(db) if *db.code() == SqlState::UNIQUE_VIOLATION => {
                Self::Exists(db.constraint().unwrap_or_default().to_owned())
            }
            Some(db) if *db.code() == SqlState::DISK_FULL => Self::DiskFull,
            Some(_) => Self::Postgres(error),
            None if error.is_closed() => Self::Unreachable("the connection was closed".into()),
            None => Self::Postgres(error),
        }
    }
}
