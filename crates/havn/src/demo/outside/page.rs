//! The outside world's page: what Havn sent, and a form to answer it as the contact.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use letter::Letter as Read;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Deserialize;
use words::EmailAddress;

use super::{
    Letters,
    letters::Letter,
    send::{Mail, Post},
};

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.3rem } a { color: #0b5 } td, th { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top }
pre { white-space: pre-wrap; background: #f5f5f2; padding: 1rem; border-radius: .5rem; font: inherit }
input, textarea { width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; margin: .2rem 0 .6rem }
button { font: inherit; padding: .4rem 1rem } .quiet { color: #777 }
@media (prefers-color-scheme: dark) { body { background: #191a1b; color: #ddd } pre { background: #252729 } }";

#[derive(Clone)]
struct Seen {
    letters: Arc<Letters>,
    post: Post,
}

/// The page and its forms.
pub fn router(letters: Arc<Letters>, post_office: Post) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/letters.json", get(as_json))
        .route("/letters/{number}", get(one))
        .route("/letters/{number}/raw", get(raw))
        .route("/mails", post(write))
        .with_state(Seen { letters, post: post_office })
}

fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
}

async fn list(State(seen): State<Seen>) -> Markup {
    let letters = seen.letters.all();
    page(
        "The outside world",
        &html! {
            h1 { "The outside world" }
            p.quiet { "What Havn sends arrives here, and goes nowhere else. Open a mail to answer it as its reader. "
                "Mail to nobody@… bounces, mail to later@… waits." }
            table {
                tr { th { "To" } th { "Subject" } th { "From" } }
                @for letter in &letters {
                    @let read = Read::read(&letter.raw);
                    tr {
                        td { (letter.recipient) }
                        td { a href={ "/letters/" (letter.number) } { (subject(&read)) } }
                        td { (letter.sender) }
                    }
                }
            }
            @if letters.is_empty() { p { "Nothing yet: answer a conversation in the desk." } }
            h1 { "Write a new mail" }
            (form(&Writing::default()))
        },
    )
}

async fn one(State(seen): State<Seen>, Path(number): Path<u64>) -> Response {
    let Some(letter) = seen.letters.one(number) else { return StatusCode::NOT_FOUND.into_response() };
    let read = Read::read(&letter.raw);
    let writing = answer_to(&letter, &read);
    page(
        &read.subject,
        &html! {
            p { a href="/" { "← all mails" } }
            h1 { (subject(&read)) }
            p.quiet { "From " (letter.sender) " to " (letter.recipient) " · "
                a href={ "/letters/" (number) "/raw" } { "as it came" } }
            pre { (read.text) }
            h1 { "Answer as " (letter.recipient) }
            (form(&writing))
        },
    )
    .into_response()
}

async fn raw(State(seen): State<Seen>, Path(number): Path<u64>) -> Response {
    match seen.letters.one(number) {
        Some(letter) => ([("content-type", "text/plain; charset=utf-8")], letter.raw).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// All mails for scripts, the newest first.
async fn as_json(State(seen): State<Seen>) -> axum::Json<serde_json::Value> {
    let letters = seen.letters.all();
    let items = letters.iter().map(|letter| {
        let read = Read::read(&letter.raw);
        serde_json::json!({
            "number": letter.number,
            "sender": letter.sender,
            "recipient": letter.recipient,
            "subject": read.subject,
            "message_id": read.message_id,
            "in_reply_to": read.in_reply_to,
            "references": read.references,
            "text": read.text,
        })
    });
    axum::Json(serde_json::json!({ "items": items.collect::<Vec<_>>() }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Writing {
    from: String,
    to: String,
    subject: String,
    text: String,
    in_reply_to: String,
    references: String,
}

fn answer_to(letter: &Letter, read: &Read) -> Writing {
    let id = read.message_id.clone().unwrap_or_default();
    let mut references = read.references.clone();
    references.push(id.clone());
    let quoted = crate::demo::fill::quoted(&read.text);
    let marked = read.subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    Writing {
        from: letter.recipient.clone(),
        to: read.from.first().map(|mailbox| mailbox.shown.clone()).unwrap_or_default(),
        subject: if marked { read.subject.clone() } else { format!("Re: {}", read.subject) },
        text: format!("\n\n{quoted}"),
        in_reply_to: id,
        references: references.join(" "),
    }
}

fn form(writing: &Writing) -> Markup {
    html! {
        form method="post" action="/mails" {
            label { "From" input name="from" required value=(writing.from) placeholder="kim@post.example"; }
            label { "To" input name="to" required value=(writing.to); }
            label { "Subject" input name="subject" required value=(writing.subject); }
            label { "Text" textarea name="text" rows="8" { (writing.text) } }
            input type="hidden" name="in_reply_to" value=(writing.in_reply_to);
            input type="hidden" name="references" value=(writing.references);
            button { "Send" }
        }
    }
}

async fn write(State(seen): State<Seen>, headers: HeaderMap, Form(writing): Form<Writing>) -> Response {
    // Another page in the same browser must not write in somebody's name, not even here.
    if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (Ok(from), Ok(to)) = (writing.from.parse::<EmailAddress>(), writing.to.parse()) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "From and To are one address each.").into_response();
    };
    let mail = Mail {
        from: (String::new(), from),
        to,
        subject: writing.subject,
        text: writing.text.replace("\r\n", "\n"),
        in_reply_to: Some(writing.in_reply_to).filter(|id| !id.is_empty()),
        references: writing.references.split_whitespace().map(str::to_owned).collect(),
    };
    match seen.post.bring(mail).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("Havn did not take it: {error}")).into_response(),
    }
}

fn subject(read: &Read) -> &str {
    if read.subject.is_empty() { "(no subject)" } else { &read.subject }
}
