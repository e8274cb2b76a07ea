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
    /// The disk failed: the store is closed and checked before it is used again. Whether a change that
    /// was on its way is kept is not known.
    #[error("the disk failed")]
    DiskFailed(#[source] std::io::Error),
    /// Something that was acknowledged is missing.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// There is no file with this id.
    #[error("there is no file {0}")]
    NoSuchFile(words::FileId),
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
    /// A statement has more parameters than it was given.
    #[error("parameter {0} is missing")]
    Parameter(usize),
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
    /// The database refuses a statement: a fault of the program.
    #[error("the database says: {0}")]
    Refused(String),
    /// The role by which the program comes to PostgreSQL could see every account's rows.
    #[error(
        "the database role {0} is a superuser or bypasses row-level security; give Havn one that is and does not"
    )]
    TooPowerful(String),
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
            Self::Exists(what) => Self::Exists(what.clone()),
            Self::NoSuchFile(id) => Self::NoSuchFile(*id),
            Self::FileMissing(file) => Self::FileMissing(*file),
            Self::FileDamaged(file) => Self::FileDamaged(*file),
            Self::Missed { met } => Self::Missed { met: *met },
            Self::Parameter(number) => Self::Parameter(*number),
            Self::Column(number) => Self::Column(*number),
            Self::Busy => Self::Busy,
            Self::Panicked => Self::Panicked,
            Self::Refused(what) => Self::Refused(what.clone()),
            Self::TooPowerful(role) => Self::TooPowerful(role.clone()),
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded => Self::DiskFull,
            _ => Self::DiskFailed(error),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{ErrorCode as Code, ffi};
        let rusqlite::Error::SqliteFailure(cause, text) = error else {
            return Self::Refused(error.to_string());
        };
        match (cause.code, cause.extended_code) {
            // The file by which connections share the log could not grow: there is no other cause.
            (Code::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => Self::DiskFull,
            (Code::SystemIoFailure, _) => Self::DiskFailed(std::io::Error::other(cause.to_string())),
            (Code::DatabaseCorrupt, _) => Self::Damaged(cause.to_string()),
            (Code::NotADatabase, _) => Self::WrongKey,
            (Code::DatabaseBusy | Code::DatabaseLocked, _) => Self::Busy,
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                Self::Exists(text.unwrap_or_default())
            }
            _ => Self::Refused(text.unwrap_or_else(|| cause.to_string())),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(db) = error.as_db_error() else {
            // Faults of the program (a parameter of the wrong type) have a source that says so.
            let closed = error.is_closed() || is_io(&error);
            return if closed { Self::Unreachable(error.to_string()) } else { Self::Refused(chain(&error)) };
        };
        match db.code() {
            code if *code == SqlState::UNIQUE_VIOLATION => {
                Self::Exists(db.constraint().unwrap_or_default().to_owned())
            }
            code if *code == SqlState::DISK_FULL => Self::DiskFull,
            code if *code == SqlState::IO_ERROR => {
                Self::DiskFailed(std::io::Error::other(db.message().to_owned()))
            }
            code if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => {
                Self::Damaged(db.message().to_owned())
            }
            // The server stops or starts: what was under way is rolled back.
            code if code.code().starts_with("57P") || code.code().starts_with("08") => {
                Self::Unreachable(db.message().to_owned())
            }
            code => Self::Refused(format!("{} {}", code.code(), db.message())),
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", chain(source)))
}
