//! Answers, notes and first letters.

use std::time::Duration;

use axum::{
    extract::{FromRequest, Multipart, Request},
    response::Response,
};
use desk::writing::{self, Answer, Body, FirstLetter, Note};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use store::DraftFile;
use utoipa::ToSchema;
use words::{ConversationId, EmailAddress, MessageId};

use super::{
    caller::Caller,
    files,
    idempotency::{self, Asked},
    json::{self, answer},
    messages,
    shapes::{Conversation, Message},
};
use crate::{
    State,
    error::{Error, Flaw, Result},
    fields::{At, FORM_BYTES_MAX, Fields},
    uploads,
};

/// An answer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What is said, as text; or else `html`.
    text: Option<String>,
    /// What is said, as HTML: cleaned.
    html: Option<String>,
    /// To whom: addresses; the contact without it.
    to: Option<Vec<String>>,
    /// Who gets a copy.
    #[serde(default)]
    cc: Vec<String>,
    /// Ids of files that were stored with `POST /files`.
    #[serde(default)]
    attachments: Vec<String>,
    /// Close the conversation with it.
    #[serde(default)]
    close: bool,
    /// The number of the newest message that the writer has seen: a newer letter stops the answer.
    seen: Option<i64>,
    /// For how many seconds it can be taken back; 0 without it, 60 at most.
    undo_seconds: Option<u64>,
}

/// A note.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// What is said, as text; or else `html`.
    text: Option<String>,
    /// What is said, as HTML: cleaned.
    html: Option<String>,
    /// Ids of files that were stored with `POST /files`.
    #[serde(default)]
    attachments: Vec<String>,
}

/// A letter that begins a conversation.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    /// From which department; the first without it.
    department_id: Option<String>,
    /// From which mailbox of the department; its first without it.
    mailbox_id: Option<String>,
    /// To whom: the first is the contact.
    to: Vec<String>,
    /// Who gets a copy.
    #[serde(default)]
    cc: Vec<String>,
    /// What about.
    subject: String,
    /// What is said, as text; or else `html`.
    text: Option<String>,
    /// What is said, as HTML: cleaned.
    html: Option<String>,
    /// Ids of files that were stored with `POST /files`.
    #[serde(default)]
    attachments: Vec<String>,
}

/// A conversation that began with a letter of ours.
#[derive(Debug, Serialize, ToSchema)]
pub struct Begun {
    /// The conversation.
    #[serde(flatten)]
    conversation: Conversation,
    /// The letter.
    message: Message,
}

/// The longest time in which an answer can be taken back.
const UNDO_SECONDS_MAX: u64 = 60;

/// Answers a conversation. `Idempotency-Key` makes a second one with the same key the first.
#[utoipa::path(post, path = "/conversations/{id}/replies", tag = "messages", request_body = Reply,
    params(("id" = String, Path, description = "the conversation's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "a text of one's own, remembered for a day")),
    responses((status = 201, description = "The letter", body = Message),
        (status = 409, description = "A newer letter came"),
        (status = 422, description = "A field does not hold what it must")))]
pub async fn reply(caller: Caller, At(id): At<ConversationId>, request: Request) -> Result<Response> {
    let asked = Asked::of(&caller, &request)?;
    let (reply, uploaded) = body::<Reply>(&caller, request, |fields| {
        Ok(Reply {
            text: fields.one("text")?.map(str::to_owned),
            html: fields.one("html")?.map(str::to_owned),
            to: some_addresses(fields, "to")?,
            cc: some_addresses(fields, "cc")?.unwrap_or_default(),
            attachments: fields.every("attachments")?,
            close: fields.one("close")? == Some("true"),
            seen: fields.parsed("seen")?,
            undo_seconds: fields.parsed("undo_seconds")?,
        })
    })
    .await?;
    let asked = asked.with(&(id, format!("{reply:?}"), &names(&uploaded)));
    idempotency::once(&caller, asked, async {
        let mut files = files::named(&caller, &reply.attachments).await?;
        files.extend(uploaded);
        let undo = reply.undo_seconds.unwrap_or(0).min(UNDO_SECONDS_MAX);
        let answer = Answer {
            body: said(reply.text, reply.html)?,
            to: reply.to.map(|to| addresses("to", &to)).transpose()?,
            cc: addresses("cc", &reply.cc)?,
            files,
            close: reply.close,
            seen: reply.seen,
            undo: Duration::from_secs(undo),
        };
        let sent = writing::answer(&caller.store, caller.access(), id, answer, caller.state.clock()).await?;
        made(&caller, sent).await
    })
    .await
}

/// Adds a note to a conversation.
#[utoipa::path(post, path = "/conversations/{id}/notes", tag = "messages", request_body = NewNote,
    params(("id" = String, Path, description = "the conversation's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "a text of one's own, remembered for a day")),
    responses((status = 201, description = "The note", body = Message)))]
pub async fn note(caller: Caller, At(id): At<ConversationId>, request: Request) -> Result<Response> {
    let asked = Asked::of(&caller, &request)?;
    let (new, uploaded) = body::<NewNote>(&caller, request, |fields| {
        Ok(NewNote {
            text: fields.one("text")?.map(str::to_owned),
            html: fields.one("html")?.map(str::to_owned),
            attachments: fields.every("attachments")?,
        })
    })
    .await?;
    let asked = asked.with(&(id, format!("{new:?}"), &names(&uploaded)));
    idempotency::once(&caller, asked, async {
        let mut files = files::named(&caller, &new.attachments).await?;
        files.extend(uploaded);
        let note = Note { body: said(new.text, new.html)?, files };
        let noted = writing::note(&caller.store, caller.access(), id, note, caller.state.clock()).await?;
        made(&caller, noted).await
    })
    .await
}

