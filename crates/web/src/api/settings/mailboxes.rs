//! Mailboxes: the addresses at which the account receives mail.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use words::MailboxId;

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Json, Page, answer, nothing},
    },
    error::{Error, Flaw, Result},
    fields::At,
};

/// A mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mailbox {
    /// Its id.
    pub id: String,
    /// The address.
    pub address: String,
    /// Whose mail it is.
    pub department_id: String,
}

impl From<store::Mailbox> for Mailbox {
    fn from(one: store::Mailbox) -> Self {
        Self {
            id: one.id.to_string(),
            address: one.address.to_string(),
            department_id: one.department.to_string(),
        }
    }
}

/// A mailbox to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMailbox {
    address: String,
    department_id: String,
}

/// What is to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailboxChange {
    department_id: String,
}

async fn kept(caller: &Caller, id: MailboxId) -> Result<store::Mailbox> {
    let kept = caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.mailbox(id)?)).await?;
    kept.ok_or(Error::NotFound)
}

/// Lists the mailboxes.
#[utoipa::path(get, path = "/mailboxes", tag = "settings",
    responses((status = 200, description = "All mailboxes", body = Page<Mailbox>)))]
pub async fn index(caller: Caller) -> Result<Response> {
    let all = caller.store.read(caller.access(), |read| read.mailboxes()).await?;
    Ok(Page::whole(all.into_iter().map(Mailbox::from).collect()).answer())
}

/// Adds a mailbox.
#[utoipa::path(post, path = "/mailboxes", tag = "settings", request_body = NewMailbox,
    responses((status = 201, description = "The mailbox", body = Mailbox)))]
pub async fn create(Setter(caller): Setter, Json(new): Json<NewMailbox>) -> Result<Response> {
    let not_one = |_| Error::field("address", Flaw::Desk(desk::Problem::NotAnAddress));
    let address = new.address.parse().map_err(not_one)?;
    let department = new.department_id.parse().map_err(|_| Error::field("department_id", Flaw::Value))?;
    let id = caller.state.accounts().add_mailbox(caller.access(), address, department).await?;
    caller.account.forget();
    Ok(answer(StatusCode::CREATED, &Mailbox::from(kept(&caller, id).await?)))
}

/// Gives a mailbox to another department.
#[utoipa::path(patch, path = "/mailboxes/{id}", tag = "settings", request_body = MailboxChange,
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The mailbox as it is now", body = Mailbox)))]
pub async fn update(
    Setter(caller): Setter,
    At(id): At<MailboxId>,
    Json(change): Json<MailboxChange>,
) -> Result<Response> {
    let department = change.department_id.parse().map_err(|_| Error::field("department_id", Flaw::Value))?;
    caller.state.accounts().move_mailbox(caller.access(), id, department).await?;
    caller.account.forget();
    Ok(answer(StatusCode::OK, &Mailbox::from(kept(&caller, id).await?)))
}

/// Removes a mailbox: mail to it is refused from now on.
#[utoipa::path(delete, path = "/mailboxes/{id}", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(Setter(caller): Setter, At(id): At<MailboxId>) -> Result<Response> {
    caller.state.accounts().remove_mailbox(caller.access(), id).await?;
    caller.account.forget();
    Ok(nothing())
}
