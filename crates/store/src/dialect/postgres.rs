//! PostgreSQL: every account's rows in shared tables, held apart by forced row-level security.
//!
//! Units of work are synchronous, so a session is used from blocking threads; the connection itself
//! is driven by the runtime.

use std::{cell::RefCell, collections::HashMap, future::Future, pin::pin, time::Duration};

use futures::{TryStreamExt, future::try_join_all};
use tokio::runtime::Handle;
use tokio_postgres::{Client, Statement, types::ToSql};
use words::AccountId;

use crate::{Error, Result, Row, Value};

/// How long one statement may take, the connection included.
const STATEMENT_WAIT: Duration = Duration::from_mins(1);
/// Prepared statements kept per session; beyond it the session starts afresh.
const STATEMENTS_MAX: usize = 512;

/// Row-level security reads this setting: without it, no row is seen.
const SET_ACCOUNT: &str = "SELECT set_config('havn.account', $1::uuid::text, true)";
/// The account's row is locked first, so that its writers come one after the other on all nodes:
/// event numbers are in the order of commits, and the fencing number holds until the commit.
pub(crate) const LOCK_FENCING: &str = "SELECT fencing FROM account WHERE account_id = $1 FOR UPDATE";

/// The role that we come as, and whether it could look past row-level security.
pub(crate) const ROLE: &str =
    "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
/// One process migrates at a time; the others wait.
pub(crate) const BEGIN_MIGRATION: &str = "BEGIN; SELECT pg_advisory_xact_lock(7521962921484512878)";
/// Whether the database has no schema of ours yet.
pub(crate) const IS_EMPTY: &str = "SELECT to_regclass('schema_version') IS NULL";
/// The version of the schema.
pub(crate) const VERSION: &str = "SELECT version FROM schema_version";
/// Leaves the version of the schema.
pub(crate) const SET_VERSION: &str = "UPDATE schema_version SET version = $1";

/// Tables that only PostgreSQL has, and the rules of `search`.
///
/// PostgreSQL uses an index for `@@` under row-level security only if the rule itself asks it, since
/// the operator is not leak-proof. So the words looked for are a setting, as the account is: without
/// it no row of `search` is seen.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE schema_version (version bigint NOT NULL);
    INSERT INTO schema_version VALUES (0);

    CREATE TABLE search (
        account_id uuid NOT NULL,
        number bigint NOT NULL,
        words tsvector NOT NULL,
        PRIMARY KEY (account_id, number)
    );
    CREATE INDEX search_by_words ON search USING gin (words);
    ALTER TABLE search ENABLE ROW LEVEL SECURITY;
    ALTER TABLE search FORCE ROW LEVEL SECURITY;
    CREATE POLICY looked_for ON search FOR SELECT USING (
        account_id = nullif(current_setting('havn.account', true), '')::uuid
        AND words @@ nullif(current_setting('havn.query', true), '')::tsquery);
    CREATE POLICY added ON search FOR INSERT
        WITH CHECK (account_id = nullif(current_setting('havn.account', true), '')::uuid);
    CREATE POLICY removed ON search FOR DELETE
        USING (account_id = nullif(current_setting('havn.account', true), '')::uuid);";

/// Tells the rules of `search` what is looked for, until the transaction ends.
pub(crate) const LOOK_FOR: &str = "SELECT set_config('havn.query', $1, true)";
/// Words that every message holds: not this one.
pub(crate) const EVERYTHING: &str = "!'~'";
macro_rules! hits {
    ($hits:literal) => {
        concat!(
            "WITH s AS MATERIALIZED (SELECT number FROM search WHERE account_id = $1 AND number < $4 AND ",
            $hits,
            ")
            SELECT h.number, m.conversation_id, c.last_message_number,
                ($2 = 1 OR c.department_id IN
                    (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))
                AND (c.status = $6 OR $6 IS NULL) AND (c.department_id = $7 OR $7 IS NULL)
            FROM (SELECT number FROM s ORDER BY number DESC LIMIT $5) h
            JOIN messages m ON m.account_id = $1 AND m.number = h.number
            JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
            ORDER BY h.number DESC"
        )
    };
}

/// How many of the newest messages are looked through one by one, before the index is asked. A common
/// word fills a page from them; for a seldom one PostgreSQL would walk through all messages too, since
/// it guesses that an unfinished word is common.
pub(crate) const NEAR: i64 = 1_000;
/// The number of the next message.
pub(crate) const NEXT_MESSAGE: &str = "SELECT next_message FROM account WHERE account_id = $1";
/// Messages that hold the words looked for, newest first, up to $5 before number $4 and not before
/// $8, and whether their conversation is shown to the access under the filter.
pub(crate) const NEAR_HITS: &str = hits!("number >= $8");
/// The same, of those before $8.
pub(crate) const FAR_HITS: &str = hits!("number < $8");
/// Whether a conversation holds a message that holds the words looked for, from number $3 on.
pub(crate) const NEWER_HIT: &str = "
    SELECT s.number FROM search s
    JOIN messages m ON m.account_id = $1 AND m.number = s.number
    WHERE s.account_id = $1 AND m.conversation_id = $2 AND s.number >= $3
    LIMIT 1";
pub(crate) const INDEX: &str =
    "INSERT INTO search (account_id, number, words) VALUES ($1, $2, CAST(CAST($3 AS text) AS tsvector))";
