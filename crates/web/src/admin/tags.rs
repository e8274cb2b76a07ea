//! `/settings/tags`: the words that agents put on conversations.

use axum::response::Response;
use desk::settings;
use words::TagId;

use super::{Admin, of_form};
use crate::{
    error::{Error, Result},
    fields::{At, Form},
    serve::see,
    view::{
        Flaws,
        settings::{self as view, TagLine, Tags},
    },
};

/// Shows them.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, None).await
}

/// What was wrong: with an existing tag or with a new one, and what was typed.
type Wrong = (Option<TagId>, String, Error);

async fn shown(admin: &Admin, wrong: Option<Wrong>) -> Result<Response> {
    let (shell, directory) = admin.shell().await?;
    let lines = directory.tags.iter().map(|tag| TagLine {
        tag: tag.clone(),
        conversations: None,
        flaws: Flaws::default(),
    });
    let mut page = Tags { tags: lines.collect(), new_name: String::new(), flaws: Flaws::default() };
    let Some((id, typed, error)) = wrong else { return Ok(admin.page(view::tags(&shell, &page), None)) };
    let flaws = error.flaws(admin.0.texts());
    if let Some(line) = page.tags.iter_mut().find(|line| Some(line.tag.id) == id) {
        (line.tag.name, line.flaws) = (typed, flaws);
    } else {
        (page.new_name, page.flaws) = (typed, flaws);
    }
    Ok(admin.page(view::tags(&shell, &page), Some(&error)))
}

/// Adds one.
pub async fn create(admin: Admin, Form(form): Form) -> Result<Response> {
    let (signed, name) = (&admin.0, form.text("name")?);
    let colour = form.parsed("colour")?.unwrap_or(0);
    match settings::add_tag(&signed.store, signed.access(), &name, colour).await {
        Ok(_) => Ok(done(&admin)),
        Err(error) => shown(&admin, Some((None, name, of_form(error.into())?))).await,
    }
}

/// Changes one.
pub async fn update(admin: Admin, At(id): At<TagId>, Form(form): Form) -> Result<Response> {
    let (signed, name) = (&admin.0, form.text("name")?);
    let colour = form.parsed("colour")?.unwrap_or(0);
    match settings::update_tag(&signed.store, signed.access(), id, &name, colour).await {
        Ok(()) => Ok(done(&admin)),
        Err(desk::Error::NoSuchTag(_)) => Err(Error::NotFound),
        Err(error) => shown(&admin, Some((Some(id), name, of_form(error.into())?))).await,
    }
}

/// Removes one, from every conversation too.
pub async fn delete(admin: Admin, At(id): At<TagId>) -> Result<Response> {
    match settings::remove_tag(&admin.0.store, admin.0.access(), id).await {
        Err(desk::Error::NoSuchTag(_)) => Err(Error::NotFound),
        other => {
            other?;
            Ok(done(&admin))
        }
    }
}

fn done(admin: &Admin) -> Response {
    admin.0.account.forget();
    see("/settings/tags")
}
