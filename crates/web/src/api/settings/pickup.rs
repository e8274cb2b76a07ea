//! From where the mail of a mailbox is collected.

use axum::response::Response;
use desk::settings;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{PickupState, RelayTls};
use utoipa::ToSchema;
use words::{MailboxId, Secret};

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Json, answer, nothing},
        shapes::time,
    },
    error::{Error, Flaw, Result},
    fields::At,
};

/// Mails that were left and are listed.
const LEFT_LISTED: i64 = 100;

/// From where mail is collected, and how that goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pickup {
    /// Host of the IMAP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `none`, `starttls` or `implicit`.
    pub tls: String,
    /// Log-in name.
    pub username: String,
    /// Whether a password is kept; it is never shown.
    pub has_password: bool,
    /// The folder.
    pub folder: String,
    /// Whether what lay there before is collected too.
    pub takes_old: bool,
    /// Mails collected so far.
    pub mails: i64,
    /// When the last one was.
    pub mail_at: Option<String>,
    /// When the folder was last seen whole.
    pub looked_at: Option<String>,
    /// What is wrong, by its name; none: all is well.
    pub fault: Option<String>,
    /// What the other server said of it.
    pub fault_reply: Option<String>,
    /// Since when.
    pub fault_since: Option<String>,
    /// Mails that were left at the other server, the newest first; at most 100.
    pub left: Vec<LeftMail>,
}

/// A mail that was left at the other server.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftMail {
    /// Its number there (UID).
    pub uid: u32,
    /// `too-large`, `refused` or `broken`.
    pub why: String,
    /// Its size in bytes, as the server says.
    pub size: i64,
    /// When it is tried again; none: never.
    pub next_at: Option<String>,
}

/// From where mail is to be collected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPickup {
    host: String,
    port: u16,
    tls: String,
    username: String,
    /// Without it the kept one stays, if host and name do.
    password: Option<String>,
    /// `INBOX` without it.
    folder: Option<String>,
    /// Also what lies there already; without it only what comes from now on.
    #[serde(default)]
    takes_old: bool,
}

/// What a test found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PickupTested {
    /// Mails in the folder.
    pub mails: u32,
}

fn shape(kept: PickupState, left: Vec<store::LeftMail>) -> Pickup {
    let left = left.into_iter().map(|mail| LeftMail {
        uid: mail.uid,
        why: mail.why.name().into(),
        size: mail.size,
        next_at: mail.next_at.map(time),
    });
    Pickup {
        host: kept.pickup.host.to_string(),
        port: kept.pickup.port,
        tls: kept.pickup.tls.name().into(),
        username: kept.pickup.username,
        has_password: kept.pickup.password.is_some(),
        folder: kept.pickup.folder,
        takes_old: kept.pickup.takes_old,
        mails: kept.mails,
        mail_at: kept.mail_at.map(time),
        looked_at: kept.looked_at.map(time),
        fault_since: kept.fault.as_ref().map(|fault| time(fault.since)),
        fault_reply: kept.fault.as_ref().map(|fault| fault.reply.clone()),
        fault: kept.fault.map(|fault| fault.name),
        left: left.collect(),
    }
}

async fn shown(caller: &Caller, id: MailboxId) -> Result<Response> {
    let read = caller.store.read(caller.access(), move |read| {
        Ok::<_, Error>((read.pickup(id)?, read.pickup_left(id, LEFT_LISTED)?))
    });
    let (kept, left) = read.await?;
    Ok(answer(StatusCode::OK, &shape(kept.ok_or(Error::NotFound)?, left)))
}

/// Shows from where the mail of a mailbox is collected; 404 if from nowhere.
#[utoipa::path(get, path = "/mailboxes/{id}/pickup", tag = "settings",
    params(("id" = String, Path, description = "the mailbox's id")),
    responses((status = 200, description = "From where, and how it goes", body = Pickup)))]
pub async fn show(Setter(caller): Setter, At(id): At<MailboxId>) -> Result<Response> {
    shown(&caller, id).await
}

/// Sets from where it is collected: an instruction to read that folder.
#[utoipa::path(put, path = "/mailboxes/{id}/pickup", tag = "settings", request_body = NewPickup,
    params(("id" = String, Path, description = "the mailbox's id")),
    responses((status = 200, description = "As it is now", body = Pickup)))]
pub async fn update(
    Setter(caller): Setter,
    At(id): At<MailboxId>,
    Json(new): Json<NewPickup>,
) -> Result<Response> {
    let tls = RelayTls::ALL.into_iter().find(|tls| tls.name() == new.tls);
    let pickup = store::Pickup {
        mailbox: id,
        host: new.host.parse().map_err(|_| Error::field("host", Flaw::Desk(desk::Problem::NotAHost)))?,
        port: new.port,
        tls: tls.ok_or(Error::field("tls", Flaw::Value))?,
        username: new.username,
        password: new.password.filter(|password| !password.is_empty()).map(Secret::new),
        folder: new.folder.unwrap_or_else(|| "INBOX".into()),
        takes_old: new.takes_old,
    };
    settings::set_pickup(&caller.store, caller.access(), pickup).await?;
    shown(&caller, id).await
}

/// Collects no more. What was collected stays.
#[utoipa::path(delete, path = "/mailboxes/{id}/pickup", tag = "settings",
    params(("id" = String, Path, description = "the mailbox's id")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(Setter(caller): Setter, At(id): At<MailboxId>) -> Result<Response> {
    settings::remove_pickup(&caller.store, caller.access(), id).await?;
    Ok(nothing())
}

/// Logs in and opens the folder, without collecting anything.
#[utoipa::path(post, path = "/mailboxes/{id}/pickup/test", tag = "settings",
    params(("id" = String, Path, description = "the mailbox's id")),
    responses((status = 200, description = "It works", body = PickupTested),
        (status = 502, description = "It does not; the detail says why")))]
pub async fn test(Setter(caller): Setter, At(id): At<MailboxId>) -> Result<Response> {
    let is_set = caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.pickup(id)?.is_some()));
    if !is_set.await? {
        return Err(Error::NotFound);
    }
    let found = (caller.state.outside().test_pickup)((caller.account.id, id)).await;
    let mails = found.map_err(|fault| Error::Outside(fault.detail()))?;
    Ok(answer(StatusCode::OK, &PickupTested { mails }))
}
