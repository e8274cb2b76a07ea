//! Who asks, and what they may not.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};

use crate::browser::Site;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_session() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.browser(&acme);
    let answer = browser.get("/conversations?status=closed").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/login?next=%2Fconversations%3Fstatus%3Dclosed");
    let wrong = browser.post("/login", &[("email", "olga@acme.example"), ("password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.contains("olga@acme.example") && !wrong.body.contains("wrong\""), "{}", wrong.body);
    let unknown = browser.post("/login", &[("email", "nobody@acme.example"), ("password", "wrong")]).await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_once() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    assert_eq!(browser.get("/conversations").await.status, StatusCode::OK);
    assert_eq!(browser.post("/logout", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/conversations").await.status, StatusCode::SEE_OTHER);

    let again = site.signed_in(&acme, &acme.agent).await;
    assert_eq!(again.get("/conversations").await.status, StatusCode::OK);
    let (store, access) = site.havn.setup(acme.id).await;
    access::agent::disable(&store, &access, acme.agent.id).await.unwrap();
    assert_eq!(again.get("/conversations").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_one_account() {
    let site = Site::start().await;
    let (acme, other) = (site.havn.account("acme").await, site.havn.account("bolt").await);
    let id = site.letter(&other, "CANARY", "CANARY").await;
    let mut browser = site.signed_in(&acme, &acme.owner).await;
    let answer = browser.get(&format!("/conversations/{id}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!answer.body.contains("CANARY"));
    browser.host = "bolt.localhost".into();
    assert_eq!(browser.get("/conversations").await.status, StatusCode::SEE_OTHER);
    browser.host = "nobody.localhost".into();
    assert_eq!(browser.get("/conversations").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_change_nothing() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let path = format!("/conversations/{id}/closure");
    let forged: [&[(&str, &str)]; 5] = [
        &[],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://bolt.localhost")],
        &[("origin", "null")],
        &[("sec-fetch-site", "none")],
    ];
    for headers in forged {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&path)
            .header(header::HOST, &browser.host)
            .header(header::COOKIE, browser.cookie.as_ref().unwrap())
            .header(header::CONTENT_TYPE, "text/plain");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let page = browser.get("/conversations").await;
    assert!(page.body.contains("Hello"), "it is still open");
    assert_eq!(browser.get(&path).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_a_browser_may_do() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    for path in ["/conversations", "/login", "/nothing", "/a//b", "/conversations/x", "/assets/none.js"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path} {policy}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_begins_anew_and_a_change_of_role_ends_it() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    // A cookie that somebody else planted before the log-in means nothing after it.
    let mut browser = site.browser(&acme);
    browser.cookie = Some("havn=planted".into());
    browser.log_in(&acme.agent).await;
    let token = browser.cookie.clone().unwrap();
    assert_ne!(token, "havn=planted");
    let again = site.signed_in(&acme, &acme.agent).await;
    assert_ne!(again.cookie.as_ref(), Some(&token));

    let (store, access) = site.havn.setup(acme.id).await;
    access::agent::change_role(&store, &access, acme.agent.id, words::Role::Admin).await.unwrap();
    for browser in [&browser, &again] {
        assert_eq!(browser.get("/conversations").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wrong_passwords_have_to_wait() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.browser(&acme);
    let mut statuses = Vec::new();
    for _ in 0..40 {
        let answer = browser.post("/login", &[("email", "olga@acme.example"), ("password", "wrong")]).await;
        statuses.push(answer.status);
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(!answer.header("retry-after").is_empty());
            return;
        }
    }
    panic!("nobody was told to wait: {statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_sentences_in_the_language_of_the_one_who_asks() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    browser.post("/me", &[("name", "Olga"), ("language", "da")]).await;
    let request = browser.request(Method::GET, "/conversations/x").body(Body::empty()).unwrap();
    let answer = browser.send(request).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    // The session was forgotten with the change, so the browser's own language speaks, then the agent's.
    browser.get("/conversations").await;
    let answer = browser.get("/conversations/x").await;
    assert!(answer.body.contains("Her er ikke noget") && answer.body.contains("href=\"/conversations\""));
    let pane = browser.request(Method::GET, "/conversations/x").header("turbo-frame", "pane");
    let pane = browser.send(pane.body(Body::empty()).unwrap()).await;
    assert!(pane.body.starts_with("<turbo-frame id=\"pane\""), "{}", pane.body);
}
