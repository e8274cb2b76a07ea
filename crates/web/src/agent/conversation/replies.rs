//! `POST /conversations/{id}/replies`: answering; `POST /replies/{id}/undo`: taking the answer back.

use std::time::Duration;

use axum::{extract::Multipart, response::Response};
use desk::writing::{self, Answer, Body, UNDO_SECONDS};
use http::{HeaderMap, StatusCode};
use maud::html;
use store::{DraftFile, Envelope};
use words::{ConversationId, FileId, MessageId};

use super::{list_of, read::Whole, show, way_back};
use crate::{
    error::{Error, Result},
    fields::{At, Fields, addresses},
    serve::see,
    session::Signed,
    stream, uploads,
    view::{beginning, conversation as view},
};

/// Answers.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response> {
    let (fields, uploaded) = uploads::read(form, &signed.store, signed.access()).await?;
    let files = files(&signed, id, &fields, uploaded).await?;
    let answer = match answer(&signed, &fields, files).await {
        Ok(answer) => answer,
        Err(error) => return refused(&signed, &headers, id, &fields, error).await,
    };
    let sent = writing::answer(&signed.store, signed.access(), id, answer, signed.state.clock()).await;
    match sent {
        Ok(message) => sent_answer(&signed, &headers, id, message).await,
        Err(error) => refused(&signed, &headers, id, &fields, error.into()).await,
    }
}

async fn answer(signed: &Signed, fields: &Fields, files: Vec<DraftFile>) -> Result<Answer> {
    let seen: Option<MessageId> = fields.parsed("seen")?;
    let seen = match seen {
        Some(seen) => signed.store.read(signed.access(), move |read| read.message(seen)).await?,
        None => None,
    };
    Ok(Answer {
        body: body(fields)?,
        to: Some(fields.addresses("to")?),
        cc: fields.addresses("cc")?,
        files,
        close: fields.ticked("close")?,
        seen: seen.map(|message| message.number),
        undo: Duration::from_secs(UNDO_SECONDS),
    })
}

/// What was written: with the editor there is only HTML, without script there is a text.
fn body(fields: &Fields) -> Result<Body> {
    Ok(match (fields.one("text")?, fields.one("html")?) {
        (Some(text), _) => Body::Text(text.replace("\r\n", "\n")),
        (None, Some(html)) => Body::Html(html.to_owned()),
        (None, None) => Body::Text(String::new()),
    })
}

/// The files of one's own draft that the form names, and those that came with it.
async fn files(
    signed: &Signed,
    id: ConversationId,
    fields: &Fields,
    mut uploaded: Vec<DraftFile>,
) -> Result<Vec<DraftFile>> {
    let named: Vec<FileId> = fields.every("file")?;
    if named.is_empty() {
        return Ok(uploaded);
    }
    let me = signed.agent();
    let kept = signed.store.read(signed.access(), move |read| match read.draft(id, me, false)? {
        Some(draft) => read.draft_files(draft.id),
        None => Ok(Vec::new()),
    });
    let mut files: Vec<DraftFile> = kept.await?;
    files.retain(|file| named.contains(&file.file));
    files.append(&mut uploaded);
    Ok(files)
}

async fn sent_answer(
    signed: &Signed,
    headers: &HeaderMap,
    id: ConversationId,
    message: MessageId,
) -> Result<Response> {
    if !stream::wanted(headers) {
        return Ok(see(&way_back(headers, id)));
    }
    let seconds = u32::try_from(UNDO_SECONDS).unwrap_or(0);
    let toast = stream::append("toasts", &view::sent_toast(signed.texts(), message, seconds));
    written(signed, id, message, &toast).await
}

