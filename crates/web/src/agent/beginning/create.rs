//! `POST /conversations`: a conversation begins with a letter of ours.

use std::time::Duration;

use axum::{extract::Multipart, response::Response};
use desk::{
    Problem,
    writing::{self, Body, FirstLetter, UNDO_SECONDS},
};
use http::{HeaderMap, StatusCode};
use store::DraftFile;
use words::{EmailAddress, FileId};

use super::{Typed, kept, shown};
use crate::{
    agent::list::Asked,
    directory::Directory,
    error::{Error, Flaw, Result},
    fields::{Fields, Query, not_an_address},
    language::Texts,
    serve::see,
    session::Signed,
    uploads,
    view::Flaws,
};

/// Sends it: for ten seconds it can be taken back. What is wrong is said at each field, and all is kept.
pub async fn create(
    signed: Signed,
    Query(query): Query,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response> {
    let asked = Asked::read(&query)?;
    let (fields, uploaded) = uploads::read(form, &signed.store, signed.access()).await?;
    let directory = signed.directory().await?;
    let files = files(&signed, &fields, &uploaded).await?;
    let wrong = match first(&signed, &directory, &fields, files) {
        Ok(first) => {
            let begun = writing::start(&signed.store, signed.access(), first, signed.state.clock()).await;
            match begun.map_err(Error::from) {
                Ok((id, _)) => return Ok(see(&format!("/conversations/{id}?{}", asked.filter.query()))),
                Err(error) if error.status() == StatusCode::UNPROCESSABLE_ENTITY => {
                    of_form(error.flaws(signed.texts()))
                }
                Err(error) => return Err(error),
            }
        }
        Err(flaws) => flaws,
    };
    refused(&signed, &headers, &asked, &fields, uploaded, wrong).await
}

/// The files of the draft that the form names, and those that came with it.
async fn files(signed: &Signed, fields: &Fields, uploaded: &[DraftFile]) -> Result<Vec<DraftFile>> {
    let named: Vec<FileId> = fields.every("file")?;
    let me = signed.agent();
    let (_, mut files) =
        signed.store.read(signed.access(), move |read| Ok::<_, Error>(kept(read, me)?)).await?;
    files.retain(|file| named.contains(&file.file));
    files.extend_from_slice(uploaded);
    Ok(files)
}

/// The letter, or all that is wrong with it.
fn first(
    signed: &Signed,
    directory: &Directory,
    fields: &Fields,
    files: Vec<DraftFile>,
) -> Result<FirstLetter, Flaws> {
    let t = signed.texts();
    let mut flaws = Flaws::default();
    let seen = signed.access().departments();
    let named = fields.parsed("mailbox").ok().flatten();
    let mut theirs = directory.mailboxes.iter().filter(|mailbox| seen.include(mailbox.department));
    let mailbox = theirs.find(|mailbox| Some(mailbox.id) == named);
    if mailbox.is_none() {
        flaws.add("mailbox", Flaw::Missing.sentence(t));
    }
    let to = addresses(t, fields, "to", &mut flaws);
    let cc = addresses(t, fields, "cc", &mut flaws);
    if to.is_empty() && !flaws.names("to") {
        flaws.add("to", Flaw::Missing.sentence(t));
    }
    let subject = fields.text("subject").unwrap_or_default();
    if subject.trim().is_empty() {
        flaws.add("subject", Flaw::Missing.sentence(t));
    }
    let typed = Typed::read(fields).unwrap_or_default();
    let body = typed.text.map_or(Body::Html(typed.html), Body::Text);
    if is_empty(&body) && files.is_empty() {
        flaws.add("text", Flaw::Desk(Problem::Empty).sentence(t));
    }
    let Some(mailbox) = mailbox.filter(|_| flaws.0.is_empty()) else { return Err(flaws) };
    Ok(FirstLetter {
        department: mailbox.department,
        mailbox: Some(mailbox.id),
        to,
        cc,
        subject,
        body,
        files,
        undo: Duration::from_secs(UNDO_SECONDS),
        drafted: true,
    })
}

/// The page has one field for the letter, with and without script.
fn of_form(mut flaws: Flaws) -> Flaws {
    for (name, _) in &mut flaws.0 {
        if name == "html" {
            "text".clone_into(name);
        }
    }
    flaws
}

fn is_empty(body: &Body) -> bool {
    match body {
        Body::Text(text) => text.trim().is_empty(),
        Body::Html(html) => letter::text_of_html(html).trim().is_empty(),
    }
}

/// The addresses of a field; one that is none is named.
fn addresses(t: &Texts, fields: &Fields, name: &'static str, flaws: &mut Flaws) -> Vec<EmailAddress> {
    match fields.addresses(name) {
        Ok(addresses) => addresses,
        Err(error) => {
            let typed = fields.text(name).unwrap_or_default();
            let says = match not_an_address(&typed) {
                Some(wrong) => t.with("flaw-no-address", &[("typed", wrong.into())]).into_owned(),
                None => error.sentence(t),
            };
            flaws.add(name, says);
            Vec::new()
        }
    }
}

/// Nothing was sent: what was typed and brought is kept, and the page says what is wrong with it.
async fn refused(
    signed: &Signed,
    headers: &HeaderMap,
    asked: &Asked,
    fields: &Fields,
    uploaded: Vec<DraftFile>,
    flaws: Flaws,
) -> Result<Response> {
    let (store, access) = (&signed.store, signed.access());
    writing::save_first_draft(store, access, Typed::read(fields)?.kept()).await?;
    if !uploaded.is_empty() {
        writing::add_first_draft_files(store, access, uploaded).await?;
    }
    let me = signed.agent();
    let (_, files) = store.read(access, move |read| Ok::<_, Error>(kept(read, me)?)).await?;
    let mut response = shown(signed, headers, asked, Typed::read(fields)?, &files, flaws).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
