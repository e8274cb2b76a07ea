//! What an addressee's domain demands of those who bring it mail (MTA-STS, RFC 8461).

use crate::{
    name_server::{mx, txt},
    office::Office,
    outside::{Outside, PolicyHost, Proof},
};
use hickory_proto::rr::RecordType;
use std::time::Duration;
use testkit::{On, Sink, SinkTls};

const DOMAIN: &str = "kunde.example";
const FIRST: &str = "mx1.kunde.example";
const RECORD: &str = "_mta-sts.kunde.example";

/// A domain with one server and a policy, and a Havn that writes to it.
struct Scene {
    outside: Outside,
    server: Sink,
    policy: PolicyHost,
    office: Office,
}

impl Scene {
    async fn begin(tls: SinkTls, proves: (&str, Proof), policy: &str) -> Option<Self> {
        Self::with(tls, proves, policy, Proof::Good).await
    }

    async fn with(tls: SinkTls, proves: (&str, Proof), policy: &str, of_host: Proof) -> Option<Self> {
        let outside = Outside::begin().await?;
        outside.set(DOMAIN, vec![mx(10, FIRST)]);
        outside.set(RECORD, vec![txt(&["v=STSv1; id=1;"])]);
        let server = outside.exchanger(1, FIRST, tls, proves).await;
        let host = outside.policy_host(9, DOMAIN, of_host).await;
        host.says(policy);
        let office = Office::straight(On::Sqlite, &outside).await;
        office.conversation().await;
        Some(Self { outside, server, policy: host, office })
    }

    /// State and note of a new letter.
    async fn letter(&self) -> (&'static str, String) {
        let conversation = self.office.conversations().await.remove(0);
        let id = self.office.answer(conversation.id, "Hello", &[]).await;
        self.office.deliver().await;
        self.office.states(id).await.remove(0)
    }
}

fn policy(mode: &str, exchanger: &str, max_age_seconds: u32) -> String {
    format!("version: STSv1\r\nmode: {mode}\r\nmx: {exchanger}\r\nmax_age: {max_age_seconds}\r\n")
}

fn over(how: &str) -> (&'static str, String) {
    ("sent", format!("havn:{how} {FIRST} 250 taken"))
}

