//! Tables `pickups` and `pickup_left`: mailboxes whose mail is picked up from another server.

use words::{Host, MailboxId, Secret, Time};

use crate::{Error, Read, RelayTls, Result, Row, Tx, params};

/// Characters of what the other server said that are kept.
const REPLY_CHARS_MAX: usize = 400;
/// Mails of one mailbox that are noted as left; of more than these the oldest are forgotten.
const LEFT_MAX: i64 = 1_000;

/// From where a mailbox's mail is picked up: the account's instruction to Havn.
#[derive(Debug, Clone)]
pub struct Pickup {
    /// The mailbox in which it arrives.
    pub mailbox: MailboxId,
    /// The other server's host.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: RelayTls,
    /// Log-in name.
    pub username: String,
    /// Password; none until it is given.
    pub password: Option<Secret>,
    /// The folder, as people read it.
    pub folder: String,
    /// Whether what lay there before is taken too.
    pub takes_old: bool,
}

/// How far a pickup came, and what is wrong.
#[derive(Debug, Clone)]
pub struct PickupState {
    /// The instruction.
    pub pickup: Pickup,
    /// When it was last changed: also by which a connection knows whether it still goes by it.
    pub changed_at: Time,
    /// The numbering of the folder's mails (RFC 9051 part 2.3.1.1); none before the first look.
    pub uid_validity: Option<u32>,
    /// All mails up to this number are done.
    pub last_uid: u32,
    /// Below this number lies what was numbered anew: only what is younger than the pickup is taken.
    pub old_below: u32,
    /// The mail that the last connections began with, and how often without getting past it.
    pub tried: (u32, i64),
    /// Mails picked up so far.
    pub mails: i64,
    /// When the last one was.
    pub mail_at: Option<Time>,
    /// When the folder was last seen whole.
    pub looked_at: Option<Time>,
    /// What keeps it from being looked at, if something does.
    pub fault: Option<PickupTrouble>,
}

/// What keeps a pickup from going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickupTrouble {
    /// The name of the fault.
    pub name: String,
    /// What the other server said; may be empty.
    pub reply: String,
    /// Since when.
    pub since: Time,
}

/// Which mail of which folder: what is done when the mail is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickupPlace {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The instruction under which it was fetched.
    pub changed_at: Time,
    /// The numbering.
    pub uid_validity: u32,
    /// The number.
    pub uid: u32,
}

/// A mail that was left at the other server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftMail {
    /// Its number there.
    pub uid: u32,
    /// Why.
    pub why: LeftWhy,
    /// Its size in bytes, as the server says.
    pub size: i64,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried again; none: never.
    pub next_at: Option<Time>,
    /// When it was left.
    pub left_at: Time,
}

/// Why a mail was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftWhy {
    /// Larger than a mail may be.
    TooLarge,
    /// The other server does not give it.
    Refused,
    /// The connection, or we, broke off over it again and again.
    Broken,
}

impl LeftWhy {
    const ALL: [Self; 3] = [Self::TooLarge, Self::Refused, Self::Broken];

    /// The name in rows and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Refused => "refused",
            Self::Broken => "broken",
        }
    }
}

const ALL: &str = "
    SELECT mailbox_id, host, port, tls, username, password, folder, takes_old, changed_at, uid_validity,
        last_uid, old_below, trying_uid, tries, mails, mail_at, looked_at, fault, fault_reply, fault_at
    FROM pickups WHERE account_id = $1 ORDER BY mailbox_id";
const ONE: &str = "
    SELECT mailbox_id, host, port, tls, username, password, folder, takes_old, changed_at, uid_validity,
        last_uid, old_below, trying_uid, tries, mails, mail_at, looked_at, fault, fault_reply, fault_at
    FROM pickups WHERE account_id = $1 AND mailbox_id = $2";
