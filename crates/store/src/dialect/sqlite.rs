//! Encrypted SQLite: one file per account (SQLCipher, raw key, WAL, every commit synced).

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Statement};

use crate::{AccountKey, Result, Row, Value};

/// How long a connection waits for another process's lock (a backup, a command line).
const LOCK_WAIT_MILLIS_MAX: u64 = 5_000;
/// Page cache of a connection that is seldom used.
const IDLE_CACHE_KIB: i64 = 256;
/// Page cache of a connection in use.
const BUSY_CACHE_KIB: i64 = 16 * 1_024;
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 96;
/// Pages in the write-ahead log before it is folded back into the file.
const CHECKPOINT_PAGES: i64 = 4_000;

/// Tables and indexes that only SQLite has.
pub(crate) const SCHEMA: &str = "
    CREATE VIRTUAL TABLE search USING fts5(
        tokens, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0', prefix='2 3'
    );";

/// Opens an account's file; makes it if there is none.
pub(crate) fn open(path: &Path, key: &AccountKey) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Otherwise SQLCipher writes to standard error when the key is wrong.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.pragma_update(None, "key", key.pragma().as_str())?;
    connection.busy_timeout(std::time::Duration::from_millis(LOCK_WAIT_MILLIS_MAX))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = OFF;
         PRAGMA secure_delete = FAST;",
    )?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "cache_size", -IDLE_CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Gives a connection that is used often a larger page cache.
pub(crate) fn grow_cache(connection: &Connection) {
    // Only a matter of speed: a refusal changes nothing.
    let _ = connection.pragma_update(None, "cache_size", -BUSY_CACHE_KIB);
}

pub(crate) fn rows<T>(
    connection: &Connection,
    sql: &'static str,
    params: &[Value],
    mut map: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let mut answer = statement.raw_query();
    let mut all = Vec::new();
    while let Some(row) = answer.next()? {
        all.push(map(&Row::Sqlite(row))?);
    }
    Ok(all)
}

pub(crate) fn change(connection: &Connection, sql: &'static str, params: &[Value]) -> Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    Ok(statement.raw_execute()? as u64)
}

/// Binds `$n` by its name: SQLite numbers such parameters by where they first stand.
fn bind(statement: &mut Statement<'_>, params: &[Value]) -> Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name[1..].parse::<usize>().ok());
        let value = number.and_then(|n| params.get(n - 1)).ok_or(crate::Error::Column(index))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}
