//! `/settings/mailboxes`: the addresses at which the account receives mail.

use axum::response::Response;
use words::MailboxId;

use super::{Admin, of_form};
use crate::{
    error::{Error, Flaw, Result},
    fields::{At, Fields, Form},
    serve::see,
    view::settings::{self, Mailbox, Mailboxes},
};

/// Shows them.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, String::new(), None).await
}

async fn shown(admin: &Admin, new_address: String, wrong: Option<Error>) -> Result<Response> {
    let (shell, directory) = admin.shell().await?;
    let signed = &admin.0;
    let pickups = signed.store.read(signed.access(), |read| read.pickups()).await?;
    let collects = |id: MailboxId| {
        let one = pickups.iter().find(|one| one.pickup.mailbox == id)?;
        Some((one.pickup.host.to_string(), one.fault.is_none()))
    };
    let lines = directory.mailboxes.iter().map(|one| Mailbox {
        collects: collects(one.id),
        id: one.id,
        address: one.address.to_string(),
        department: directory.department(one.department),
    });
    let page = Mailboxes {
        mailboxes: lines.collect(),
        departments: directory.all_departments(),
        new_address,
        deliver_to: admin.0.state.deliver_to().to_owned(),
        flaws: wrong.as_ref().map(|error| error.flaws(admin.0.texts())).unwrap_or_default(),
    };
    Ok(admin.page(settings::mailboxes(&shell, &page), wrong.as_ref()))
}

/// Adds one.
pub async fn create(admin: Admin, Form(form): Form) -> Result<Response> {
    match add(&admin, &form).await {
        Ok(()) => Ok(done(&admin)),
        Err(error) => shown(&admin, form.text("address")?, Some(of_form(error)?)).await,
    }
}

async fn add(admin: &Admin, form: &Fields) -> Result<()> {
    let signed = &admin.0;
    let typed = form.one("address")?.ok_or(Error::field("address", Flaw::Missing))?;
    let not_one = |_| Error::field("address", Flaw::Desk(desk::Problem::NotAnAddress));
    let (address, department) = (typed.parse().map_err(not_one)?, form.must("department")?);
    signed.state.accounts().add_mailbox(signed.access(), address, department).await?;
    Ok(())
}

/// Gives one to another department.
pub async fn update(admin: Admin, At(id): At<MailboxId>, Form(form): Form) -> Result<Response> {
    let (signed, department) = (&admin.0, form.must("department")?);
    signed.state.accounts().move_mailbox(signed.access(), id, department).await?;
    Ok(done(&admin))
}

/// Removes one: mail to it is refused from now on.
pub async fn delete(admin: Admin, At(id): At<MailboxId>) -> Result<Response> {
    admin.0.state.accounts().remove_mailbox(admin.0.access(), id).await?;
    Ok(done(&admin))
}

fn done(admin: &Admin) -> Response {
    admin.0.account.forget();
    see("/settings/mailboxes")
}
