//! Departments with their names and signatures.

use register::Access;
use store::{Department, Store};
use words::DepartmentId;

use super::{changed, may_set_up, taken};
use crate::{Error, Problem, Result, error::filled};

/// Characters of a name at most.
const NAME_CHARS_MAX: usize = 60;
/// Characters of a signature at most, with its mark-up.
const SIGNATURE_CHARS_MAX: usize = 10_000;

/// What a department is made of.
#[derive(Debug, Clone)]
pub struct DepartmentFields {
    /// Its name among agents.
    pub name: String,
    /// Its name in From.
    pub from_name: String,
    /// Its signature, HTML: cleaned.
    pub signature: String,
}

impl DepartmentFields {
    fn read(&self) -> Result<Self> {
        if self.signature.chars().count() > SIGNATURE_CHARS_MAX {
            return Err(Error::invalid("signature", Problem::TooLong(SIGNATURE_CHARS_MAX)));
        }
        Ok(Self {
            name: filled("name", &self.name, NAME_CHARS_MAX)?,
            from_name: filled("from_name", &self.from_name, NAME_CHARS_MAX)?,
            signature: letter::clean_composed(&self.signature),
        })
    }
}

/// Adds a department.
pub async fn add_department(
    store: &Store,
    access: &Access,
    fields: &DepartmentFields,
) -> Result<DepartmentId> {
    may_set_up(access)?;
    let DepartmentFields { name, from_name, signature } = fields.read()?;
    store
        .write(access, move |tx| {
            let now = tx.now();
            let id = DepartmentId::new(now);
            tx.insert_department(&Department { id, name, from_name, signature, created_at: now })
                .map_err(taken("name"))?;
            changed(tx, "departments")?;
            Ok(id)
        })
        .await
}

/// Changes a department.
pub async fn update_department(
    store: &Store,
    access: &Access,
    id: DepartmentId,
    fields: &DepartmentFields,
) -> Result<()> {
    may_set_up(access)?;
    let DepartmentFields { name, from_name, signature } = fields.read()?;
    store
        .write(access, move |tx| {
            let before = tx.department(id)?.ok_or(Error::NoSuchDepartment(id))?;
            tx.update_department(&Department { name, from_name, signature, ..before })
                .map_err(taken("name"))?;
            changed(tx, "departments")
        })
        .await
}

/// Removes a department that no conversation and no mailbox belongs to, and that is not the last.
pub async fn remove_department(store: &Store, access: &Access, id: DepartmentId) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            tx.department(id)?.ok_or(Error::NoSuchDepartment(id))?;
            let in_use = tx.department_holds_conversations(id)?
                || tx.mailboxes()?.iter().any(|mailbox| mailbox.department == id)
                || tx.departments()?.len() == 1;
            if in_use {
                return Err(Error::InUse);
            }
            tx.delete_department(id)?;
            changed(tx, "departments")
        })
        .await
}
