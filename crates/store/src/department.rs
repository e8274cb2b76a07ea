//! Tables `departments` and `mailboxes`.

use words::{DepartmentId, EmailAddress, MailboxId, Time};

use crate::{Error, Read, Result, Row, Tx, params};

/// A group of agents with its own mailboxes and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// Its name among agents.
    pub name: String,
    /// Its name in From.
    pub from_name: String,
    /// Its signature: clean HTML.
    pub signature: String,
    /// When it was made.
    pub created_at: Time,
}

/// An address at which the account receives mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// The address.
    pub address: EmailAddress,
    /// Whose mail it is.
    pub department: DepartmentId,
    /// When it was made.
    pub created_at: Time,
}

const ALL: &str = "
    SELECT id, name, from_name, signature, created_at FROM departments WHERE account_id = $1 ORDER BY name";
const BY_ID: &str = "
    SELECT id, name, from_name, signature, created_at FROM departments WHERE account_id = $1 AND id = $2";
const INSERT: &str = "
    INSERT INTO departments (account_id, id, name, from_name, signature, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE: &str = "
    UPDATE departments SET name = $3, from_name = $4, signature = $5 WHERE account_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM departments WHERE account_id = $1 AND id = $2";
const DELETE_MEMBERS: &str = "DELETE FROM agent_departments WHERE account_id = $1 AND department_id = $2";
const HOLDS_CONVERSATIONS: &str =
    "SELECT number FROM conversations WHERE account_id = $1 AND department_id = $2 LIMIT 1";

const MAILBOXES: &str = "
    SELECT id, address, department_id, created_at FROM mailboxes WHERE account_id = $1 ORDER BY address_key";
const MAILBOX: &str = "
    SELECT id, address, department_id, created_at FROM mailboxes WHERE account_id = $1 AND id = $2";
const MAILBOX_BY_ADDRESS: &str = "
    SELECT id, address, department_id, created_at FROM mailboxes WHERE account_id = $1 AND address_key = $2";
const INSERT_MAILBOX: &str = "
    INSERT INTO mailboxes (account_id, id, address, address_key, department_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const MOVE_MAILBOX: &str = "UPDATE mailboxes SET department_id = $3 WHERE account_id = $1 AND id = $2";
const DELETE_MAILBOX: &str = "DELETE FROM mailboxes WHERE account_id = $1 AND id = $2";

impl Read<'_> {
    /// All departments by name.
    pub fn departments(&self) -> Result<Vec<Department>> {
        self.rows(ALL, params![self.account()], department)
    }

    /// The department.
    pub fn department(&self, id: DepartmentId) -> Result<Option<Department>> {
        self.row(BY_ID, params![self.account(), id], department)
    }

    /// Whether any conversation lies in the department.
    pub fn department_holds_conversations(&self, id: DepartmentId) -> Result<bool> {
        let one = self.row(HOLDS_CONVERSATIONS, params![self.account(), id], |row| row.get::<i64>(0))?;
        Ok(one.is_some())
    }

    /// All mailboxes by address.
    pub fn mailboxes(&self) -> Result<Vec<Mailbox>> {
        self.rows(MAILBOXES, params![self.account()], mailbox)
    }

    /// The mailbox.
    pub fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        self.row(MAILBOX, params![self.account(), id], mailbox)
    }

    /// The mailbox with this address.
    pub fn mailbox_by_address(&self, address: &EmailAddress) -> Result<Option<Mailbox>> {
        self.row(MAILBOX_BY_ADDRESS, params![self.account(), address.key()], mailbox)
    }
}

impl Tx<'_> {
    /// Adds a department. A name twice: [`Error::Exists`].
    pub fn insert_department(&mut self, new: &Department) -> Result<()> {
        let account = self.account();
        self.change_one(
            INSERT,
            params![account, new.id, &new.name, &new.from_name, &new.signature, new.created_at],
        )
    }

    /// Writes a department back.
    pub fn update_department(&mut self, now: &Department) -> Result<()> {
        let account = self.account();
        self.change_one(UPDATE, params![account, now.id, &now.name, &now.from_name, &now.signature])
    }

    /// Removes a department; it must hold no conversation and no mailbox.
    pub fn delete_department(&mut self, id: DepartmentId) -> Result<()> {
        let account = self.account();
        self.change(DELETE_MEMBERS, params![account, id])?;
        self.change_one(DELETE, params![account, id])
    }

    /// Adds a mailbox. An address twice: [`Error::Exists`].
    pub fn insert_mailbox(&mut self, new: &Mailbox) -> Result<()> {
        let account = self.account();
        self.change_one(
            INSERT_MAILBOX,
            params![account, new.id, new.address.as_str(), new.address.key(), new.department, new.created_at],
        )
    }

    /// Gives a mailbox to another department.
    pub fn move_mailbox(&mut self, id: MailboxId, department: DepartmentId) -> Result<()> {
        let account = self.account();
        self.change_one(MOVE_MAILBOX, params![account, id, department])
    }

    /// Removes a mailbox, and with it from where its mail is picked up.
    pub fn delete_mailbox(&mut self, id: MailboxId) -> Result<()> {
        let account = self.account();
        self.delete_pickup(id)?;
        self.change_one(DELETE_MAILBOX, params![account, id])
    }
}

fn department(row: &Row<'_>) -> Result<Department> {
    Ok(Department {
        id: row.get(0)?,
        name: row.get(1)?,
        from_name: row.get(2)?,
        signature: row.get(3)?,
        created_at: row.get(4)?,
    })
}

fn mailbox(row: &Row<'_>) -> Result<Mailbox> {
    Ok(Mailbox {
        id: row.get(0)?,
        address: row.get::<String>(1)?.parse().map_err(|_| Error::Column(1))?,
        department: row.get(2)?,
        created_at: row.get(3)?,
    })
}
