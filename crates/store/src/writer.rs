//! The one writer of an account: units of work that wait together are committed together.
//!
//! There is no thread per account: whoever finds the queue idle sends a blocking task to empty it.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use register::Access;
use tokio::sync::oneshot;
use words::Time;

use crate::{Error, Result, Tx};

/// Units that may wait for one account; more are told that it is busy.
const WAITING_UNITS_MAX: usize = 4_096;
/// Units in one commit, so that the first does not wait for ever on the last.
pub(crate) const BATCH_UNITS_MAX: usize = 256;

/// A unit of work and the one who waits for it.
pub(crate) trait Unit: Send {
    /// Whose right it runs under.
    fn access(&self) -> &Access;
    /// Whether it removes more than it adds, and may use the reserve of the disk.
    fn erases(&self) -> bool;
    /// Runs it. True if it is to be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Runs nothing, and tells why.
    fn refuse(&mut self, error: Error);
    /// Tells the one who waits: what it gave if `committed`, else the error.
    fn finish(self: Box<Self>, committed: Result<()>);
}

pub(crate) struct Work<F, T, E> {
    access: Access,
    erases: bool,
    closure: Option<F>,
    value: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    /// The unit, and where its answer comes.
    pub(crate) fn unit(
        access: Access,
        erases: bool,
        work: F,
    ) -> (Box<dyn Unit>, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { access, erases, closure: Some(work), value: None, reply }), answer)
    }
}

impl<F, T, E> Unit for Work<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn access(&self) -> &Access {
        &self.access
    }

    fn erases(&self) -> bool {
        self.erases
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.closure.take() else { return false };
        let value =
            catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|_| Err(Error::Panicked.into()));
        let keep = value.is_ok();
        self.value = Some(value);
        keep
    }

    fn refuse(&mut self, error: Error) {
        self.value = Some(Err(error.into()));
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let value = match (self.value, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(value), Ok(())) => value,
            (None, Ok(())) => Err(Error::Panicked.into()),
        };
        // Whoever asked may have gone; what was committed stays.
        let _ = self.reply.send(value);
    }
}

#[derive(Default)]
struct Waiting {
    units: VecDeque<Box<dyn Unit>>,
    drained: bool,
}

/// The units that wait for an account's writer.
#[derive(Default)]
pub(crate) struct Queue(Mutex<Waiting>);

impl Queue {
    /// Adds a unit. True if the caller must send somebody to drain the queue.
    pub(crate) fn push(&self, unit: Box<dyn Unit>) -> Result<bool> {
        let mut waiting = self.lock();
        if waiting.units.len() >= WAITING_UNITS_MAX {
            return Err(Error::Busy);
        }
        waiting.units.push_back(unit);
        Ok(!std::mem::replace(&mut waiting.drained, true))
    }

    /// The next units to commit together; none, and the drain is over. Units that erase and others
    /// are not mixed, since only those may use the reserve.
    pub(crate) fn next_batch(&self) -> Option<Vec<Box<dyn Unit>>> {
        let mut waiting = self.lock();
        let Some(erases) = waiting.units.front().map(|unit| unit.erases()) else {
            waiting.drained = false;
            return None;
        };
        let alike = waiting.units.iter().take_while(|unit| unit.erases() == erases).count();
        Some(waiting.units.drain(..alike.min(BATCH_UNITS_MAX)).collect())
    }

    pub(crate) fn is_idle(&self) -> bool {
        !self.lock().drained
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether an access still opens this account.
pub(crate) fn admits(access: &Access, account: words::AccountId, now: Time) -> Result<()> {
    if access.account() == account && access.holds(now) { Ok(()) } else { Err(Error::NoAccess) }
}
