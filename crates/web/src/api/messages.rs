//! Letters and notes: listed, shown, and as they came.

use std::collections::HashMap;

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use letter::{Letter, Pictures, clean_html};
use words::{AttachmentId, ConversationId, MessageId};

use super::{
    caller::Caller,
    json::{Page, answer, limit, nothing},
    shapes::Message,
};
use crate::{
    error::{Error, Flaw, Result},
    fields::{At, Query},
    letters,
};

/// Lists the letters and notes of a conversation, the oldest first.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "messages",
    params(("id" = String, Path, description = "the conversation's id"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
        ("limit" = Option<i64>, Query, description = "1 to 100")),
    responses((status = 200, description = "A page of messages", body = Page<Message>)))]
pub async fn index(caller: Caller, At(id): At<ConversationId>, Query(query): Query) -> Result<Response> {
    let limit = limit(&query)?;
    let after: i64 = match query.one("cursor")? {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| Error::field("cursor", Flaw::Value))?,
    };
    let (mut messages, files, deliveries) = caller
        .store
        .read(caller.access(), move |read| {
            read.conversation(id)?.ok_or(Error::NotFound)?;
            let messages = read.messages_after(id, after, limit + 1)?;
            let (mut files, mut deliveries) = (HashMap::new(), HashMap::new());
            for message in &messages {
                files.insert(message.id, read.attachments_of_message(message.id)?);
                deliveries.insert(message.id, read.deliveries_of_message(message.id)?);
            }
            Ok::<_, Error>((messages, files, deliveries))
        })
        .await?;
    let many = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = messages.len() > many;
    messages.truncate(many);
    let next_cursor = messages.last().filter(|_| more).map(|message| message.number.to_string());
    let items = messages
        .into_iter()
        .map(|message| {
            let (files, deliveries) = (&files[&message.id], &deliveries[&message.id]);
            Message::of(message, files, deliveries, None)
        })
        .collect();
    Ok(Page { items, next_cursor }.answer())
}

/// Shows a letter or a note, with the cleaned HTML of a letter that came.
#[utoipa::path(get, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The message", body = Message)))]
pub async fn show(caller: Caller, At(id): At<MessageId>) -> Result<Response> {
    Ok(answer(StatusCode::OK, &shown(&caller, id).await?))
}

/// A message as it is shown.
pub async fn shown(caller: &Caller, id: MessageId) -> Result<Message> {
    let (message, files, deliveries) = caller
        .store
        .read(caller.access(), move |read| {
            let message = read.message(id)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((message, read.attachments_of_message(id)?, read.deliveries_of_message(id)?))
        })
        .await?;
    let html = if message.html.is_none() { html(caller, id).await? } else { None };
    Ok(Message::of(message, &files, &deliveries, html))
}

async fn html(caller: &Caller, id: MessageId) -> Result<Option<String>> {
    let Some(raw) = caller.store.raw(caller.access(), id).await? else { return Ok(None) };
    let cleaned = tokio::task::spawn_blocking(move || {
        Letter::read(&raw).html.map(|html| clean_html(&html, &Pictures::NONE).html)
    });
    cleaned.await.map_err(|_| Error::Store(store::Error::Panicked))
}

/// The mail as it came or went, byte for byte.
#[utoipa::path(get, path = "/messages/{id}/raw", tag = "messages",
    params(("id" = String, Path, description = "the message's id")),
    responses((status = 200, description = "The mail", body = String, content_type = "message/rfc822")))]
pub async fn raw(caller: Caller, At(id): At<MessageId>) -> Result<Response> {
    let raw = caller.store.raw(caller.access(), id).await?.ok_or(Error::NotFound)?;
    let mut response = Response::new(Body::from(raw));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, HeaderValue::from_static("message/rfc822"));
    about.insert(header::CONTENT_DISPOSITION, letters::disposition("attachment", &format!("{id}.eml")));
    Ok(response)
}

/// Takes an answer back within its ten seconds.
#[utoipa::path(delete, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "the message's id")),
    responses((status = 204, description = "It was taken back"),
        (status = 409, description = "It has been sent already")))]
pub async fn take_back(caller: Caller, At(id): At<MessageId>) -> Result<Response> {
    desk::writing::take_back(&caller.store, caller.access(), id).await?;
    Ok(nothing())
}

/// The bytes of a file, as a download.
#[utoipa::path(get, path = "/attachments/{id}", tag = "messages",
    params(("id" = String, Path, description = "the file's id")),
    responses((status = 200, description = "Its bytes", body = String, content_type = "application/octet-stream")))]
pub async fn attachment(caller: Caller, At(id): At<AttachmentId>) -> Result<Response> {
    let (file, bytes) = letters::attachment(&caller.store, caller.access(), id).await?;
    Ok(letters::download(&file.name, bytes))
}
