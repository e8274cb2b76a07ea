//! Brings a database to the schema of this program, when it is opened.

use rusqlite::Connection;
use tokio_postgres::Client;

use crate::{
    Error, Result,
    dialect::{postgres, sqlite},
};

/// All versions in order; the first makes an empty database.
pub(crate) const VERSIONS: [&str; 5] = [
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
    include_str!("schema/0005.sql"),
];

/// How a table ends whose rows lie in its primary key itself on SQLite.
const CLUSTERED: &str = "\n); -- clustered";

/// How a table ends to which rows are only added, by number.
const NUMBERED: &str = "\n); -- numbered";

/// The schema that this program knows.
pub const KNOWN: i64 = 5;

/// Refuses the file of a newer program, before anything in it is touched.
pub(crate) fn refuse_newer(connection: &Connection) -> Result<()> {
    let found = version(connection)?;
    if found > KNOWN { Err(Error::NewerSchema { found, known: KNOWN }) } else { Ok(()) }
}

/// Migrates an SQLite file: all versions that it lacks, in one transaction.
pub(crate) fn sqlite(connection: &Connection) -> Result<()> {
    if version(connection)? == KNOWN {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = upgrade(connection).and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if done.is_err() && !connection.is_autocommit() {
        // Closing the connection, which follows, rolls back as well.
        let _ = connection.execute_batch("ROLLBACK");
    }
    done
}

fn upgrade(connection: &Connection) -> Result<()> {
    // Asked again under the lock: another process may have been quicker.
    refuse_newer(connection)?;
    let found = version(connection)?;
    for (number, sql) in (1_i64..).zip(VERSIONS).filter(|(number, _)| *number > found) {
        connection.execute_batch(&for_sqlite(sql))?;
        if number == 1 {
            connection.execute_batch(sqlite::SCHEMA)?;
        }
        connection.pragma_update(None, "user_version", number)?;
        words::FaultPoint::InMigration.pass();
    }
    Ok(())
}

/// A version with its marks obeyed. Of a numbered table the number is the row's place, since an account has
/// a file of its own: adding a row fills the last page, and there is one tree less. Its other keys leave the
/// account out: it would narrow nothing, and SQLite would take it for something that does.
fn for_sqlite(sql: &str) -> String {
    let mut sql = sql.replace(CLUSTERED, "\n) WITHOUT ROWID;");
    while let Some(end) = sql.find(NUMBERED) {
        let begin = sql[..end].rfind("CREATE TABLE ").unwrap_or(end);
        let table = sql[begin..end]
            .replace("    number bigint NOT NULL,", "    number integer NOT NULL PRIMARY KEY,")
            // Something must stand there: what is before it ends with a comma.
            .replace("PRIMARY KEY (account_id, number)", "CHECK (number >= 0)");
        let name = table.split_whitespace().nth(2).unwrap_or_default().to_owned();
        sql.replace_range(begin..end + NUMBERED.len(), &format!("{table}\n);"));
        sql = sql.replace(&format!("ON {name} (account_id, "), &format!("ON {name} ("));
    }
    sql
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Migrates a PostgreSQL database: all versions that it lacks, in one transaction, one process after
/// the other. Refuses a role that could look past the walls between accounts.
pub(crate) async fn postgres(client: &Client) -> Result<()> {
    let role = client.query_one(postgres::ROLE, &[]).await?;
    if role.get(1) {
        return Err(Error::TooPowerful(role.get(0)));
    }
    client.batch_execute(postgres::BEGIN_MIGRATION).await?;
    let done = upgrade_postgres(client).await;
    // Nothing of it stays after an error.
    client.batch_execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    done
}

async fn upgrade_postgres(client: &Client) -> Result<()> {
    let is_empty: bool = client.query_one(postgres::IS_EMPTY, &[]).await?.get(0);
    let found: i64 = if is_empty { 0 } else { client.query_one(postgres::VERSION, &[]).await?.get(0) };
    if found > KNOWN {
        return Err(Error::NewerSchema { found, known: KNOWN });
    }
    for (number, sql) in (1_i64..).zip(VERSIONS).filter(|(number, _)| *number > found) {
        client.batch_execute(postgres::OPEN_WALLS).await?;
        client.batch_execute(sql).await?;
        if number == 1 {
            client.batch_execute(postgres::SCHEMA).await?;
        }
        client.batch_execute(postgres::WALLS).await?;
        client.execute(postgres::SET_VERSION, &[&number]).await?;
    }
    Ok(())
}
