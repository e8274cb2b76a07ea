//! Encrypted SQLite: one file per account (SQLCipher, raw key, WAL, every commit synced).

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Statement, config::DbConfig};

use crate::{AccountKey, Error, Result, Row, Value, migrate};

/// How long a connection waits for another process's lock (a backup, a command line).
const LOCK_WAIT_MILLIS_MAX: u64 = 5_000;
/// Page cache of a connection that is seldom used.
const IDLE_CACHE_KIB: i64 = 256;
/// Page cache of a connection in use.
const BUSY_CACHE_KIB: i64 = 16 * 1_024;
/// All page caches of the process together; beyond it each connection reuses its own pages.
const ALL_CACHES_BYTES: i64 = 256 * 1_024 * 1_024;
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 96;
/// Pages in the write-ahead log before it is folded back into the file.
const CHECKPOINT_PAGES: i64 = 4_000;
/// What the log may keep of the disk after it was folded back.
const LOG_BYTES_KEPT: i64 = 16 * 1_024 * 1_024;

/// Tables and indexes that only SQLite has. The tokens come split and folded (see `search`), so the
/// tokeniser must only take them apart at spaces: `ascii` has no opinion on other letters. Merging eight
/// segments at a time and not four costs the writer less, and a search hardly more.
pub(crate) const SCHEMA: &str = "
    CREATE VIRTUAL TABLE search USING fts5(
        tokens, content='', contentless_delete=1, tokenize='ascii', prefix='2 3'
    );
    INSERT INTO search (search, rank) VALUES ('automerge', 8);";

/// Messages that hold the words $8, newest first, up to $5 before number $4, and whether their
/// conversation is shown to the access under the filter. `CROSS JOIN` keeps SQLite to this order.
pub(crate) const HITS: &str = "
    SELECT s.number, m.conversation_id, c.last_message_number,
        ($2 = 1 OR c.department_id IN
            (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))
        AND (c.status = $6 OR $6 IS NULL) AND (c.department_id = $7 OR $7 IS NULL)
    FROM (SELECT rowid AS number FROM search WHERE search MATCH $8 AND rowid < $4
        ORDER BY rowid DESC LIMIT $5) s
    CROSS JOIN messages m ON m.account_id = $1 AND m.number = s.number
    CROSS JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
    ORDER BY s.number DESC";
/// Whether a conversation holds a message that holds the words $4, from number $3 on.
pub(crate) const NEWER_HIT: &str = "
    SELECT s.rowid FROM search s WHERE s.search MATCH $4 AND s.rowid IN
        (SELECT number FROM messages WHERE account_id = $1 AND conversation_id = $2 AND number >= $3)
    LIMIT 1";
pub(crate) const INDEX: &str = "INSERT INTO search (rowid, tokens) VALUES ($1, $2)";
pub(crate) const UNINDEX: &str = "DELETE FROM search WHERE rowid = $1";
pub(crate) const COUNT_FINDABLE: &str = "SELECT count(*) FROM search";

/// Opens an account's file; makes it if there is none.
pub(crate) fn open(path: &Path, key: &AccountKey) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Otherwise SQLCipher writes to standard error when the key is wrong.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.pragma_update(None, "key", key.pragma().as_str())?;
    // Half the time of SHA-512 for each page on processors of today, and as unforgeable.
    connection.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")?;
    // Else a statement is parsed anew whenever another number is bound to its LIMIT.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_millis(LOCK_WAIT_MILLIS_MAX))?;
    // Before anything is set: a file of a newer program must not be touched.
    if let Err(error) = migrate::refuse_newer(&connection) {
        close_untouched(connection);
        return Err(error);
    }
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = OFF;
         PRAGMA secure_delete = FAST;",
    )?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    connection.pragma_update(None, "cache_size", -IDLE_CACHE_KIB)?;
    connection.pragma_update(None, "soft_heap_limit", ALL_CACHES_BYTES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Closes a connection without folding its log into the file, as closing else does.
pub(crate) fn close_untouched(connection: Connection) {
    // If the setting is refused, closing folds the log as always: only synced commits lie in it.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    drop(connection);
}

/// Gives a connection that is used often a larger page cache.
pub(crate) fn grow_cache(connection: &Connection) {
    // Only a matter of speed: a refusal changes nothing.
    let _ = connection.pragma_update(None, "cache_size", -BUSY_CACHE_KIB);
}

/// Runs a statement without parameters or answer.
pub(crate) fn run(connection: &Connection, sql: &'static str) -> Result<()> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
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

/// Inserts many rows by one statement whose parameters stand in order.
pub(crate) fn insert_rows(connection: &Connection, sql: &str, rows: &[Vec<Value>]) -> Result<()> {
    let mut statement = connection.prepare(sql)?;
    for row in rows {
        bind(&mut statement, row)?;
        statement.raw_execute()?;
    }
    Ok(())
}

/// Binds `$n` by its name: SQLite numbers such parameters by where they first stand.
fn bind(statement: &mut Statement<'_>, params: &[Value]) -> Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name[1..].parse::<usize>().ok());
        let value = number.and_then(|n| params.get(n.wrapping_sub(1))).ok_or(Error::Parameter(index))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}
