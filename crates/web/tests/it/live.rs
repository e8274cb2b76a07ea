//! Live events.

use axum::body::Body;
use futures::StreamExt;
use http::Method;
use tower::ServiceExt;

use crate::browser::{Browser, Site};

/// An open event stream.
struct Stream(axum::body::BodyDataStream, String);

impl Stream {
    async fn open(browser: &Browser, path: &str) -> Self {
        let request = browser.request(Method::GET, path).body(Body::empty()).unwrap();
        let response = browser.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        Self(response.into_body().into_data_stream(), String::new())
    }

    /// Reads until the text came.
    async fn until(&mut self, text: &str) -> String {
        while !self.1.contains(text) {
            let piece = self.0.next().await.expect("the stream goes on").unwrap();
            self.1.push_str(&String::from_utf8_lossy(&piece));
        }
        std::mem::take(&mut self.1)
    }

    /// Reads to the end.
    async fn end(mut self) {
        while let Some(piece) = self.0.next().await {
            piece.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_of_what_others_do() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let mut stream = Stream::open(&browser, "/live").await;
    stream.until("retry:").await;
    let id = site.letter(&acme, "Fresh", "from the mill").await;
    let heard = stream.until("\n\n").await;
    assert!(heard.contains(&format!("target=\"row-{id}\"")) && heard.contains("Fresh"), "{heard}");
    assert!(heard.contains("count-open"), "{heard}");
    let other = site.signed_in(&acme, &acme.agent).await;
    other.post(&format!("/conversations/{id}/closure"), &[]).await;
    let heard = stream.until("head-").await;
    assert!(heard.contains("closed"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_away_catches_up() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let page = browser.get("/conversations").await.body;
    let after = page.split("data-live-after-value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    site.letter(&acme, "While away", "one").await;
    site.letter(&acme, "Also while away", "two").await;
    let mut stream = Stream::open(&browser, &format!("/live?after={after}")).await;
    let heard = stream.until("Also while away").await;
    assert!(heard.contains("While away"), "{heard}");
    let number = heard.split("id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    drop(stream);
    site.letter(&acme, "Third", "three").await;
    let request = browser.request(Method::GET, "/live").header("last-event-id", number);
    let request = request.body(Body::empty()).unwrap();
    let response = browser.router.clone().oneshot(request).await.unwrap();
    let mut stream = Stream(response.into_body().into_data_stream(), String::new());
    let heard = stream.until("Third").await;
    assert!(!heard.contains("While away"), "nothing twice: {heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_departments_that_they_do_not_see() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let mut stream = Stream::open(&browser, "/live").await;
    stream.until("retry:").await;
    let mail = crate::browser::mail("Ib <ib@contact.example>", "CANARY", "CANARY");
    site.receives(&acme, acme.sales_mailbox, &mail).await;
    site.letter(&acme, "Mine to see", "text").await;
    let heard = stream.until("Mine to see").await;
    assert!(!heard.contains("CANARY"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let mut stream = Stream::open(&browser, "/live").await;
    stream.until("retry:").await;
    browser.post("/logout", &[]).await;
    stream.end().await;

    let browser = site.signed_in(&acme, &acme.agent).await;
    let mut stream = Stream::open(&browser, "/live").await;
    stream.until("retry:").await;
    let (store, access) = site.havn.setup(acme.id).await;
    access::agent::disable(&store, &access, acme.agent.id).await.unwrap();
    stream.end().await;
}
