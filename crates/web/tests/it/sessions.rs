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
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path} {policy}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
    }
}
