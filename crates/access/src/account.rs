//! Makes an account: its row and home, its key, its store.

use chacha20poly1305::aead::{OsRng, rand_core::RngCore};
use store::{Account as Settings, Department, ReplyKey};
use words::{AccountId, DataCentre, DepartmentId, Language, Region, Slug, Task};

use crate::{Accounts, Error, Result, rule};

/// Bytes of a key for reply tokens.
const REPLY_KEY_BYTES: usize = 32;

/// An account to make.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its name in its host.
    pub slug: Slug,
    /// Its name, as its contacts know it.
    pub name: String,
    /// Where its service data may lie.
    pub region: Region,
    /// Its home, which must lie in the region.
    pub data_centre: DataCentre,
    /// The language of what Havn writes for it.
    pub language: Language,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Name of the first department.
    pub department: String,
}

impl Accounts {
    /// Makes an account. What was cut off half-way is gone on with by asking again:
    /// row, home and wrapped key (state *creating*), then the store, then *active*.
    /// [`Error::AccountExists`] if the slug is in use.
    pub async fn create(&self, new: NewAccount) -> Result<AccountId> {
        let (name, department) = (rule::name(&new.name)?, rule::name(&new.department)?);
        let now = self.door().clock().now();
        let id = AccountId::new(now);
        let row = control::NewAccount {
            id,
            slug: new.slug.clone(),
            region: new.region.clone(),
            wrapped_key: self.door().keys().wrap_new(id, &new.region)?,
            data_centre: new.data_centre,
        };
        let begun = self.door().control().run(move |control| control.begin_account(&row, now)).await;
        let id = match begun {
            Err(control::Error::SlugTaken(slug)) => return Err(Error::AccountExists(slug)),
            other => other?.id,
        };
        let settings = Settings {
            name,
            language: new.language,
            time_zone: new.time_zone,
            acknowledgement: None,
            created_at: now,
        };
        self.set_up(id, settings, department).await?;
        self.door().control().run(move |control| control.activate_account(id)).await?;
        Ok(id)
    }

    /// Sets the store up: all in one transaction, once.
    async fn set_up(&self, id: AccountId, settings: Settings, department: String) -> Result<()> {
        let (store, access) = self.open_task(id, Task::Setup).await?;
        let fencing = self.lease(id).await?.fencing();
        let mut secret = vec![0; REPLY_KEY_BYTES];
        OsRng.fill_bytes(&mut secret);
        let first = Department {
            id: DepartmentId::new(settings.created_at),
            name: department,
            from_name: settings.name.clone(),
            signature: String::new(),
            created_at: settings.created_at,
        };
        let set_up = store.write(&access, move |tx| {
            if tx.account_settings()?.is_some() {
                return Ok(());
            }
            tx.insert_account(&settings, fencing)?;
            tx.insert_department(&first)?;
            tx.insert_reply_key(&ReplyKey { key_id: 1, secret })
        });
        Ok(set_up.await?)
    }
}
