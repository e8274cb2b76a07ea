//! Mailboxes: an address lies in the directory, so that no two accounts have it, and in the account's
//! store. The two are different databases: the directory is the intent, the store the deed, and what
//! was cut off between them is gone on with by asking again.

use register::Access;
use serde_json::json;
use store::{EventKind, Mailbox, NewEvent, Tx};
use words::{DepartmentId, EmailAddress, MailboxId};

use crate::{Accounts, Error, Result};

impl Accounts {
    /// Adds a mailbox to a department. [`Error::MailboxTaken`] if this or another account has it.
    pub async fn add_mailbox(
        &self,
        access: &Access,
        address: EmailAddress,
        department: DepartmentId,
    ) -> Result<MailboxId> {
        if !access.may_set_up() {
            return Err(Error::NotAllowed);
        }
        let (store, account) = (self.open(access).await?, access.account());
        let (made, claimed) = (MailboxId::new(self.door().clock().now()), address.clone());
        let control = self.door().control();
        let claim = control.run(move |control| control.claim_mailbox(&claimed, account, made)).await;
        let id = match claim {
            Err(control::Error::AddressTaken) => return Err(Error::MailboxTaken(address)),
            other => other?,
        };
        let insert_address = address.clone();
        let added = store.write(access, move |tx| insert(tx, id, insert_address, department)).await;
        if id == made && matches!(added, Err(Error::NoSuchDepartment)) {
            self.release(access, address).await?;
        }
        added.map(|()| id)
    }

    /// Gives a mailbox to another department.
    pub async fn move_mailbox(&self, access: &Access, id: MailboxId, department: DepartmentId) -> Result<()> {
        if !access.may_set_up() {
            return Err(Error::NotAllowed);
        }
        let store = self.open(access).await?;
        let moved = store.write(access, move |tx| {
            tx.department(department)?.ok_or(Error::NoSuchDepartment)?;
            tx.mailbox(id)?.ok_or(Error::NoSuchMailbox)?;
            tx.move_mailbox(id, department)?;
            note(tx, "mailbox-moved", id)
        });
        moved.await
    }

    /// Removes a mailbox: mail to it is refused from now on. What came by it stays.
    pub async fn remove_mailbox(&self, access: &Access, id: MailboxId) -> Result<()> {
        if !access.may_set_up() {
            return Err(Error::NotAllowed);
        }
        let store = self.open(access).await?;
        let removed = store.write(access, move |tx| {
            let mailbox = tx.mailbox(id)?.ok_or(Error::NoSuchMailbox)?;
            tx.delete_mailbox(id)?;
            note(tx, "mailbox-removed", id)?;
            Ok::<_, Error>(mailbox.address)
        });
        let address = removed.await?;
        self.release(access, address).await
    }

    async fn release(&self, access: &Access, address: EmailAddress) -> Result<()> {
        let account = access.account();
        let released = self.door().control().run(move |control| control.release_mailbox(&address, account));
        Ok(released.await?)
    }
}

fn insert(tx: &mut Tx<'_>, id: MailboxId, address: EmailAddress, department: DepartmentId) -> Result<()> {
    tx.department(department)?.ok_or(Error::NoSuchDepartment)?;
    let taken = Error::MailboxTaken(address.clone());
    let created_at = tx.now();
    match tx.insert_mailbox(&Mailbox { id, address, department, created_at }) {
        Err(store::Error::Exists(_)) => Err(taken),
        other => {
            other?;
            note(tx, "mailbox-added", id)
        }
    }
}

fn note(tx: &mut Tx<'_>, what: &str, mailbox: MailboxId) -> Result<()> {
    tx.append_event(&NewEvent {
        kind: EventKind::Settings,
        conversation: None,
        message: None,
        department: None,
        data: json!({ "changed": what, "mailbox": mailbox }),
    })?;
    Ok(())
}
