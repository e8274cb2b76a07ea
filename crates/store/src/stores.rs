//! The open stores of this process: opened lazily, closed when idle.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use register::{Access, Lease};
use words::{AccountId, Clock};

use crate::{
    AccountKey, Error, Result, Store,
    dialect::{postgres_pool, sqlite_pool},
    files::Files,
    store::Backend,
    writer::admits,
};

/// Where the accounts' rows lie. Files lie in the folder either way.
pub enum Place {
    /// One encrypted SQLite file per account in this folder.
    Folder(PathBuf),
    /// In PostgreSQL; the accounts' files in this folder.
    Postgres {
        /// The connections.
        pool: Arc<postgres_pool::Pool>,
        /// The folder of the files.
        folder: PathBuf,
    },
}

/// The stores of one data centre.
pub struct Stores {
    place: Place,
    clock: Clock,
    open: Mutex<HashMap<AccountId, Store>>,
}

impl Stores {
    /// Opens nothing yet.
    pub fn new(place: Place, clock: Clock) -> Self {
        Self { place, clock, open: Mutex::default() }
    }

    /// The store of the account, opened if it is not: under the lease that its home door gave, with
    /// the key that the access door unwrapped, by somebody who has access.
    pub fn open(&self, lease: &Lease, key: &AccountKey, access: &Access) -> Result<Store> {
        let account = lease.account();
        admits(access, account, self.clock.now())?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(&account) {
            if store.fencing() == lease.fencing() {
                return Ok(store.clone());
            }
        }
        let folder = self.folder(account);
        std::fs::create_dir_all(&folder).map_err(Error::DiskFailed)?;
        let files = Files::new(folder.join("files"), key);
        let backend = match &self.place {
            Place::Folder(_) => Backend::Sqlite(sqlite_pool::Pool::new(folder.join("store.db"), key.clone())),
            Place::Postgres { pool, .. } => Backend::Postgres(Arc::clone(pool)),
        };
        let store = Store::new(account, lease.fencing(), backend, files, self.clock.clone());
        open.insert(account, store.clone());
        Ok(store)
    }

    /// The folder of an account.
    pub fn folder(&self, account: AccountId) -> PathBuf {
        let (Place::Folder(folder) | Place::Postgres { folder, .. }) = &self.place;
        folder.join("accounts").join(account.to_string())
    }

    /// Closes the stores that nobody has used for `idle`, and the spare connections of the others.
    pub fn close_idle(&self, idle: Duration) {
        let before = self.clock.now().before(idle);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, store| !(store.is_idle() && store.used_at() < before));
        for store in open.values().filter(|store| store.used_at() < before) {
            store.shrink();
        }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
