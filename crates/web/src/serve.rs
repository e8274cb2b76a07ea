//! The front of it all: from a request to the account that it is for, and from an answer or an error
//! to what the browser gets.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt, future::ready, stream::once};
use http::{HeaderMap, Method, Uri, header};
use tower::ServiceExt;
use words::{Language, Secret, Slug};

use crate::{
    State,
    account::Account,
    agent::{
        self,
        shell::{Counted, shell},
    },
    error::{self, Error, Wanted},
    headers::{self, Origin, StyleNonce},
    host::{self, Face},
    language::Texts,
    public, routes,
    session::{self, Signed},
    stream,
    view::shell::{Here, Theme},
};

/// Characters of a path at most.
const PATH_BYTES_MAX: usize = 300;
/// Characters of a query at most.
const QUERY_BYTES_MAX: usize = 4_000;
/// Parameters of a query at most.
const QUERY_PARAMETERS_MAX: usize = 100;
/// For so long a request may take, streams of events apart.
const REQUEST_SECONDS_MAX: u64 = 60;
/// The same for one that brings files over a slow line.
const UPLOAD_SECONDS_MAX: u64 = 10 * 60;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Remote(pub IpAddr);

/// What an answer needs to know of its request.
struct Asked {
    wanted: Wanted,
    method: Method,
    face: Face,
    /// The token of a session that the browser says it has.
    token: Option<Secret>,
    theme: Theme,
    /// The account's name, where it is known.
    name: String,
    /// Where to come back to after log-in.
    path: String,
    language: Language,
}

/// The pages, the API and the live events of all accounts, by host. What listens hands in, as an
/// extension of each request, where it comes from ([`ConnectInfo`]).
pub fn router(state: State) -> Router {
    let (desk, files) = (routes::desk(state.clone()), routes::files(state.clone()));
    let faces = Faces { desk, files, public: routes::public(state.clone()), state };
    Router::new().fallback(move |request: Request| {
        let faces = faces.clone();
        async move { faces.serve(request).await }
    })
}

#[derive(Clone)]
struct Faces {
    state: State,
    desk: Router,
    files: Router,
    public: Router,
}

impl Faces {
    async fn serve(self, mut request: Request) -> Response {
        if host::of_request(request.uri(), request.headers())
            .is_some_and(|host| self.state.base().is_own(host))
        {
            return self.serve_public(request).await;
        }
        let (https, mut files) = (self.state.base().https, String::new());
        let mut asked = asked(&request, https);
        let host = host::of_request(request.uri(), request.headers());
        let named = host.and_then(|host| self.state.base().named(host));
        let slug = named.as_ref().map(|(slug, _)| slug.clone());
        let mut found = None;
        let mut response = match self.account(named).await {
            Ok((account, face)) => {
                asked.face = face;
                found = Some(Arc::clone(&account));
                asked.language = language(&self.state, &account, request.headers(), asked.language);
                files.clone_from(&account.files);
                asked.name = account.remembered_name().unwrap_or(asked.name);
                match self.prepare(&mut request, &account, face, asked.wanted) {
                    Ok(()) => self.pass_on(request, face).await,
                    Err(error) => error.into_response(),
                }
            }
            Err(error) => error.into_response(),
        };
        if let Some(error) = response.extensions_mut().remove::<Arc<Error>>() {
            note_refusal(&error, slug.as_ref());
            response = match self.in_desk(&error, &asked, found).await {
                Some(page) => page,
                None => put_into_words(&error, &asked),
            };
        }
        let nonce = response.extensions_mut().remove::<StyleNonce>();
        let origin = Origin { https, face: asked.face, files: &files };
        headers::put(response.headers_mut(), &origin, nonce.as_ref());
        response
    }

    /// The operator's host: the same for everybody, so that no cookie is read or set.
    async fn serve_public(&self, request: Request) -> Response {
        let plain =
            if is_plain(request.uri().path()) { check_query(request.uri()) } else { Err(Error::NotFound) };
        let (query, asked) = (request.uri().query().map(str::to_owned), request.headers().clone());
        let mut response = match plain {
            Ok(()) => self.pass_on(request, Face::Public).await,
            Err(error) => error.into_response(),
        };
        if let Some(error) = response.extensions_mut().remove::<Arc<Error>>() {
            response = public::problem(&error, self.state.base(), query.as_deref(), &asked);
        }
        let origin = Origin { https: self.state.base().https, face: Face::Public, files: "" };
        headers::put(response.headers_mut(), &origin, None);
        response
    }