pub(crate) const UNINDEX: &str = "DELETE FROM search WHERE account_id = $1 AND number = $2";
pub(crate) const COUNT_FINDABLE: &str = "SELECT count(*) FROM search WHERE account_id = $1";

/// Lets a migration, as the owner of the tables, see the rows of all accounts until [`WALLS`].
pub(crate) const OPEN_WALLS: &str = "
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN
            SELECT relname FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relforcerowsecurity
        LOOP
            EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', name);
        END LOOP;
    END $$";

/// Forces row-level security on each table that has none yet, or has it open.
pub(crate) const WALLS: &str = "
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN
            SELECT relname FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity
              AND NOT relforcerowsecurity
        LOOP
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        END LOOP;
        FOR name IN
            SELECT relname FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
              AND relname <> 'schema_version' AND NOT relrowsecurity
        LOOP
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
            EXECUTE format('CREATE POLICY of_account ON %I USING '
                || '(account_id = nullif(current_setting(''havn.account'', true), '''')::uuid)', name);
        END LOOP;
    END $$";

/// One connection, used by one thread at a time.
pub struct Session {
    client: Client,
    runtime: Handle,
    statements: RefCell<HashMap<&'static str, Statement>>,
}

impl Session {
    pub(crate) fn new(client: Client, runtime: Handle) -> Self {
        Self { client, runtime, statements: RefCell::default() }
    }

    /// Whether the server is gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Begins a transaction whose reads are all of one moment.
    pub(crate) fn begin_read(&self, account: AccountId) -> Result<()> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", account)
    }

    /// Begins a transaction that changes rows.
    pub(crate) fn begin_write(&self, account: AccountId) -> Result<()> {
        self.begin("BEGIN", account)
    }

    fn begin(&self, sql: &'static str, account: AccountId) -> Result<()> {
        let statement = self.prepare(SET_ACCOUNT)?;
        let account = Value::from(account);
        let params: [&(dyn ToSql + Sync); 1] = [&account];
        // Both at once: the second does not wait for the answer to the first.
        self.wait(async {
            tokio::try_join!(self.client.batch_execute(sql), self.client.query(&statement, &params))
        })?;
        Ok(())
    }

    /// Runs a statement without parameters or answer.
    pub(crate) fn run(&self, sql: &'static str) -> Result<()> {
        self.wait(self.client.batch_execute(sql))
    }

    /// Commits. Without an answer nobody knows whether it was.
    pub(crate) fn commit(&self) -> Result<()> {
        words::FaultPoint::BeforeCommit.pass();
        self.run("COMMIT").map_err(|error| match error {
            Error::Unreachable(_) => Error::Unknown,
            told => told,
        })?;
        words::FaultPoint::AfterCommit.pass();
        Ok(())
    }

    pub(crate) fn rows<T>(
        &self,
        sql: &'static str,
        params: &[Value],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let statement = self.prepare(sql)?;
        let params = used(&statement, params)?;
        let rows = self.wait(self.client.query_raw(&statement, params))?;
        let (mut rows, mut all) = (pin!(rows), Vec::new());
        while let Some(row) = self.wait(rows.try_next())? {
            all.push(map(&Row::Postgres(&row))?);
        }
        Ok(all)
    }

    pub(crate) fn change(&self, sql: &'static str, params: &[Value]) -> Result<u64> {
        let statement = self.prepare(sql)?;
        let params = used(&statement, params)?;
        self.wait(self.client.execute(&statement, &params))
    }

    /// Inserts many rows by one statement, without waiting for each answer.
    pub(crate) fn insert_rows(&self, sql: &str, rows: &[Vec<Value>]) -> Result<()> {
        let statement = self.wait(self.client.prepare(sql))?;
        let rows: Vec<_> = rows.iter().map(|row| used(&statement, row)).collect::<Result<_>>()?;
        self.wait(try_join_all(rows.iter().map(|row| self.client.execute(&statement, row))))?;
        Ok(())
    }

    /// Runs a change once for each row of parameters, without waiting for each answer.
    pub(crate) fn change_all(&self, sql: &'static str, rows: &[[Value; 3]]) -> Result<()> {
        let statement = self.prepare(sql)?;
        let rows: Vec<_> = rows.iter().map(|row| used(&statement, row)).collect::<Result<_>>()?;
        self.wait(try_join_all(rows.iter().map(|row| self.client.execute(&statement, row))))?;
        Ok(())
    }

    fn prepare(&self, sql: &'static str) -> Result<Statement> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(self.client.prepare(sql))?;
        let mut kept = self.statements.borrow_mut();
        if kept.len() >= STATEMENTS_MAX {
            kept.clear();
        }
        kept.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Waits on this (blocking) thread for the server's answer.
    fn wait<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
        self.runtime.block_on(async {
            match tokio::time::timeout(STATEMENT_WAIT, answer).await {
                Ok(answer) => answer.map_err(Error::from),
                Err(_) => Err(Error::Unreachable("it did not answer in time".into())),
            }
        })
    }
}

/// The parameters that a statement has, of those given: `$1` and on.
fn used<'p>(statement: &Statement, params: &'p [Value]) -> Result<Vec<&'p (dyn ToSql + Sync)>> {
    let count = statement.params().len();
    let params = params.get(..count).ok_or(Error::Parameter(count))?;
    Ok(params.iter().map(|value| value as &(dyn ToSql + Sync)).collect())
}
