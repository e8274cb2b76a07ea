//! The file `control.db`: opened, checked, migrated, and asked.

use std::{
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig, params};
use words::{Region, Time};

use crate::{Attempts, Error, Result, directory::Lookups, register::KnownHistory, row::parsed};

/// How long a statement waits for another process's lock.
const LOCK_WAIT_SECONDS_MAX: u64 = 5;
/// Prepared statements that are kept.
const STATEMENTS_MAX: usize = 48;
/// Pages of the write-ahead log before it is folded back: few, so that on a full disk it finds room in
/// what is kept free for erasing.
const LOG_PAGES_MAX: i64 = 64;

/// All versions of the schema in order; the first makes an empty database.
const VERSIONS: [&str; 3] =
    [include_str!("schema/0001.sql"), include_str!("schema/0002.sql"), include_str!("schema/0003.sql")];
/// The schema that this program knows.
#[expect(clippy::cast_possible_wrap, reason = "there are few")]
const KNOWN: i64 = VERSIONS.len() as i64;

/// By what a region's key is told from another; the key cannot be had from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMark {
    /// The region.
    pub region: Region,
    /// What its key answers when it is asked for its name.
    pub mark: String,
}

/// Control data of one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    connection: Mutex<Connection>,
    lookups: Lookups,
    attempts: Attempts,
    history: KnownHistory,
}

impl Control {
    /// Whether the folder has control data.
    pub fn exists(folder: &Path) -> bool {
        path(folder).exists()
    }

    /// Opens the control data of a folder and makes it if there is none. `marks` are those of the
    /// region keys that this process has: if one is not the key under which the region's accounts were
    /// made, or the file is newer than this program, nothing in the folder is touched.
    pub fn open(folder: &Path, marks: &[KeyMark], now: Time) -> Result<Self> {
        let path = path(folder);
        if path.exists() {
            check(&path, marks)?;
        } else {
            std::fs::create_dir_all(folder).map_err(Error::Folder)?;
            // Made beforehand, so that nobody else on the machine may read it.
            let made = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
            made.map_err(Error::Folder)?;
        }
        let mut connection = connect(&path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES_MAX)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        migrate(&mut connection)?;
        keep_marks(&mut connection, marks, now)?;
        Ok(Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            lookups: Lookups::default(),
            attempts: Attempts::default(),
            history: KnownHistory::default(),
        })))
    }

    /// Writes a copy of control data as they are at this moment to a file that is not there yet.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let path = path.to_str().ok_or_else(|| Error::Folder(std::io::ErrorKind::InvalidInput.into()))?;
        self.connection().execute("VACUUM INTO ?1", [path])?;
        Ok(())
    }

    /// Runs work on a blocking thread: the face for async callers.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let control = self.clone();
        tokio::task::spawn_blocking(move || work(&control)).await.unwrap_or(Err(Error::Panicked))
    }

    /// How often somebody tried to log in of late.
    pub fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    pub(crate) fn known_history(&self) -> &KnownHistory {
        &self.0.history
    }

    pub(crate) fn lookups(&self) -> &Lookups {
        &self.0.lookups
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a change as one transaction, which no other process comes between.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.change_as(work)
    }

    /// The same, for work that can also fail by its caller's own reasons.
    pub(crate) fn change_as<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection();
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(Error::from)?;
        let value = work(&transaction)?;
        transaction.commit().map_err(Error::from)?;
        Ok(value)
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("control.db")
}

fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(LOCK_WAIT_SECONDS_MAX))?;
    Ok(connection)
}

/// Looks whether this program and these keys belong to the file, and leaves the file as it is.
fn check(path: &Path, marks: &[KeyMark]) -> Result<()> {
    let was_cut_off = std::fs::metadata(path.with_extension("db-wal")).is_ok_and(|wal| wal.len() > 0);
    let connection = connect(path)?;
    // Closing would fold a dead process's write-ahead log into the file: not before we know it is ours.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, was_cut_off)?;
    let found = version(&connection)?;
    if found > KNOWN {
        return Err(Error::NewerSchema { found, known: KNOWN });
    }
    if found == 0 {
        return Ok(());
    }
    for ours in marks {
        if mark(&connection, &ours.region)?.is_some_and(|theirs| theirs != ours.mark) {
            return Err(Error::WrongRegionKey(ours.region.clone()));
        }
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn mark(connection: &Connection, region: &Region) -> Result<Option<String>> {
    let mut statement = connection.prepare("SELECT mark FROM region_keys WHERE region = ?1")?;
    let mut rows = statement.query([region.as_str()])?;
    rows.next()?.map(|row| parsed(row, 0)).transpose().map_err(Error::from)
}

fn migrate(connection: &mut Connection) -> Result<()> {
    for (to, sql) in (1_i64..).zip(VERSIONS) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Asked inside the transaction: another process may be migrating, too.
        if version(&transaction)? < to {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", to)?;
            transaction.commit()?;
        }
    }
    Ok(())
}

/// Keeps the marks of regions that have none yet.
fn keep_marks(connection: &mut Connection, marks: &[KeyMark], now: Time) -> Result<()> {
    for ours in marks {
        match mark(connection, &ours.region)? {
            Some(theirs) if theirs == ours.mark => {}
            Some(_) => return Err(Error::WrongRegionKey(ours.region.clone())),
            None => {
                connection.execute(
                    "INSERT INTO region_keys (region, mark, created_at) VALUES (?1, ?2, ?3)",
                    params![ours.region.as_str(), ours.mark, now.micros()],
                )?;
            }
        }
    }
    Ok(())
}