fn waits(why: &str) -> (&'static str, String) {
    ("deferred", format!("havn:{why} {FIRST}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_enforced_holds() {
    let good = (FIRST, Proof::Good);
    for (tls, proves, exchanger, expected) in [
        (SinkTls::Starttls, good, FIRST, over("over-verified-tls")),
        (SinkTls::Starttls, good, "*.kunde.example", over("over-verified-tls")),
        (SinkTls::Starttls, (FIRST, Proof::Expired), FIRST, waits("policy-tls")),
        (SinkTls::Starttls, (FIRST, Proof::OfNobody), FIRST, waits("policy-tls")),
        (SinkTls::Starttls, ("other.example", Proof::Good), FIRST, waits("policy-tls")),
        (SinkTls::None, good, FIRST, waits("policy-tls")),
        (SinkTls::Broken, good, FIRST, waits("policy-tls")),
        (SinkTls::Starttls, good, "mx2.kunde.example", waits("policy-server")),
        (SinkTls::Starttls, good, "*.other.example", waits("policy-server")),
    ] {
        let text = policy("enforce", exchanger, 86_400);
        let Some(scene) = Scene::begin(tls, proves, &text).await else { return };
        let case = format!("{tls:?} {proves:?} {exchanger}");
        assert_eq!(scene.letter().await, expected, "{case}");
        let arrived = expected.0 == "sent";
        assert_eq!(scene.server.got().len(), usize::from(arrived), "{case}");
        assert!(scene.server.got().iter().all(|got| got.tls), "{case}");
        assert_eq!(scene.policy.requests(), 1, "{case}");
        scene.letter().await;
        assert_eq!(scene.policy.requests(), 1, "kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_enforced_hinders_nobody() {
    for mode in ["testing", "none"] {
        let text = policy(mode, "mx2.kunde.example", 86_400);
        let proves = ("other.example", Proof::Good);
        let Some(scene) = Scene::begin(SinkTls::Starttls, proves, &text).await else { return };
        assert_eq!(scene.letter().await, over("over-tls"), "{mode}");
        assert_eq!(scene.policy.requests(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_that_fits_takes_it() {
    let text = policy("enforce", "*.kunde.example", 86_400);
    let Some(scene) = Scene::begin(SinkTls::None, (FIRST, Proof::Good), &text).await else { return };
    let second = "mx2.kunde.example";
    let other = scene.outside.exchanger(2, second, SinkTls::Starttls, (second, Proof::Good)).await;
    scene.outside.set(DOMAIN, vec![mx(10, FIRST), mx(20, second)]);
    assert_eq!(scene.letter().await, ("sent", format!("havn:over-verified-tls {second} 250 taken")));
    assert_eq!((scene.server.got().len(), other.got().len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_kept_holds_to_its_end() {
    let proves = (FIRST, Proof::Good);
    let text = policy("enforce", "mx2.kunde.example", 1_000);
    let Some(scene) = Scene::begin(SinkTls::Starttls, proves, &text).await else { return };
    assert_eq!(scene.letter().await, waits("policy-server"));
    // Its record is gone, as somebody in between would wish it.
    scene.outside.unset(RECORD, RecordType::TXT);
    assert_eq!(scene.letter().await, waits("policy-server"));
    // Its host is of no use.
    scene.outside.set(RECORD, vec![txt(&["v=STSv1; id=2;"])]);
    scene.policy.answers("404 Not Found", "text/plain", "");
    assert_eq!(scene.letter().await, waits("policy-server"));
    scene.office.clock.advance(Duration::from_secs(1_001));
    assert_eq!(scene.letter().await.0, "sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_id_brings_the_new_policy() {
    let proves = (FIRST, Proof::Good);
    let text = policy("enforce", "mx2.kunde.example", 86_400);
    let Some(scene) = Scene::begin(SinkTls::Starttls, proves, &text).await else { return };
    assert_eq!(scene.letter().await, waits("policy-server"));
    scene.policy.says(&policy("enforce", FIRST, 86_400));
    assert_eq!(scene.letter().await, waits("policy-server"), "the old one is kept");
    scene.outside.set(RECORD, vec![txt(&["v=STSv1; id=2;"])]);
    assert_eq!(scene.letter().await, over("over-verified-tls"));
    assert_eq!(scene.policy.requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_fetched_rightly_is_no_policy() {
    let text = policy("enforce", "mx2.kunde.example", 86_400);
    let long = format!("{text}{}", "x: y\r\n".repeat(20_000));
    for (status, media_type, text, of_host) in [
        ("301 Moved Permanently", "text/plain", text.as_str(), Proof::Good),
        ("302 Found", "text/plain", &text, Proof::Good),
        ("500 Internal Server Error", "text/plain", &text, Proof::Good),
        ("200 OK", "text/html", &text, Proof::Good),
        ("200 OK", "text/plain", &long, Proof::Good),
        ("200 OK", "text/plain", "<!DOCTYPE html>", Proof::Good),
        ("200 OK", "text/plain", &text, Proof::Expired),
        ("200 OK", "text/plain", &text, Proof::OfNobody),
    ] {
        let proves = (FIRST, Proof::Good);
        let Some(scene) = Scene::with(SinkTls::Starttls, proves, "", of_host).await else { return };
        scene.policy.answers(status, media_type, text);
        let case = format!("{status} {media_type} {of_host:?} {}", text.len());
        assert_eq!(scene.letter().await, over("over-verified-tls"), "{case}");
        scene.letter().await;
        let asked = usize::from(of_host == Proof::Good);
        assert_eq!(scene.policy.requests(), asked, "not asked again at once, nor anywhere else: {case}");
        scene.office.clock.advance(Duration::from_mins(5));
        scene.letter().await;
        assert_eq!(scene.policy.requests(), 2 * asked, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_without_a_record_is_not_asked_for_a_policy() {
    let text = policy("enforce", "mx2.kunde.example", 86_400);
    let proves = (FIRST, Proof::Good);
    for record in [None, Some(vec!["v=spf1 -all"]), Some(vec!["v=STSv1; id=1;", "v=STSv1; id=2;"])] {
        let Some(scene) = Scene::begin(SinkTls::Starttls, proves, &text).await else { return };
        match record {
            Some(texts) => scene.outside.set(RECORD, texts.into_iter().map(|text| txt(&[text])).collect()),
            None => scene.outside.unset(RECORD, RecordType::TXT),
        }
        assert_eq!(scene.letter().await, over("over-verified-tls"));
        assert_eq!(scene.policy.requests(), 0);
    }
}
