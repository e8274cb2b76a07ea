//! The face for the crates above: whose a host or address is, and its store, opened.

use std::{future::Future, pin::Pin, sync::Arc};

use control::{Account, Recipient};
use register::{Access, Lease};
use store::Store;
use words::{AccountId, EmailAddress, Slug, Task};

use crate::{Door, Error, Result};

type LeaseError = Box<dyn std::error::Error + Send + Sync>;
type LeaseFuture = Pin<Box<dyn Future<Output = Result<Lease, LeaseError>> + Send>>;

/// Where leases come from. The doors to a place and to a person do not know each other: whoever wires
/// them gives this one a function of that one.
#[derive(Clone)]
pub struct LeaseGiver(Arc<dyn Fn(AccountId) -> LeaseFuture + Send + Sync>);

impl LeaseGiver {
    /// Leases come from this function.
    pub fn new<F, E>(give: impl Fn(AccountId) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Lease, E>> + Send + 'static,
        E: Into<LeaseError>,
    {
        Self(Arc::new(move |account| {
            let lease = give(account);
            Box::pin(async { lease.await.map_err(Into::into) })
        }))
    }
}

/// The accounts of this process: both doors behind one face. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    door: Door,
    leases: LeaseGiver,
}

impl Accounts {
    /// Joins the access door with the home door's leases.
    pub fn new(door: Door, leases: LeaseGiver) -> Self {
        Self { door, leases }
    }

    /// The access door: log-in, sessions, tokens.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The account in use at the host of this slug.
    pub async fn by_slug(&self, slug: &Slug) -> Result<Option<Account>> {
        let control = self.door.control();
        if let Some(found) = control.remembered_account_at(slug) {
            return Ok(Some(found));
        }
        let slug = slug.clone();
        Ok(control.run(move |control| control.account_at(&slug)).await?)
    }

    /// Whose mail this address gets, if anybody's here.
    pub async fn by_mailbox(&self, address: &EmailAddress) -> Result<Option<Recipient>> {
        let control = self.door.control();
        if let Some(found) = control.remembered_recipient(address) {
            return Ok(Some(found));
        }
        let address = address.clone();
        Ok(control.run(move |control| control.recipient(&address)).await?)
    }

    /// All accounts in use, the oldest first.
    pub async fn all(&self) -> Result<Vec<Account>> {
        Ok(self.door.control().run(control::Control::active_accounts).await?)
    }

    /// An account's store for one of Havn's own tasks.
    pub async fn open_task(&self, account: AccountId, task: Task) -> Result<(Store, Access)> {
        let access = self.door.task(account, task)?;
        Ok((self.open(&access).await?, access))
    }

    /// The store that somebody has access to. To be asked for again for each piece of work: an open
    /// store stays the same, and one that closed or moved is found again.
    pub async fn open(&self, access: &Access) -> Result<Store> {
        let lease = self.lease(access.account()).await?;
        self.door.open(&lease, access).await
    }

    pub(crate) async fn lease(&self, account: AccountId) -> Result<Lease> {
        (self.leases.0)(account).await.map_err(Error::NotHeldHere)
    }
}
