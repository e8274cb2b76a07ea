//! PostgreSQL: every account's rows in shared tables, held apart by forced row-level security.
//!
//! Units of work are synchronous, so a session is used from blocking threads; the connection itself
//! is driven by the runtime.

use std::{cell::RefCell, collections::HashMap, future::Future, time::Duration};

use tokio::runtime::Handle;
use tokio_postgres::{Client, Statement, types::ToSql};
use words::{AccountId, Time};

use crate::{
    Error, Read, Result, Row, Tx, Value,
    connection::Database,
    dialect::postgres_pool::Pool,
    store::RAISE_FENCING,
    writer::{Unit, admits},
};

/// How long one statement may take, the connection included.
const STATEMENT_WAIT: Duration = Duration::from_secs(60);
/// Prepared statements kept per session; beyond it the session starts afresh.
const STATEMENTS_MAX: usize = 512;

/// Row-level security reads this setting: without it, no row is seen.
const SET_ACCOUNT: &str = "SELECT set_config('havn.account', $1::uuid::text, true)";
/// The account's row is locked first, so that its writers come one after the other on all nodes:
/// event numbers are in the order of commits, and the fencing number holds until the commit.
const LOCK_FENCING: &str = "SELECT fencing FROM account WHERE account_id = $1 FOR UPDATE";

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
        self.run("COMMIT").map_err(|error| match error {
            Error::Unreachable(_) => Error::Unknown,
            told => told,
        })
    }

    pub(crate) fn rows<T>(
        &self,
        sql: &'static str,
        params: &[Value],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let statement = self.prepare(sql)?;
        let params = used(&statement, params)?;
        let rows = self.wait(self.client.query(&statement, &params))?;
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    pub(crate) fn change(&self, sql: &'static str, params: &[Value]) -> Result<u64> {
        let statement = self.prepare(sql)?;
        let params = used(&statement, params)?;
        self.wait(self.client.execute(&statement, &params))
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
    let params = params.get(..count).ok_or(Error::Column(count))?;
    Ok(params.iter().map(|value| value as &(dyn ToSql + Sync)).collect())
}

/// Runs the units in one transaction. Gives the number of the newest event, if there is one.
pub(crate) fn commit(
    pool: &Pool,
    account: AccountId,
    fencing: i64,
    now: Time,
    units: &mut [Box<dyn Unit>],
) -> Result<Option<i64>> {
    let session = pool.take()?;
    session.begin_write(account)?;
    let newest = match run_units(&session, account, fencing, now, units) {
        Ok(newest) => newest,
        Err(error) => {
            if session.run("ROLLBACK").is_ok() {
                pool.give_back(session);
            }
            return Err(error);
        }
    };
    session.commit()?;
    pool.give_back(session);
    Ok(newest)
}

fn run_units(
    session: &Session,
    account: AccountId,
    fencing: i64,
    now: Time,
    units: &mut [Box<dyn Unit>],
) -> Result<Option<i64>> {
    check_fencing(session, account, fencing)?;
    let mut newest = None;
    for unit in units {
        let access = unit.access().clone();
        if let Err(error) = admits(&access, account, now) {
            unit.refuse(error);
            continue;
        }
        session.run("SAVEPOINT unit")?;
        let mut tx = Tx::new(Read::new(Database::Postgres(session), &access, now));
        let keep = unit.run(&mut tx);
        let event = tx.newest_noted();
        if keep {
            session.run("RELEASE unit")?;
            newest = event.or(newest);
        } else {
            session.run("ROLLBACK TO unit; RELEASE unit")?;
        }
    }
    Ok(newest)
}

/// Refuses under an older number than the store has seen, and leaves ours if it is newer.
fn check_fencing(session: &Session, account: AccountId, ours: i64) -> Result<()> {
    let found = session.rows(LOCK_FENCING, crate::params![account], |row| row.get::<i64>(0))?;
    let Some(&theirs) = found.first() else { return Ok(()) };
    if theirs > ours {
        return Err(Error::Fenced { ours, theirs });
    }
    if theirs < ours {
        session.change(RAISE_FENCING, crate::params![account, ours])?;
    }
    Ok(())
}
