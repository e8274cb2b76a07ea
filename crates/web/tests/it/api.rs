//! The API, as programs meet it.

use access::{NewToken, token};
use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use store::TokenScope;
use testkit::havn::{Account, Person};

use crate::browser::{Answer, Site, mail};

/// A program with a token.
pub struct Program {
    site: axum::Router,
    host: String,
    pub token: String,
}

impl Program {
    pub async fn of(site: &Site, account: &Account, person: &Person, scope: TokenScope) -> Self {
        let (store, access) = site.havn.setup(account.id).await;
        let new = NewToken { name: "test".into(), agent: person.id, scope, ends_at: None };
        let (secret, _) = token::create(&store, &access, new).await.unwrap();
        Self {
            site: site.router.clone(),
            host: format!("{}.localhost", account.slug),
            token: secret.expose().to_owned(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::HOST, &self.host)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        use tower::ServiceExt;
        let response = self.site.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_and_answers() {
    reads_and_answers(Site::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_and_answers_on_postgresql() {
    reads_and_answers(Site::on(testkit::On::Postgres).await).await;
}

async fn reads_and_answers(site: Site) {
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Where is it?", "Order ORD-2024/00917.").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;

    let list = api.get("/conversations?status=open").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    assert_eq!(list.json()["items"][0]["id"], json!(id.to_string()));
    assert_eq!(list.json()["items"][0]["subject"], "Where is it?");
    assert_eq!(list.json()["next_cursor"], Value::Null);
    assert_eq!(api.get("/conversations?q=00917").await.json()["items"][0]["id"], json!(id.to_string()));

    let messages = api.get(&format!("/conversations/{id}/messages")).await.json();
    let message = messages["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(messages["items"][0]["kind"], "letter-in");
    let raw = api.get(&format!("/messages/{message}/raw")).await;
    assert_eq!(raw.header("content-type"), "message/rfc822");
    assert!(raw.body.starts_with("From: Mette Holm"), "nothing added: {}", raw.body);

    let sent =
        api.call(Method::POST, &format!("/conversations/{id}/replies"), json!({ "text": "Soon." })).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    assert_eq!(sent.json()["to"][0]["address"], "mette@contact.example");
    let noted =
        api.call(Method::POST, &format!("/conversations/{id}/notes"), json!({ "html": "<b>hm</b>" })).await;
    assert_eq!(noted.status, StatusCode::CREATED, "{}", noted.body);

    let change = json!({ "status": "closed", "assignee_id": acme.agent.id, "tags": [] });
    let changed = api.call(Method::PATCH, &format!("/conversations/{id}"), change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.json()["status"], "closed");
    let change = json!({ "status": "open", "assignee_id": null });
    let changed = api.call(Method::PATCH, &format!("/conversations/{id}"), change).await;
    assert_eq!(changed.json()["assignee_id"], Value::Null);

    let events = api.get("/events?after=0").await.json();
    let kinds: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("conversation.started")) && kinds.contains(&&json!("message.noted")));
    let numbers: Vec<i64> =
        events["items"].as_array().unwrap().iter().map(|event| event["number"].as_i64().unwrap()).collect();
    assert!(numbers.windows(2).all(|two| two[0] < two[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_along() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;
    let body = "--e\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                Content-Type: text/plain\r\n\r\nhello\r\n--e--\r\n";
    let request = api.request(Method::POST, "/files");
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=e");
    let stored = api.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(stored.status, StatusCode::CREATED, "{}", stored.body);
    let file = stored.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let reply = json!({ "text": "See the file.", "attachments": [file] });
    let sent = api.call(Method::POST, &format!("/conversations/{id}/replies"), reply).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    let attachment = sent.json()["attachments"][0]["id"].as_str().unwrap().to_owned();
    let got = api.get(&format!("/attachments/{attachment}")).await;
    assert_eq!((got.status, got.body.as_str()), (StatusCode::OK, "hello"));
    assert!(got.header("content-disposition").starts_with("attachment; filename=\"a.txt\""));
    let forged = json!({ "text": "x", "attachments": [file.replace('.', "x.")] });
    let refused = api.call(Method::POST, &format!("/conversations/{id}/replies"), forged).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["field"], "attachments");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_named() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;
    let at = format!("/conversations/{id}");
    let (replies, notes) = (format!("{at}/replies"), format!("{at}/notes"));
    let pickup = format!("/mailboxes/{}/pickup", acme.support_mailbox);
    let cases = [
        (Method::PATCH, at.as_str(), json!({ "status": "gone" }), "status"),
        (Method::PATCH, &at, json!({ "stat": "open" }), "stat"),
        (Method::PATCH, &at, json!({ "status": 1 }), "status"),
        (Method::PATCH, &at, json!({ "status": "snoozed" }), "snoozed_until"),
        (Method::PATCH, &at, json!({ "snoozed_until": "soon" }), "snoozed_until"),
        (Method::PATCH, &at, json!({ "snoozed_until": "2001-01-01T00:00:00Z" }), "until"),
        (Method::PATCH, &at, json!({ "assignee_id": "x" }), "assignee_id"),
        (Method::PATCH, &at, json!({ "department_id": "x" }), "department_id"),
        (Method::PATCH, &at, json!({ "tags": ["none such"] }), "tags"),
        (Method::POST, &replies, json!({}), "text"),
        (Method::POST, &replies, json!({ "text": "  " }), "text"),
        (Method::POST, &replies, json!({ "text": "x", "to": ["a@b.dk\r\nBcc: c@d.dk"] }), "to"),
        (Method::POST, &replies, json!({ "text": "x", "to": [] }), "to"),
        (Method::POST, &notes, json!({ "text": "x", "html": "y" }), "html"),
        (Method::POST, "/conversations", json!({ "to": ["a@b.dk"], "text": "x" }), "subject"),
        (Method::POST, "/tags", json!({ "name": "x", "colour": 9 }), "colour"),
        (Method::POST, "/departments", json!({ "name": "Support" }), "name"),
        (Method::POST, "/mailboxes", json!({ "address": "x", "department_id": acme.support }), "address"),
        (Method::PUT, "/relay", json!({ "host": "a b", "port": 25, "tls": "none" }), "host"),
        (Method::PUT, "/relay", json!({ "host": "a.dk", "port": 99999, "tls": "none" }), "port"),
        (
            Method::PUT,
            &pickup,
            json!({ "host": "a.dk", "port": 993, "tls": "implicit", "username": " " }),
            "username",
        ),
        (
            Method::PUT,
            &pickup,
            json!({ "host": "a b", "port": 993, "tls": "implicit", "username": "a" }),
            "host",
        ),
        (Method::PUT, "/mail-way", json!({ "way": "pigeon" }), "way"),
    ];
    for (method, path, body, field) in cases {
        let answer = api.call(method, path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body} {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body} {}", answer.body);
    }
    for query in
        ["limit=0", "limit=101", "limit=x", "status=gone", "cursor=x", "department=1", "limit=1&limit=2"]
    {
        let answer = api.get(&format!("/conversations?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_says_from_where_mail_is_collected() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;
    let here = format!("/mailboxes/{}/pickup", acme.support_mailbox);
    assert_eq!(api.get(&here).await.status, StatusCode::NOT_FOUND);
    let new = json!({ "host": "imap.acme.example", "port": 993, "tls": "implicit", "username": "support",
        "password": "planted" });
    let set = api.call(Method::PUT, &here, new).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    let shown = api.get(&here).await.json();
    assert_eq!((shown["folder"].as_str(), shown["has_password"].as_bool()), (Some("INBOX"), Some(true)));
    assert!(shown["fault"].is_null() && !shown.to_string().contains("planted"), "{shown}");
    let tested = api.call(Method::POST, &format!("{here}/test"), json!({})).await;
    assert_eq!(tested.status, StatusCode::BAD_GATEWAY);
    assert!(tested.json()["detail"].as_str().unwrap().starts_with("log-in: "), "{}", tested.body);
    let agent = Program::of(&site, &acme, &acme.agent, TokenScope::Write).await;
    assert_eq!(agent.get(&here).await.status, StatusCode::FORBIDDEN);
    assert_eq!(api.call(Method::DELETE, &here, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get(&here).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_does_it_once() {
    once(Site::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_does_it_once_on_postgresql() {
    once(Site::on(testkit::On::Postgres).await).await;
}

async fn once(site: Site) {
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;
    let path = format!("/conversations/{id}/notes");
    let ask = async |key: &str, text: &str| {
        let request = api.request(Method::POST, &path).header(header::CONTENT_TYPE, "application/json");
        let request = request.header("idempotency-key", key);
        api.send(request.body(Body::from(json!({ "text": text }).to_string())).unwrap()).await
    };
    let (first, again) = (ask("one", "a").await, ask("one", "a").await);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(ask("one", "b").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(ask("two", "a").await.body, first.body);
    assert_eq!(ask("three", " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ask("three", "c").await.status, StatusCode::CREATED, "a refusal is not remembered");
    let messages = api.get(&format!("/conversations/{id}/messages")).await.json();
    assert_eq!(messages["items"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    for n in 0..7 {
        site.letter(&acme, &format!("Number {n}"), "text").await;
    }
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Read).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/conversations?limit=3{cursor}")).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["subject"].to_string()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let expected: Vec<_> = (0..7).rev().map(|n| format!("\"Number {n}\"")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reads_what_it_may() {
    let site = Site::start().await;
    let (acme, bolt) = (site.havn.account("acme").await, site.havn.account("bolt").await);
    let sales = mail("Ib <ib@contact.example>", "CANARY", "CANARY");
    let hidden = site.receives(&acme, acme.sales_mailbox, &sales).await;
    let other = site.letter(&bolt, "CANARY", "CANARY").await;
    let api = Program::of(&site, &acme, &acme.agent, TokenScope::Write).await;
    for id in [hidden, other] {
        for path in ["", "/messages"] {
            let answer = api.get(&format!("/conversations/{id}{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {}", answer.body);
        }
        let answer =
            api.call(Method::PATCH, &format!("/conversations/{id}"), json!({ "status": "closed" })).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    for path in ["/conversations", "/conversations?q=CANARY", "/events?after=0"] {
        assert!(!api.get(path).await.body.contains("CANARY"), "{path}");
    }
    assert_eq!(api.call(Method::POST, "/tags", json!({ "name": "x" })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(api.get("/relay").await.status, StatusCode::FORBIDDEN);

    let reader = Program::of(&site, &acme, &acme.owner, TokenScope::Read).await;
    let answer =
        reader.call(Method::PATCH, &format!("/conversations/{hidden}"), json!({ "status": "closed" })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let mut stranger = Program::of(&site, &bolt, &bolt.owner, TokenScope::Write).await;
    stranger.host = "acme.localhost".into();
    let answer = stranger.get("/conversations").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["type"], "urn:havn:problem:not-signed-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_by_program() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let api = Program::of(&site, &acme, &acme.agent, TokenScope::Write).await;
    let path = format!("/conversations/{id}/drafts/answer");
    assert_eq!(api.get(&path).await.status, StatusCode::NOT_FOUND);
    let draft =
        json!({ "html": "<p>Half a <b>thought</b><script>x</script></p>", "to": ["mette@contact.example"] });
    let kept = api.call(Method::PUT, &path, draft).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
    let kept = api.get(&path).await.json();
    assert!(kept["html"].as_str().unwrap().contains("thought") && !kept.to_string().contains("script"));
    assert_eq!(kept["to"][0]["address"], "mette@contact.example");
    let gone = api.send(api.request(Method::DELETE, &path).body(Body::empty()).unwrap()).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.get(&format!("/conversations/{id}/drafts/letter")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_have_one_meaning() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Write).await;
    let send = async |body: Vec<u8>| {
        let request = api.request(Method::POST, "/tags").header(header::CONTENT_TYPE, "application/json");
        api.send(request.body(Body::from(body)).unwrap()).await.status
    };
    assert_eq!(send(b"{\"name\":\"a\",\"name\":\"b\"}".to_vec()).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(b"{\"name\":NaN}".to_vec()).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(b"[".repeat(1_000_000)).await, StatusCode::BAD_REQUEST);
    assert_eq!(send(vec![b' '; 3_000_000]).await, StatusCode::PAYLOAD_TOO_LARGE);
    for path in
        ["//conversations", "/%63onversations", "/conversations;x", "/./conversations", "/../conversations"]
    {
        assert_eq!(api.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let many = "a=1&".repeat(500);
    assert_eq!(api.get(&format!("/conversations?{many}")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_has_every_route() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let api = Program::of(&site, &acme, &acme.owner, TokenScope::Read).await;
    let description = api.get("/openapi.json").await.json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let source = include_str!("../../src/api/mod.rs");
    let mut routes = 0;
    for line in source.lines().filter(|line| line.contains(".route(\"")) {
        let path = line.split('"').nth(1).unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            if line.contains(&format!(" {method}(")) || line.contains(&format!(".{method}(")) {
                routes += 1;
                assert!(description["paths"][path][method].is_object(), "{method} {path} is not described");
            }
        }
    }
    assert!(routes > 40, "{routes}");
    let list = &description["paths"]["/conversations"]["get"]["responses"];
    let page = list["200"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
    let page = &description["components"]["schemas"][page.rsplit('/').next().unwrap()];
    assert!(
        page["properties"]["items"].is_object() && page["properties"]["next_cursor"].is_object(),
        "{page}"
    );
    assert!(list["default"]["content"]["application/problem+json"].is_object());
}
