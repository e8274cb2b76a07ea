//! The doors of this process: keys and control data opened, home door and access door joined.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

use access::{Accounts, Door, LeaseGiver, RegionKeys};
use control::{Control, Here};
use egress::Egress;
use fleet::Fleet;
use register::Lease;
use store::{Place, PostgresPool, Stores};
use words::{AccountId, Clock};

use crate::{Error, Result, config::Config, own_door::OwnDoor, postgres, schema};

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
    /// What a command holds as long as it uses it.
    _own_door: Option<Arc<OwnDoor>>,
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
        schema::refuse_newer(&config.data)?;
        make_private(&config.data)?;
        let control = Control::open(&config.data, &keys.marks(), clock.now())?;
        schema::note(&config.data)?;
        let here = Here { data_centre: config.data_centre.clone(), region: config.region.clone() };
        let fleet = match part {
            Part::Serve => Fleet::serve(control.clone(), here, clock.clone())?,
            Part::Beside => Fleet::join(control.clone(), here, clock.clone())?,
        };
        let stores = Arc::new(Stores::new(place(config, &egress).await?, clock.clone()));
        let door = Door::new(control.clone(), Arc::clone(&stores), keys, clock.clone());
        let giver = (fleet.clone(), Arc::clone(&stores));
        let leases = LeaseGiver::new(move |account| {
            let (fleet, stores) = giver.clone();
            async move { lease(&fleet, &stores, account).await }
        });
        Ok(Self { accounts: Accounts::new(door, leases), fleet, control, stores, egress, _own_door: None })
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
        schema::refuse_newer(&config.data)?;
        make_private(&config.data)?;
        drop(Control::open(&config.data, &keys.marks(), clock.now())?);
        let own_door = OwnDoor::open(config)?;
        let doors = Self::open(config, own_door.egress.clone(), Part::Beside, clock).await?;
        Ok(Self { _own_door: Some(Arc::new(own_door)), ..doors })
    }
}

/// The lease of an account. On a full disk the line that it needs takes of the room that is kept free.
async fn lease(fleet: &Fleet, stores: &Stores, account: AccountId) -> fleet::Result<Lease> {
    match fleet.lease(account).await {
        Err(fleet::Error::Control(control::Error::DiskFull)) if stores.free_reserve().is_ok() => {
            fleet.lease(account).await
        }
        given => given,
    }
}

/// Makes the data folder, which is nobody else's business.
fn make_private(data: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(|source| Error::File { path: data.to_owned(), source })
}

async fn place(config: &Config, egress: &Egress) -> Result<Place> {
    let folder = config.data.clone();
    let Some(database) = &config.database else { return Ok(Place::Folder(folder)) };
    let pool =
        PostgresPool::open(postgres::connector(database, egress.clone())?, database.connections_max).await?;
    Ok(Place::Postgres { pool, folder })
}
