//! Tables `homes` and `holders`: which data centre has an account, which process holds it, and under
//! which number.

use std::collections::HashMap;

use register::Home;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use words::{AccountId, Time};

use crate::{
    Control, Error, Result,
    row::{id, parsed, time},
};

/// A process that holds accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its name: new at each start.
    pub id: String,
    /// Until when, unless it renews.
    pub until: Time,
}

/// An account's home, and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its home.
    pub home: Home,
    /// Who holds it; one whose time is over may still believe so.
    pub holder: Option<Holder>,
}

/// What is to be done with a home that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Leave,
    /// It is taken over, under a new number.
    Take,
}

const HELD: &str = "
    SELECT a.id, a.region, h.data_centre, d.region, h.fencing, p.id, p.until
    FROM homes h
    JOIN accounts a ON a.id = h.account_id
    JOIN data_centres d ON d.name = h.data_centre
    LEFT JOIN holders p ON p.id = h.holder
    WHERE h.account_id = ?1";

const RENEW: &str = "
    INSERT INTO holders (id, until) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET until = excluded.until";

impl Control {
    /// An account's home and who holds it.
    pub fn held(&self, account: AccountId) -> Result<Option<Held>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(HELD)?;
        Ok(statement.query_row([account.uuid().as_bytes()], held).optional()?)
    }

    /// Asks `decide` what is to be done with a home, as it stands now, and does it for `me`, in one
    /// transaction: nobody comes between the question and the deed. Gives the home as it stands then.
    pub fn settle_home(
        &self,
        account: AccountId,
        me: &Holder,
        decide: impl FnOnce(&Held) -> Step,
    ) -> Result<Held> {
        self.change(|tx| {
            let found = read(tx, account)?;
            match decide(&found) {
                Step::Leave => Ok(found),
                Step::Take => {
                    take(tx, account, me)?;
                    read(tx, account)
                }
            }
        })
    }

    /// Renews what `me` holds, and gives what that is: accounts and their numbers.
    pub fn renew_holder(&self, me: &Holder) -> Result<HashMap<AccountId, i64>> {
        self.change(|tx| {
            tx.execute(RENEW, params![me.id, me.until.micros()])?;
            let mut statement =
                tx.prepare_cached("SELECT account_id, fencing FROM homes WHERE holder = ?1")?;
            let held = statement.query_map([&me.id], |row| Ok((id(row, 0)?, row.get(1)?)))?;
            Ok(held.collect::<Result<_, _>>()?)
        })
    }

    /// Gives up all that a process holds.
    pub fn release_holder(&self, id: &str) -> Result<()> {
        self.change(|tx| {
            tx.execute("UPDATE homes SET holder = NULL WHERE holder = ?1", [id])?;
            tx.execute("DELETE FROM holders WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Removes processes that ended long ago without saying so.
    pub fn remove_ended_holders(&self, before: Time) -> Result<()> {
        self.change(|tx| {
            tx.execute(
                "UPDATE homes SET holder = NULL WHERE holder IN (SELECT id FROM holders WHERE until < ?1)",
                [before.micros()],
            )?;
            tx.execute("DELETE FROM holders WHERE until < ?1", [before.micros()])?;
            Ok(())
        })
    }
}

fn read(tx: &Transaction<'_>, account: AccountId) -> Result<Held> {
    let found = tx.query_row(HELD, [account.uuid().as_bytes()], held).optional()?;
    found.ok_or(Error::NoSuchAccount)
}

fn take(tx: &Transaction<'_>, account: AccountId, me: &Holder) -> Result<()> {
    tx.execute(RENEW, params![me.id, me.until.micros()])?;
    tx.execute(
        "UPDATE homes SET holder = ?2, fencing = fencing + 1 WHERE account_id = ?1",
        params![account.uuid().as_bytes(), me.id],
    )?;
    Ok(())
}

fn held(row: &Row<'_>) -> rusqlite::Result<Held> {
    let home = Home {
        account: id(row, 0)?,
        region: parsed(row, 1)?,
        data_centre: parsed(row, 2)?,
        data_centre_region: parsed(row, 3)?,
        fencing: row.get(4)?,
    };
    let holder = match row.get::<_, Option<String>>(5)? {
        Some(id) => Some(Holder { id, until: time(row, 6)? }),
        None => None,
    };
    Ok(Held { home, holder })
}
