//! Backups need the account's key, which this door alone unwraps: each leaves a line as opening does.

use std::path::Path;

use control::KeyUseOutcome;
use store::{AccountKey, BackedUp};
use words::{AccountId, Task};

use crate::{Accounts, Error, Result};

impl Accounts {
    /// Copies an account to a new folder, while it is in use.
    pub async fn backup(&self, account: AccountId, target: &Path) -> Result<BackedUp> {
        let (store, access) = self.open_task(account, Task::Backup).await?;
        let lease = self.lease(account).await?;
        self.with_key(account, lease.region().clone(), async |key| {
            Ok(store.backup(&access, &key, target).await?)
        })
        .await
    }

    /// Makes an account of its backup; its row in control data must be there, its store must not.
    pub async fn restore(&self, account: AccountId, source: &Path) -> Result<()> {
        let access = self.door().task(account, Task::Backup)?;
        let lease = self.lease(account).await?;
        let stores = self.door().stores();
        self.with_key(account, lease.region().clone(), async |key| {
            stores.restore(&lease, &key, &access, source).await?;
            Ok(())
        })
        .await
    }

    /// Unwraps the key for one deed: an intent is noted before, the outcome after.
    async fn with_key<T>(
        &self,
        account: AccountId,
        region: words::Region,
        deed: impl AsyncFnOnce(AccountKey) -> Result<T>,
    ) -> Result<T> {
        let (door, control) = (self.door(), self.door().control());
        let (principal, now) = (words::Principal::System(Task::Backup), door.clock().now());
        let wrapped = control.wrapped_key(account)?.ok_or(Error::NoSuchAccount)?;
        let key_use = control.begin_key_use(account, principal, now)?;
        let done = match door.keys().unwrap(account, &region, &wrapped) {
            Ok(key) => deed(key).await,
            Err(error) => Err(error),
        };
        let outcome = if done.is_ok() { KeyUseOutcome::Opened } else { KeyUseOutcome::Failed };
        if let Err(error) = control.end_key_use(key_use, outcome) {
            tracing::warn!(%account, %error, "the outcome of a key's use was not noted");
        }
        done
    }
}
