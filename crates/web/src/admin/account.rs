//! `/settings/account`: name, language, time zone, the automatic answer.

use axum::response::Response;
use jiff::tz::TimeZone;

use super::{Admin, of_form};
use crate::{
    error::{Error, Flaw, Result},
    fields::{Fields, Form},
    serve::see,
    view::settings::{self, Account},
};

/// Shows it.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, None, None).await
}

async fn shown(admin: &Admin, typed: Option<&Fields>, wrong: Option<Error>) -> Result<Response> {
    let signed = &admin.0;
    let (shell, _) = admin.shell().await?;
    let kept = signed.store.read(signed.access(), |read| Ok::<_, Error>(read.account_settings()?)).await?;
    let kept = kept.ok_or(Error::NotFound)?;
    let mut account = Account {
        name: kept.name,
        language: kept.language,
        time_zone: kept.time_zone,
        time_zones: zones(),
        acknowledgement: kept.acknowledgement.unwrap_or_default(),
        flaws: wrong.as_ref().map(|error| error.flaws(signed.texts())).unwrap_or_default(),
    };
    if let Some(typed) = typed {
        account.name = typed.text("name")?;
        account.acknowledgement = typed.text("acknowledgement")?;
    }
    Ok(admin.page(settings::account(&shell, &account), wrong.as_ref()))
}

/// The zones that can be chosen: those of places, not the old names of single countries.
fn zones() -> Vec<String> {
    let regions =
        ["Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    let known = jiff::tz::db().available().map(|name| name.to_string());
    let mut zones: Vec<String> = known.filter(|name| regions.iter().any(|r| name.starts_with(r))).collect();
    zones.push("UTC".into());
    zones.sort();
    zones
}

/// Changes it.
pub async fn update(admin: Admin, Form(form): Form) -> Result<Response> {
    match change(&admin, &form).await {
        Ok(()) => Ok(see("/settings/account")),
        Err(error) => shown(&admin, Some(&form), Some(of_form(error)?)).await,
    }
}

async fn change(admin: &Admin, form: &Fields) -> Result<()> {
    let (signed, zone) = (&admin.0, form.text("time_zone")?);
    TimeZone::get(&zone).map_err(|_| Error::field("time_zone", Flaw::Value))?;
    let acknowledgement = form.one("acknowledgement")?.map(str::to_owned);
    desk::settings::update_account(
        &signed.store,
        signed.access(),
        &form.text("name")?,
        form.must("language")?,
        zone,
        acknowledgement,
    )
    .await?;
    signed.account.forget();
    Ok(())
}
