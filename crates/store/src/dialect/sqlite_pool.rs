//! The connections to one account's SQLite file: none until needed, few at most, closed when idle.

use std::{
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

use crate::{
    AccountKey, Error, Result,
    dialect::sqlite::{self, close_untouched},
    migrate,
};

/// After how many uses a connection gets the larger page cache.
const USES_BEFORE_GROWTH: u32 = 32;

pub(crate) struct Pool {
    path: PathBuf,
    key: AccountKey,
    state: Mutex<State>,
    /// A connection of a suspect file was closed.
    closed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Opened>,
    open: usize,
    /// Rises when the disk failed: connections of older generations are closed, not kept.
    generation: u64,
    migrated: bool,
    /// After the disk failed: the last event that was acknowledged, to be found again.
    suspect: Option<i64>,
}

struct Opened {
    connection: Connection,
    /// Whether it is the writer's: its page cache stays true as long as nobody else writes.
    writes: bool,
    uses: u32,
    generation: u64,
}

/// A connection in use. It goes back to the pool when dropped, or is closed if anything about it is
/// in doubt.
pub(crate) struct Taken<'p> {
    pool: &'p Pool,
    opened: Option<Opened>,
}

impl std::ops::Deref for Taken<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.opened.as_ref().expect("it is there until it is dropped").connection
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(opened) = self.opened.take() {
            self.pool.give_back(opened);
        }
    }
}

impl Taken<'_> {
    /// Closes it instead of keeping it, and leaves its file as it is.
    pub(crate) fn discard(mut self) {
        if let Some(opened) = self.opened.take() {
            close_untouched(opened.connection);
            self.pool.one_less();
        }
    }
}

impl Pool {
    /// Opens nothing yet. How many are in use at once is for the caller to limit.
    pub(crate) fn new(path: PathBuf, key: AccountKey) -> Self {
        Self { path, key, state: Mutex::default(), closed: Condvar::new() }
    }

    /// A connection to read with, opened if none is idle.
    pub(crate) fn take(&self) -> Result<Taken<'_>> {
        self.take_one(false)
    }

    /// The writer's connection: the same one each time, if it is idle. SQLite throws a connection's
    /// whole page cache away once another one has written.
    pub(crate) fn take_to_write(&self) -> Result<Taken<'_>> {
        self.take_one(true)
    }

    fn take_one(&self, writes: bool) -> Result<Taken<'_>> {
        let mut state = self.lock();
        while state.suspect.is_some() && state.open > 0 {
            // The failed file is opened anew only when nobody holds it any more.
            state = self.closed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let fitting = state.idle.iter().rposition(|opened| opened.writes == writes);
        let mut opened = match fitting.or_else(|| state.idle.len().checked_sub(1)) {
            Some(at) => state.idle.remove(at),
            None => self.open(&mut state)?,
        };
        drop(state);
        opened.writes |= writes;
        opened.uses = opened.uses.saturating_add(1);
        if opened.uses == USES_BEFORE_GROWTH {
            sqlite::grow_cache(&opened.connection);
        }
        Ok(Taken { pool: self, opened: Some(opened) })
    }

    /// After the disk failed: every connection goes, and the next to open checks the file. A sync is
    /// never tried again on a handle that failed, since the kernel forgets what it could not write.
    pub(crate) fn suspect(&self, last_event: i64) {
        let mut state = self.lock();
        state.generation += 1;
        state.suspect = Some(last_event);
        state.open -= state.idle.len();
        state.idle.drain(..).for_each(|opened| close_untouched(opened.connection));
        self.closed.notify_all();
    }

    /// Closes all connections but one.
    pub(crate) fn shrink(&self) {
        let mut state = self.lock();
        let closed = state.idle.len().saturating_sub(1);
        state.idle.truncate(1);
        state.open -= closed;
    }

    fn give_back(&self, opened: Opened) {
        let mut state = self.lock();
        let current = opened.generation == state.generation;
        if current && opened.connection.is_autocommit() {
            state.idle.push(opened);
            return;
        }
        drop(state);
        if current {
            drop(opened);
        } else {
            close_untouched(opened.connection);
        }
        self.one_less();
    }

    fn one_less(&self) {
        self.lock().open -= 1;
        self.closed.notify_all();
    }

    /// Opened under the lock: the first migrates, and none works on a suspect file unchecked.
    fn open(&self, state: &mut State) -> Result<Opened> {
        let connection = sqlite::open(&self.path, &self.key)?;
        if !state.migrated {
            if let Err(error) = migrate::sqlite(&connection) {
                close_untouched(connection);
                return Err(error);
            }
            state.migrated = true;
        }
        if let Some(last_event) = state.suspect {
            if let Err(error) = recover(&connection, last_event) {
                close_untouched(connection);
                return Err(error);
            }
            state.suspect = None;
        }
        state.open += 1;
        Ok(Opened { connection, writes: false, uses: 0, generation: state.generation })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Folds the log back into the file and gives its room back, as far as no reader needs it.
pub(crate) fn fold_log(connection: &Connection) -> Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Writes all that the log holds into the file anew (what a failed sync lost is in memory only), then
/// tells whether the file is whole and has all that was acknowledged.
fn recover(connection: &Connection, last_event: i64) -> Result<()> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        return Err(Error::Busy);
    }
    let verdict: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::Damaged(verdict));
    }
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(number), 0) FROM events", [], |row| row.get(0))?;
    if newest < last_event {
        return Err(Error::Damaged(format!("event {last_event} was acknowledged and is missing")));
    }
    Ok(())
}