/// Begins a conversation with a letter.
#[utoipa::path(post, path = "/conversations", tag = "conversations", request_body = NewConversation,
    params(("Idempotency-Key" = Option<String>, Header, description = "a text of one's own, remembered for a day")),
    responses((status = 201, description = "The conversation, with the letter as its message", body = Begun)))]
pub async fn start(caller: Caller, request: Request) -> Result<Response> {
    let asked = Asked::of(&caller, &request)?;
    let (new, uploaded) = body::<NewConversation>(&caller, request, |fields| {
        Ok(NewConversation {
            department_id: fields.one("department_id")?.map(str::to_owned),
            mailbox_id: fields.one("mailbox_id")?.map(str::to_owned),
            to: some_addresses(fields, "to")?.unwrap_or_default(),
            cc: some_addresses(fields, "cc")?.unwrap_or_default(),
            subject: fields.text("subject")?,
            text: fields.one("text")?.map(str::to_owned),
            html: fields.one("html")?.map(str::to_owned),
            attachments: fields.every("attachments")?,
        })
    })
    .await?;
    let asked = asked.with(&(format!("{new:?}"), &names(&uploaded)));
    idempotency::once(&caller, asked, async {
        let mut files = files::named(&caller, &new.attachments).await?;
        files.extend(uploaded);
        let department = if let Some(id) = new.department_id {
            id.parse().map_err(|_| Error::field("department_id", Flaw::Value))?
        } else {
            let directory = caller.directory().await?;
            let seen = directory.departments_seen(caller.access().departments());
            seen.first().ok_or(Error::field("department_id", Flaw::Missing))?.id
        };
        let mailbox = new.mailbox_id.map(|id| id.parse()).transpose();
        let first = FirstLetter {
            department,
            mailbox: mailbox.map_err(|_| Error::field("mailbox_id", Flaw::Value))?,
            to: addresses("to", &new.to)?,
            cc: addresses("cc", &new.cc)?,
            subject: new.subject,
            body: said(new.text, new.html)?,
            files,
            undo: Duration::ZERO,
            drafted: false,
        };
        let begun = writing::start(&caller.store, caller.access(), first, caller.state.clock()).await?;
        Ok(answer(StatusCode::CREATED, &begun_shown(&caller, begun.0, begun.1).await?))
    })
    .await
}

/// A conversation that began, with its letter.
async fn begun_shown(caller: &Caller, id: ConversationId, letter: MessageId) -> Result<Begun> {
    let message = messages::shown(caller, letter).await?;
    let found =
        caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.conversation(id)?)).await?;
    Ok(Begun { conversation: found.ok_or(Error::NotFound)?.into(), message })
}

async fn made(caller: &Caller, id: MessageId) -> Result<Response> {
    let message: Message = messages::shown(caller, id).await?;
    Ok(answer(StatusCode::CREATED, &message))
}

/// Reads JSON, or a form with files.
async fn body<T: serde::de::DeserializeOwned>(
    caller: &Caller,
    request: Request,
    of_form: impl FnOnce(&Fields) -> Result<T>,
) -> Result<(T, Vec<DraftFile>)> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or("").split(';').next().unwrap_or("").trim().to_owned();
    if kind == "multipart/form-data" {
        let form = <Multipart as FromRequest<State>>::from_request(request, &caller.state).await;
        let form = form.map_err(|_| Error::Unreadable("the form cannot be read".into()))?;
        let (fields, files) = uploads::read(form, &caller.store, caller.access()).await?;
        return Ok((of_form(&fields)?, files));
    }
    if kind != "application/json" {
        return Err(Error::Unreadable("the body must be application/json or multipart/form-data".into()));
    }
    let bytes = axum::body::to_bytes(request.into_body(), FORM_BYTES_MAX).await;
    Ok((json::read(&bytes.map_err(|_| Error::TooLarge)?)?, Vec::new()))
}

fn said(text: Option<String>, html: Option<String>) -> Result<Body> {
    match (text, html) {
        (Some(text), None) => Ok(Body::Text(text)),
        (None, Some(html)) => Ok(Body::Html(html)),
        (None, None) => Err(Error::field("text", Flaw::Missing)),
        (Some(_), Some(_)) => Err(Error::field("html", Flaw::Twice)),
    }
}

fn addresses(field: &'static str, given: &[String]) -> Result<Vec<EmailAddress>> {
    let not_one = |_| Error::field(field, Flaw::Desk(desk::Problem::NotAnAddress));
    given.iter().map(|one| one.parse().map_err(not_one)).collect()
}

fn some_addresses(fields: &Fields, name: &'static str) -> Result<Option<Vec<String>>> {
    if !fields.stands(name) {
        return Ok(None);
    }
    Ok(Some(fields.addresses(name)?.iter().map(ToString::to_string).collect()))
}

fn names(files: &[DraftFile]) -> Vec<(String, i64)> {
    files.iter().map(|file| (file.name.clone(), file.size)).collect()
}