/// The answer after something was written: it stands in the page, and the composer is empty again.
pub async fn written(
    signed: &Signed,
    id: ConversationId,
    message: MessageId,
    besides: &maud::Markup,
) -> Result<Response> {
    let me = signed.agent();
    let whole = signed.store.read(signed.access(), move |read| Whole::read(read, id, None, me)).await?;
    let (directory, t) = (signed.directory().await?, signed.texts());
    let viewer = signed.viewer(&directory);
    let entry = whole.messages.iter().find(|one| one.id == message).map(|one| {
        let files = whole.files.get(&one.id).map_or(&[][..], Vec::as_slice);
        let deliveries = whole.deliveries.get(&one.id).map_or(&[][..], Vec::as_slice);
        viewer.message(one, files, deliveries, false)
    });
    let shown = show::conversation(&viewer, &whole, String::new());
    Ok(stream::response(&html! {
        @if let Some(entry) = entry {
            (stream::element("entry", &format!("messages-{id}"), &view::entry(t, &entry)))
        }
        (stream::replace(&format!("head-{id}"), &view::head(t, &shown)))
        (stream::replace(&format!("composer-{id}"), &view::composer(t, id, &shown.composer)))
        (besides)
    }))
}

/// Nothing was sent: what was typed is kept as a draft, and the page says what is wrong with it.
async fn refused(
    signed: &Signed,
    headers: &HeaderMap,
    id: ConversationId,
    fields: &Fields,
    error: Error,
) -> Result<Response> {
    let (status, newer) = (error.status(), matches!(error, Error::Desk(desk::Error::NewerMessage { .. })));
    if !newer && status != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(error);
    }
    keep(signed, id, fields).await?;
    let me = signed.agent();
    let whole = signed.store.read(signed.access(), move |read| Whole::read(read, id, None, me)).await?;
    let directory = signed.directory().await?;
    let (t, viewer) = (signed.texts(), signed.viewer(&directory));
    let mut shown = show::conversation(&viewer, &whole, String::new());
    shown.composer.news = u32::from(newer);
    shown.composer.error = (!newer).then(|| error.sentence(t));
    // What cannot be kept as an address is shown again as it was typed.
    shown.composer.to = fields.text("to")?;
    shown.composer.cc = fields.text("cc")?;
    let composer = view::composer(t, id, &shown.composer);
    let mut response = if stream::wanted(headers) {
        stream::response(&stream::replace(&format!("composer-{id}"), &composer))
    } else {
        show::page_of(signed, headers, &list_of(headers, id).unwrap_or_default(), &shown).await?
    };
    *response.status_mut() = status;
    Ok(response)
}

async fn keep(signed: &Signed, id: ConversationId, fields: &Fields) -> Result<()> {
    let html = match body(fields)? {
        Body::Html(html) => html,
        Body::Text(text) => letter::html_of_text(&text),
    };
    let recipients = recipients(fields);
    writing::save_draft(&signed.store, signed.access(), id, false, html, recipients).await?;
    Ok(())
}

/// To whom a draft goes; what is no address yet is left out.
pub fn recipients(fields: &Fields) -> Envelope {
    let people = |name: &'static str| {
        let typed = fields.one(name).ok().flatten().unwrap_or_default();
        let found = typed.split([',', ';']).filter_map(|one| addresses(name, one).ok()).flatten();
        let person = |address: words::EmailAddress| store::Person {
            name: String::new(),
            address: address.to_string(),
        };
        found.take(50).map(person).collect()
    };
    Envelope { to: people("to"), cc: people("cc"), reply_to: Vec::new() }
}

/// Takes an answer back: it is a draft again.
pub async fn undo(signed: Signed, At(id): At<MessageId>, headers: HeaderMap) -> Result<Response> {
    let message = signed.store.read(signed.access(), move |read| Ok::<_, Error>(read.message(id)?)).await?;
    let conversation = message.ok_or(Error::NotFound)?.conversation;
    writing::take_back(&signed.store, signed.access(), id).await?;
    let left =
        signed.store.read(signed.access(), move |read| Ok::<_, Error>(read.conversation(conversation)?));
    if left.await?.is_none() {
        // It began with that letter, which is again the draft of a first one.
        let list = list_of(&headers, conversation).map(|asked| format!("?{}", asked.filter.query()));
        return Ok(see(&format!("{}{}", beginning::PATH, list.unwrap_or_default())));
    }
    if !stream::wanted(&headers) {
        return Ok(see(&way_back(&headers, conversation)));
    }
    let besides = html! {
        (stream::remove(&format!("message-{id}")))
        (stream::remove(&format!("sent-{id}")))
    };
    written(&signed, conversation, id, &besides).await
}
