//! A browser and a Havn to use it on.

use axum::{Router, body::Body};
use desk::receive::{Arrival, Gist, Received, receive};
use http::{HeaderMap, Method, Request, StatusCode, header};
use letter::Letter;
use std::{fmt::Write as _, sync::Arc};
use store::Store;
use testkit::{
    Havn, On,
    havn::{Account, PASSWORD, Person},
};
use tower::ServiceExt;
use web::{Base, DomainKey, Outside, PickupFailed, RecordFound, State, Wiring};
use words::{ConversationId, MailboxId, Task};

/// Bytes of an answer that a test reads.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A whole Havn with its pages.
pub struct Site {
    pub havn: Havn,
    pub router: Router,
}

impl Site {
    pub async fn start() -> Self {
        Self::on(On::Sqlite).await
    }

    pub async fn on(on: On) -> Self {
        Self::of(Havn::start(on).await)
    }

    /// The program on the same folder after it was started again.
    pub async fn started_again(&self) -> Self {
        Self::of(self.havn.started_again().await)
    }

    pub fn of(havn: Havn) -> Self {
        let state = State::new(Wiring {
            accounts: havn.accounts.clone(),
            control: havn.control.clone(),
            base: Base { https: false, domain: "localhost".into(), port: None },
            clock: havn.clock.clone(),
            proxies: Vec::new(),
            deliver_to: "127.0.0.1:2525".into(),
            outside: outside(),
        });
        Self { havn, router: web::router(state) }
    }

    /// A browser at the operator's host.
    pub fn public(&self) -> Browser {
        Browser { router: self.router.clone(), host: "localhost".into(), cookie: None }
    }

    /// A browser at the account's desk, not logged in.
    pub fn browser(&self, account: &Account) -> Browser {
        Browser { router: self.router.clone(), host: format!("{}.localhost", account.slug), cookie: None }
    }

    /// A browser in which somebody has logged in.
    pub async fn signed_in(&self, account: &Account, person: &Person) -> Browser {
        let mut browser = self.browser(account);
        browser.log_in(person).await;
        browser
    }

    /// A mail comes to a mailbox.
    pub async fn receives(&self, account: &Account, mailbox: MailboxId, mail: &str) -> ConversationId {
        let (store, access) =
            self.havn.accounts.open_task(account.id, Task::Receive).await.expect("the store opens");
        receives(&store, &access, mailbox, mail).await
    }

    /// A mail to support with this subject and text.
    pub async fn letter(&self, account: &Account, subject: &str, text: &str) -> ConversationId {
        let mail = mail("Mette Holm <mette@contact.example>", subject, text);
        self.receives(account, account.support_mailbox, &mail).await
    }
}

pub async fn receives(
    store: &Store,
    access: &register::Access,
    mailbox: MailboxId,
    mail: &str,
) -> ConversationId {
    let raw = mail.replace('\n', "\r\n").into_bytes();
    let letter = Letter::read(&raw);
    let arrival = Arrival {
        mailboxes: vec![mailbox],
        envelope_from: Some("mette@contact.example".parse().unwrap()),
        gist: Gist::of(&letter, &raw, None),
        raw: store.prepare_raw(raw).await.unwrap(),
        letter,
        bounce: None,
        authentication: desk::Authentication::default(),
        trace: String::new(),
        imported: false,
    };
    let received = receive(store, access, arrival).await.expect("the mail is taken in");
    match received[0] {
        Received::Started { conversation, .. } | Received::Joined { conversation, .. } => conversation,
        Received::Duplicate { .. } => panic!("the mail was there already"),
    }
}

/// A mail of plain text.
pub fn mail(from: &str, subject: &str, text: &str) -> String {
    let id: u64 = rand();
    format!(
        "From: {from}\nTo: support@acme.example\nSubject: {subject}\nMessage-ID: <{id}@contact.example>\n\
         Date: Tue, 24 Nov 2026 14:05:05 +0100\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
    )
}

fn rand() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

fn outside() -> Outside {
    Outside {
        test_relay: Arc::new(|_| Box::pin(async { Ok(()) })),
        test_pickup: Arc::new(|_| {
            Box::pin(async {
                Err(PickupFailed { cause: desk::PickupFault::LogIn, reply: "use an app password".into() })
            })
        }),
        make_domain_key: Arc::new(|_| {
            Box::pin(async {
                Ok(DomainKey {
                    selector: "havn".into(),
                    private_key: vec![1, 2, 3],
                    record: "v=DKIM1; k=ed25519; p=AAAA".into(),
                })
            })
        }),
        check_domain: Arc::new(|_| Box::pin(async { RecordFound::Missing })),
    }
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

/// A browser: keeps a cookie, and says where its forms come from.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub host: String,
    pub cookie: Option<String>,
}

impl Browser {
    pub async fn log_in(&mut self, person: &Person) {
        let address = person.address.to_string();
        let answer = self.post("/login", &[("email", &address), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        self.cookie = Some(cookie);
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, format!("http://{}", self.host));
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        request
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub async fn form(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .request(method, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.finish()))
            .unwrap();
        self.send(request).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form(Method::POST, path, fields).await
    }

    /// A form with files: each has a name, and content.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            let _ =
                write!(body, "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        for (name, content) in files {
            let _ = write!(
                body,
                "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 Content-Type: text/plain\r\n\r\n{content}\r\n"
            );
        }
        body += "--edge--\r\n";
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// The same browser at the letter host: it has no cookie there.
    pub fn at_files(&self) -> Self {
        let host = self.host.replacen(".localhost", "-files.localhost", 1);
        Self { router: self.router.clone(), host, cookie: None }
    }

    /// Follows a whole address of this Havn.
    pub async fn follow(&self, address: &str) -> Answer {
        let rest = address.strip_prefix("http://").expect("a whole address");
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        let there = Self { host: host.into(), cookie: None, router: self.router.clone() };
        there.get(path).await
    }
}
