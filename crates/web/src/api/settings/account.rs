//! The account's own settings.

use axum::response::Response;
use http::StatusCode;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Given, Json, answer},
    },
    error::{Error, Flaw, Result},
};

/// The account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name in its host.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `en` or `da`.
    pub language: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// The text of the automatic answer; null: none is sent.
    pub acknowledgement: Option<String>,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    name: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    acknowledgement: Given<String>,
}

async fn kept(caller: &Caller) -> Result<store::Account> {
    let kept = caller.store.read(caller.access(), |read| Ok::<_, Error>(read.account_settings()?)).await?;
    kept.ok_or(Error::NotFound)
}

async fn shown(caller: &Caller) -> Result<Response> {
    let kept = kept(caller).await?;
    let account = Account {
        id: caller.account.id.to_string(),
        slug: caller.account.slug.to_string(),
        name: kept.name,
        language: kept.language.tag().into(),
        time_zone: kept.time_zone,
        acknowledgement: kept.acknowledgement,
    };
    Ok(answer(StatusCode::OK, &account))
}

/// Shows the account.
#[utoipa::path(get, path = "/account", tag = "settings",
    responses((status = 200, description = "The account", body = Account)))]
pub async fn show(caller: Caller) -> Result<Response> {
    shown(&caller).await
}

/// Changes the account.
#[utoipa::path(patch, path = "/account", tag = "settings", request_body = AccountChange,
    responses((status = 200, description = "The account as it is now", body = Account)))]
pub async fn update(Setter(caller): Setter, Json(change): Json<AccountChange>) -> Result<Response> {
    let kept = kept(&caller).await?;
    let language = match change.language {
        Some(tag) => tag.parse().map_err(|_| Error::field("language", Flaw::Value))?,
        None => kept.language,
    };
    let time_zone = change.time_zone.unwrap_or(kept.time_zone);
    TimeZone::get(&time_zone).map_err(|_| Error::field("time_zone", Flaw::Value))?;
    let acknowledgement = match change.acknowledgement {
        Given::Nothing => kept.acknowledgement,
        Given::Null => None,
        Given::Value(text) => Some(text),
    };
    let name = change.name.unwrap_or(kept.name);
    let (store, access) = (&caller.store, caller.access());
    desk::settings::update_account(store, access, &name, language, time_zone, acknowledgement).await?;
    caller.account.forget();
    shown(&caller).await
}
