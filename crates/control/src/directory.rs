//! Tables `mailboxes` and `reply_domains`: whose a mail address is. And the look-ups that every
//! mail and every page begins with, remembered for a second.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::{OptionalExtension, params};
use words::{AccountId, EmailAddress, Host, MailboxId, Slug};

use crate::{Account, AccountState, Control, Error, Result, row::id};

/// How long a look-up may be remembered after another process changed what it says. What is not
/// found is not remembered, and what this process changes is forgotten at once.
pub const LOOKUP_AGE_SECONDS_MAX: u64 = 1;
/// Look-ups that are remembered.
const LOOKUPS_MAX: usize = 20_000;

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The account.
    pub account: AccountId,
    /// The mailbox; none for an address of a reply domain.
    pub mailbox: Option<MailboxId>,
    /// What stands after the `+` of an address that is not a mailbox by itself (RFC 5233), or the
    /// whole local part at a reply domain.
    pub detail: Option<String>,
}

const MAILBOX: &str = "SELECT account_id, mailbox_id FROM mailboxes WHERE address_key = ?1";
const REPLY_DOMAIN: &str = "SELECT account_id FROM reply_domains WHERE name = ?1";

impl Control {
    /// The account in use with this slug, as every page begins.
    pub fn account_at(&self, slug: &Slug) -> Result<Option<Account>> {
        if let Some(found) = self.remembered_account_at(slug) {
            return Ok(Some(found));
        }
        let found = self.account_by_slug(slug)?.filter(|account| account.state == AccountState::Active);
        if let Some(account) = &found {
            self.lookups().remember_slug(account);
        }
        Ok(found)
    }

    /// The same without asking the database: none may also mean that it was not asked of late.
    pub fn remembered_account_at(&self, slug: &Slug) -> Option<Account> {
        self.lookups().slug(slug)
    }

    /// Whose a recipient's address is. In order: the mailbox of this very address; the mailbox of the
    /// address without its `+detail`; the reply domain. None: nobody's here.
    pub fn recipient(&self, address: &EmailAddress) -> Result<Option<Recipient>> {
        if let Some(found) = self.remembered_recipient(address) {
            return Ok(Some(found));
        }
        let key = address.key();
        let found = self.find_recipient(address, &key)?;
        if let Some(recipient) = &found {
            self.lookups().remember_address(key, recipient);
        }
        Ok(found)
    }

    /// The same without asking the database: none may also mean that it was not asked of late.
    pub fn remembered_recipient(&self, address: &EmailAddress) -> Option<Recipient> {
        self.lookups().address(&address.key())
    }