    /// The page for an error with the desk around it, where somebody is logged in, asked for a page, and the desk
    /// itself can still be read.
    async fn in_desk(&self, error: &Error, asked: &Asked, account: Option<Arc<Account>>) -> Option<Response> {
        let readable = error.status().is_client_error() && error.status() != http::StatusCode::UNAUTHORIZED;
        if !readable || asked.wanted != Wanted::Page || asked.face != Face::Desk {
            return None;
        }
        let (account, token) = (account?, asked.token.as_ref()?);
        let signed = Signed::of(&self.state, account, token, asked.theme).await.ok()?;
        let counted = signed.store.read(signed.access(), Counted::read).await.ok()?;
        let directory = signed.directory().await.ok()?;
        let shell = shell(&signed, &directory, &counted, Here::Nowhere);
        let mut response = agent::page(&signed, error::in_desk(error, &shell));
        *response.status_mut() = error.status();
        Some(response)
    }

    async fn account(&self, named: Option<(Slug, Face)>) -> error::Result<(Arc<Account>, Face)> {
        let (slug, face) = named.ok_or(Error::NotFound)?;
        let account = self.state.account(&slug).await?.ok_or(Error::NotFound)?;
        Ok((account, face))
    }

    /// Refuses what is not plain, and puts beside the request what handlers need.
    fn prepare(
        &self,
        request: &mut Request,
        account: &Arc<Account>,
        face: Face,
        wanted: Wanted,
    ) -> error::Result<()> {
        let path = request.uri().path();
        if !is_plain(path) {
            return Err(Error::NotFound);
        }
        check_query(request.uri())?;
        if face == Face::Desk && wanted != Wanted::Problem {
            if !session::is_own(request.method(), request.headers(), &account.desk) {
                return Err(Error::Forged);
            }
            // Forms know two methods; `?method=delete` is the third.
            let query = request.uri().query().unwrap_or("");
            if *request.method() == Method::POST && query.split('&').any(|pair| pair == "method=delete") {
                *request.method_mut() = Method::DELETE;
            }
        }
        let remote = remote(request, self.state.proxies());
        request.extensions_mut().insert(remote);
        request.extensions_mut().insert(Arc::clone(account));
        Ok(())
    }

    async fn pass_on(&self, request: Request, face: Face) -> Response {
        let router = match face {
            Face::Desk => self.desk.clone(),
            Face::Files => self.files.clone(),
            Face::Public => self.public.clone(),
        };
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let uploads = kind.is_some_and(|kind| kind.starts_with("multipart/"));
        let seconds = if uploads { UPLOAD_SECONDS_MAX } else { REQUEST_SECONDS_MAX };
        let (request, came) = watched(request);
        let answer = router.oneshot(request);
        match tokio::time::timeout(Duration::from_secs(seconds), answer).await {
            Ok(Ok(response)) => response,
            Err(_) if came.load(Ordering::Relaxed) => Error::Late.into_response(),
            Err(_) => Error::Slow.into_response(),
        }
    }
}
/// The request, and whether it has come whole: if it is late, that says whose fault it is.
fn watched(request: Request) -> (Request, Arc<AtomicBool>) {
    let came = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    if came.load(Ordering::Relaxed) {
        return (request, came);
    }
    let noted = Arc::clone(&came);
    let request = request.map(|body| {
        let end = once(async move { noted.store(true, Ordering::Relaxed) });
        Body::from_stream(body.into_data_stream().chain(end.filter_map(|()| ready(None))))
    });
    (request, came)
}

fn asked(request: &Request, https: bool) -> Asked {
    let wanted = match request.uri().path() {
        path if path.starts_with("/api/") => Wanted::Problem,
        _ if stream::wanted(request.headers()) || wants_events(request.headers()) => Wanted::Stream,
        _ if wants_pane(request.headers()) => Wanted::Pane,
        _ => Wanted::Page,
    };
    Asked {
        wanted,
        method: request.method().clone(),
        face: Face::Desk,
        token: session::token(request.headers(), https),
        theme: session::theme(request.headers()),
        name: "Havn".into(),
        path: request.uri().path_and_query().map_or("/", |whole| whole.as_str()).to_owned(),
        language: session::asked_language(request.headers()).unwrap_or(Language::En),
    }
}

/// The language of errors: the agent's, if their session is remembered, else what the browser asks for.
fn language(state: &State, account: &Account, headers: &HeaderMap, asked: Language) -> Language {
    let token = session::token(headers, state.base().https);
    let seen = token.and_then(|token| account.remembered_session(&token, state.clock().now()));
    seen.map_or(asked, |seen| seen.agent.language)
}

/// Every refusal leaves a line: of which account, and why; never who, where or what.
fn note_refusal(error: &Error, slug: Option<&Slug>) {
    let status = error.status();
    if matches!(status.as_u16(), 401 | 403 | 429) {
        let account = slug.map_or("", Slug::as_str);
        tracing::info!(account, status = status.as_u16(), "a request was refused");
    }
}