const INSERT: &str = "
    INSERT INTO pickups (account_id, mailbox_id, host, port, tls, username, password, folder, takes_old,
        changed_at, changed_by, last_uid, old_below, trying_uid, tries, mails, fault_reply)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, '')
    ON CONFLICT (account_id, mailbox_id) DO NOTHING";
const UPDATE: &str = "
    UPDATE pickups SET host = $3, port = $4, tls = $5, username = $6, password = $7, folder = $8,
        takes_old = $9, changed_at = $10, changed_by = $11, trying_uid = 0, tries = 0, fault = NULL,
        fault_reply = '', fault_at = NULL
    WHERE account_id = $1 AND mailbox_id = $2";
const FORGET_PLACE: &str = "
    UPDATE pickups SET uid_validity = NULL, last_uid = 0, old_below = 0, mails = 0, mail_at = NULL,
        looked_at = NULL
    WHERE account_id = $1 AND mailbox_id = $2";
const DELETE: &str = "DELETE FROM pickups WHERE account_id = $1 AND mailbox_id = $2";
const DELETE_LEFT: &str = "DELETE FROM pickup_left WHERE account_id = $1 AND mailbox_id = $2";
const BEGIN: &str = "
    UPDATE pickups SET uid_validity = $4, last_uid = $5, old_below = $6, trying_uid = 0, tries = 0
    WHERE account_id = $1 AND mailbox_id = $2 AND changed_at = $3";
const TRY: &str = "
    UPDATE pickups SET trying_uid = $5, tries = CASE WHEN trying_uid = $5 THEN tries + 1 ELSE 1 END
    WHERE account_id = $1 AND mailbox_id = $2 AND changed_at = $3 AND uid_validity = $4";
const ADVANCE: &str = "
    UPDATE pickups SET last_uid = $5, trying_uid = 0, tries = 0
    WHERE account_id = $1 AND mailbox_id = $2 AND changed_at = $3 AND uid_validity = $4 AND last_uid < $5";
const COUNT: &str = "
    UPDATE pickups SET mails = mails + 1, mail_at = $3 WHERE account_id = $1 AND mailbox_id = $2";
const LOOKED: &str = "
    UPDATE pickups SET looked_at = $4, fault = NULL, fault_reply = '', fault_at = NULL
    WHERE account_id = $1 AND mailbox_id = $2 AND changed_at = $3";
const FAULT: &str = "
    UPDATE pickups SET fault_at = CASE WHEN fault = $4 THEN fault_at ELSE $6 END, fault = $4, fault_reply = $5
    WHERE account_id = $1 AND mailbox_id = $2 AND changed_at = $3";
const LEFT: &str = "
    SELECT uid, why, size, tries, next_at, left_at FROM pickup_left
    WHERE account_id = $1 AND mailbox_id = $2 ORDER BY uid DESC LIMIT $3";
const LEFT_DUE: &str = "
    SELECT uid, why, size, tries, next_at, left_at FROM pickup_left
    WHERE account_id = $1 AND mailbox_id = $2 AND next_at <= $3 ORDER BY uid LIMIT $4";
const PUT_LEFT: &str = "
    INSERT INTO pickup_left (account_id, mailbox_id, uid, why, size, tries, next_at, left_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, mailbox_id, uid) DO UPDATE SET why = excluded.why, size = excluded.size,
        tries = excluded.tries, next_at = excluded.next_at";
const TAKEN: &str = "DELETE FROM pickup_left WHERE account_id = $1 AND mailbox_id = $2 AND uid = $3";
const FORGET_OLDEST: &str = "
    DELETE FROM pickup_left WHERE account_id = $1 AND mailbox_id = $2 AND uid <= (
        SELECT uid FROM pickup_left WHERE account_id = $1 AND mailbox_id = $2
        ORDER BY uid DESC LIMIT 1 OFFSET $3)";

