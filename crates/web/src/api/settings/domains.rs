//! Mail domains that the account signs for (DKIM).

use axum::response::Response;
use desk::settings::{self, NewDomain as Added};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use words::{DomainId, Host};

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Json, Page, answer, nothing},
        shapes::time,
    },
    error::{Error, Flaw, Result},
    fields::At,
    state::RecordToCheck,
};

/// A domain.
#[derive(Debug, Serialize, ToSchema)]
pub struct Domain {
    /// Its id.
    pub id: String,
    /// The domain.
    pub name: String,
    /// The name under which the record is to lie.
    pub record_name: String,
    /// The TXT record to publish.
    pub record: String,
    /// When it was last looked for.
    pub checked_at: Option<String>,
    /// `found`, `missing`, `different` or `not-checked`.
    pub check_result: Option<String>,
}

impl From<store::Domain> for Domain {
    fn from(one: store::Domain) -> Self {
        Self {
            id: one.id.to_string(),
            record_name: format!("{}._domainkey.{}", one.selector, one.name),
            name: one.name.to_string(),
            record: one.record,
            checked_at: one.checked_at.map(time),
            check_result: one.check_result,
        }
    }
}

/// A domain to sign for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDomain {
    name: String,
}

async fn all(caller: &Caller) -> Result<Vec<store::Domain>> {
    Ok(caller.store.read(caller.access(), |read| read.domains()).await?)
}

async fn kept(caller: &Caller, id: DomainId) -> Result<store::Domain> {
    all(caller).await?.into_iter().find(|domain| domain.id == id).ok_or(Error::NotFound)
}

/// Lists the domains.
#[utoipa::path(get, path = "/domains", tag = "settings",
    responses((status = 200, description = "All domains", body = Page<Domain>)))]
pub async fn index(Setter(caller): Setter) -> Result<Response> {
    Ok(Page::whole(all(&caller).await?.into_iter().map(Domain::from).collect()).answer())
}

/// Adds a domain with a new key.
#[utoipa::path(post, path = "/domains", tag = "settings", request_body = NewDomain,
    responses((status = 201, description = "The domain, with the record to publish", body = Domain)))]
pub async fn create(Setter(caller): Setter, Json(new): Json<NewDomain>) -> Result<Response> {
    let name: Host =
        new.name.parse().map_err(|_| Error::field("name", Flaw::Desk(desk::Problem::NotAHost)))?;
    let key = (caller.state.outside().make_domain_key)(name.clone()).await.map_err(Error::Outside)?;
    let added = Added { name, selector: key.selector, private_key: key.private_key, record: key.record };
    let id = settings::add_domain(&caller.store, caller.access(), added).await?;
    Ok(answer(StatusCode::CREATED, &Domain::from(kept(&caller, id).await?)))
}

/// Looks for a domain's record.
#[utoipa::path(post, path = "/domains/{id}/check", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The domain, with what was found", body = Domain)))]
pub async fn check(Setter(caller): Setter, At(id): At<DomainId>) -> Result<Response> {
    let domain = kept(&caller, id).await?;
    let record = RecordToCheck {
        account: caller.account.id,
        name: domain.name,
        selector: domain.selector,
        record: domain.record,
    };
    let found = (caller.state.outside().check_domain)(record).await;
    settings::domain_checked(&caller.store, caller.access(), id, found.name()).await?;
    Ok(answer(StatusCode::OK, &Domain::from(kept(&caller, id).await?)))
}

/// Removes a domain: mail from it is signed no more.
#[utoipa::path(delete, path = "/domains/{id}", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(Setter(caller): Setter, At(id): At<DomainId>) -> Result<Response> {
    settings::remove_domain(&caller.store, caller.access(), id).await?;
    Ok(nothing())
}
