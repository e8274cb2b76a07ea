//! A whole Havn without its pages and mail: data folder, region key, control data, both doors, and
//! accounts with people in them. Suites start from this, so that they work with real things.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use access::{Accounts, Door, LeaseGiver, NewAccount, RegionKeys, Seen, SignIn};
use control::{Control, Here};
use fleet::Fleet;
use register::Access;
use store::{Place, Store, Stores};
use words::{
    AccountId, AgentId, Clock, DepartmentId, EmailAddress, Language, MailboxId, Role, Secret, Slug, Task,
};

use crate::{Postgres, postgres};

/// The password of everybody whom this module makes.
pub const PASSWORD: &str = "correct horse battery";
/// Where people here come from, unless a test says otherwise.
pub const REMOTE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// On which database the accounts lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// One encrypted file per account.
    Sqlite,
    /// PostgreSQL, a fresh database.
    Postgres,
}

/// A data folder with its region key, and the process that serves it. The folder goes with this value.
pub struct Havn {
    /// Both doors.
    pub accounts: Accounts,
    /// The home door.
    pub fleet: Fleet,
    /// Control data.
    pub control: Control,
    /// The open stores.
    pub stores: Arc<Stores>,
    /// The clock of all of it.
    pub clock: Clock,
    ground: Arc<Ground>,
}

/// What stays when a process ends.
struct Ground {
    folder: tempfile::TempDir,
    postgres: Option<Postgres>,
}

/// The folder of a Havn whose process has ended. It goes with this value.
pub struct Ended(#[expect(dead_code, reason = "held, so that the folder stays")] Arc<Ground>);

/// An account with people in it.
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name in its host.
    pub slug: Slug,
    /// Its first department, *Support*.
    pub support: DepartmentId,
    /// Its second department, *Sales*.
    pub sales: DepartmentId,
    /// The mailbox `support@<slug>.example`, of Support.
    pub support_mailbox: MailboxId,
    /// The mailbox `sales@<slug>.example`, of Sales.
    pub sales_mailbox: MailboxId,
    /// Its owner, who sees everything.
    pub owner: Person,
    /// An agent who sees Support only.
    pub agent: Person,
}

/// Somebody who can log in with [`PASSWORD`].
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: AgentId,
    /// Their address.
    pub address: EmailAddress,
}

impl Havn {
    /// An empty Havn, under the machine's clock.
    pub async fn start(on: On) -> Self {
        Self::start_at(on, Clock::System).await
    }

    /// An empty Havn, under this clock.
    pub async fn start_at(on: On, clock: Clock) -> Self {
        let postgres = match on {
            On::Sqlite => None,
            On::Postgres => Some(postgres().await),
        };
        let ground = Arc::new(Ground { folder: tempfile::tempdir().expect("a temporary folder"), postgres });
        let region = here().region;
        RegionKeys::create(&ground.keys(), &region, &ground.data()).expect("a region key is made");
        Self::process(ground, clock, Fleet::serve).await
    }

    /// Another process that starts to serve the same folder: it takes the accounts over.
    pub async fn started_again(&self) -> Self {
        Self::process(Arc::clone(&self.ground), self.clock.clone(), Fleet::serve).await
    }

    /// A command beside the process that serves.
    pub async fn command(&self) -> Self {
        Self::process(Arc::clone(&self.ground), self.clock.clone(), Fleet::join).await
    }

    async fn process(
        ground: Arc<Ground>,
        clock: Clock,
        fleet: fn(Control, Here, Clock) -> fleet::Result<Fleet>,
    ) -> Self {
        let keys = RegionKeys::load(&ground.keys(), &[here().region], &ground.data()).expect("keys load");
        let control = Control::open(&ground.data(), &keys.marks(), clock.now()).expect("control data open");
        let fleet = fleet(control.clone(), here(), clock.clone()).expect("the home door opens");
        let stores = Arc::new(Stores::new(ground.place().await, clock.clone()));
        let door = Door::new(control.clone(), Arc::clone(&stores), keys, clock.clone());
        let giver = fleet.clone();
        let leases = LeaseGiver::new(move |account| {
            let fleet = giver.clone();
            async move { fleet.lease(account).await }
        });
        Self { accounts: Accounts::new(door, leases), fleet, control, stores, clock, ground }
    }

    /// Ends the process; the folder stays.
    pub fn ended(self) -> Ended {
        Ended(Arc::clone(&self.ground))
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.ground.data()
    }

    /// The folder of the region key.
    pub fn keys(&self) -> PathBuf {
        self.ground.keys()
    }