impl Read<'_> {
    /// All pickups of the account.
    pub fn pickups(&self) -> Result<Vec<PickupState>> {
        self.rows(ALL, params![self.account()], state)
    }

    /// The pickup of a mailbox, if it has one.
    pub fn pickup(&self, mailbox: MailboxId) -> Result<Option<PickupState>> {
        self.row(ONE, params![self.account(), mailbox], state)
    }

    /// Mails that were left at the other server, the newest first.
    pub fn pickup_left(&self, mailbox: MailboxId, limit: i64) -> Result<Vec<LeftMail>> {
        self.rows(LEFT, params![self.account(), mailbox, limit], left)
    }

    /// Those of them that are to be tried again by now.
    pub fn pickup_left_due(&self, mailbox: MailboxId, now: Time, limit: i64) -> Result<Vec<LeftMail>> {
        self.rows(LEFT_DUE, params![self.account(), mailbox, now, limit], left)
    }
}

impl Tx<'_> {
    /// Sets from where a mailbox's mail is picked up. Where it was up to stays, if it is the same folder; but it
    /// begins anew if what lay there before is wanted now: what was taken is known again.
    pub fn put_pickup(&mut self, new: &Pickup) -> Result<()> {
        let (account, now, by) = (self.account(), self.now(), self.principal());
        let before = self.pickup(new.mailbox)?;
        let columns = [
            account.into(),
            new.mailbox.into(),
            new.host.as_str().into(),
            i64::from(new.port).into(),
            new.tls.name().into(),
            new.username.as_str().into(),
            new.password.as_ref().map(|secret| secret.expose().to_owned()).into(),
            new.folder.as_str().into(),
            new.takes_old.into(),
            now.into(),
            by.into(),
        ];
        let Some(before) = before else { return self.change_one(INSERT, &columns) };
        self.change_one(UPDATE, &columns)?;
        let wants_old_too = new.takes_old && !before.pickup.takes_old;
        if wants_old_too || !is_same_folder(&before.pickup, new) {
            self.change_one(FORGET_PLACE, params![account, new.mailbox])?;
            self.change(DELETE_LEFT, params![account, new.mailbox])?;
        }
        Ok(())
    }

    /// Picks up no more for a mailbox.
    pub fn delete_pickup(&mut self, mailbox: MailboxId) -> Result<()> {
        let account = self.account();
        self.change(DELETE_LEFT, params![account, mailbox])?;
        self.change(DELETE, params![account, mailbox])?;
        Ok(())
    }

    /// Notes the folder's numbering and from where on its mails are taken. Gives whether the instruction is
    /// still the one that `at` names, as all that follow do.
    pub fn pickup_begins(&mut self, at: PickupPlace, old_below: u32) -> Result<bool> {
        let account = self.account();
        self.change(DELETE_LEFT, params![account, at.mailbox])?;
        let (validity, uid) = (i64::from(at.uid_validity), i64::from(at.uid));
        let below = i64::from(old_below);
        Ok(self.change(BEGIN, params![account, at.mailbox, at.changed_at, validity, uid, below])? > 0)
    }

    /// Notes that a connection begins with this mail.
    pub fn pickup_tries(&mut self, at: PickupPlace) -> Result<bool> {
        Ok(self.change_at(TRY, at)? > 0)
    }

    /// Notes that all mails up to this one are done.
    pub fn pickup_advances(&mut self, at: PickupPlace) -> Result<bool> {
        Ok(self.change_at(ADVANCE, at)? > 0)
    }

    /// Notes that this mail was taken in: with it all up to it are done, or one that had been left is.
    pub fn pickup_took(&mut self, at: PickupPlace) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change_at(ADVANCE, at)?;
        self.change(TAKEN, params![account, at.mailbox, i64::from(at.uid)])?;
        self.change(COUNT, params![account, at.mailbox, now])?;
        Ok(())
    }

    /// Leaves a mail at the other server, and goes on.
    pub fn pickup_leaves(&mut self, at: PickupPlace, mail: &LeftMail) -> Result<()> {
        let account = self.account();
        self.change_at(ADVANCE, at)?;
        self.change_one(
            PUT_LEFT,
            params![
                account,
                at.mailbox,
                i64::from(mail.uid),
                mail.why.name(),
                mail.size,
                mail.tries,
                mail.next_at,
                mail.left_at
            ],
        )?;
        self.change(FORGET_OLDEST, params![account, at.mailbox, LEFT_MAX])?;
        Ok(())
    }

    /// A mail that had been left is not there any more.
    pub fn pickup_left_is_gone(&mut self, mailbox: MailboxId, uid: u32) -> Result<()> {
        let account = self.account();
        self.change(TAKEN, params![account, mailbox, i64::from(uid)])?;
        Ok(())
    }

    /// Notes that the folder was seen whole just now, and nothing is wrong.
    pub fn pickup_looked(&mut self, mailbox: MailboxId, changed_at: Time) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change(LOOKED, params![account, mailbox, changed_at, now])?;
        Ok(())
    }

    /// Notes what is wrong, by name, and what the other server said.
    pub fn pickup_failed(
        &mut self,
        mailbox: MailboxId,
        changed_at: Time,
        fault: &str,
        reply: &str,
    ) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        let reply: String = reply.chars().take(REPLY_CHARS_MAX).collect();
        self.change(FAULT, params![account, mailbox, changed_at, fault, reply, now])?;
        Ok(())
    }

    fn change_at(&mut self, sql: &'static str, at: PickupPlace) -> Result<u64> {
        let account = self.account();
        let (validity, uid) = (i64::from(at.uid_validity), i64::from(at.uid));
        self.change(sql, params![account, at.mailbox, at.changed_at, validity, uid])
    }
}