    /// Whether any account has a mailbox or its reply addresses at this domain.
    pub fn is_domain_hosted(&self, domain: &Host) -> Result<bool> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM mailboxes WHERE domain = ?1)
                 OR EXISTS (SELECT 1 FROM reply_domains WHERE name = ?1)",
        )?;
        Ok(statement.query_row([domain.as_str()], |row| row.get(0))?)
    }

    /// Takes an address for the account and gives its mailbox's id: `id`, or the one it had already.
    /// Done before the mailbox's row in the account's store, so that no two accounts have one address.
    /// [`Error::AddressTaken`] if another account has it.
    pub fn claim_mailbox(
        &self,
        address: &EmailAddress,
        account: AccountId,
        id: MailboxId,
    ) -> Result<MailboxId> {
        let claimed = self.change(|tx| {
            tx.execute(
                "INSERT INTO mailboxes (address_key, domain, account_id, mailbox_id) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (address_key) DO NOTHING",
                params![address.key(), address.domain(), account.uuid().as_bytes(), id.uuid().as_bytes()],
            )?;
            Ok(tx.query_row(MAILBOX, [address.key()], mailbox)?)
        })?;
        self.lookups().forget();
        let (owner, mailbox) = claimed;
        if owner == account { Ok(mailbox) } else { Err(Error::AddressTaken) }
    }

    /// Gives an address of the account up, after the mailbox's row is gone from its store. An address
    /// that it does not have changes nothing.
    pub fn release_mailbox(&self, address: &EmailAddress, account: AccountId) -> Result<()> {
        self.change(|tx| {
            let sql = "DELETE FROM mailboxes WHERE address_key = ?1 AND account_id = ?2";
            tx.execute(sql, params![address.key(), account.uuid().as_bytes()])?;
            Ok(())
        })?;
        self.lookups().forget();
        Ok(())
    }

    /// Takes a domain for the account's reply addresses. [`Error::DomainTaken`] if another has it.
    pub fn claim_reply_domain(&self, domain: &Host, account: AccountId) -> Result<()> {
        let owner: AccountId = self.change(|tx| {
            tx.execute(
                "INSERT INTO reply_domains (name, account_id) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                params![domain.as_str(), account.uuid().as_bytes()],
            )?;
            Ok(tx.query_row(REPLY_DOMAIN, [domain.as_str()], |row| id(row, 0))?)
        })?;
        self.lookups().forget();
        if owner == account { Ok(()) } else { Err(Error::DomainTaken(domain.clone())) }
    }

    fn find_recipient(&self, address: &EmailAddress, key: &str) -> Result<Option<Recipient>> {
        let connection = self.connection();
        let mut by_key = connection.prepare_cached(MAILBOX)?;
        let mut find = |key: &str| by_key.query_row([key], mailbox).optional();
        if let Some((account, mailbox)) = find(key)? {
            return Ok(Some(Recipient { account, mailbox: Some(mailbox), detail: None }));
        }
        if let Some((user, detail)) = address.local().split_once('+') {
            let without = format!("{}@{}", user.to_lowercase(), address.domain());
            if let Some((account, mailbox)) = find(&without)? {
                let detail = Some(detail.to_owned());
                return Ok(Some(Recipient { account, mailbox: Some(mailbox), detail }));
            }
        }
        let mut by_domain = connection.prepare_cached(REPLY_DOMAIN)?;
        let account = by_domain.query_row([address.domain()], |row| id(row, 0)).optional()?;
        let detail = || Some(address.local().to_owned());
        Ok(account.map(|account| Recipient { account, mailbox: None, detail: detail() }))
    }
}

fn mailbox(row: &rusqlite::Row<'_>) -> rusqlite::Result<(AccountId, MailboxId)> {
    Ok((id(row, 0)?, id(row, 1)?))
}

/// Look-ups that were found a moment ago.
#[derive(Default)]
pub(crate) struct Lookups(Mutex<Found>);

#[derive(Default)]
struct Found {
    slugs: HashMap<Slug, (Instant, Account)>,
    addresses: HashMap<String, (Instant, Recipient)>,
}

impl Lookups {
    /// Forgets all, since this process changed something.
    pub(crate) fn forget(&self) {
        *self.lock() = Found::default();
    }

    fn slug(&self, slug: &Slug) -> Option<Account> {
        self.lock().slugs.get(slug).filter(|(at, _)| is_fresh(*at)).map(|(_, account)| account.clone())
    }

    fn address(&self, key: &str) -> Option<Recipient> {
        self.lock().addresses.get(key).filter(|(at, _)| is_fresh(*at)).map(|(_, found)| found.clone())
    }

    fn remember_slug(&self, account: &Account) {
        let mut found = self.lock();
        make_room(&mut found.slugs);
        found.slugs.insert(account.slug.clone(), (Instant::now(), account.clone()));
    }

    fn remember_address(&self, key: String, recipient: &Recipient) {
        let mut found = self.lock();
        make_room(&mut found.addresses);
        found.addresses.insert(key, (Instant::now(), recipient.clone()));
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(at: Instant) -> bool {
    at.elapsed() < Duration::from_secs(LOOKUP_AGE_SECONDS_MAX)
}

fn make_room<K, V>(found: &mut HashMap<K, (Instant, V)>) {
    if found.len() >= LOOKUPS_MAX {
        found.clear();
    }
}
