//! The door itself: unwraps an account's key and opens its store, for somebody who has access.

use std::sync::Arc;

use control::{AccountState, Control, KeyUseOutcome};
use register::{Access, Lease};
use store::{Store, Stores};
use words::{AccountId, Clock, Principal, Task};

use crate::{Error, RegionKeys, Result, password::Passwords, right};

/// How long a task's access holds; a longer task asks again for each piece of its work.
pub const TASK_SECONDS_MAX: u64 = 60 * 60;

/// The access door of this process. Cheap to clone.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    control: Control,
    stores: Arc<Stores>,
    keys: RegionKeys,
    passwords: Passwords,
    clock: Clock,
}

impl Door {
    /// The door to these stores.
    pub fn new(control: Control, stores: Arc<Stores>, keys: RegionKeys, clock: Clock) -> Self {
        Self(Arc::new(Inner { control, stores, keys, passwords: Passwords::new(), clock }))
    }

    /// The access of one of Havn's own tasks, for an hour.
    pub fn task(&self, account: AccountId, task: Task) -> Result<Access> {
        right::of_task(account, task, self.0.clock.now())
    }

    /// Opens an account's store, under the lease that the home door gave. If it is not open yet, the
    /// account's key is unwrapped: an intent is noted before, the outcome after.
    pub async fn open(&self, lease: &Lease, access: &Access) -> Result<Store> {
        if let Some(open) = self.0.stores.opened(lease, access)? {
            return Ok(open);
        }
        let (door, lease, access) = (self.clone(), lease.clone(), access.clone());
        let opened = tokio::task::spawn_blocking(move || door.unwrap_and_open(&lease, &access));
        opened.await.map_err(|_| Error::Panicked)?
    }

    fn unwrap_and_open(&self, lease: &Lease, access: &Access) -> Result<Store> {
        let (control, id) = (&self.0.control, lease.account());
        let account = control.account_by_id(id)?.ok_or(Error::NoSuchAccount)?;
        let in_use = account.state == AccountState::Active;
        if !in_use && access.principal() != Principal::System(Task::Setup) {
            return Err(Error::NoSuchAccount);
        }
        let wrapped = control.wrapped_key(id)?.ok_or(Error::NoSuchAccount)?;
        let now = self.0.clock.now();
        let key_use = match control.begin_key_use(id, access.principal(), now) {
            // Whoever reads and erases on a full disk needs this line: it takes of the room kept for them.
            Err(control::Error::DiskFull) => {
                self.0.stores.free_reserve()?;
                control.begin_key_use(id, access.principal(), now)?
            }
            begun => begun?,
        };
        let opened = self.open_with(lease, access, &wrapped);
        let outcome = if opened.is_ok() { KeyUseOutcome::Opened } else { KeyUseOutcome::Failed };
        if let Err(error) = control.end_key_use(key_use, outcome) {
            // What was done stands; the line then says that the outcome is not known.
            tracing::warn!(account = %id, %error, "the outcome of a key's use was not noted");
        }
        opened
    }

    fn open_with(&self, lease: &Lease, access: &Access, wrapped: &[u8]) -> Result<Store> {
        let key = self.0.keys.unwrap(lease.account(), lease.region(), wrapped)?;
        Ok(self.0.stores.open(lease, &key, access)?)
    }

    /// How many passwords were hashed since the start.
    pub fn passwords_hashed(&self) -> u64 {
        self.0.passwords.done()
    }

    pub(crate) fn stores(&self) -> &Stores {
        &self.0.stores
    }

    pub(crate) fn control(&self) -> &Control {
        &self.0.control
    }

    pub(crate) fn keys(&self) -> &RegionKeys {
        &self.0.keys
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }
}