fn is_same_folder(one: &Pickup, other: &Pickup) -> bool {
    (&one.host, one.port, &one.username, &one.folder)
        == (&other.host, other.port, &other.username, &other.folder)
}

fn state(row: &Row<'_>) -> Result<PickupState> {
    let tls: String = row.get(3)?;
    let fault: Option<String> = row.get(17)?;
    let trouble = match fault {
        Some(name) => {
            let since = row.get::<Option<Time>>(19)?.unwrap_or_default();
            Some(PickupTrouble { name, reply: row.get(18)?, since })
        }
        None => None,
    };
    Ok(PickupState {
        pickup: Pickup {
            mailbox: row.get(0)?,
            host: row.get::<String>(1)?.parse().map_err(|_| Error::Column(1))?,
            port: u16::try_from(row.get::<i64>(2)?).map_err(|_| Error::Column(2))?,
            tls: RelayTls::ALL.into_iter().find(|t| t.name() == tls).ok_or(Error::Column(3))?,
            username: row.get(4)?,
            password: row.get::<Option<String>>(5)?.map(Secret::new),
            folder: row.get(6)?,
            takes_old: row.get(7)?,
        },
        changed_at: row.get(8)?,
        uid_validity: row.get::<Option<i64>>(9)?.and_then(|number| u32::try_from(number).ok()),
        last_uid: number(row, 10)?,
        old_below: number(row, 11)?,
        tried: (number(row, 12)?, row.get(13)?),
        mails: row.get(14)?,
        mail_at: row.get(15)?,
        looked_at: row.get(16)?,
        fault: trouble,
    })
}

fn left(row: &Row<'_>) -> Result<LeftMail> {
    let why: String = row.get(1)?;
    Ok(LeftMail {
        uid: number(row, 0)?,
        why: LeftWhy::ALL.into_iter().find(|known| known.name() == why).ok_or(Error::Column(1))?,
        size: row.get(2)?,
        tries: row.get(3)?,
        next_at: row.get(4)?,
        left_at: row.get(5)?,
    })
}

fn number(row: &Row<'_>, column: usize) -> Result<u32> {
    u32::try_from(row.get::<i64>(column)?).map_err(|_| Error::Column(column))
}
