//! Where the tests' accounts lie, and the rights that open them.

use std::{path::Path, time::Duration};

use register::{Access, Departments, Home, Lease, Rights, Scope};
use store::{Account, AccountKey, Error, Place, PostgresPool, Result, Store, Stores, Tx};
use tempfile::TempDir;
use words::{AccountId, AgentId, Clock, Language, Principal, Role, Task, Time};

/// Runs a test on both databases.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($desk:ident: &Desk) $body:block)*) => {
        $(async fn $name($desk: &crate::place::Desk) $body)*
        mod sqlite {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&crate::place::Desk::on_sqlite().await).await;
            })*
        }
        mod postgres {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(&crate::place::Desk::on_postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// The instant at which tests begin.
pub const NOON: Time = Time::from_seconds(1_795_000_000);

/// One place with one account in it, and what opens it.
pub struct Desk {
    pub account: AccountId,
    pub key: AccountKey,
    pub clock: Clock,
    pub stores: Stores,
    pub store: Store,
    pub folder: TempDir,
    pub database: Option<testkit::Postgres>,
}

impl Desk {
    pub async fn on_sqlite() -> Self {
        Self::on_sqlite_in(tempfile::tempdir().unwrap()).await
    }

    pub async fn on_sqlite_in(folder: TempDir) -> Self {
        let place = Place::Folder(folder.path().to_owned());
        Self::new(place, folder, None).await
    }

    pub async fn on_postgres() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = testkit::postgres().await;
        let pool = PostgresPool::open(database.connector(), 8).await.unwrap();
        let place = Place::Postgres { pool, folder: folder.path().to_owned() };
        Self::new(place, folder, Some(database)).await
    }

    async fn new(place: Place, folder: TempDir, database: Option<testkit::Postgres>) -> Self {
        let clock = Clock::fixed(NOON);
        let (account, key) = (AccountId::new(NOON), AccountKey::from_bytes([7; 32]));
        let stores = Stores::new(place, clock.clone());
        let store = stores.open(&lease(account, 1), &key, &task(account)).unwrap();
        let desk = Self { account, key, clock, stores, store, folder, database };
        desk.make_account(&desk.store).await;
        desk
    }

    /// A second account in the same place.
    pub async fn neighbour(&self) -> Store {
        let account = AccountId::new(NOON);
        let key = AccountKey::from_bytes([8; 32]);
        let store = self.stores.open(&lease(account, 1), &key, &task(account)).unwrap();
        self.make_account(&store).await;
        store
    }

    async fn make_account(&self, store: &Store) {
        let work = |tx: &mut Tx<'_>| tx.insert_account(&account_row("Acme"), 1);
        store.write(&task(store.account()), work).await.unwrap();
    }

    /// The account under another lease, as another node would hold it.
    pub fn elsewhere(&self, place: Place, fencing: i64) -> Store {
        let stores = Stores::new(place, self.clock.clone());
        stores.open(&lease(self.account, fencing), &self.key, &self.access()).unwrap()
    }

    /// The same place again, as another node comes to it.
    pub async fn place(&self) -> Place {
        let folder = self.folder.path().to_owned();
        match &self.database {
            None => Place::Folder(folder),
            Some(database) => {
                Place::Postgres { pool: PostgresPool::open(database.connector(), 8).await.unwrap(), folder }
            }
        }
    }

    /// What most tests run under.
    pub fn access(&self) -> Access {
        task(self.account)
    }

    /// The same, made when the clock has gone on.
    pub fn later_access(&self) -> Access {
        let task = Task::Housekeeping;
        access(Scope {
            account: self.account,
            principal: Principal::System(task),
            agent: None,
            rights: Rights::Task(task),
            departments: Departments::All,
            ends: self.clock.now().after(Duration::from_hours(1)),
        })
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.write(&self.access(), work).await
    }

    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&store::Read<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.read(&self.access(), work).await
    }
}

pub fn account_row(name: &str) -> Account {
    Account {
        name: name.into(),
        language: Language::En,
        time_zone: "Europe/Copenhagen".into(),
        acknowledgement: None,
        created_at: NOON,
    }
}

/// A task's access: sees every department.
pub fn task(account: AccountId) -> Access {
    task_at(account, NOON)
}

/// The same, made at this time.
pub fn task_at(account: AccountId, now: Time) -> Access {
    let task = Task::Receive;
    access(Scope {
        account,
        principal: Principal::System(task),
        agent: None,
        rights: Rights::Task(task),
        departments: Departments::All,
        ends: now.after(Duration::from_hours(1)),
    })
}

/// An agent's access, who sees only their departments.
pub fn agent(account: AccountId, id: AgentId, departments: Departments) -> Access {
    access(Scope {
        account,
        principal: Principal::Agent(id),
        agent: Some(id),
        rights: Rights::Agent(Role::Agent),
        departments,
        ends: NOON.after(Duration::from_hours(1)),
    })
}

#[expect(clippy::disallowed_methods, reason = "the store's own suite lies below the access door")]
fn access(scope: Scope) -> Access {
    register::access(scope, NOON).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the store's own suite lies below the home door")]
pub fn lease(account: AccountId, fencing: i64) -> Lease {
    let here: words::DataCentre = "aarhus-1".parse().unwrap();
    let region: words::Region = "eu".parse().unwrap();
    let home = Home {
        account,
        region: region.clone(),
        data_centre: here.clone(),
        data_centre_region: region,
        fencing,
    };
    register::lease(&home, &here, NOON.after(Duration::from_hours(1))).unwrap()
}

/// The database file of an account on SQLite.
pub fn file(folder: &Path, account: AccountId) -> std::path::PathBuf {
    folder.join("accounts").join(account.to_string()).join("store.db")
}

/// A connection of one's own to an account's file, beside the store's.
pub fn beside(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.pragma_update(None, "key", format!("x'{}'", "07".repeat(32))).unwrap();
    connection.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256").unwrap();
    connection
}
