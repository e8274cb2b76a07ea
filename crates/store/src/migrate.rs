//! Brings a database to the schema of this program, when it is opened.

use rusqlite::Connection;

use crate::{Error, Result, dialect::sqlite};

/// All versions in order; the first makes an empty database.
pub(crate) const VERSIONS: [&str; 1] = [include_str!("schema/0001.sql")];

/// The schema that this program knows.
pub(crate) const KNOWN: i64 = VERSIONS.len() as i64;

/// Migrates an SQLite file, each version in a transaction of its own. A newer file is left alone.
pub(crate) fn sqlite(connection: &Connection) -> Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > KNOWN {
        return Err(Error::NewerSchema { found, known: KNOWN });
    }
    for (version, sql) in (1_i64..).zip(VERSIONS).filter(|(version, _)| *version > found) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let done = connection
            .execute_batch(sql)
            .and_then(|()| if version == 1 { connection.execute_batch(sqlite::SCHEMA) } else { Ok(()) })
            .and_then(|()| connection.pragma_update(None, "user_version", version))
            .and_then(|()| connection.execute_batch("COMMIT"));
        if let Err(error) = done {
            let _ = connection.execute_batch("ROLLBACK");
            return Err(error.into());
        }
    }
    Ok(())
}
