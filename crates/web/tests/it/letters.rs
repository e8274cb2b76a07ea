//! The letter host: letters, files, pictures and originals.

use http::StatusCode;

use crate::browser::{Browser, Site};

const MAIL: &str = "From: Mette Holm <mette@contact.example>\nTo: support@acme.example\nSubject: Broken\n\
    Message-ID: <html-1@contact.example>\nDate: Tue, 24 Nov 2026 14:05:05 +0100\nMIME-Version: 1.0\n\
    Content-Type: multipart/mixed; boundary=outer\n\n--outer\nContent-Type: multipart/related; boundary=inner\n\n\
    --inner\nContent-Type: text/html; charset=utf-8\n\n\
    <p onclick=\"alert(1)\">See <b>this</b><script>alert(2)</script><img src=\"cid:pic\">\
    <img src=\"https://evil.example/track.gif\"><a href=\"javascript:alert(3)\">x</a></p>\n\
    --inner\nContent-Type: image/gif\nContent-ID: <pic>\nContent-Disposition: inline; filename=pic.gif\n\
    Content-Transfer-Encoding: base64\n\nR0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\n\
    --inner--\n--outer\nContent-Type: image/svg+xml\n\
    Content-Disposition: attachment; filename=\"drawing.svg\"\n\n\
    <svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(4)</script></svg>\n--outer--\n";

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).unwrap_or_else(|| panic!("{before} in {text}")).split(after).next().unwrap()
}

async fn letter(site: &Site) -> (Browser, String, String) {
    let acme = site.havn.account("acme").await;
    let id = site.receives(&acme, acme.support_mailbox, MAIL).await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let page = browser.get(&format!("/conversations/{id}")).await.body;
    let frame = between(&page, "<iframe class=\"letter-frame\" src=\"", "\"").to_owned();
    (browser, page, frame)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_stands_behind_two_walls() {
    let site = Site::start().await;
    let (browser, page, frame) = letter(&site).await;
    assert!(page.contains("sandbox=\"allow-scripts allow-popups allow-popups-to-escape-sandbox\""));
    assert!(frame.starts_with("http://acme-files.localhost/letters/"), "{frame}");
    let letter = browser.follow(&frame).await;
    assert_eq!(letter.status, StatusCode::OK, "{}", letter.body);
    for evil in ["onclick", "alert(", "evil.example/track.gif\"", "javascript:"] {
        let shown = letter.body.replace("data-remote-src=\"https://evil.example/track.gif\"", "");
        assert!(!shown.contains(evil), "{evil} in {}", letter.body);
    }
    let policy = letter.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'; script-src 'sha256-")
            && policy.contains("sandbox allow-scripts")
    );
    assert!(policy.contains("frame-ancestors http://acme.localhost;"), "{policy}");
    assert!(!policy.contains("allow-same-origin"));
    assert!(letter.header("set-cookie").is_empty());

    let picture = between(&letter.body, "<img src=\"", "\"").replace("&amp;", "&");
    let picture = browser.follow(&picture).await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/gif"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_a_download_and_nothing_else() {
    let site = Site::start().await;
    let (browser, page, _) = letter(&site).await;
    let file = between(&page, "<a class=\"file\" href=\"", "\"").replace("&amp;", "&");
    let file = browser.follow(&file).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    assert!(file.body.contains("<svg"));
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"drawing.svg\""));
    assert!(file.header("content-security-policy").contains("sandbox"));

    let original = between(&page, "href=\"/messages/", "\"");
    let original = browser.get(&format!("/messages/{original}")).await;
    let original = browser.follow(original.header("location")).await;
    assert_eq!(original.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(original.body, MAIL.replace('\n', "\r\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_opens_only_what_it_was_made_for() {
    let site = Site::start().await;
    let (browser, _, frame) = letter(&site).await;
    let key = frame.split("?key=").nth(1).unwrap();
    let files = browser.at_files();
    let id = between(&frame, "/letters/", "?");
    for path in [
        format!("/letters/{id}"),
        format!("/letters/{id}?key="),
        format!("/letters/{id}?key={key}x"),
        format!("/originals/{id}?key={key}"),
        format!("/letters/{}?key={key}", words::MessageId::new(site.havn.clock.now())),
        "/conversations".into(),
        "/login".into(),
    ] {
        assert_eq!(files.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(browser.get(&format!("/letters/{id}?key={key}")).await.status, StatusCode::NOT_FOUND);
    browser.post("/logout", &[]).await;
    assert_eq!(browser.follow(&frame).await.status, StatusCode::NOT_FOUND, "it ends with the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_has_its_letters_after_a_restart() {
    let site = Site::start().await;
    let (mut browser, page, frame) = letter(&site).await;
    let file = between(&page, "<a class=\"file\" href=\"", "\"").replace("&amp;", "&");
    let site = site.started_again().await;
    browser.router = site.router.clone();
    // The letter host is asked first: nobody has shown a cookie to this process.
    assert_eq!(browser.follow(&frame).await.status, StatusCode::OK);
    assert_eq!(browser.follow(&file).await.status, StatusCode::OK);
    browser.post("/logout", &[]).await;
    assert_eq!(browser.follow(&frame).await.status, StatusCode::NOT_FOUND, "it ends with the session");
    // Another agent's session opens nothing of theirs.
    let acme = site.havn.accounts.by_slug(&"acme".parse().unwrap()).await.unwrap().unwrap();
    let (store, access) = site.havn.setup(acme.id).await;
    let agents = store.read(&access, |read| read.agents()).await.unwrap();
    let owner = agents.iter().find(|agent| agent.role == words::Role::Owner).unwrap();
    let owner = testkit::havn::Person { id: owner.id, address: owner.address.clone() };
    let mut olga = browser.clone();
    olga.log_in(&owner).await;
    assert_eq!(olga.get("/conversations").await.status, StatusCode::OK);
    assert_eq!(olga.follow(&frame).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_opens_for_as_long_as_its_agent_may_see_it() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.receives(&acme, acme.support_mailbox, MAIL).await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let page = browser.get(&format!("/conversations/{id}")).await.body;
    let frame = between(&page, "<iframe class=\"letter-frame\" src=\"", "\"").to_owned();
    assert_eq!(browser.follow(&frame).await.status, StatusCode::OK);
    let olga = site.signed_in(&acme, &acme.owner).await;
    let sales = acme.sales.to_string();
    let fields = [("role", "agent"), ("department", sales.as_str())];
    olga.post(&format!("/settings/agents/{}", acme.agent.id), &fields).await;
    assert_eq!(browser.follow(&frame).await.status, StatusCode::NOT_FOUND);
}
