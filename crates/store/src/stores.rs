//! The open stores of this process: opened lazily, closed when idle.

use std::{
    cmp::Ordering,
    collections::HashMap,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use register::{Access, Lease};
use tokio::sync::broadcast;
use words::{AccountId, Clock};

use crate::{
    AccountKey, Error, Result, Store,
    dialect::{postgres_pool, sqlite_pool},
    files::{Files, sync_folder},
    reserve::Reserve,
    store::Backend,
    writer::admits,
};

/// Commits that a task which follows all accounts may be behind.
const NEWS_WAITING_MAX: usize = 4_096;

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
    reserve: Arc<Reserve>,
    open: Mutex<HashMap<AccountId, Store>>,
    news: broadcast::Sender<AccountId>,
}

impl Stores {
    /// Opens nothing yet.
    pub fn new(place: Place, clock: Clock) -> Self {
        let (Place::Folder(folder) | Place::Postgres { folder, .. }) = &place;
        let reserve = Arc::new(Reserve::new(folder));
        let news = broadcast::Sender::new(NEWS_WAITING_MAX);
        Self { place, clock, reserve, open: Mutex::default(), news }
    }

    /// The store of the account if it is open under this lease, for somebody who has access: its key
    /// need not be unwrapped again.
    pub fn opened(&self, lease: &Lease, access: &Access) -> Result<Option<Store>> {
        admits(access, lease.account(), self.clock.now())?;
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(open.get(&lease.account()).filter(|store| store.fencing() == lease.fencing()).cloned())
    }

    /// The store of the account, opened if it is not: under the lease that its home door gave, with
    /// the key that the access door unwrapped, by somebody who has access.
    pub fn open(&self, lease: &Lease, key: &AccountKey, access: &Access) -> Result<Store> {
        let account = lease.account();
        admits(access, account, self.clock.now())?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(&account) {
            if !store.files().are_under(key) {
                return Err(Error::WrongKey);
            }
            match store.fencing().cmp(&lease.fencing()) {
                Ordering::Equal => return Ok(store.clone()),
                Ordering::Greater => {
                    return Err(Error::Fenced { ours: lease.fencing(), theirs: store.fencing() });
                }
                Ordering::Less => {}
            }
        }
        let store = self.make(lease, key)?;
        open.insert(account, store.clone());
        Ok(store)
    }

    fn make(&self, lease: &Lease, key: &AccountKey) -> Result<Store> {
        let account = lease.account();
        let folder = self.folder(account);
        make_folder(&folder)?;
        let files = Files::new(folder.join("files"), key);
        let backend = match &self.place {
            Place::Folder(_) => Backend::Sqlite(sqlite_pool::Pool::new(folder.join("store.db"), key.clone())),
            Place::Postgres { pool, .. } => Backend::Postgres(Arc::clone(pool)),
        };
        Ok(Store::new(
            account,
            lease.fencing(),
            backend,
            files,
            Arc::clone(&self.reserve),
            self.news.clone(),
            self.clock.clone(),
        ))
    }

    /// Tells the account whenever an event was committed in one of these stores, for tasks that follow
    /// all of them. Who is too slow is told how many were missed, and looks at every account.
    pub fn news(&self) -> broadcast::Receiver<AccountId> {
        self.news.subscribe()
    }

    /// The folder of an account.
    pub fn folder(&self, account: AccountId) -> PathBuf {
        let (Place::Folder(folder) | Place::Postgres { folder, .. }) = &self.place;
        folder.join("accounts").join(account.to_string())
    }

    /// Closes the stores that nobody has used for `idle`, and the spare connections of the others.
    /// Closing folds logs back: for a blocking thread.
    pub fn close_idle(&self, idle: Duration) {
        let before = self.clock.now().before(idle);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let closed: Vec<Store> =
            open.extract_if(|_, store| store.is_idle() && store.used_at() < before).map(|(_, s)| s).collect();
        let rest: Vec<Store> = open.values().filter(|store| store.used_at() < before).cloned().collect();
        drop(open);
        drop(closed);
        rest.iter().for_each(Store::shrink);
    }

    /// Frees the room that is kept for erasing, if the disk is short of it: for a line without which
    /// nothing can be read or erased. Until there is room again, only units that erase may write.
    pub fn free_reserve(&self) -> Result<()> {
        self.reserve.free()
    }

    /// The accounts whose stores are open, and how many entries each one's log has by what was committed
    /// here: none, if nothing was. Asks no database, and leaves idle stores idle.
    pub fn logs(&self) -> Vec<(AccountId, Option<u64>)> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(account, store)| (*account, store.log_size_known())).collect()
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Makes a folder whose name lasts, with those above it.
fn make_folder(folder: &Path) -> Result<()> {
    let mut missing: Vec<&Path> = folder.ancestors().take_while(|above| !above.exists()).collect();
    while let Some(next) = missing.pop() {
        match std::fs::create_dir(next) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
        sync_folder(next.parent().unwrap_or(next))?;
    }
    Ok(())
}
