//! An account's log, opened for a command beside the server.

use std::{io::Write, path::Path};

use evidence::Proof;
use register::Access;
use store::{KeptCheckpoint, Read, Store};
use words::{AccountId, Clock, Slug, Task};

use super::{not_signed_for, nothing_signed};
use crate::{Error, Result, config::Config, doors::Doors, serve::runtime};

/// Entries that are read at once.
const ENTRIES_AT_ONCE: u64 = 4_096;

/// An account's log.
pub(super) struct AccountLog {
    doors: Doors,
    store: Store,
    access: Access,
}

impl AccountLog {
    /// Does something with the log of an account.
    pub(super) fn with<T>(dir: &Path, slug: &Slug, work: impl AsyncFnOnce(&Self) -> Result<T>) -> Result<T> {
        let config = Config::read(dir)?;
        runtime()?.block_on(async {
            let doors = Doors::beside(&config, &Clock::System).await?;
            let account = doors.accounts.by_slug(slug).await?;
            let id = account.ok_or_else(|| Error::NoSuchAccount(slug.clone()))?.id;
            let (store, access) = doors.accounts.open_task(id, Task::Backup).await?;
            let log = Self { doors, store, access };
            let done = work(&log).await;
            log.doors.fleet.release().await?;
            done
        })
    }

    /// Whose it is.
    pub(super) fn account(&self) -> AccountId {
        self.store.account()
    }

    /// The way to the operator's log.
    pub(super) fn control(&self) -> &control::Control {
        &self.doors.control
    }

    /// The newest checkpoint.
    pub(super) async fn newest(&self) -> Result<KeptCheckpoint> {
        self.store.read(&self.access, newest).await
    }

    /// Writes the log, up to its newest checkpoint.
    pub(super) async fn write(&self, to: &mut impl Write) -> Result<()> {
        let signed = self.newest().await?;
        writeln!(to, "{}", signed.note)?;
        let mut number = 0;
        while number < signed.size {
            let end = signed.size.min(number + ENTRIES_AT_ONCE);
            let entries = self.store.read(&self.access, move |read| read.log_entries(number, end)).await?;
            if entries.is_empty() {
                return Err(Error::Told(format!("entry {number} is missing: run havn check")));
            }
            for entry in &entries {
                to.write_all(entry)?;
                to.write_all(b"\n")?;
            }
            number += entries.len() as u64;
        }
        Ok(())
    }

    /// The proof that an entry is in the log.
    pub(super) async fn prove(&self, number: u64) -> Result<Proof> {
        self.store
            .read(&self.access, move |read| {
                let signed = newest(read)?;
                if number >= signed.size {
                    return Err(not_signed_for(number));
                }
                let entry = read.log_entries(number, number + 1)?.pop();
                let entry = entry.ok_or_else(|| not_signed_for(number))?;
                let hashes = read.prove_entry(signed.size, number)?;
                Ok(Proof { entry, number, hashes, checkpoint: signed.note })
            })
            .await
    }
}

fn newest(read: &Read<'_>) -> Result<KeptCheckpoint> {
    read.checkpoint_up_to(u64::MAX)?.ok_or_else(nothing_signed)
}
