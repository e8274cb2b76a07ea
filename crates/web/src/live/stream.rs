//! `GET /live?after=`: the event stream of one browser.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderValue, header};
use store::EventKind;
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, Sleep},
};
use words::{Language, Secret};

use super::{
    Class, Heard, Reader, feeder,
    render::{self, Gathered},
};
use crate::{
    agent::Viewer,
    error::{Error, Result},
    fields::Query,
    session::{self, Signed},
};

/// How often a stream says that it is still there.
const HEARTBEAT_SECONDS: u64 = 20;
/// A browser that lost its stream comes again after this and up to as much more.
const RETRY_MILLISECONDS: i64 = 1_000;
/// Events that one who was away catches up on at once; after more the page is loaded anew.
const CAUGHT_UP_MAX: i64 = 500;

/// `GET /live?after=`
pub async fn live(signed: Signed, Query(query): Query, headers: HeaderMap) -> Result<Response> {
    let resumes = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let after: i64 = match resumes {
        Some(number) => number,
        None => query.parsed("after")?.unwrap_or(i64::MAX),
    };
    let token = session::token(&headers, signed.state.base().https).ok_or(Error::NotSignedIn)?;
    let stream = Stream::open(signed, token, after).await?;
    let body = stream::unfold(stream, |stream| async move { stream.next().await });
    let mut response = Response::new(Body::from_stream(body));
    let about = response.headers_mut();
    about.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // A proxy in front must not hold it back.
    about.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

struct Stream {
    signed: Signed,
    token: Secret,
    reader: Reader,
    class: Class,
    last: i64,
    heard: broadcast::Receiver<Heard>,
    settings: watch::Receiver<u64>,
    heartbeat: std::pin::Pin<Box<Sleep>>,
    /// What is said before anything is heard.
    first: Option<Bytes>,
}

impl Stream {
    async fn open(signed: Signed, token: Secret, after: i64) -> Result<Self> {
        let settings = signed.account.settings();
        let heard = signed.account.live.listen();
        let reader: Reader = (signed.seen.agent.language, signed.agent());
        let newest = signed.store.read(signed.access(), |read| read.newest_event()).await?;
        let last = after.clamp(0, newest);
        // Spread, so that a thousand who lost theirs do not come back at one moment.
        let spread = RETRY_MILLISECONDS + signed.now().micros() % RETRY_MILLISECONDS;
        let mut stream = Self {
            class: 0,
            reader,
            last,
            heard,
            settings,
            heartbeat: Box::pin(tokio::time::sleep(Duration::from_secs(HEARTBEAT_SECONDS))),
            first: Some(Bytes::from(format!("retry: {spread}\n\n"))),
            signed,
            token,
        };
        let missed = if last < newest { stream.catch_up().await? } else { None };
        if let Some(missed) = missed {
            let first = stream.first.take().unwrap_or_default();
            stream.first = Some([first, missed].concat().into());
        }
        let account = &stream.signed.account;
        let (class, starts) = account.live.join(stream.signed.access(), reader, stream.last);
        stream.class = class;
        if starts {
            let (account, store) = (Arc::clone(account), stream.signed.store.clone());
            tokio::spawn(feeder::feed(account, store, stream.signed.state.clock().clone()));
        }
        Ok(stream)
    }

    /// What is sent next; none ends the stream.
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        if let Some(first) = self.first.take() {
            return Some((Ok(first), self));
        }
        loop {
            tokio::select! {
                biased;
                changed = self.settings.changed() => {
                    if changed.is_err() || !self.still_holds().await {
                        return None;
                    }
                }
                heard = self.heard.recv() => {
                    if self.settings.has_changed().unwrap_or(true) && !self.still_holds().await {
                        return None;
                    }
                    match self.hear(heard).await {
                        Ok(Some(bytes)) => return Some((Ok(bytes), self)),
                        Ok(None) => {}
                        Err(()) => return None,
                    }
                }
                () = self.heartbeat.as_mut() => {
                    self.heartbeat.as_mut().reset(Instant::now() + Duration::from_secs(HEARTBEAT_SECONDS));
                    if !self.signed.access().holds(self.signed.now()) {
                        return None;
                    }
                    return Some((Ok(Bytes::from_static(b":\n\n")), self));
                }
            }
        }
    }

    /// What is heard, as bytes for this stream. `Err` ends it: the browser comes again.
    async fn hear(&mut self, heard: Result<Heard, broadcast::error::RecvError>) -> Result<Option<Bytes>, ()> {
        match heard {
            Ok(Heard::Batch(batch)) if batch.class != self.class || batch.last <= self.last => Ok(None),
            Ok(Heard::Batch(batch)) => match batch.rendered.get(&self.reader) {
                Some(bytes) => {
                    self.last = batch.last;
                    Ok(Some(bytes.clone()))
                }
                None => self.catch_up().await.map_err(drop),
            },
            Ok(Heard::Presence(id, department)) => {
                if !self.signed.access().departments().include(department) {
                    return Ok(None);
                }
                let directory = self.signed.directory().await.map_err(drop)?;
                let viewer = self.signed.viewer(&directory);
                Ok(Some(render::presence(id, &viewer, self.reader.0)))
            }
            Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up().await.map_err(drop),
            Ok(Heard::Over) | Err(broadcast::error::RecvError::Closed) => Err(()),
        }
    }

    /// Reads what came after the last event that was shown, under one's own access.
    async fn catch_up(&mut self) -> Result<Option<Bytes>> {
        let (last, agent) = (self.last, self.reader.1);
        let gathered = self.signed.store.read(self.signed.access(), move |read| {
            let newest = read.newest_event()?;
            let events = read.events_after(last, CAUGHT_UP_MAX)?;
            if i64::try_from(events.len()).is_ok_and(|many| many >= CAUGHT_UP_MAX) {
                return Ok((newest, None));
            }
            let settings = events.iter().any(|event| event.kind == EventKind::Settings);
            let gathered =
                (!events.is_empty()).then(|| Gathered::read(read, &events, &[agent])).transpose()?;
            Ok::<_, Error>((newest, Some((settings, gathered))))
        });
        let (newest, gathered) = gathered.await?;
        self.last = newest;
        let Some((settings, gathered)) = gathered else { return Ok(Some(render::refresh(newest))) };
        let Some(gathered) = gathered else { return Ok(None) };
        if settings {
            // The names that are remembered may be those from before.
            self.signed.account.settle(&self.signed.store, self.signed.access()).await?;
        }
        let directory = self.signed.directory().await?;
        let viewer: Viewer<'_> = self.signed.viewer(&directory);
        let language = self.reader.0;
        Ok(Some(if settings {
            let seen = self.signed.access().departments();
            render::event_with_rail(newest, &gathered, &viewer, (language, seen))
        } else {
            render::event(newest, &gathered, &viewer, language)
        }))
    }

    /// Whether the session still holds and still opens the same; if not, the browser is to come again.
    async fn still_holds(&mut self) -> bool {
        self.settings.mark_unchanged();
        let seen = session::seen(&self.signed.state, &self.signed.account, &self.token).await;
        let Ok(Some((_, seen))) = seen else { return false };
        let language: Language = seen.agent.language;
        let same = seen.access.departments() == self.signed.access().departments()
            && seen.access.rights() == self.signed.access().rights()
            && language == self.reader.0;
        self.signed.seen = seen;
        same
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.signed.account.live.leave(self.class, self.reader);
    }
}
