//! HTTP/1.1 and HTTP/2 on listening sockets: TLS, waits and limits around a router.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use futures::StreamExt;
use http::{HeaderName, HeaderValue, Request, header::CONTENT_TYPE};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::Instrument;

use super::first_bytes::FirstBytes;

/// How long a client may take to send the head of a request (HTTP/1.1).
const HEAD_WAIT: Duration = Duration::from_secs(15);
/// The longest head.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The most headers of a request (HTTP/1.1; on HTTP/2 their bytes are limited).
const HEADERS_MAX: usize = 100;
/// How long a client may leave what was sent to it lying, before the system ends the connection.
const UNREAD_MILLISECONDS_MAX: u32 = 2 * 60 * 1_000;
/// How long the TLS handshake may take.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(15);
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;
/// Streams that a client may reset before it was answered, waiting at once.
const RESETS_PENDING_MAX: usize = 20;
/// How often a silent HTTP/2 connection is asked whether it lives, and how long it may think.
const ALIVE_EVERY: Duration = Duration::from_mins(1);
const ALIVE_WAIT: Duration = Duration::from_secs(20);
/// At the end: how long requests may take to finish. Streams of events end at once.
const END_WAIT: Duration = Duration::from_secs(5);

/// What one connection too many is told, where TLS does not stand before it.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Limits on those who connect.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// Connections at once.
    pub connections_max: usize,
    /// Of one address.
    pub per_address_max: usize,
    /// Proxies of ours, who connect for many: for them the first limit alone holds.
    pub proxies: Vec<IpAddr>,
}

/// A router served on sockets, within limits.
#[derive(Clone)]
pub struct HttpServer {
    router: Router,
    limits: HttpLimits,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place among those that are open.
struct Place {
    open: Arc<Mutex<Open>>,
    address: IpAddr,
}

impl HttpServer {
    /// Serves `router` within these limits.
    pub fn new(router: Router, limits: HttpLimits) -> Self {
        Self { router, limits, open: Arc::default() }
    }

