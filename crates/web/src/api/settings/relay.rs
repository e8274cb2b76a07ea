//! Which way the account's mail leaves, and its own mail server for what it sends.

use axum::response::Response;
use desk::settings;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{MailWay as Way, Relay as Kept, RelayTls};
use utoipa::ToSchema;
use words::Secret;

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Json, answer, nothing},
    },
    error::{Error, Flaw, Result},
};

/// The relay.
#[derive(Debug, Serialize, ToSchema)]
pub struct Relay {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `none`, `starttls` or `implicit`.
    pub tls: String,
    /// Log-in name.
    pub username: Option<String>,
    /// Whether a password is kept; it is never shown.
    pub has_password: bool,
}

/// The relay as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelay {
    host: String,
    port: u16,
    tls: String,
    username: Option<String>,
    /// Without it the kept one stays, if host and name do.
    password: Option<String>,
}

/// Which way the account's mail leaves.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailWay {
    /// `relay`: through the relay; `straight`: to the servers of those it is addressed to.
    way: String,
}

/// To whom the test mail goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelayTest {
    to: String,
}

impl From<Kept> for Relay {
    fn from(kept: Kept) -> Self {
        Self {
            host: kept.host.to_string(),
            port: kept.port,
            tls: kept.tls.name().into(),
            username: kept.username,
            has_password: kept.password.is_some(),
        }
    }
}

async fn shown(caller: &Caller) -> Result<Response> {
    let kept = caller.store.read(caller.access(), |read| Ok::<_, Error>(read.relay()?)).await?;
    Ok(answer(StatusCode::OK, &Relay::from(kept.ok_or(Error::NotFound)?)))
}

/// Shows which way the account's mail leaves.
#[utoipa::path(get, path = "/mail-way", tag = "settings",
    responses((status = 200, description = "The way", body = MailWay)))]
pub async fn way(Setter(caller): Setter) -> Result<Response> {
    let way = caller.store.read(caller.access(), |read| Ok::<_, Error>(read.mail_way()?)).await?;
    Ok(answer(StatusCode::OK, &MailWay { way: way.name().into() }))
}

/// Sets which way the account's mail leaves.
#[utoipa::path(put, path = "/mail-way", tag = "settings", request_body = MailWay,
    responses((status = 200, description = "The way as it is now", body = MailWay)))]
pub async fn choose(Setter(caller): Setter, Json(new): Json<MailWay>) -> Result<Response> {
    let way = Way::ALL.into_iter().find(|way| way.name() == new.way);
    let way = way.ok_or(Error::field("way", Flaw::Value))?;
    settings::set_mail_way(&caller.store, caller.access(), way).await?;
    Ok(answer(StatusCode::OK, &MailWay { way: way.name().into() }))
}

/// Shows the relay; 404 if there is none.
#[utoipa::path(get, path = "/relay", tag = "settings",
    responses((status = 200, description = "The relay", body = Relay)))]
pub async fn show(Setter(caller): Setter) -> Result<Response> {
    shown(&caller).await
}

/// Sets the relay: an instruction to send all mail of the account there.
#[utoipa::path(put, path = "/relay", tag = "settings", request_body = NewRelay,
    responses((status = 200, description = "The relay as it is now", body = Relay)))]
pub async fn update(Setter(caller): Setter, Json(new): Json<NewRelay>) -> Result<Response> {
    let tls = RelayTls::ALL.into_iter().find(|tls| tls.name() == new.tls);
    let relay = Kept {
        host: new.host.parse().map_err(|_| Error::field("host", Flaw::Desk(desk::Problem::NotAHost)))?,
        port: new.port,
        tls: tls.ok_or(Error::field("tls", Flaw::Value))?,
        username: new.username.filter(|name| !name.is_empty()),
        password: new.password.filter(|password| !password.is_empty()).map(Secret::new),
    };
    settings::set_relay(&caller.store, caller.access(), relay).await?;
    shown(&caller).await
}

/// Takes the relay away: what is queued waits.
#[utoipa::path(delete, path = "/relay", tag = "settings", responses((status = 204, description = "It is gone")))]
pub async fn delete(Setter(caller): Setter) -> Result<Response> {
    settings::remove_relay(&caller.store, caller.access()).await?;
    Ok(nothing())
}

/// Sends a test mail through the relay.
#[utoipa::path(post, path = "/relay/test", tag = "settings", request_body = RelayTest,
    responses((status = 204, description = "The relay took it"),
        (status = 502, description = "It did not; the detail says what it said")))]
pub async fn test(Setter(caller): Setter, Json(test): Json<RelayTest>) -> Result<Response> {
    let not_one = |_| Error::field("to", Flaw::Desk(desk::Problem::NotAnAddress));
    let to = test.to.parse().map_err(not_one)?;
    let sent = (caller.state.outside().test_relay)((caller.account.id, to)).await;
    sent.map_err(Error::Outside)?;
    Ok(nothing())
}
