//! Which way the account's mail leaves, and its relay: its written instruction to Havn where its mail goes.

use register::Access;
use store::{MailWay, Relay, Store};

use super::{changed, may_set_up};
use crate::Result;

/// Sets which way the account's mail leaves. What is queued goes that way too.
pub async fn set_mail_way(store: &Store, access: &Access, way: MailWay) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            if tx.mail_way()? == way {
                return Ok(());
            }
            tx.set_mail_way(way)?;
            changed(tx, "mail-way")
        })
        .await
}

/// Sets the relay. Without a password in it the one that is kept stays, if host and log-in name do.
pub async fn set_relay(store: &Store, access: &Access, mut relay: Relay) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, move |tx| {
            if relay.password.is_none() && relay.username.is_some() {
                let kept =
                    tx.relay()?.filter(|kept| kept.host == relay.host && kept.username == relay.username);
                relay.password = kept.and_then(|kept| kept.password);
            }
            tx.put_relay(&relay)?;
            changed(tx, "relay")
        })
        .await
}

/// Takes the relay away: what is queued waits.
pub async fn remove_relay(store: &Store, access: &Access) -> Result<()> {
    may_set_up(access)?;
    store
        .write(access, |tx| {
            tx.delete_relay()?;
            changed(tx, "relay")
        })
        .await
}
