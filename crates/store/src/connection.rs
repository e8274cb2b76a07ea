//! What a unit of work sees: [`Read`] to ask, [`Tx`] to change.

use std::{cell::RefCell, ops::Deref};

use register::{Access, Departments};
use words::{AccountId, AgentId, Principal, Time};

use crate::{
    Error, Result, Row, Value,
    dialect::{postgres, sqlite},
    log::Recorded,
};

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A transaction's connection to one of the two databases.
#[derive(Clone, Copy)]
pub(crate) enum Database<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c postgres::Session),
}

impl Database<'_> {
    /// Runs a statement without parameters or answer.
    pub(crate) fn run(self, sql: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => sqlite::run(connection, sql),
            Self::Postgres(session) => session.run(sql),
        }
    }

    pub(crate) fn rows<T>(
        self,
        sql: &'static str,
        params: &[Value],
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        match self {
            Self::Sqlite(connection) => sqlite::rows(connection, sql, params, map),
            Self::Postgres(session) => session.rows(sql, params, map),
        }
    }

    pub(crate) fn change(self, sql: &'static str, params: &[Value]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => sqlite::change(connection, sql, params),
            Self::Postgres(session) => session.change(sql, params),
        }
    }

    /// Runs a change once for each row of parameters, on PostgreSQL without waiting for each answer.
    pub(crate) fn change_all(self, sql: &'static str, rows: &[[Value; 3]]) -> Result<()> {
        match self {
            Self::Sqlite(connection) => {
                rows.iter().try_for_each(|row| sqlite::change(connection, sql, row).map(|_| ()))
            }
            Self::Postgres(session) => session.change_all(sql, rows),
        }
    }

    /// Whether SQLite has given up the whole transaction by itself (disk full or failed).
    pub(crate) fn has_given_up(self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_autocommit(),
            Self::Postgres(session) => session.is_closed(),
        }
    }
}

/// A read transaction under an access: all its answers are of one moment.
pub struct Read<'c> {
    database: Database<'c>,
    access: &'c Access,
    now: Time,
    /// The first error that the database gave: after one, nothing of the unit is kept, on both
    /// databases alike (PostgreSQL would refuse whatever follows).
    failure: RefCell<Option<Error>>,
}

impl<'c> Read<'c> {
    pub(crate) fn new(database: Database<'c>, access: &'c Access, now: Time) -> Self {
        Self { database, access, now, failure: RefCell::default() }
    }

    /// The first error that the database gave.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.failure.take()
    }

    /// Asks the database itself.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(Database<'c>) -> Result<T>) -> Result<T> {
        self.noting(question(self.database))
    }

    fn noting<T>(&self, answer: Result<T>) -> Result<T> {
        if let Err(error) = &answer {
            self.failure.borrow_mut().get_or_insert_with(|| error.for_another());
        }
        answer
    }

    /// The account: the first parameter of every statement.
    pub fn account(&self) -> AccountId {
        self.access.account()
    }

    /// The access that this runs under.
    pub fn access(&self) -> &Access {
        self.access
    }

    /// Who runs this.
    pub fn principal(&self) -> Principal {
        self.access.principal()
    }

    /// When this transaction began.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The two parameters by which a statement limits conversations to the departments that the
    /// access sees: `($2 = 1 OR department_id IN (SELECT department_id FROM agent_departments
    /// WHERE account_id = $1 AND agent_id = $3))`.
    pub fn scope(&self) -> (Value, Value) {
        let all = matches!(self.access.departments(), Departments::All);
        (Value::Int(i64::from(all)), self.access.agent().map_or(Value::Uuid(uuid::Uuid::nil()), Value::from))
    }

    /// All rows of an answer.
    pub fn rows<T>(
        &self,
        sql: &'static str,
        params: &[Value],
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.noting(self.database.rows(sql, params, map))
    }

    /// The first row of an answer, if any.
    pub fn row<T>(
        &self,
        sql: &'static str,
        params: &[Value],
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, params, map)?.into_iter().next())
    }

    /// Which of the two databases this is, for the few statements that differ (see `dialect`).
    pub(crate) fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }
}

/// A change of SQLite's search.
pub(crate) enum Indexing {
    /// Adds a message with its tokens.
    Add(i64, String),
    /// Takes a message out.
    Remove(i64),
}

