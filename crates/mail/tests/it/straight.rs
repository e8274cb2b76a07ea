//! Mail straight to the addressee's servers: which are tried, in which order, and what comes of it.

use crate::{
    name_server::{a, mx},
    office::{NOON, Office},
    outside::{Outside, Proof},
};
use hickory_proto::rr::RecordType;
use mail::domain::{KeyKind, make_key};
use std::time::Duration;
use store::{MailWay, MessageState};
use testkit::{On, SinkTls};
use words::MessageId;

const DOMAIN: &str = "kunde.example";

/// An answer to Mads, of this outside, and what came of its first try.
async fn sent(outside: &Outside) -> (Office, MessageId) {
    let office = Office::straight(On::Sqlite, outside).await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    (office, id)
}

/// The state of the only delivery.
async fn state(office: &Office, id: MessageId) -> (&'static str, String) {
    office.states(id).await.remove(0)
}

fn two_exchangers(outside: &Outside) {
    outside.set(DOMAIN, vec![mx(20, "b.kunde.example"), mx(10, "a.kunde.example")]);
}

async fn goes_to_the_first(on: On) {
    let Some(outside) = Outside::begin().await else { return };
    two_exchangers(&outside);
    let (first, second) =
        (outside.plain(1, "a.kunde.example").await, outside.plain(2, "b.kunde.example").await);
    let office = Office::straight(on, &outside).await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "It is on its way.\n.\nBye", &["boss@kunde.example"]).await;
    assert_eq!(office.deliver().await, None);
    let got = first.got();
    assert_eq!((got.len(), second.connections()), (1, 0));
    assert_eq!(got[0].recipients, ["boss@kunde.example", "mads@kunde.example"], "in one session");
    assert_eq!(got[0].hello, "havn.example");
    let note = "havn:in-the-clear a.kunde.example 250 taken".to_owned();
    assert_eq!(office.states(id).await, [("sent", note.clone()), ("sent", note)]);
    assert_eq!(office.message(id).await.state, MessageState::Sent);
    assert_eq!(office.deliver().await, None);
    assert_eq!(first.got().len(), 1, "never twice");
    let spool = spool(&office);
    assert!(spool.contains("mail-addressee") && spool.contains("addressee kunde.example"), "{spool}");
    assert!(!spool.contains("mail-policy"), "none was asked for");
}

