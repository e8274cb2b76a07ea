//! Units of work that wait together, run in one transaction: the same on both databases.

use words::{AccountId, Time};

use crate::{
    Error, Read, Result, Tx,
    connection::{Database, Indexing},
    log::{self, LogEnd, Recorded},
    params,
    writer::{Unit, admits},
};

/// Leaves the number of a newer lease.
const RAISE_FENCING: &str = "UPDATE account SET fencing = $2 WHERE account_id = $1 AND fencing < $2";

/// The account that units are run on, under which lease, and when.
pub(crate) struct Batch {
    pub(crate) account: AccountId,
    /// Our lease's number.
    pub(crate) fencing: i64,
    pub(crate) now: Time,
    /// The statement that gives the number of the lease that wrote last (and locks it, where needed).
    pub(crate) fencing_sql: &'static str,
}

/// What came of a batch.
pub(crate) struct Outcome {
    /// How many units are to be kept; if none, there is nothing to commit.
    pub(crate) kept: usize,
    /// The number of the newest event among them.
    pub(crate) newest_event: Option<i64>,
    /// How the log ends once this is committed, if we know it.
    pub(crate) log_end: Option<LogEnd>,
}

/// What a unit leaves that is kept.
struct Kept {
    newest_event: Option<i64>,
    indexing: Vec<Indexing>,
    acts: Vec<Recorded>,
}

impl Batch {
    /// Runs the units within the open transaction, each so that it fails alone.
    /// `log_end` is how we left the log.
    pub(crate) fn run(
        &self,
        database: Database<'_>,
        units: &mut [Box<dyn Unit>],
        log_end: Option<LogEnd>,
    ) -> Result<Outcome> {
        self.check_fencing(database)?;
        let alone = units.len() == 1;
        let mut outcome = Outcome { kept: 0, newest_event: None, log_end: None };
        let (mut indexing, mut acts) = (Vec::new(), Vec::new());
        for unit in units {
            if let Err(error) = admits(unit.access(), self.account, self.now) {
                unit.refuse(error);
                continue;
            }
            // One that is alone needs no savepoint: if it fails, the transaction is rolled back.
            if !alone {
                database.run("SAVEPOINT unit")?;
            }
            if let Some(kept) = self.run_one(database, unit)? {
                outcome.kept += 1;
                outcome.newest_event = kept.newest_event.or(outcome.newest_event);
                indexing.extend(kept.indexing);
                acts.extend(kept.acts);
            } else if !alone {
                database.run("ROLLBACK TO unit")?;
            }
            if !alone {
                database.run("RELEASE unit")?;
            }
        }
        indexing.iter().try_for_each(|change| change.apply(database))?;
        outcome.log_end = log::append(database, self.account, self.now, log_end, acts)?;
        Ok(outcome)
    }

    /// Runs a unit; none if it is not to be kept. An error is one of the whole transaction.
    fn run_one(&self, database: Database<'_>, unit: &mut Box<dyn Unit>) -> Result<Option<Kept>> {
        let access = unit.access().clone();
        let mut tx = Tx::new(Read::new(database, &access, self.now));
        let kept = unit.run(&mut tx);
        let done =
            Kept { newest_event: tx.newest_noted(), indexing: tx.take_indexing(), acts: tx.take_acts() };
        match tx.failure() {
            Some(error) if error.closes_handle() || database.has_given_up() => Err(error),
            Some(error) => {
                // A unit that passed over an error of the database has not done what it thinks.
                if kept {
                    unit.refuse(error);
                }
                Ok(None)
            }
            None => Ok(kept.then_some(done)),
        }
    }

    /// Refuses under an older number than the store has seen, and leaves ours if it is newer.
    fn check_fencing(&self, database: Database<'_>) -> Result<()> {
        let found = database.rows(self.fencing_sql, params![self.account], |row| row.get::<i64>(0))?;
        let Some(&theirs) = found.first() else { return Ok(()) };
        if theirs > self.fencing {
            return Err(Error::Fenced { ours: self.fencing, theirs });
        }
        if theirs < self.fencing {
            database.change(RAISE_FENCING, params![self.account, self.fencing])?;
        }
        Ok(())
    }
}