    /// Serves a listener until `stop` turns true, then lets requests finish. With a certificate in
    /// `tls`, only TLS is spoken.
    pub async fn serve(
        self,
        listener: TcpListener,
        tls: watch::Receiver<Option<Arc<rustls::ServerConfig>>>,
        mut stop: watch::Receiver<bool>,
    ) {
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        while !*stop.borrow_and_update() {
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let Some(place) = self.place(peer.ip().to_canonical()) else {
                            refuse(&stream, tls.borrow().is_some());
                            continue;
                        };
                        let (watcher, tls) = (graceful.watcher(), tls.borrow().clone());
                        let answerer = Answerer { router: self.router.clone(), peer, stop: stop.clone() };
                        connections.spawn(serve_one(answerer, stream, tls, watcher, place));
                    }
                    Err(error) => {
                        // Out of descriptors, mostly: those that are open are served, and close in time.
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
        drop(listener);
        if timeout(END_WAIT, graceful.shutdown()).await.is_err() {
            tracing::debug!("connections are closed that were still open");
        }
    }

    /// A place for one more connection, unless there are too many.
    fn place(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let here_max = if self.limits.proxies.contains(&address) {
            self.limits.connections_max
        } else {
            self.limits.per_address_max
        };
        let is_full = open.all >= self.limits.connections_max;
        let here = open.by_address.entry(address).or_default();
        if is_full || *here >= here_max {
            if *here == 0 {
                open.by_address.remove(&address);
            }
            metrics::counter!("havn_web_connections_refused_total").increment(1);
            return None;
        }
        *here += 1;
        open.all += 1;
        Some(Place { open: Arc::clone(&self.open), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(here) = open.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// Tells one connection too many what is wrong, if that can be said in a word and without waiting.
fn refuse(stream: &TcpStream, speaks_tls: bool) {
    if !speaks_tls {
        // Whoever hangs up first does not want to know.
        let _ = stream.try_write(FULL);
    }
}

async fn serve_one(
    answerer: Answerer,
    stream: TcpStream,
    tls: Option<Arc<rustls::ServerConfig>>,
    watcher: Watcher,
    _place: Place,
) {
    // Small answers go out at once; the system refuses only on a connection that is gone.
    let _ = stream.set_nodelay(true);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, UNREAD_MILLISECONDS_MAX);
    let Some(tls) = tls else { return speak(answerer, stream, watcher).await };
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_WAIT, TlsAcceptor::from(tls).accept(stream)).await {
        speak(answerer, stream, watcher).await;
    }
}

async fn speak<S>(answerer: Answerer, stream: S, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let answerer = answerer.clone();
        async move { Ok::<_, Infallible>(answerer.answer(request.map(Body::new)).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .keep_alive_interval(ALIVE_EVERY)
        .keep_alive_timeout(ALIVE_WAIT);
    let connection =
        builder.serve_connection(TokioIo::new(FirstBytes::within(HEAD_WAIT, stream)), service).into_owned();
    // Whoever breaks off, breaks off: there is nobody to tell.
    let _ = watcher.watch(connection).await;
}

/// What answers the requests of one connection.
#[derive(Clone)]
struct Answerer {
    router: Router,
    peer: SocketAddr,
    stop: watch::Receiver<bool>,
}

impl Answerer {
    /// Answers one request, under a number of its own that stands in the log and in the answer.
    async fn answer(self, mut request: Request<Body>) -> Response {
        let (id, begun) = (request_id(), Instant::now());
        let span = tracing::info_span!("request", %id);
        let method = request.method().clone();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        // The front itself cannot fail.
        let answered = self.router.oneshot(request).instrument(span.clone()).await;
        let mut response = answered.unwrap_or_else(|never| match never {});
        let (status, took) = (response.status(), begun.elapsed());
        if let Ok(value) = HeaderValue::try_from(id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        metrics::counter!("havn_web_requests_total", "status" => status.as_u16().to_string()).increment(1);
        metrics::histogram!("havn_web_request_seconds").record(took.as_secs_f64());
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| tracing::debug!(%method, status = status.as_u16(), milliseconds, "answered"));
        ending_at_stop(response, self.stop)
    }
}

/// A stream of events ends when we stop: its page comes again by itself, and nobody waits for it.
fn ending_at_stop(response: Response, mut stop: watch::Receiver<bool>) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        return response;
    }
    response.map(|events| {
        let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
        Body::from_stream(events.into_data_stream().take_until(Box::pin(stopped)))
    })
}

fn request_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

/// Makes a listening socket of the supervisor's one that tasks wait at.
pub fn listener(given: std::net::TcpListener) -> io::Result<TcpListener> {
    TcpListener::from_std(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::sse::{Event, Sse};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// What comes of a client that sends this and then only waits. Time passes by itself.
    async fn waits_after(sent: &[u8]) -> Vec<u8> {
        let (ours, mut theirs) = duplex(64 * 1024);
        let router = Router::new().fallback(async || "here");
        let graceful = GracefulShutdown::new();
        let (_stopper, stop) = watch::channel(false);
        let answerer = Answerer { router, peer: SocketAddr::from(([127, 0, 0, 1], 1)), stop };
        let served = tokio::spawn(speak(answerer, ours, graceful.watcher()));
        theirs.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        theirs.read_to_end(&mut answer).await.unwrap();
        served.await.unwrap();
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_keeps_a_connection_waiting_loses_it() {
        let begun = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        let silent: [&[u8]; 6] = [
            b"",
            b"G",
            b"PRI * HT",
            b"GET / HTTP/1.1\r\nHost: a.example\r\nX-Slow: ",
            b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
            begun,
        ];
        for sent in silent {
            let answer = waits_after(sent).await;
            let is_whole = sent.ends_with(b"\r\n\r\n");
            assert_eq!(
                answer.starts_with(b"HTTP/1.1 200"),
                is_whole,
                "{:?}",
                sent.escape_ascii().to_string()
            );
        }
    }

    #[tokio::test]
    async fn at_the_end_a_stream_of_events_ends_as_a_whole_one() {
        let (ours, mut theirs) = duplex(64 * 1024);
        let events = || {
            let first = futures::stream::iter([Ok::<_, Infallible>(Event::default().data("first"))]);
            Sse::new(first.chain(futures::stream::pending()))
        };
        let router = Router::new().fallback(async move || events());
        let (stopper, stop) = watch::channel(false);
        let answerer = Answerer { router, peer: SocketAddr::from(([127, 0, 0, 1], 1)), stop };
        let graceful = GracefulShutdown::new();
        tokio::spawn(speak(answerer, ours, graceful.watcher()));
        theirs.write_all(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").await.unwrap();
        let mut got = Vec::new();
        while !got.ends_with(b"data: first\n\n\r\n") {
            assert!(theirs.read_buf(&mut got).await.unwrap() > 0, "{}", got.escape_ascii());
        }
        stopper.send_replace(true);
        graceful.shutdown().await;
        theirs.read_to_end(&mut got).await.unwrap();
        assert!(got.ends_with(b"\r\n0\r\n\r\n"), "{}", got.escape_ascii());
    }
}
