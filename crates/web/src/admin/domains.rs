//! `/settings/domains`: what the account signs for (DKIM), with the record shown and looked for.

use axum::response::Response;
use desk::settings::{self, NewDomain};
use words::{DomainId, Host};

use super::{Admin, of_form};
use crate::{
    error::{Error, Flaw, Result},
    fields::{At, Fields, Form},
    serve::see,
    state::RecordToCheck,
    view::settings::{self as view, Domain, Domains, Record},
};

/// Shows them.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, String::new(), None).await
}

async fn kept(admin: &Admin) -> Result<Vec<store::Domain>> {
    Ok(admin.0.store.read(admin.0.access(), |read| read.domains()).await?)
}

async fn shown(admin: &Admin, new_name: String, wrong: Option<Error>) -> Result<Response> {
    let (shell, _) = admin.shell().await?;
    let lines = kept(admin).await?.into_iter().map(|one| Domain {
        id: one.id,
        record_name: format!("{}._domainkey.{}", one.selector, one.name),
        found: one.check_result.as_deref().map(record).zip(one.checked_at),
        name: one.name.to_string(),
        record: one.record,
    });
    let page = Domains {
        domains: lines.collect(),
        new_name,
        flaws: wrong.as_ref().map(|error| error.flaws(admin.0.texts())).unwrap_or_default(),
    };
    Ok(admin.page(view::domains(&shell, &page), wrong.as_ref()))
}

fn record(found: &str) -> Record {
    match found {
        "found" => Record::Found,
        "missing" => Record::Missing,
        "different" => Record::Different,
        _ => Record::NotChecked,
    }
}

/// Adds one, with a new key.
pub async fn create(admin: Admin, Form(form): Form) -> Result<Response> {
    match add(&admin, &form).await {
        Ok(()) => Ok(see("/settings/domains")),
        Err(error) => shown(&admin, form.text("name")?, Some(of_form(error)?)).await,
    }
}

async fn add(admin: &Admin, form: &Fields) -> Result<()> {
    let signed = &admin.0;
    let typed = form.one("name")?.ok_or(Error::field("name", Flaw::Missing))?;
    let not_one = |_| Error::field("name", Flaw::Desk(desk::Problem::NotAHost));
    let name: Host = typed.trim().parse().map_err(not_one)?;
    let key = (signed.state.outside().make_domain_key)(name.clone()).await.map_err(Error::Outside)?;
    let new = NewDomain { name, selector: key.selector, private_key: key.private_key, record: key.record };
    settings::add_domain(&signed.store, signed.access(), new).await?;
    Ok(())
}

/// Looks for its record.
pub async fn check(admin: Admin, At(id): At<DomainId>) -> Result<Response> {
    let signed = &admin.0;
    let domain = kept(&admin).await?.into_iter().find(|domain| domain.id == id).ok_or(Error::NotFound)?;
    let record = RecordToCheck {
        account: signed.account.id,
        name: domain.name,
        selector: domain.selector,
        record: domain.record,
    };
    let found = (signed.state.outside().check_domain)(record).await;
    settings::domain_checked(&signed.store, signed.access(), id, found.name()).await?;
    Ok(see("/settings/domains"))
}

/// Removes one.
pub async fn delete(admin: Admin, At(id): At<DomainId>) -> Result<Response> {
    settings::remove_domain(&admin.0.store, admin.0.access(), id).await?;
    Ok(see("/settings/domains"))
}
