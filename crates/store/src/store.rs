//! One account's store: reads and writes as units of work.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use register::Access;
use tokio::sync::watch;
use words::{AccountId, Clock, Time};

use crate::{
    Error, Read, Result, Tx,
    connection::Database,
    dialect::{postgres, postgres_pool, sqlite_pool},
    files::Files,
    writer::{Queue, Unit, Work, admits},
};

/// An open store of one account. Cheap to clone; it closes when the last clone goes.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

pub(crate) enum Backend {
    Sqlite(sqlite_pool::Pool),
    Postgres(Arc<postgres_pool::Pool>),
}

struct Inner {
    account: AccountId,
    fencing: i64,
    backend: Backend,
    files: Files,
    queue: Queue,
    /// The number of the last event that was committed here.
    committed: watch::Sender<i64>,
    used_at: AtomicI64,
    clock: Clock,
}

impl Store {
    pub(crate) fn new(account: AccountId, fencing: i64, backend: Backend, files: Files, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            account,
            fencing,
            backend,
            files,
            queue: Queue::default(),
            committed: watch::Sender::new(0),
            used_at: AtomicI64::new(clock.now().micros()),
            clock,
        }))
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        self.0.account
    }

    /// The number of the lease that it is held under.
    pub(crate) fn fencing(&self) -> i64 {
        self.0.fencing
    }

    /// The account's encrypted files.
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// Tells the number of the newest event whenever one was committed by this process.
    pub fn committed(&self) -> watch::Receiver<i64> {
        self.0.committed.subscribe()
    }

    pub(crate) fn used_at(&self) -> Time {
        Time::from_micros(self.0.used_at.load(Ordering::Relaxed))
    }

    /// Whether nobody else holds it and nothing waits in it.
    pub(crate) fn is_idle(&self) -> bool {
        Arc::strong_count(&self.0) == 1 && self.0.queue.is_idle()
    }

    /// Closes the connections that are not in use, to give memory back.
    pub(crate) fn shrink(&self) {
        if let Backend::Sqlite(pool) = &self.0.backend {
            pool.shrink();
        }
    }

    /// Reads, all at one moment, on a blocking thread.
    pub async fn read<T, E>(
        &self,
        access: &Access,
        work: impl FnOnce(&Read<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let now = self.touch();
        admits(access, self.0.account, now)?;
        let (inner, access) = (Arc::clone(&self.0), access.clone());
        let done = tokio::task::spawn_blocking(move || match &inner.backend {
            Backend::Sqlite(pool) => {
                let connection = pool.take()?;
                let value = read_sqlite(&connection, &access, now, work);
                pool.give_back(connection);
                value
            }
            Backend::Postgres(pool) => {
                let session = pool.take()?;
                let value = read_postgres(&session, &access, now, work);
                pool.give_back(session);
                value
            }
        });
        done.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    /// Changes, as one unit: all of it is durable when this returns `Ok`, nothing of it after `Err`
    /// (but for [`Error::Unknown`]).
    pub async fn write<T, E>(
        &self,
        access: &Access,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.touch();
        let (unit, answer) = Work::new(access.clone(), work);
        if self.0.queue.push(unit)? {
            let inner = Arc::clone(&self.0);
            tokio::task::spawn_blocking(move || inner.drain());
        }
        answer.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    fn touch(&self) -> Time {
        let now = self.0.clock.now();
        self.0.used_at.store(now.micros(), Ordering::Relaxed);
        now
    }
}

fn read_sqlite<T, E: From<Error>>(
    connection: &rusqlite::Connection,
    access: &Access,
    now: Time,
    work: impl FnOnce(&Read<'_>) -> Result<T, E>,
) -> Result<T, E> {
    sqlite_pool::run(connection, "BEGIN")?;
    let value = catch_unwind(AssertUnwindSafe(|| work(&Read::new(Database::Sqlite(connection), access, now))))
        .unwrap_or_else(|_| Err(Error::Panicked.into()));
    sqlite_pool::run(connection, "COMMIT")?;
    value
}

fn read_postgres<T, E: From<Error>>(
    session: &postgres::Session,
    access: &Access,
    now: Time,
    work: impl FnOnce(&Read<'_>) -> Result<T, E>,
) -> Result<T, E> {
    session.begin_read(access.account())?;
    let value = catch_unwind(AssertUnwindSafe(|| work(&Read::new(Database::Postgres(session), access, now))))
        .unwrap_or_else(|_| Err(Error::Panicked.into()));
    session.run("ROLLBACK")?;
    value
}

impl Inner {
    /// Commits what waits, batch by batch, until nothing does.
    fn drain(&self) {
        loop {
            let mut units = self.queue.next_batch();
            if units.is_empty() {
                return;
            }
            let committed = catch_unwind(AssertUnwindSafe(|| self.commit(&mut units)))
                .unwrap_or(Err(Error::Panicked));
            if let Ok(Some(event)) = committed {
                self.committed.send_replace(event);
            }
            for unit in units {
                unit.finish(committed.as_ref().map(|_| ()).map_err(Error::for_another));
            }
        }
    }

    /// Runs the units in one transaction. Gives the number of the newest event, if there is one.
    fn commit(&self, units: &mut [Box<dyn Unit>]) -> Result<Option<i64>> {
        let now = self.clock.now();
        match &self.backend {
            Backend::Sqlite(pool) => {
                let connection = pool.take()?;
                let done = commit_sqlite(&connection, self.account, self.fencing, now, units);
                match &done {
                    Err(error) if error.closes_handle() => {
                        pool.suspect(*self.committed.borrow());
                        drop(connection);
                    }
                    _ => pool.give_back(connection),
                }
                done
            }
            Backend::Postgres(pool) => postgres::commit(pool, self.account, self.fencing, now, units),
        }
    }
}

fn commit_sqlite(
    connection: &rusqlite::Connection,
    account: AccountId,
    fencing: i64,
    now: Time,
    units: &mut [Box<dyn Unit>],
) -> Result<Option<i64>> {
    sqlite_pool::run(connection, "BEGIN IMMEDIATE")?;
    let done = run_units(connection, account, fencing, now, units).and_then(|newest| {
        sqlite_pool::run(connection, "COMMIT")?;
        Ok(newest)
    });
    if done.is_err() && !connection.is_autocommit() {
        // The transaction is lost either way; a failed roll-back closes the handle with it.
        let _ = sqlite_pool::run(connection, "ROLLBACK");
    }
    done
}

fn run_units(
    connection: &rusqlite::Connection,
    account: AccountId,
    fencing: i64,
    now: Time,
    units: &mut [Box<dyn Unit>],
) -> Result<Option<i64>> {
    check_fencing(connection, account, fencing)?;
    let mut newest = None;
    for unit in units {
        let access = unit.access().clone();
        if let Err(error) = admits(&access, account, now) {
            unit.refuse(error);
            continue;
        }
        sqlite_pool::run(connection, "SAVEPOINT unit")?;
        let mut tx = Tx::new(Read::new(Database::Sqlite(connection), &access, now));
        let keep = unit.run(&mut tx);
        let event = tx.newest_noted();
        if connection.is_autocommit() {
            // SQLite gave up the whole transaction (disk full or failed): so do those before.
            return Err(Error::DiskFull);
        }
        if keep {
            newest = event.or(newest);
        } else {
            sqlite_pool::run(connection, "ROLLBACK TO unit")?;
        }
        sqlite_pool::run(connection, "RELEASE unit")?;
    }
    Ok(newest)
}

/// Refuses under an older number than the store has seen, and leaves ours if it is newer.
fn check_fencing(connection: &rusqlite::Connection, account: AccountId, ours: i64) -> Result<()> {
    use crate::dialect::sqlite;
    let params = crate::params![account];
    let found = sqlite::rows(connection, FENCING, params, |row| row.get::<i64>(0))?;
    let Some(&theirs) = found.first() else { return Ok(()) };
    if theirs > ours {
        return Err(Error::Fenced { ours, theirs });
    }
    if theirs < ours {
        sqlite::change(connection, RAISE_FENCING, crate::params![account, ours])?;
    }
    Ok(())
}

/// The number of the lease that wrote last.
pub(crate) const FENCING: &str = "SELECT fencing FROM account WHERE account_id = $1";
/// Leaves the number of a newer lease.
pub(crate) const RAISE_FENCING: &str = "UPDATE account SET fencing = $2 WHERE account_id = $1 AND fencing < $2";