fn put_into_words(error: &Error, asked: &Asked) -> Response {
    let to_log_in = matches!(error, Error::NotSignedIn) || error.status() == http::StatusCode::UNAUTHORIZED;
    if to_log_in && asked.wanted == Wanted::Page && asked.face == Face::Desk && asked.method == Method::GET {
        let next: String = url::form_urlencoded::byte_serialize(asked.path.as_bytes()).collect();
        let to = if asked.path == "/" { "/login".to_owned() } else { format!("/login?next={next}") };
        return Redirect::to(&to).into_response();
    }
    error::answer(error, asked.wanted, Texts::of(asked.language), &asked.name)
}

/// A path with one meaning: our own letters, no escapes, no empty or dotted segments.
fn is_plain(path: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.' | b'_');
    path.len() <= PATH_BYTES_MAX
        && path.starts_with('/')
        && path.bytes().all(good)
        && !path.contains("//")
        && !path.split('/').any(|segment| segment.starts_with('.') && segment != ".well-known")
}

fn check_query(uri: &Uri) -> error::Result<()> {
    let query = uri.query().unwrap_or("");
    if query.len() > QUERY_BYTES_MAX || query.split('&').count() > QUERY_PARAMETERS_MAX {
        return Err(Error::Unreadable("the query is too long".into()));
    }
    Ok(())
}

/// Where a request comes from: the other end of its connection or, behind proxies of ours, the last
/// address that one of them saw and that is none of them.
fn remote(request: &Request<Body>, proxies: &[IpAddr]) -> Remote {
    let ConnectInfo(peer) = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .copied()
        .unwrap_or(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 0))));
    forwarded_for(peer.ip(), request.headers(), proxies)
}

fn forwarded_for(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Remote {
    // A socket for both IPv4 and IPv6 tells IPv4 addresses as IPv6 ones.
    let mut seen = peer.to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut told = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    while proxies.contains(&seen) {
        let Some(before) = told.next().and_then(|address| address.trim().parse::<IpAddr>().ok()) else {
            break;
        };
        seen = before.to_canonical();
    }
    Remote(seen)
}

/// The header by which a request says that only the pane is wanted.
pub fn wants_pane(headers: &HeaderMap) -> bool {
    headers.get("turbo-frame").is_some_and(|value| value == "pane")
}

/// Whether the request opens an event stream: it is told that nobody is logged in, and sent nowhere.
fn wants_events(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|value| value == "text/event-stream")
}

/// A redirect after a form.
pub fn see(path: &str) -> Response {
    let mut response = Redirect::to(path).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_named_proxy_tells_where_a_request_comes_from() {
        let (proxy, other) = ("10.0.0.1", "203.0.113.9");
        let cases = [
            ("nobody in front", other, vec![], other),
            ("a stranger says so", other, vec!["198.51.100.7"], other),
            ("a proxy says so", proxy, vec!["198.51.100.7"], "198.51.100.7"),
            (
                "what came to the proxy is anybody's word",
                proxy,
                vec!["127.0.0.1, 198.51.100.7"],
                "198.51.100.7",
            ),
            ("in two lines", proxy, vec!["127.0.0.1", "198.51.100.7"], "198.51.100.7"),
            ("two proxies in a row", proxy, vec!["6.6.6.6, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("a proxy that says nothing", proxy, vec![], proxy),
            ("a proxy that says nonsense", proxy, vec!["198.51.100.7, unknown"], proxy),
            ("by a socket for both", "::ffff:10.0.0.1", vec!["::ffff:198.51.100.7"], "198.51.100.7"),
        ];
        let proxies = [proxy, "10.0.0.2"].map(|address| address.parse().unwrap());
        for (case, peer, lines, from) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let Remote(seen) = forwarded_for(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(seen, from.parse::<IpAddr>().unwrap(), "{case}");
        }
    }

    #[tokio::test]
    async fn a_request_tells_when_it_has_come_whole() {
        let (_, came) = watched(Request::new(Body::empty()));
        assert!(came.load(Ordering::Relaxed), "there is nothing to wait for");
        let pieces = ["a", "", "b"].map(Ok::<_, std::io::Error>);
        let (request, came) = watched(Request::new(Body::from_stream(futures::stream::iter(pieces))));
        assert!(!came.load(Ordering::Relaxed));
        let whole = axum::body::to_bytes(request.into_body(), 10).await.unwrap();
        assert!(whole == "ab" && came.load(Ordering::Relaxed));
    }

    #[test]
    fn a_path_has_one_meaning() {
        for plain in ["/", "/conversations", "/assets/app-3K7Q.js", "/api/v1/openapi.json"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in
            ["//", "/a//b", "/%2e%2e/x", "/a/../b", "/a/./b", "/a;b", "/a\\b", "/æ", "/.env", "a", ""]
        {
            assert!(!is_plain(other), "{other}");
        }
    }
}
