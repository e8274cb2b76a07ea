//! Events: what happened, by number; as pages, or as a stream that goes on.

use std::{fmt::Write as _, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderValue, header};
use tokio::{sync::watch, time::timeout};
use words::Secret;

use super::{
    caller::{self, Caller},
    json::{Page, limit},
    shapes::Event,
};
use crate::{
    error::{Error, Result},
    fields::Query,
};

/// How often a stream says that it is still there.
const HEARTBEAT_SECONDS: u64 = 20;
/// Events read at once by a stream.
const EVENTS_AT_ONCE_MAX: i64 = 100;

/// Events after a number, the oldest first. With `Accept: text/event-stream` it goes on for ever.
#[utoipa::path(get, path = "/events", tag = "events",
    params(("after" = Option<i64>, Query, description = "the number of the last event seen; 0 without it"),
        ("limit" = Option<i64>, Query, description = "1 to 100")),
    responses((status = 200, description = "A page of events", body = Page<Event>)))]
pub async fn index(
    caller: Caller,
    Query(query): Query,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Result<Response> {
    let resumes = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let after = match resumes {
        Some(number) => number,
        None => query.parsed("after")?.unwrap_or(0_i64),
    };
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if accepts.contains("text/event-stream") {
        let secret = caller::bearer(&request.into_parts().0).ok_or(Error::NotSignedIn)?;
        return Ok(follow(caller, secret, after));
    }
    let limit = limit(&query)?;
    let events =
        caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.events_after(after, limit + 1)?));
    let mut events = events.await?;
    let many = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = events.len() > many;
    events.truncate(many);
    let next_cursor = events.last().filter(|_| more).map(|event| event.number.to_string());
    Ok(Page { items: events.into_iter().map(Event::from).collect(), next_cursor }.answer())
}

struct Follow {
    caller: Caller,
    secret: Secret,
    after: i64,
    committed: watch::Receiver<i64>,
    settings: watch::Receiver<u64>,
    begun: bool,
}

fn follow(caller: Caller, secret: Secret, after: i64) -> Response {
    let (committed, settings) = (caller.store.committed(), caller.account.settings());
    let follow = Follow { caller, secret, after, committed, settings, begun: false };
    let body = stream::unfold(follow, |follow| async move { follow.next().await });
    let mut response = Response::new(Body::from_stream(body));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    about.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Follow {
    async fn next(mut self) -> Option<(Result<Bytes>, Self)> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some((Ok(Bytes::from_static(b"retry: 2000\n\n")), self));
        }
        loop {
            // Before it is read, so that what comes meanwhile wakes us.
            self.committed.mark_unchanged();
            if !self.still_holds().await {
                return None;
            }
            let after = self.after;
            let events = self
                .caller
                .store
                .read(self.caller.access(), move |read| read.events_after(after, EVENTS_AT_ONCE_MAX));
            let events = events.await.ok()?;
            if let Some(last) = events.last() {
                self.after = last.number;
                return Some((Ok(framed(events)), self));
            }
            match timeout(Duration::from_secs(HEARTBEAT_SECONDS), self.committed.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some((Ok(Bytes::from_static(b":\n\n")), self)),
            }
        }
    }

    /// Whether the token still holds, asked again whenever settings change.
    async fn still_holds(&mut self) -> bool {
        let (caller, secret) = (&mut self.caller, &self.secret);
        if caller.account.settle(&caller.store, caller.access()).await.is_err() {
            return false;
        }
        let changed = self.settings.has_changed().unwrap_or(true);
        if changed || !caller.access().holds(caller.now()) {
            self.settings.mark_unchanged();
            let seen = caller::seen(&caller.state, &caller.account, &caller.store, secret).await;
            let Ok(Some(seen)) = seen else { return false };
            caller.seen = seen;
        }
        true
    }
}

fn framed(events: Vec<store::Event>) -> Bytes {
    let mut text = String::new();
    for event in events {
        let (number, kind) = (event.number, event.kind.name());
        let data = serde_json::to_string(&Event::from(event)).unwrap_or_default();
        let _ = write!(text, "id: {number}\nevent: {kind}\ndata: {data}\n\n");
    }
    Bytes::from(text)
}
