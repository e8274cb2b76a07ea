//! The connections to one account's SQLite file: none until needed, few at most, closed when idle.

use std::{
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

use crate::{AccountKey, Error, Result, dialect::sqlite, migrate};

/// Connections to one account at once; more readers wait for one.
const CONNECTIONS_MAX: usize = 4;
/// After how many uses a connection gets the larger page cache.
const USES_BEFORE_GROWTH: u32 = 32;

pub(crate) struct Pool {
    path: PathBuf,
    key: AccountKey,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Pooled>,
    open: usize,
    migrated: bool,
    /// After the disk failed: the last event that was acknowledged, to be found again.
    suspect: Option<i64>,
}

/// A connection taken from the pool.
pub(crate) struct Pooled {
    connection: Connection,
    uses: u32,
}

impl std::ops::Deref for Pooled {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Pool {
    pub(crate) fn new(path: PathBuf, key: AccountKey) -> Self {
        Self { path, key, state: Mutex::default(), returned: Condvar::new() }
    }

    /// A connection, opened if none is idle. Waits if all are in use.
    pub(crate) fn take(&self) -> Result<Pooled> {
        let mut state = self.lock();
        loop {
            if let Some(mut pooled) = state.idle.pop() {
                pooled.uses = pooled.uses.saturating_add(1);
                if pooled.uses == USES_BEFORE_GROWTH {
                    sqlite::grow_cache(&pooled.connection);
                }
                return Ok(pooled);
            }
            if state.open < CONNECTIONS_MAX {
                break;
            }
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        // Opened under the lock: the first migrates, and none works on a suspect file unchecked.
        let connection = self.open(&mut state)?;
        state.open += 1;
        Ok(Pooled { connection, uses: 0 })
    }

    pub(crate) fn give_back(&self, pooled: Pooled) {
        let mut state = self.lock();
        if pooled.is_autocommit() && state.suspect.is_none() {
            state.idle.push(pooled);
        } else {
            state.open -= 1;
        }
        self.returned.notify_one();
    }

    /// After the disk failed: every connection goes, and the next to open checks the file.
    pub(crate) fn suspect(&self, last_event: i64) {
        let mut state = self.lock();
        state.idle.clear();
        // Those in use are dropped when they come back, being suspect; the failed one is gone.
        state.open = 0;
        state.suspect = Some(last_event);
        self.returned.notify_all();
    }

    /// Closes all connections but one.
    pub(crate) fn shrink(&self) {
        let mut state = self.lock();
        let closed = state.idle.len().saturating_sub(1);
        state.idle.truncate(1);
        state.open -= closed;
    }

    fn open(&self, state: &mut State) -> Result<Connection> {
        let connection = sqlite::open(&self.path, &self.key)?;
        if !state.migrated {
            migrate::sqlite(&connection)?;
            state.migrated = true;
        }
        if let Some(last_event) = state.suspect {
            check(&connection, last_event)?;
            state.suspect = None;
        }
        Ok(connection)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the file is whole and has all that was acknowledged.
fn check(connection: &Connection, last_event: i64) -> Result<()> {
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

/// Runs a statement without parameters or answer.
pub(crate) fn run(connection: &Connection, sql: &'static str) -> Result<()> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}