    /// The database of the accounts, if they lie in PostgreSQL.
    pub fn postgres(&self) -> Option<&Postgres> {
        self.ground.postgres.as_ref()
    }

    /// Makes an account with two departments, a mailbox in each, an owner who sees everything and an
    /// agent who sees Support only.
    pub async fn account(&self, slug: &str) -> Account {
        let slug: Slug = slug.parse().expect("a slug");
        let new = NewAccount {
            slug: slug.clone(),
            name: format!("{slug} Ltd"),
            region: here().region,
            data_centre: here().data_centre,
            language: Language::En,
            time_zone: "Europe/Copenhagen".into(),
            department: "Support".into(),
        };
        let id = self.accounts.create(new).await.expect("an account is made");
        let (store, access) = self.setup(id).await;
        let support = first_department(&store, &access).await;
        let sales = self.department(id, "Sales").await;
        let address = |local: &str| format!("{local}@{slug}.example").parse().expect("an address");
        let add = async |local: &str, department| {
            self.accounts.add_mailbox(&access, address(local), department).await.expect("a mailbox is added")
        };
        let support_mailbox = add("support", support).await;
        let sales_mailbox = add("sales", sales).await;
        let owner = self.person(id, &address("olga"), Role::Owner, None).await;
        let agent = self.person(id, &address("anton"), Role::Agent, Some(vec![support])).await;
        Account { id, slug, support, sales, support_mailbox, sales_mailbox, owner, agent }
    }

    /// The account's store and the access of the task that sets accounts up.
    pub async fn setup(&self, account: AccountId) -> (Store, Access) {
        self.accounts.open_task(account, Task::Setup).await.expect("the store opens")
    }

    /// Adds a department.
    pub async fn department(&self, account: AccountId, name: &str) -> DepartmentId {
        let (store, access) = self.setup(account).await;
        let department = store::Department {
            id: DepartmentId::new(self.clock.now()),
            name: name.to_owned(),
            from_name: name.to_owned(),
            signature: String::new(),
            created_at: self.clock.now(),
        };
        let id = department.id;
        let added = store.write(&access, move |tx| tx.insert_department(&department)).await;
        added.expect("a department is added");
        id
    }

    /// Adds somebody who can log in with [`PASSWORD`].
    pub async fn person(
        &self,
        account: AccountId,
        address: &EmailAddress,
        role: Role,
        departments: Option<Vec<DepartmentId>>,
    ) -> Person {
        let (store, access) = self.setup(account).await;
        let new = access::NewAgent {
            name: address.local().to_owned(),
            address: address.clone(),
            role,
            departments,
            language: Language::En,
            password: Secret::new(PASSWORD.into()),
        };
        let id = self.accounts.door().add_agent(&store, &access, new).await.expect("an agent is added");
        Person { id, address: address.clone() }
    }

    /// Logs somebody in, and gives the store, what their session opens, and its token.
    pub async fn signed_in(&self, account: AccountId, person: &Person) -> (Store, Seen, Secret) {
        let (store, _) = self.accounts.open_task(account, Task::SignIn).await.expect("the store opens");
        let door = self.accounts.door();
        let signed_in = door.sign_in(&store, sign_in(&person.address, PASSWORD)).await.expect("they log in");
        let seen = door.session(&store, &signed_in.token).await.expect("the store answers");
        (store, seen.expect("a session that just began holds"), signed_in.token)
    }
}

impl Ground {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    async fn place(&self) -> Place {
        let folder = self.data();
        match &self.postgres {
            None => Place::Folder(folder),
            Some(postgres) => {
                let pool = store::PostgresPool::open(postgres.connector(), store::CONNECTIONS_MAX).await;
                Place::Postgres { pool: pool.expect("PostgreSQL answers"), folder }
            }
        }
    }
}

/// The data centre `test-1` in the region `eu`.
pub fn here() -> Here {
    Here { data_centre: "test-1".parse().expect("a data centre"), region: "eu".parse().expect("a region") }
}

/// A log-in from [`REMOTE`].
pub fn sign_in(address: &EmailAddress, password: &str) -> SignIn {
    SignIn {
        address: address.clone(),
        password: Secret::new(password.to_owned()),
        remote: REMOTE,
        browser: "Mozilla/5.0 (test)".into(),
    }
}

async fn first_department(store: &Store, access: &Access) -> DepartmentId {
    let departments = store.read(access, |read| read.departments()).await.expect("the store answers");
    departments.first().expect("a new account has a department").id
}

/// Every file under a folder, by path, with its bytes: for "nothing was touched". One that goes
/// meanwhile is left out.
pub fn bytes_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder is read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    found
}
