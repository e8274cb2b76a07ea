//! Live events.

use axum::body::Body;
use futures::StreamExt;
use http::Method;
use tower::ServiceExt;

use crate::{
    api::Program,
    browser::{Browser, Site},
};

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
    hears(Site::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_hears_of_what_others_do_on_postgresql() {
    hears(Site::on(testkit::On::Postgres).await).await;
}

async fn hears(site: Site) {
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
async fn the_rail_of_open_pages_follows_the_settings() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let (olga, anton) = (site.signed_in(&acme, &acme.owner).await, site.signed_in(&acme, &acme.agent).await);
    let (mut hers, mut his) = (Stream::open(&olga, "/live").await, Stream::open(&anton, "/live").await);
    hers.until("retry:").await;
    his.until("retry:").await;
    let rail = "target=\"rail-places\"";

    olga.post("/settings/departments", &[("name", "Returns")]).await;
    let heard = hers.until("Returns").await + &hers.until("\n\n").await;
    assert!(heard.contains(rail) && heard.contains("Support") && heard.contains("Sales"), "{heard}");
    assert!(!heard.contains("aria-current"), "each page knows where it is: {heard}");
    // He works in Support alone.
    let heard = his.until(rail).await + &his.until("\n\n").await;
    assert!(heard.contains("Support"), "{heard}");
    assert!(!heard.contains("Returns") && !heard.contains("Sales"), "{heard}");

    olga.post("/settings/tags", &[("name", "urgent"), ("colour", "3")]).await;
    hers.until("urgent").await;
    his.until("urgent").await;
    let support = format!("/settings/departments/{}", acme.support);
    olga.post(&support, &[("name", "Help"), ("from_name", ""), ("signature", "")]).await;
    hers.until("Help").await;
    let heard = his.until("Help").await;
    assert!(!heard.contains("Support"), "{heard}");
    let fields = [("name", "Acme Ltd"), ("language", "en"), ("time_zone", "UTC")];
    olga.post("/settings/account", &fields).await;
    his.until("Acme Ltd").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_away_gets_the_rail_of_now() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let (olga, anton) = (site.signed_in(&acme, &acme.owner).await, site.signed_in(&acme, &acme.agent).await);
    let page = anton.get("/conversations").await.body;
    let after = page.split("data-live-after-value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Meanwhile he is put into Sales as well.
    let (support, sales) = (acme.support.to_string(), acme.sales.to_string());
    let fields = [("role", "agent"), ("department", support.as_str()), ("department", sales.as_str())];
    olga.post(&format!("/settings/agents/{}", acme.agent.id), &fields).await;
    let mut stream = Stream::open(&anton, &format!("/live?after={after}")).await;
    let heard = stream.until("rail-places").await + &stream.until("\n\n").await;
    assert!(heard.contains("Sales"), "{heard}");
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

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_who_else_is_there() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let (olga, anton) = (site.signed_in(&acme, &acme.owner).await, site.signed_in(&acme, &acme.agent).await);
    let mut stream = Stream::open(&olga, "/live").await;
    stream.until("retry:").await;
    let path = format!("/conversations/{id}/presence");
    assert_eq!(anton.post(&path, &[("state", "writing")]).await.status, 204);
    let heard = stream.until("</turbo-stream>").await;
    assert!(heard.contains("event: presence") && heard.contains("anton"), "{heard}");
    assert!(heard.contains("data-writes") && !heard.contains("id: "), "{heard}");
    assert!(olga.get(&format!("/conversations/{id}")).await.body.contains("data-writes"));
    anton.post(&path, &[("state", "away")]).await;
    let heard = stream.until("</turbo-stream>").await;
    assert!(!heard.contains("anton"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_follows_events() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let program = Program::of(&site, &acme, &acme.agent, store::TokenScope::Read).await;
    let newest = program.get("/events?after=0&limit=100").await.json();
    let last = newest["items"].as_array().unwrap().last().unwrap()["number"].as_i64().unwrap();
    let request = program.request(Method::GET, &format!("/events?after={last}"));
    let request = request.header("accept", "text/event-stream").body(Body::empty()).unwrap();
    let response = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let mut stream = Stream(response.into_body().into_data_stream(), String::new());
    stream.until("retry:").await;
    let hidden = crate::browser::mail("Ib <ib@contact.example>", "CANARY", "CANARY");
    let hidden = site.receives(&acme, acme.sales_mailbox, &hidden).await;
    let id = site.letter(&acme, "Hello", "text").await;
    let heard = stream.until("\n\n").await;
    assert!(heard.contains("event: conversation.started") && heard.contains(&id.to_string()), "{heard}");
    assert!(!heard.contains(&hidden.to_string()), "{heard}");
    // The token dies, and its stream with it.
    let (store, access) = site.havn.setup(acme.id).await;
    let token = store.read(&access, |read| read.tokens()).await.unwrap()[0].id;
    access::token::revoke(&store, &access, token).await.unwrap();
    stream.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_streams_hear_the_same_once() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let mut streams = Vec::new();
    for _ in 0..100 {
        let mut stream = Stream::open(&browser, "/live").await;
        stream.until("retry:").await;
        streams.push(stream);
    }
    for n in 0..5 {
        site.letter(&acme, &format!("Letter {n}."), "text").await;
    }
    for mut stream in streams {
        let heard = stream.until("Letter 4.").await;
        let mut numbers: Vec<i64> = Vec::new();
        for line in heard.lines().filter_map(|line| line.strip_prefix("id: ")) {
            numbers.push(line.parse().unwrap());
        }
        assert!(numbers.windows(2).all(|two| two[0] < two[1]), "{numbers:?}");
        for n in 0..5 {
            assert_eq!(heard.matches(&format!("Letter {n}.")).count(), 1, "{heard}");
        }
    }
}
