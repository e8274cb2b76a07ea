//! Table `register_changes`: the register of sub-processors, by its history.

use std::sync::{Arc, Mutex, PoisonError};

use evidence::{Act, HashName, Kind, RefName, SALT_BYTES, Salt};
use register::{Change, Recorded, Register};
use rusqlite::{Connection, Row, Transaction, params};
use words::{Principal, Task, Time};

use crate::{Control, Error, Result, log, row::time};

/// The register, with every change that made it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterHistory {
    /// All changes, in order.
    pub changes: Vec<Recorded>,
    /// What they made.
    pub register: Register,
}

/// The history as it was last read: it only grows, so that only what is new is read again.
#[derive(Default)]
pub(crate) struct KnownHistory(Mutex<Arc<RegisterHistory>>);

impl KnownHistory {
    fn get(&self) -> Arc<RegisterHistory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, history: &Arc<RegisterHistory>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = history.clone();
    }
}

/// Who changes the register, when and why.
#[derive(Debug, Clone)]
pub struct Authorship {
    /// Who, by name.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Time,
}

impl Control {
    /// The register as it is now.
    pub fn register_history(&self) -> Result<Arc<RegisterHistory>> {
        let known = self.known_history().get();
        let history = continued(&self.connection(), known)?;
        self.known_history().put(&history);
        Ok(history)
    }

    /// Makes changes that `plan` finds fit for the register as it is: all or none, each with its entry in
    /// the operator's log. Gives the register after them.
    pub fn change_register<E: From<Error>>(
        &self,
        by: &Authorship,
        plan: impl FnOnce(&Register) -> Result<Vec<Change>, E>,
    ) -> Result<Arc<RegisterHistory>, E> {
        let known = self.known_history().get();
        let history = self.change_as(|tx| {
            let before = continued(tx, known)?;
            let changes = plan(&before.register)?;
            Ok::<_, E>(Arc::new(made(tx, by, &before, changes)?))
        })?;
        self.known_history().put(&history);
        Ok(history)
    }
}

/// Makes the changes, each with its entry in the log.
fn made(
    tx: &Transaction<'_>,
    by: &Authorship,
    before: &RegisterHistory,
    changes: Vec<Change>,
) -> Result<RegisterHistory> {
    let mut after = before.clone();
    let recorded = register::record(&after.register, by.at, &by.author, &by.reason, changes);
    let mut acts = Vec::with_capacity(recorded.len());
    for change in recorded {
        after.register.apply(&change).map_err(Error::Register)?;
        acts.push(insert(tx, &change)?);
        after.changes.push(change);
    }
    log::append(tx, Principal::System(Task::Register), by.at, acts)?;
    Ok(after)
}

fn insert(tx: &Transaction<'_>, change: &Recorded) -> Result<Act> {
    let text = serde_json::to_string(&change.change).expect("a change is always JSON");
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("the system gives random bytes");
    tx.execute(
        "INSERT INTO register_changes (number, at, author, reason, change, salt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![number(change.number)?, change.at.micros(), change.author, change.reason, text, salt],
    )?;
    let value = Salt::from_bytes(salt).hash(text.as_bytes());
    Ok(Act::new(Kind::Register).about(RefName::Version, change.number).with_hash(HashName::Value, value))
}

/// The history, continued by what is new in the table. One that is longer than the table, as after a
/// restored backup, is read anew.
fn continued(connection: &Connection, known: Arc<RegisterHistory>) -> Result<Arc<RegisterHistory>> {
    let sql = "SELECT coalesce(max(number), 0) FROM register_changes";
    let last: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    let known = if number(known.register.number)? <= last { known } else { Arc::default() };
    if number(known.register.number)? == last {
        return Ok(known);
    }
    let mut history = RegisterHistory::clone(&known);
    let mut statement = connection.prepare_cached(
        "SELECT number, at, author, reason, change FROM register_changes WHERE number > ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([number(known.register.number)?])?;
    while let Some(row) = rows.next()? {
        let change = recorded(row)?;
        history.register.apply(&change).map_err(Error::Register)?;
        history.changes.push(change);
    }
    Ok(Arc::new(history))
}

fn recorded(row: &Row<'_>) -> Result<Recorded> {
    let change: String = row.get(4)?;
    Ok(Recorded {
        number: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| Error::Column(0))?,
        at: time(row, 1)?,
        author: row.get(2)?,
        reason: row.get(3)?,
        change: serde_json::from_str(&change).map_err(|_| Error::Column(4))?,
    })
}

fn number(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::Column(0))
}
