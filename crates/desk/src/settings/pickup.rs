//! From where a mailbox's mail is picked up: the account's written instruction to Havn.

use register::Access;
use serde_json::json;
use store::{EventKind, NewEvent, Pickup, Store, Tx};
use words::MailboxId;

use super::may_set_up;
use crate::{Error, Problem, Result, error::filled};

/// Longest log-in name.
const USERNAME_CHARS_MAX: usize = 320;
/// Longest name of a folder.
const FOLDER_CHARS_MAX: usize = 255;
/// Longest password.
const PASSWORD_BYTES_MAX: usize = 1_000;

/// Sets from where a mailbox's mail is picked up. Without a password in it the one that is kept stays, if
/// host and log-in name do.
pub async fn set_pickup(store: &Store, access: &Access, mut pickup: Pickup) -> Result<()> {
    may_set_up(access)?;
    pickup.username = filled("username", &pickup.username, USERNAME_CHARS_MAX)?;
    pickup.folder = filled("folder", &pickup.folder, FOLDER_CHARS_MAX)?;
    if let Some(password) = &pickup.password {
        let text = password.expose();
        if text.len() > PASSWORD_BYTES_MAX {
            return Err(Error::invalid("password", Problem::TooLong(PASSWORD_BYTES_MAX)));
        }
        if text.contains(['\0', '\r', '\n']) {
            return Err(Error::invalid("password", Problem::Unknown));
        }
    }
    store
        .write(access, move |tx| {
            tx.mailbox(pickup.mailbox)?.ok_or(Error::NoSuchMailbox)?;
            if pickup.password.is_none() {
                let kept = tx.pickup(pickup.mailbox)?.map(|kept| kept.pickup);
                let kept = kept.filter(|kept| kept.host == pickup.host && kept.username == pickup.username);
                pickup.password = kept.and_then(|kept| kept.password);
            }
            tx.put_pickup(&pickup)?;
            changed(tx, pickup.mailbox)
        })
        .await
}

/// Picks up no more for a mailbox.
pub async fn remove_pickup(store: &Store, access: &Access, mailbox: MailboxId) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            tx.mailbox(mailbox)?.ok_or(Error::NoSuchMailbox)?;
            tx.delete_pickup(mailbox)?;
            changed(tx, mailbox)
        })
        .await
}

fn changed(tx: &mut Tx<'_>, mailbox: MailboxId) -> Result<()> {
    tx.append_event(&NewEvent {
        kind: EventKind::Settings,
        conversation: None,
        message: None,
        department: None,
        data: json!({ "changed": "pickup", "mailbox": mailbox }),
    })?;
    Ok(())
}
