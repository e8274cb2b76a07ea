//! The doors of this process: keys and control data opened, home door and access door joined.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path, sync::Arc, time::Duration};

use access::{Accounts, Door, LeaseGiver, RegionKeys};
use control::{Control, Here};
use egress::Egress;
use fleet::Fleet;
use register::{Ask, Basis};
use store::{Place, PostgresPool, Stores};
use tokio::time::timeout;
use words::{Clock, Purpose};

use crate::{
    Error, Result,
    config::{Config, Database},
};

/// How long PostgreSQL may take to greet.
const GREETING_WAIT: Duration = Duration::from_secs(10);

/// All through which accounts are reached in this process.
#[derive(Clone)]
pub struct Doors {
    /// Both doors behind one face.
    pub accounts: Accounts,
    /// The home door.
    pub fleet: Fleet,
    /// Control data.
    pub control: Control,
    /// The open stores.
    pub stores: Arc<Stores>,
    /// The way out.
    pub egress: Egress,
}

/// Whether this process serves accounts or works beside the one that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It serves: it takes each account over at its first use.
    Serve,
    /// A command.
    Beside,
}

impl Doors {
    /// Opens control data and joins the doors; no account is opened yet.
    pub async fn open(config: &Config, egress: Egress, part: Part, clock: &Clock) -> Result<Self> {
        let keys = RegionKeys::load(&config.keys, std::slice::from_ref(&config.region), &config.data)?;
        make_private(&config.data)?;
        let control = Control::open(&config.data, &keys.marks(), clock.now())?;
        let here = Here { data_centre: config.data_centre.clone(), region: config.region.clone() };
        let fleet = match part {
            Part::Serve => Fleet::serve(control.clone(), here, clock.clone())?,
            Part::Beside => Fleet::join(control.clone(), here, clock.clone())?,
        };
        let stores = Arc::new(Stores::new(place(config, &egress).await?, clock.clone()));
        let door = Door::new(control.clone(), Arc::clone(&stores), keys, clock.clone());
        let giver = fleet.clone();
        let leases = LeaseGiver::new(move |account| {
            let fleet = giver.clone();
            async move { fleet.lease(account).await }
        });
        Ok(Self { accounts: Accounts::new(door, leases), fleet, control, stores, egress })
    }

    /// The same with another clock: the demo tells each account's story from its beginning.
    pub async fn under(&self, config: &Config, clock: &Clock) -> Result<Self> {
        self.fleet.release().await?;
        Self::open(config, self.egress.clone(), Part::Beside, clock).await
    }

    /// As a command opens them: the door to hosts runs in this process, which is not sealed.
    pub async fn beside(config: &Config, clock: &Clock) -> Result<Self> {
        // First the keys and control data: without them nothing is touched, not even the door's record.
        let keys = RegionKeys::load(&config.keys, std::slice::from_ref(&config.region), &config.data)?;
        make_private(&config.data)?;
        drop(Control::open(&config.data, &keys.marks(), clock.now())?);
        let egress = own_door(config)?;
        Self::open(config, egress, Part::Beside, clock).await
    }
}

/// Makes the data folder, which is nobody else's business.
fn make_private(data: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(|source| Error::File { path: data.to_owned(), source })
}

/// A door in this process, with a record of its own: a serving door's record has one writer.
pub fn own_door(config: &Config) -> Result<Egress> {
    let text = std::fs::read_to_string(&config.path)
        .map_err(|source| Error::File { path: config.path.clone(), source })?;
    let register = egress::register_from_toml(&text)?;
    let spool = config.data.join("door-of-commands").join(std::process::id().to_string());
    Ok(egress::Door::in_process(register, &spool)?)
}

async fn place(config: &Config, egress: &Egress) -> Result<Place> {
    let folder = config.data.clone();
    let Some(database) = &config.database else { return Ok(Place::Folder(folder)) };
    let pool = PostgresPool::open(connector(database, egress.clone()), database.connections_max).await?;
    Ok(Place::Postgres { pool, folder })
}

/// Connects to PostgreSQL on a socket that the door handed out.
fn connector(database: &Database, egress: Egress) -> store::Connector {
    let mut login = tokio_postgres::Config::new();
    login.dbname(&database.name).user(&database.user).application_name("havn");
    if let Some(password) = &database.password {
        login.password(password.expose());
    }
    let ask = Ask {
        account: None,
        purpose: Purpose::Database,
        host: database.host.clone(),
        port: database.port,
        basis: Basis::Operator,
    };
    Arc::new(move || {
        let (login, ask, egress) = (login.clone(), ask.clone(), egress.clone());
        Box::pin(async move {
            let unreachable = |why: String| store::Error::Unreachable(why);
            let stream = egress.dial(ask).await.map_err(|error| unreachable(error.to_string()))?;
            let greeted = timeout(GREETING_WAIT, login.connect_raw(stream, tokio_postgres::NoTls)).await;
            let (client, connection) =
                greeted.map_err(|_| unreachable("it does not greet in time".into()))??;
            let driven: futures::future::BoxFuture<'static, ()> = Box::pin(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "a connection to PostgreSQL ended");
                }
            });
            Ok((client, driven))
        })
    })
}