/// What the door wrote.
fn spool(office: &Office) -> String {
    let lines = egress::spool::read(office.spool.path()).unwrap();
    format!("{:?}", lines.iter().map(|line| &line.flow).collect::<Vec<_>>())
        .replace("MailAddressee", "mail-addressee")
        .replace("MailPolicy", "mail-policy")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_to_the_first_exchanger_from_sqlite() {
    goes_to_the_first(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_to_the_first_exchanger_from_postgres() {
    goes_to_the_first(On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_is_tried_when_one_does_not_take_it_now() {
    for (line, reply) in [
        ("DOWN", ""),
        ("CONNECT", "554 5.3.2 no service"),
        ("CONNECT", ""),
        ("CONNECT", "HTTP/1.1 400 Bad Request"),
        ("MAIL", "421 4.3.2 shutting down"),
        ("RCPT", "451 4.7.1 greylisted"),
        ("DATA", "451 4.3.0 try again"),
        (".", "451 4.3.0 try again"),
    ] {
        let Some(outside) = Outside::begin().await else { return };
        two_exchangers(&outside);
        let first = match line {
            "DOWN" => {
                outside.set("a.kunde.example", vec![a(&outside.address(1).to_string())]);
                None
            }
            _ => Some(outside.plain(1, "a.kunde.example").await),
        };
        let second = outside.plain(2, "b.kunde.example").await;
        if let Some(first) = &first {
            first.answer(line, Some(reply));
        }
        let (office, id) = sent(&outside).await;
        let note = "havn:in-the-clear b.kunde.example 250 taken".to_owned();
        assert_eq!(state(&office, id).await, ("sent", note), "{line} {reply}");
        assert_eq!(second.got().len(), 1);
        assert!(!office.deliveries(id).await[0].maybe_twice);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_none_takes_it_now_it_waits_and_what_was_said_is_kept() {
    let Some(outside) = Outside::begin().await else { return };
    two_exchangers(&outside);
    let first = outside.plain(1, "a.kunde.example").await;
    outside.set("b.kunde.example", vec![a(&outside.address(2).to_string())]);
    first.answer("RCPT", Some("451 4.7.1 greylisted"));
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await, ("deferred", "451 4.7.1 greylisted".to_owned()));
    assert_eq!(office.deliveries(id).await[0].next_at, NOON.after(Duration::from_mins(1)));
    first.answer("RCPT", None);
    office.deliver().await;
    assert!(first.got().is_empty(), "not before its time");
    office.clock.advance(Duration::from_mins(1));
    assert_eq!(office.deliver().await, None);
    assert_eq!(office.message(id).await.state, MessageState::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_none_can_be_reached_it_waits() {
    let Some(outside) = Outside::begin().await else { return };
    two_exchangers(&outside);
    outside.set("a.kunde.example", vec![a(&outside.address(1).to_string())]);
    let (office, id) = sent(&outside).await;
    let (state, note) = state(&office, id).await;
    assert!(state == "deferred" && note.starts_with("havn:not-reached "), "{state} {note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_is_a_bounce_and_asks_no_other() {
    let Some(outside) = Outside::begin().await else { return };
    two_exchangers(&outside);
    let (first, second) =
        (outside.plain(1, "a.kunde.example").await, outside.plain(2, "b.kunde.example").await);
    first.answer("RCPT", Some("550 5.1.1 no such user"));
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await, ("bounced", "550 5.1.1 no such user".to_owned()));
    assert_eq!((first.connections(), second.connections()), (1, 0));
    assert_eq!(office.message(id).await.state, MessageState::Bounced);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_the_last_word_is_lost_no_other_gets_it_at_once() {
    let Some(outside) = Outside::begin().await else { return };
    two_exchangers(&outside);
    let (first, second) =
        (outside.plain(1, "a.kunde.example").await, outside.plain(2, "b.kunde.example").await);
    first.answer(".", Some(""));
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await, ("deferred", "havn:lost".to_owned()));
    assert!(office.deliveries(id).await[0].maybe_twice);
    assert_eq!(second.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_has_a_fate_of_its_own() {
    let Some(outside) = Outside::begin().await else { return };
    two_exchangers(&outside);
    outside.set("andet.example", vec![mx(10, "mx.andet.example")]);
    outside.set("intet.example", vec![mx(0, "")]);
    let (first, second) =
        (outside.plain(1, "a.kunde.example").await, outside.plain(2, "b.kunde.example").await);
    let other = outside.plain(3, "mx.andet.example").await;
    first.answer("RCPT TO:<FULL@", Some("452 4.2.2 mailbox full"));
    first.answer("RCPT TO:<GONE@", Some("550 5.1.1 no such user"));
    let office = Office::straight(On::Sqlite, &outside).await;
    let conversation = office.conversation().await;
    let cc = ["full@kunde.example", "gone@kunde.example", "x@andet.example", "y@intet.example"];
    let id = office.answer(conversation.id, "Hello", &cc).await;
    office.deliver().await;
    assert_eq!(
        office.states(id).await,
        [
            ("sent", "havn:in-the-clear b.kunde.example 250 taken".to_owned()),
            ("bounced", "550 5.1.1 no such user".to_owned()),
            ("sent", "havn:in-the-clear a.kunde.example 250 taken".to_owned()),
            ("sent", "havn:in-the-clear mx.andet.example 250 taken".to_owned()),
            ("bounced", "havn:takes-no-mail".to_owned()),
        ]
    );
    assert_eq!(second.got()[0].recipients, ["full@kunde.example"]);
    assert_eq!(other.got()[0].recipients, ["x@andet.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_without_an_exchanger_is_its_own() {
    let Some(outside) = Outside::begin().await else { return };
    let _itself = outside.plain(1, DOMAIN).await;
    let (office, id) = sent(&outside).await;
    let note = "havn:in-the-clear kunde.example 250 taken".to_owned();
    assert_eq!(state(&office, id).await, ("sent", note));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_domain_says_of_its_mail() {
    let Some(outside) = Outside::begin().await else { return };
    let itself = outside.plain(1, DOMAIN).await;
    outside.set(DOMAIN, vec![mx(0, "")]);
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await, ("bounced", "havn:takes-no-mail".to_owned()));
    let again = async || {
        let conversation = office.conversations().await.remove(0);
        let id = office.answer(conversation.id, "Again", &[]).await;
        office.deliver().await;
        state(&office, id).await
    };
    outside.set(DOMAIN, vec![mx(10, "nowhere.kunde.example")]);
    let (state, note) = again().await;
    assert!(state == "deferred" && note.starts_with("havn:not-reached nowhere.kunde.example: "), "{note}");
    outside.fall_silent();
    assert_eq!(again().await, ("deferred", "havn:names-silent".to_owned()));
    assert_eq!(itself.connections(), 0, "the domain itself only if it names no exchanger");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_is_not_there_is_a_bounce() {
    let Some(outside) = Outside::begin().await else { return };
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await, ("bounced", "havn:no-such-domain".to_owned()));
    drop(office);
    outside.set(DOMAIN, vec![crate::name_server::txt(&["v=spf1 -all"])]);
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await, ("bounced", "havn:no-such-domain".to_owned()), "no address either");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_point_to_names_end_somewhere() {
    let Some(outside) = Outside::begin().await else { return };
    outside.set(DOMAIN, vec![mx(10, "alias.kunde.example"), mx(20, "loop.kunde.example")]);
    for (from, to) in
        [("loop.kunde.example", "pool.kunde.example"), ("pool.kunde.example", "loop.kunde.example")]
    {
        for kind in [RecordType::A, RecordType::AAAA] {
            outside.answer(from, kind, vec![crate::name_server::cname(to)]);
        }
    }
    outside.answer(
        "alias.kunde.example",
        RecordType::A,
        vec![crate::name_server::cname("real.kunde.example")],
    );
    let real = outside.plain(1, "real.kunde.example").await;
    let (office, id) = sent(&outside).await;
    assert_eq!((state(&office, id).await.0, real.got().len()), ("sent", 1));
    real.answer("RCPT", Some("451 4.7.1 greylisted"));
    let conversation = office.conversations().await.remove(0);
    let id = office.answer(conversation.id, "Again", &[]).await;
    office.deliver().await;
    assert_eq!(state(&office, id).await, ("deferred", "451 4.7.1 greylisted".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_name_ends_the_list() {
    let Some(outside) = Outside::begin().await else { return };
    outside.set(DOMAIN, vec![mx(10, "a.kunde.example"), mx(20, "havn.example"), mx(30, "c.kunde.example")]);
    outside.set("a.kunde.example", vec![a(&outside.address(1).to_string())]);
    let (ours, third) = (outside.plain(2, "havn.example").await, outside.plain(3, "c.kunde.example").await);
    let (office, id) = sent(&outside).await;
    assert_eq!(state(&office, id).await.0, "deferred");
    assert_eq!((ours.connections(), third.connections()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_used_where_it_is_there() {
    let host = "a.kunde.example";
    for (tls, proves, refusal, how) in [
        (SinkTls::Starttls, (host, Proof::Good), None, "over-verified-tls"),
        (SinkTls::Starttls, (host, Proof::Expired), None, "over-tls"),
        (SinkTls::Starttls, (host, Proof::OfNobody), None, "over-tls"),
        (SinkTls::Starttls, ("other.example", Proof::Good), None, "over-tls"),
        (SinkTls::None, (host, Proof::Good), None, "in-the-clear"),
        (SinkTls::Starttls, (host, Proof::Good), Some("454 4.7.0 not now"), "in-the-clear"),
        (SinkTls::Starttls, (host, Proof::Good), Some(""), "in-the-clear"),
        (SinkTls::Starttls, (host, Proof::Good), Some("220 go\r\n250 injected"), "in-the-clear"),
        (SinkTls::Broken, (host, Proof::Good), None, "in-the-clear"),
    ] {
        let Some(outside) = Outside::begin().await else { return };
        outside.set(DOMAIN, vec![mx(10, host)]);
        let server = outside.exchanger(1, host, tls, proves).await;
        server.answer("STARTTLS", refusal);
        let (office, id) = sent(&outside).await;
        let case = format!("{tls:?} {proves:?} {refusal:?}");
        assert_eq!(state(&office, id).await, ("sent", format!("havn:{how} {host} 250 taken")), "{case}");
        assert_eq!(server.got()[0].tls, how != "in-the-clear", "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_keeps_nobody_elses_mail_waiting() {
    let Some(outside) = Outside::begin().await else { return };
    outside.set(DOMAIN, vec![mx(10, "a.kunde.example")]);
    outside.set("andet.example", vec![mx(10, "mx.andet.example")]);
    let (slow, quick) =
        (outside.plain(1, "a.kunde.example").await, outside.plain(2, "mx.andet.example").await);
    slow.hold();
    let office = Office::straight(On::Sqlite, &outside).await;
    let conversation = office.conversation().await;
    let waits = office.answer(conversation.id, "Hello", &[]).await;
    let (courier, account) = (office.courier.clone(), office.account.id);
    let delivering = tokio::spawn(async move { courier.deliver_due(account).await });
    slow.holds_one().await;
    let other = office.conversation_with("x@andet.example").await;
    let goes = office.answer(other.id, "Hello", &[]).await;
    quick.got_at_least(1).await;
    let mut committed = office.store.committed();
    while office.message(goes).await.state != MessageState::Sent {
        committed.changed().await.unwrap();
    }
    assert_eq!(office.states(waits).await, [("sending", String::new())]);
    slow.release();
    delivering.await.unwrap().unwrap();
    assert_eq!(office.message(waits).await.state, MessageState::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_chooses_the_way() {
    let Some(outside) = Outside::begin().await else { return };
    outside.set(DOMAIN, vec![mx(10, "a.kunde.example")]);
    let server = outside.plain(1, "a.kunde.example").await;
    let office = Office::straight(On::Sqlite, &outside).await;
    let set = async |way| desk::settings::set_mail_way(&office.store, &office.owner, way).await.unwrap();
    set(MailWay::Relay).await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    assert_eq!(state(&office, id).await, ("deferred", "havn:no-relay".to_owned()));
    assert_eq!(server.connections(), 0);
    set(MailWay::Straight).await;
    assert_eq!(office.deliver().await, None, "at once");
    assert_eq!((office.message(id).await.state, server.got().len()), (MessageState::Sent, 1));
    set(MailWay::Relay).await;
    office.set_plain_relay().await;
    let id = office.answer(conversation.id, "Again", &[]).await;
    office.deliver().await;
    assert_eq!((state(&office, id).await, server.got().len()), (("sent", "250 taken".to_owned()), 1));
    assert_eq!(office.sink.got().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_name_server_it_waits_for_one() {
    let office = Office::open(On::Sqlite).await;
    desk::settings::set_mail_way(&office.store, &office.owner, MailWay::Straight).await.unwrap();
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    assert_eq!(state(&office, id).await, ("deferred", "havn:no-name-server".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_the_inside_are_not_dialled() {
    let Some(outside) = Outside::begin().await else { return };
    outside.set(DOMAIN, vec![mx(10, "inside.kunde.example"), mx(20, "router.lan")]);
    outside.set("inside.kunde.example", vec![a("10.1.2.3")]);
    let (office, id) = sent(&outside).await;
    let (state, note) = state(&office, id).await;
    assert!(state == "deferred" && note.starts_with("havn:not-permitted "), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_straight_is_signed() {
    let Some(outside) = Outside::begin().await else { return };
    outside.set(DOMAIN, vec![mx(10, "a.kunde.example")]);
    let server = outside.plain(1, "a.kunde.example").await;
    let office = Office::straight(On::Sqlite, &outside).await;
    let key = tokio::task::spawn_blocking(|| make_key(KeyKind::Ed25519)).await.unwrap().unwrap();
    let (name, selector) = ("harbour.example".parse().unwrap(), "havn".to_owned());
    let new = desk::settings::NewDomain {
        name,
        selector,
        private_key: key.private_key,
        record: key.record.clone(),
    };
    desk::settings::add_domain(&office.store, &office.owner, new).await.unwrap();
    let conversation = office.conversation().await;
    office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    let zone = crate::office::Zone::from([("havn._domainkey.harbour.example".to_owned(), key.record)]);
    let raw = server.got().remove(0).raw;
    let envelope = mail::Envelope { remote: None, hello: "x", sender: "support@harbour.example", host: "mx" };
    let found = mail::authenticate(&crate::office::names(zone), envelope, &raw).await;
    assert_eq!(found.dkim[0].verdict, desk::Verdict::Pass);
}