impl Indexing {
    /// Makes the change.
    pub(crate) fn apply(&self, database: Database<'_>) -> Result<()> {
        match self {
            Self::Add(number, tokens) => {
                database.change(sqlite::INDEX, crate::params![*number, tokens])?;
            }
            Self::Remove(number) => {
                database.change(sqlite::UNINDEX, crate::params![*number])?;
            }
        }
        Ok(())
    }
}

/// A write transaction under an access and a lease.
pub struct Tx<'c> {
    read: Read<'c>,
    newest_event: Option<i64>,
    /// What is to be changed in SQLite's search when the batch is committed: FTS5 would write all that
    /// it holds to the file at each savepoint.
    indexing: Vec<Indexing>,
    /// What is to be appended to the account's log when the batch is committed.
    acts: Vec<Recorded>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Read<'c>;
    fn deref(&self) -> &Read<'c> {
        &self.read
    }
}

impl<'c> Tx<'c> {
    pub(crate) fn new(read: Read<'c>) -> Self {
        Self { read, newest_event: None, indexing: Vec::new(), acts: Vec::new() }
    }

    /// Runs a change and tells how many rows it met.
    pub fn change(&mut self, sql: &'static str, params: &[Value]) -> Result<u64> {
        self.noting(self.database.change(sql, params))
    }

    /// Inserts rows of a backup. Names come from a backup, which only the account's key can make.
    pub(crate) fn insert_rows(&mut self, table: &str, columns: &[String], rows: &[Vec<Value>]) -> Result<()> {
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if !is_name(table) || !columns.iter().all(|column| is_name(column)) {
            return Err(Error::Damaged("the backup has a column of a strange name".into()));
        }
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        let inserted = match self.read.database {
            Database::Sqlite(connection) => sqlite::insert_rows(connection, &sql, rows),
            Database::Postgres(session) => session.insert_rows(&sql, rows),
        };
        self.noting(inserted)
    }

    /// Runs a change that must meet exactly one row.
    pub fn change_one(&mut self, sql: &'static str, params: &[Value]) -> Result<()> {
        match self.change(sql, params)? {
            1 => Ok(()),
            met => Err(Error::Missed { met }),
        }
    }

    /// Takes the next number of a counter of the account.
    pub fn next_number(&mut self, counter: Counter) -> Result<i64> {
        let account = self.account();
        self.row(counter.sql(), crate::params![account], |row| row.get(0))?.ok_or(Error::Missed { met: 0 })
    }

    /// Notes that an event of this number is part of the transaction.
    pub(crate) fn noted(&mut self, number: i64) {
        self.newest_event = Some(number);
    }

    /// The number of the newest event of this transaction.
    pub(crate) fn newest_noted(&self) -> Option<i64> {
        self.newest_event
    }

    /// Puts a change of SQLite's search off to the end of the batch.
    pub(crate) fn index_later(&mut self, change: Indexing) {
        self.indexing.push(change);
    }

    /// What was put off.
    pub(crate) fn take_indexing(&mut self) -> Vec<Indexing> {
        std::mem::take(&mut self.indexing)
    }

    /// Notes an act of this transaction for the account's log.
    pub(crate) fn note_act(&mut self, act: evidence::Act) {
        let by = self.principal();
        self.acts.push(Recorded { by, act });
    }

    /// The acts that were noted.
    pub(crate) fn take_acts(&mut self) -> Vec<Recorded> {
        std::mem::take(&mut self.acts)
    }

    /// The agent behind the access, or an error if a task runs this.
    pub fn agent(&self) -> Result<AgentId> {
        self.access().agent().ok_or(Error::NoAccess)
    }
}

/// A counter of the account.
#[derive(Debug, Clone, Copy)]
pub enum Counter {
    /// Numbers of events: without gap, in the order of commits.
    Event,
    /// Numbers of messages: also their row in search.
    Message,
    /// Numbers of conversations, as people see them.
    Conversation,
}

impl Counter {
    const fn sql(self) -> &'static str {
        match self {
            Self::Event => {
                "UPDATE account SET next_event = next_event + 1 WHERE account_id = $1 RETURNING next_event - 1"
            }
            Self::Message => {
                "UPDATE account SET next_message = next_message + 1 WHERE account_id = $1 RETURNING next_message - 1"
            }
            Self::Conversation => {
                "UPDATE account SET next_conversation = next_conversation + 1 WHERE account_id = $1 RETURNING next_conversation - 1"
            }
        }
    }
}
