//! One account's store: reads and writes as units of work.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use register::Access;
use tokio::sync::{Semaphore, broadcast, watch};
use words::{AccountId, Clock, Time};

use crate::{
    Error, Read, Result, Tx,
    batch::{Batch, Outcome},
    connection::Database,
    dialect::{postgres, postgres_pool, sqlite_pool},
    files::Files,
    log::LogEnd,
    reserve::Reserve,
    writer::{Queue, Unit, Work, admits},
};

/// Reads of one account at once on SQLite; more wait. Its writer has a connection beside them.
const READS_MAX: usize = 4;

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
    reserve: Arc<Reserve>,
    reads: Semaphore,
    queue: Queue,
    /// How the log ended when we last lengthened it. A batch takes it away, and leaves it if it commits.
    log_end: Mutex<Option<LogEnd>>,
    /// The number of the last event that was committed here.
    committed: watch::Sender<i64>,
    /// Tells those who follow all accounts that an event was committed in this one.
    news: broadcast::Sender<AccountId>,
    used_at: AtomicI64,
    clock: Clock,
}

impl Store {
    pub(crate) fn new(
        account: AccountId,
        fencing: i64,
        backend: Backend,
        files: Files,
        reserve: Arc<Reserve>,
        news: broadcast::Sender<AccountId>,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Inner {
            account,
            fencing,
            backend,
            files,
            reserve,
            reads: Semaphore::new(READS_MAX),
            queue: Queue::default(),
            log_end: Mutex::default(),
            committed: watch::Sender::new(0),
            news,
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

    /// Tells the number of the newest event whenever one was committed by this process. Ends when the
    /// store is closed: whoever follows holds the store.
    pub fn committed(&self) -> watch::Receiver<i64> {
        self.0.committed.subscribe()
    }

    /// How many entries its log has by what we know: none, if we have not lengthened it.
    pub(crate) fn log_size_known(&self) -> Option<u64> {
        let end = self.0.log_end.lock().unwrap_or_else(PoisonError::into_inner);
        end.as_ref().map(LogEnd::size)
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
        let _turn = self.0.turn().await?;
        let (inner, access) = (Arc::clone(&self.0), access.clone());
        let done = tokio::task::spawn_blocking(move || match &inner.backend {
            Backend::Sqlite(pool) => read_sqlite(pool, &inner.reserve, &access, now, work),
            Backend::Postgres(pool) => read_postgres(pool, &access, now, work),
        });
        done.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    /// Changes, as one unit: all of it is durable when this returns `Ok`, nothing of it after `Err`
    /// (but for [`Error::Unknown`] and [`Error::DiskFailed`]).
    ///
    /// An error that the database gave ends the unit, whatever the unit makes of it: what may be there
    /// already is inserted with `ON CONFLICT`. [`Error::DiskFull`] also comes while the reserve of the
    /// disk is in use; see [`Store::erase`].
    pub async fn write<T, E>(
        &self,
        access: &Access,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.enqueue(Work::unit(access.clone(), false, work)).await
    }

    /// As [`Store::write`], for a unit that removes more than it adds: it may use the room that is kept
    /// free for it when the disk is full.
    pub async fn erase<T, E>(
        &self,
        access: &Access,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.enqueue(Work::unit(access.clone(), true, work)).await
    }

    async fn enqueue<T, E: From<Error>>(
        &self,
        (unit, answer): (Box<dyn Unit>, tokio::sync::oneshot::Receiver<Result<T, E>>),
    ) -> Result<T, E> {
        self.touch();
        if self.0.queue.push(unit)? {
            let inner = Arc::clone(&self.0);
            tokio::spawn(async move { inner.drain().await });
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
    pool: &sqlite_pool::Pool,
    reserve: &Reserve,
    access: &Access,
    now: Time,
    work: impl FnOnce(&Read<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let connection = match pool.take() {
        // To open a file takes a little room, which on a full disk is that kept for erasing.
        Err(Error::DiskFull) => {
            reserve.free()?;
            pool.take()?
        }
        taken => taken?,
    };
    let database = Database::Sqlite(&connection);
    database.run("BEGIN")?;
    let read = Read::new(database, access, now);
    let value =
        catch_unwind(AssertUnwindSafe(|| work(&read))).unwrap_or_else(|_| Err(Error::Panicked.into()));
    if read.failure().is_some_and(|error| error.closes_handle()) {
        connection.discard();
        return value;
    }
    database.run("ROLLBACK")?;
    value
}

fn read_postgres<T, E: From<Error>>(
    pool: &postgres_pool::Pool,
    access: &Access,
    now: Time,
    work: impl FnOnce(&Read<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let session = pool.take()?;
    session.begin_read(access.account())?;
    let read = Read::new(Database::Postgres(&session), access, now);
    let value =
        catch_unwind(AssertUnwindSafe(|| work(&read))).unwrap_or_else(|_| Err(Error::Panicked.into()));
    session.run("ROLLBACK")?;
    session.keep();
    value
}

impl Inner {
    /// Waits until it is one's turn to use a connection.
    async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>> {
        let turns = match &self.backend {
            Backend::Sqlite(_) => &self.reads,
            Backend::Postgres(pool) => pool.turns(),
        };
        turns.acquire().await.map_err(|_| Error::Busy)
    }

    /// Commits what waits, batch by batch, until nothing does.
    async fn drain(self: Arc<Self>) {
        // On SQLite the writer has a connection of its own.
        let _turn = match &self.backend {
            Backend::Sqlite(_) => None,
            Backend::Postgres(_) => self.turn().await.ok(),
        };
        let inner = Arc::clone(&self);
        let drained = tokio::task::spawn_blocking(move || {
            while let Some(units) = inner.queue.next_batch() {
                inner.commit_together(units);
            }
        });
        if drained.await.is_err() {
            tracing::error!(account = %self.account, "the writer broke off");
        }
    }

    /// Runs and commits units, and tells those who wait.
    fn commit_together(&self, mut units: Vec<Box<dyn Unit>>) {
        let mut committed =
            catch_unwind(AssertUnwindSafe(|| self.commit(&mut units))).unwrap_or(Err(Error::Panicked));
        if let Ok(Some(event)) = committed {
            self.committed.send_replace(event);
            // Nobody may follow.
            let _ = self.news.send(self.account);
        }
        let erasing = units.iter().any(|unit| unit.erases());
        for unit in units {
            unit.finish(committed.as_mut().map(|_| ()).map_err(|error| error.for_another()));
        }
        if erasing {
            self.give_room_back();
        }
    }

    /// Runs the units in one transaction. Gives the number of the newest event, if there is one.
    fn commit(&self, units: &mut [Box<dyn Unit>]) -> Result<Option<i64>> {
        let known = self.log_end.lock().unwrap_or_else(PoisonError::into_inner).take();
        let outcome = self.commit_after(units, known)?;
        *self.log_end.lock().unwrap_or_else(PoisonError::into_inner) = outcome.log_end;
        Ok(outcome.newest_event)
    }

    fn commit_after(&self, units: &mut [Box<dyn Unit>], log_end: Option<LogEnd>) -> Result<Outcome> {
        self.make_room(units)?;
        let batch = |fencing_sql| Batch {
            account: self.account,
            fencing: self.fencing,
            now: self.clock.now(),
            fencing_sql,
        };
        match &self.backend {
            Backend::Sqlite(pool) => {
                let connection = pool.take_to_write()?;
                let done = commit_sqlite(&connection, &batch(FENCING), units, log_end);
                if done.as_ref().is_err_and(Error::closes_handle) {
                    tracing::error!(account = %self.account, "the disk failed; the store is checked before it is used again");
                    pool.suspect(*self.committed.borrow());
                }
                done
            }
            Backend::Postgres(pool) => commit_postgres(pool, &batch(postgres::LOCK_FENCING), units, log_end),
        }
    }

    /// While the disk is full, only units that erase may use what is kept free for them.
    fn make_room(&self, units: &mut [Box<dyn Unit>]) -> Result<()> {
        if matches!(self.backend, Backend::Postgres(_)) {
            // Its rows lie on a disk of its own.
            return Ok(());
        }
        if units.iter().any(|unit| unit.erases()) {
            return self.reserve.free();
        }
        if self.reserve.is_kept()? { Ok(()) } else { Err(Error::DiskFull) }
    }

    /// After something was erased: folds the log back, which needs no room and gives some, and keeps
    /// room free again.
    fn give_room_back(&self) {
        let Backend::Sqlite(pool) = &self.backend else { return };
        // With room enough nothing waits for readers to let go of the log.
        if !self.reserve.is_freed() {
            return;
        }
        let folded = pool.take().and_then(|connection| sqlite_pool::fold_log(&connection));
        if folded.is_err() {
            tracing::warn!(account = %self.account, "the log could not be folded back after erasing");
        }
    }
}

fn commit_sqlite(
    connection: &rusqlite::Connection,
    batch: &Batch,
    units: &mut [Box<dyn Unit>],
    log_end: Option<LogEnd>,
) -> Result<Outcome> {
    let database = Database::Sqlite(connection);
    database.run("BEGIN IMMEDIATE")?;
    let done = batch.run(database, units, log_end).and_then(|outcome| {
        words::FaultPoint::BeforeCommit.pass();
        database.run(if outcome.kept > 0 { "COMMIT" } else { "ROLLBACK" })?;
        words::FaultPoint::AfterCommit.pass();
        Ok(outcome)
    });
    if done.is_err() && !connection.is_autocommit() {
        // If this fails too, the pool sees the open transaction and closes the connection.
        let _ = database.run("ROLLBACK");
    }
    done
}

fn commit_postgres(
    pool: &postgres_pool::Pool,
    batch: &Batch,
    units: &mut [Box<dyn Unit>],
    log_end: Option<LogEnd>,
) -> Result<Outcome> {
    let session = pool.take()?;
    session.begin_write(batch.account)?;
    match batch.run(Database::Postgres(&session), units, log_end) {
        Ok(outcome) if outcome.kept == 0 => {
            session.run("ROLLBACK")?;
            session.keep();
            Ok(outcome)
        }
        Ok(outcome) => {
            session.commit()?;
            session.keep();
            Ok(outcome)
        }
        Err(error) => {
            if session.run("ROLLBACK").is_ok() {
                session.keep();
            }
            Err(error)
        }
    }
}

/// The number of the lease that wrote last.
const FENCING: &str = "SELECT fencing FROM account WHERE account_id = $1";
