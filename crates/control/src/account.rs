//! Table `accounts`: which there are, and the wrapped key of each.

use std::str::FromStr;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use words::{AccountId, DataCentre, IdError, Region, Slug, Time};

use crate::{
    Control, Error, Result,
    row::{id, parsed, time},
};

/// Accounts that one list gives.
const ACCOUNTS_MAX: i64 = 100_000;

/// How far an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Its store is not set up yet; the same command again goes on with it.
    Creating,
    /// It is in use.
    Active,
}

impl FromStr for AccountState {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "creating" => Ok(Self::Creating),
            "active" => Ok(Self::Active),
            _ => Err(IdError),
        }
    }
}

/// A customer of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name in its host.
    pub slug: Slug,
    /// Where its service data may lie.
    pub region: Region,
    /// How far it is.
    pub state: AccountState,
    /// When it was made.
    pub created_at: Time,
}

/// An account to begin.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name in its host.
    pub slug: Slug,
    /// Where its service data may lie.
    pub region: Region,
    /// Its key, wrapped under the region's.
    pub wrapped_key: Vec<u8>,
    /// Its home.
    pub data_centre: DataCentre,
}

const BY_SLUG: &str = "SELECT id, slug, region, state, created_at FROM accounts WHERE slug = ?1";
const BY_ID: &str = "SELECT id, slug, region, state, created_at FROM accounts WHERE id = ?1";
const ACTIVE: &str = "
    SELECT id, slug, region, state, created_at FROM accounts WHERE state = 'active' ORDER BY id LIMIT ?1";

impl Control {
    /// Begins an account: its row and its home, in state [`AccountState::Creating`]. If one with this
    /// slug was begun before and never became active, that one is given back, to go on with;
    /// [`Error::SlugTaken`] if it is in use.
    pub fn begin_account(&self, new: &NewAccount, now: Time) -> Result<Account> {
        self.change(|tx| {
            if let Some(found) = tx.query_row(BY_SLUG, [new.slug.as_str()], account).optional()? {
                let same = found.state == AccountState::Creating && found.region == new.region;
                return if same { Ok(found) } else { Err(Error::SlugTaken(new.slug.clone())) };
            }
            lies_in_region(tx, new)?;
            insert(tx, new, now)?;
            Ok(tx.query_row(BY_ID, [new.id.uuid().as_bytes()], account)?)
        })
    }

    /// Puts an account into use once its store is set up. Again changes nothing.
    pub fn activate_account(&self, id: AccountId) -> Result<()> {
        let met = self.change(|tx| {
            let sql = "UPDATE accounts SET state = 'active' WHERE id = ?1";
            Ok(tx.execute(sql, [id.uuid().as_bytes()])?)
        })?;
        self.lookups().forget();
        if met == 1 { Ok(()) } else { Err(Error::NoSuchAccount) }
    }

    /// The account.
    pub fn account_by_id(&self, id: AccountId) -> Result<Option<Account>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(BY_ID)?;
        Ok(statement.query_row([id.uuid().as_bytes()], account).optional()?)
    }

    /// The account with this slug, in whatever state.
    pub fn account_by_slug(&self, slug: &Slug) -> Result<Option<Account>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(BY_SLUG)?;
        Ok(statement.query_row([slug.as_str()], account).optional()?)
    }

    /// All accounts in use, the oldest first.
    pub fn active_accounts(&self) -> Result<Vec<Account>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(ACTIVE)?;
        let accounts = statement.query_map([ACCOUNTS_MAX], account)?.collect::<Result<_, _>>()?;
        Ok(accounts)
    }

    /// The account's key, wrapped under its region's.
    pub fn wrapped_key(&self, id: AccountId) -> Result<Option<Vec<u8>>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT wrapped_key FROM accounts WHERE id = ?1")?;
        Ok(statement.query_row([id.uuid().as_bytes()], |row| row.get(0)).optional()?)
    }
}

fn lies_in_region(tx: &Transaction<'_>, new: &NewAccount) -> Result<()> {
    let sql = "SELECT region FROM data_centres WHERE name = ?1";
    let found = tx.query_row(sql, [new.data_centre.as_str()], |row| parsed::<Region>(row, 0)).optional()?;
    match found {
        None => Err(Error::NoSuchDataCentre(new.data_centre.clone())),
        Some(lies_in) if lies_in != new.region => Err(Error::OutsideRegion {
            data_centre: new.data_centre.clone(),
            lies_in,
            region: new.region.clone(),
        }),
        Some(_) => Ok(()),
    }
}

fn insert(tx: &Transaction<'_>, new: &NewAccount, now: Time) -> Result<()> {
    let id = new.id.uuid();
    tx.execute(
        "INSERT INTO accounts (id, slug, region, state, wrapped_key, created_at)
         VALUES (?1, ?2, ?3, 'creating', ?4, ?5)",
        params![id.as_bytes(), new.slug.as_str(), new.region.as_str(), new.wrapped_key, now.micros()],
    )?;
    tx.execute(
        "INSERT INTO homes (account_id, data_centre, fencing, holder) VALUES (?1, ?2, 0, NULL)",
        params![id.as_bytes(), new.data_centre.as_str()],
    )?;
    Ok(())
}

pub(crate) fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: id(row, 0)?,
        slug: parsed(row, 1)?,
        region: parsed(row, 2)?,
        state: parsed(row, 3)?,
        created_at: time(row, 4)?,
    })
}
