//! `/settings/mailboxes/{id}/pickup`: from where the mail of a mailbox is collected, and a test of it.

use axum::response::Response;
use desk::{PickupFault, settings};
use store::{PickupState, RelayTls};
use words::{MailboxId, Secret};

use super::{Admin, of_form};
use crate::{
    error::{Error, Flaw, Result},
    fields::{At, Fields, Form},
    serve::see,
    view::{
        Flaws,
        settings::{self as view, LeftMail, Pickup, PickupProblem, PickupTest},
    },
};

/// The port of IMAP over TLS (RFC 8314).
const USUAL_PORT: u16 = 993;
/// Mails that were left and are shown.
const LEFT_SHOWN: i64 = 50;

/// Shows it.
pub async fn show(admin: Admin, At(id): At<MailboxId>) -> Result<Response> {
    let pickup = kept(&admin, id).await?;
    shown(&admin, &pickup, None).await
}

async fn kept(admin: &Admin, id: MailboxId) -> Result<Pickup> {
    let signed = &admin.0;
    let read = signed.store.read(signed.access(), move |read| {
        Ok::<_, Error>((read.mailbox(id)?, read.pickup(id)?, read.pickup_left(id, LEFT_SHOWN)?))
    });
    let (mailbox, kept, left) = read.await?;
    let mailbox = mailbox.ok_or(Error::NotFound)?;
    let state = kept.as_ref().map(|kept| how_it_goes(kept, left));
    let pickup = kept.map(|kept| kept.pickup);
    let is = pickup.as_ref();
    Ok(Pickup {
        mailbox: id,
        port: is.map_or(USUAL_PORT, |pickup| pickup.port).to_string(),
        tls: is.map_or(RelayTls::Implicit, |pickup| pickup.tls).name().into(),
        username: is.map_or_else(|| mailbox.address.to_string(), |pickup| pickup.username.clone()),
        has_password: is.is_some_and(|pickup| pickup.password.is_some()),
        folder: is.map_or_else(|| "INBOX".to_owned(), |pickup| pickup.folder.clone()),
        takes_old: is.is_some_and(|pickup| pickup.takes_old),
        host: is.map(|pickup| pickup.host.to_string()).unwrap_or_default(),
        address: mailbox.address.to_string(),
        flaws: Flaws::default(),
        state,
        test: None,
    })
}

fn how_it_goes(kept: &PickupState, left: Vec<store::LeftMail>) -> view::PickupState {
    let problem = |trouble: &store::PickupTrouble| PickupProblem {
        cause: PickupFault::named(&trouble.name),
        reply: trouble.reply.clone(),
    };
    let left = left.into_iter().map(|mail| LeftMail {
        uid: mail.uid,
        why: mail.why,
        size: mail.size,
        at: mail.left_at,
        next_at: mail.next_at,
    });
    view::PickupState {
        mails: kept.mails,
        mail_at: kept.mail_at,
        looked_at: kept.looked_at,
        trouble: kept.fault.as_ref().map(|trouble| (problem(trouble), trouble.since)),
        left: left.collect(),
    }
}

async fn shown(admin: &Admin, pickup: &Pickup, wrong: Option<&Error>) -> Result<Response> {
    let (shell, _) = admin.shell().await?;
    Ok(admin.page(view::pickup(&shell, pickup), wrong))
}

fn here(id: MailboxId) -> String {
    format!("/settings/mailboxes/{id}/pickup")
}

/// Sets it.
pub async fn update(admin: Admin, At(id): At<MailboxId>, Form(form): Form) -> Result<Response> {
    match set(&admin, id, &form).await {
        Ok(()) => Ok(see(&here(id))),
        Err(error) => {
            let error = of_form(error)?;
            let typed = Pickup {
                host: form.text("host")?,
                port: form.text("port")?,
                tls: form.text("tls")?,
                username: form.text("username")?,
                folder: form.text("folder")?,
                takes_old: form.ticked("takes_old")?,
                flaws: error.flaws(admin.0.texts()),
                ..kept(&admin, id).await?
            };
            shown(&admin, &typed, Some(&error)).await
        }
    }
}

async fn set(admin: &Admin, id: MailboxId, form: &Fields) -> Result<()> {
    let host = form.one("host")?.ok_or(Error::field("host", Flaw::Missing))?;
    let tls = form.text("tls")?;
    let pickup = store::Pickup {
        mailbox: id,
        host: host.trim().parse().map_err(|_| Error::field("host", Flaw::Desk(desk::Problem::NotAHost)))?,
        port: form.must("port")?,
        tls: RelayTls::ALL
            .into_iter()
            .find(|known| known.name() == tls)
            .ok_or(Error::field("tls", Flaw::Value))?,
        username: form.text("username")?,
        password: form.one("password")?.map(|password| Secret::new(password.to_owned())),
        folder: form.text("folder")?,
        takes_old: form.ticked("takes_old")?,
    };
    settings::set_pickup(&admin.0.store, admin.0.access(), pickup).await?;
    Ok(())
}

/// Takes it away.
pub async fn delete(admin: Admin, At(id): At<MailboxId>) -> Result<Response> {
    settings::remove_pickup(&admin.0.store, admin.0.access(), id).await?;
    Ok(see(&here(id)))
}

/// Logs in and opens the folder, and says how that went.
pub async fn test(admin: Admin, At(id): At<MailboxId>) -> Result<Response> {
    let signed = &admin.0;
    let pickup = kept(&admin, id).await?;
    if pickup.state.is_none() {
        return Err(Error::NotFound);
    }
    let found = (signed.state.outside().test_pickup)((signed.account.id, id)).await;
    let (test, failed) = match found {
        Ok(mails) => (PickupTest::Good(mails), None),
        Err(fault) => {
            let failed = Error::Outside(fault.sentence(signed.texts()));
            let problem = PickupProblem { cause: Some(fault.cause), reply: fault.reply };
            (PickupTest::Failed(problem), Some(failed))
        }
    };
    shown(&admin, &Pickup { test: Some(test), ..pickup }, failed.as_ref()).await
}
