//! `/settings/relay`: which way the account's mail leaves; its own mail server for what it sends, and a test
//! of it.

use axum::response::Response;
use desk::settings;
use store::{MailWay, RelayTls};
use words::Secret;

use super::{Admin, of_form};
use crate::{
    error::{Error, Flaw, Result},
    fields::{Fields, Form},
    serve::see,
    view::{
        Flaws,
        settings::{self as view, Relay, RelayTest},
    },
};

/// The port of submission (RFC 6409).
const USUAL_PORT: u16 = 587;

/// Shows it.
pub async fn show(admin: Admin) -> Result<Response> {
    let relay = kept(&admin).await?;
    shown(&admin, &relay, None).await
}

async fn kept(admin: &Admin) -> Result<Relay> {
    let signed = &admin.0;
    let read = signed.store.read(signed.access(), |read| Ok::<_, Error>((read.relay()?, read.mail_way()?)));
    let (kept, way) = read.await?;
    Ok(Relay {
        way,
        is_set: kept.is_some(),
        port: kept.as_ref().map_or(USUAL_PORT, |relay| relay.port).to_string(),
        tls: kept.as_ref().map_or(RelayTls::Starttls, |relay| relay.tls).name().into(),
        username: kept.as_ref().and_then(|relay| relay.username.clone()).unwrap_or_default(),
        has_password: kept.as_ref().is_some_and(|relay| relay.password.is_some()),
        host: kept.map(|relay| relay.host.to_string()).unwrap_or_default(),
        flaws: Flaws::default(),
        test_to: signed.seen.agent.address.to_string(),
        test: None,
    })
}

async fn shown(admin: &Admin, relay: &Relay, wrong: Option<&Error>) -> Result<Response> {
    let (shell, _) = admin.shell().await?;
    Ok(admin.page(view::relay(&shell, relay), wrong))
}

/// Sets which way the account's mail leaves.
pub async fn choose(admin: Admin, Form(form): Form) -> Result<Response> {
    let name = form.text("way")?;
    let Some(way) = MailWay::ALL.into_iter().find(|way| way.name() == name) else {
        let error = Error::field("way", Flaw::Value);
        let typed = Relay { flaws: error.flaws(admin.0.texts()), ..kept(&admin).await? };
        return shown(&admin, &typed, Some(&error)).await;
    };
    settings::set_mail_way(&admin.0.store, admin.0.access(), way).await?;
    Ok(see("/settings/relay"))
}

/// Sets it.
pub async fn update(admin: Admin, Form(form): Form) -> Result<Response> {
    match set(&admin, &form).await {
        Ok(()) => Ok(see("/settings/relay")),
        Err(error) => {
            let error = of_form(error)?;
            let typed = Relay {
                host: form.text("host")?,
                port: form.text("port")?,
                tls: form.text("tls")?,
                username: form.text("username")?,
                flaws: error.flaws(admin.0.texts()),
                ..kept(&admin).await?
            };
            shown(&admin, &typed, Some(&error)).await
        }
    }
}

async fn set(admin: &Admin, form: &Fields) -> Result<()> {
    let host = form.one("host")?.ok_or(Error::field("host", Flaw::Missing))?;
    let tls = form.text("tls")?;
    let relay = store::Relay {
        host: host.trim().parse().map_err(|_| Error::field("host", Flaw::Desk(desk::Problem::NotAHost)))?,
        port: form.must("port")?,
        tls: RelayTls::ALL
            .into_iter()
            .find(|known| known.name() == tls)
            .ok_or(Error::field("tls", Flaw::Value))?,
        username: form.one("username")?.map(str::to_owned),
        password: form.one("password")?.map(|password| Secret::new(password.to_owned())),
    };
    settings::set_relay(&admin.0.store, admin.0.access(), relay).await?;
    Ok(())
}

/// Takes it away.
pub async fn delete(admin: Admin) -> Result<Response> {
    settings::remove_relay(&admin.0.store, admin.0.access()).await?;
    Ok(see("/settings/relay"))
}

/// Sends a test mail through it, and says how that went.
pub async fn test(admin: Admin, Form(form): Form) -> Result<Response> {
    let (signed, typed) = (&admin.0, form.text("to")?);
    let not_one = |_| Error::field("to", Flaw::Desk(desk::Problem::NotAnAddress));
    let to = typed.trim().parse().map_err(not_one)?;
    let sent = (signed.state.outside().test_relay)((signed.account.id, to)).await;
    let failed = sent.as_ref().err().cloned().map(Error::Outside);
    let test = match sent {
        Ok(()) => RelayTest::Sent { to: typed.clone() },
        Err(why) => RelayTest::Failed { why },
    };
    let relay = Relay { test_to: typed, test: Some(test), ..kept(&admin).await? };
    shown(&admin, &relay, failed.as_ref()).await
}
