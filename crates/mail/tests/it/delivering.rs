//! Mail out: from the answer to the relay, with the state at the message.

use crate::office::{NOON, Office, courier, from_mads, roots, secret, trusting};
use mail::{
    delivery::{GIVE_UP_AFTER, RelayTest, test_relay},
    session::Protocol,
};
use std::time::Duration;
use store::{MessageState, RelayTls};
use testkit::{Got, On, SinkTls};
use tokio::sync::watch;

fn text(got: &Got) -> String {
    String::from_utf8(got.raw.clone()).unwrap()
}

fn header<'a>(mail: &'a str, name: &str) -> Vec<&'a str> {
    let head = mail.split("\r\n\r\n").next().unwrap();
    let lines =
        head.split("\r\n").filter(|line| line.to_lowercase().starts_with(&format!("{name}:").to_lowercase()));
    lines.map(|line| line.split_once(':').unwrap().1.trim()).collect()
}

async fn an_answer_goes_out(on: On) {
    let office = Office::open(on).await;
    office.set_plain_relay().await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "It is on its way.\n.\nBye", &["boss@kunde.example"]).await;
    assert_eq!(office.message(id).await.state, MessageState::Queued);
    assert_eq!(office.deliver().await, None);
    let got = office.sink.got();
    assert_eq!(got.len(), 1);
    let mail = text(&got[0]);
    assert!(
        got[0].mail_from.starts_with("MAIL FROM:<support@harbour.example> SIZE="),
        "{}",
        got[0].mail_from
    );
    assert_eq!(got[0].recipients, ["boss@kunde.example", "mads@kunde.example"]);
    assert_eq!(got[0].hello, "havn.example");
    assert_eq!(header(&mail, "In-Reply-To"), ["<1@kunde.example>"]);
    assert_eq!(header(&mail, "Subject"), ["Re: My order"]);
    assert_eq!(header(&mail, "Message-ID"), [format!("<{}>", office.message(id).await.message_id)]);
    assert_eq!(office.states(id).await, [("sent", "250 taken".to_owned()), ("sent", "250 taken".to_owned())]);
    assert_eq!(office.message(id).await.state, MessageState::Sent);
    assert_eq!(office.deliver().await, None);
    assert_eq!(office.sink.got().len(), 1, "never twice");
    let events = office.store.read(&office.owner, |read| read.events_after(0, 100)).await.unwrap();
    let states: Vec<_> = events
        .iter()
        .filter(|event| event.kind == store::EventKind::Delivery && event.message == Some(id))
        .map(|event| event.data["state"].clone())
        .collect();
    assert_eq!(states, ["sent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_out_from_sqlite() {
    an_answer_goes_out(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_out_from_postgres() {
    an_answer_goes_out(On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_can_be_answered() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    let conversation = office.conversation().await;
    office.answer(conversation.id, "It is on its way.", &[]).await;
    office.deliver().await;
    let sent = office.sink.got().remove(0);
    let mail = text(&sent);
    let reply = format!(
        "From: mads@kunde.example\nTo: support@harbour.example\nSubject: Re: My order\n\
         Message-ID: <2@kunde.example>\nIn-Reply-To: {}\n\nThanks!\n",
        header(&mail, "Message-ID")[0]
    );
    assert!(office.mail_in(&reply).await.starts_with("250"));
    assert_eq!(office.conversations().await.len(), 1);
    assert_eq!(office.messages(conversation.id).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_has_a_fate_of_its_own() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    office.sink.answer("RCPT TO:<FULL@", Some("452 4.2.2 mailbox full"));
    office.sink.answer("RCPT TO:<GONE@", Some("550 5.1.1 no such user"));
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &["full@kunde.example", "gone@kunde.example"]).await;
    let next = office.deliver().await;
    assert_eq!(
        office.states(id).await,
        [
            ("deferred", "452 4.2.2 mailbox full".to_owned()),
            ("bounced", "550 5.1.1 no such user".to_owned()),
            ("sent", "250 taken".to_owned())
        ]
    );
    assert_eq!(office.message(id).await.state, MessageState::Bounced);
    assert_eq!(next, Some(NOON.after(Duration::from_mins(1))));
    office.sink.answer("RCPT TO:<FULL@", None);
    office.deliver().await;
    assert_eq!(office.sink.got().len(), 1, "not before its time");
    office.clock.advance(Duration::from_mins(1));
    assert_eq!(office.deliver().await, None);
    assert_eq!(office.sink.got()[1].recipients, ["full@kunde.example"]);
    let ids: Vec<_> =
        office.sink.got().iter().map(|got| header(&text(got), "Message-ID")[0].to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_up_after_days() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    office.sink.answer("MAIL FROM", Some("451 4.7.1 greylisted"));
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    let mut tries = 0;
    while let Some(next) = office.deliver().await {
        assert_eq!(office.message(id).await.state, MessageState::Deferred);
        office.clock.advance(next.since(office.clock.now()));
        tries += 1;
    }
    assert_eq!(office.clock.now(), NOON.after(GIVE_UP_AFTER));
    assert_eq!(tries, 25);
    assert_eq!(office.states(id).await, [("failed", "havn:gave-up 451 4.7.1 greylisted".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_relay_it_waits_for_one() {
    let office = Office::open(On::Sqlite).await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    assert_eq!(office.states(id).await, [("deferred", "havn:no-relay".to_owned())]);
    office.set_plain_relay().await;
    assert_eq!(office.deliver().await, None);
    assert_eq!(office.message(id).await.state, MessageState::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_may_do_wrong() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    for (line, reply, note) in [
        ("CONNECT", "554 go away", "havn:refused 554 go away"),
        ("CONNECT", "", "havn:lost"),
        ("CONNECT", "HTTP/1.1 400 Bad Request", "havn:not-smtp"),
        ("EHLO", "", "havn:lost"),
        ("MAIL", "530 5.7.0 log in first", "530 5.7.0 log in first"),
        ("RCPT", "", "havn:lost"),
        ("DATA", "421 4.3.2 shutting down", "421 4.3.2 shutting down"),
        (".", "451 4.3.0 try again", "451 4.3.0 try again"),
        (".", "", "havn:lost"),
    ] {
        office.sink.answer(line, Some(reply));
        let next = office.deliver().await.expect("it is tried again");
        assert_eq!(office.states(id).await, [("deferred", note.to_owned())], "{line} {reply}");
        office.sink.answer(line, None);
        office.clock.advance(next.since(office.clock.now()));
    }
    assert!(office.deliveries(id).await[0].maybe_twice, "the last try may have arrived");
    office.deliver().await;
    assert_eq!(office.message(id).await.state, MessageState::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_does_not_permit_is_not_dialled() {
    let office = Office::open(On::Sqlite).await;
    let mut relay = office.relay(RelayTls::None);
    relay.port = 1;
    office.set_relay(relay).await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    assert!(office.states(id).await[0].1.starts_with("havn:not-permitted"));
}

async fn killed_after_the_relay_took_it(on: On) {
    let office = Office::open(on).await;
    office.set_plain_relay().await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.sink.hold();
    let (courier_, account) = (office.courier.clone(), office.account.id);
    let task = tokio::spawn(async move { courier_.deliver_due(account).await });
    office.sink.holds_one().await;
    task.abort();
    let _ = task.await;
    office.sink.release();
    assert_eq!(office.states(id).await, [("sending", String::new())]);

    let again = office.havn.started_again().await;
    let courier = courier(&again, &office.egress, &office.sink);
    assert_eq!(courier.deliver_due(office.account.id).await.unwrap(), None);
    let (store, owner, _) = again.signed_in(office.account.id, &office.account.owner).await;
    let deliveries = store.read(&owner.access, move |read| read.deliveries_of_message(id)).await.unwrap();
    assert!(deliveries[0].maybe_twice && deliveries[0].state == store::DeliveryState::Sent);
    let got = office.sink.got();
    assert_eq!(got.len(), 2);
    let ids: Vec<_> = got.iter().map(|got| header(&text(got), "Message-ID")[0].to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_relay_took_it_is_told_in_sqlite() {
    killed_after_the_relay_took_it(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_relay_took_it_is_told_in_postgres() {
    killed_after_the_relay_took_it(On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_and_log_in() {
    for (sink, tls) in [(SinkTls::Starttls, RelayTls::Starttls), (SinkTls::Implicit, RelayTls::Implicit)] {
        let office = Office::with(On::Sqlite, sink, crate::office::Zone::new()).await;
        let mut relay = office.relay(tls);
        relay.username = Some("harbour".into());
        relay.password = Some(secret("s3cret æ"));
        office.set_relay(relay).await;
        let conversation = office.conversation().await;
        let id = office.answer(conversation.id, "Hello", &[]).await;
        office.deliver().await;
        assert_eq!(office.message(id).await.state, MessageState::Sent, "{:?}", office.states(id).await);
        let got = office.sink.got().remove(0);
        assert!(got.tls);
        assert_eq!(got.log_in, Some(("harbour".to_owned(), "s3cret æ".to_owned())));
        office.sink.answer("AUTH", Some("535 5.7.8 wrong"));
        let id = office.answer(conversation.id, "Again", &[]).await;
        office.deliver().await;
        assert_eq!(office.states(id).await, [("deferred", "havn:log-in 535 5.7.8 wrong".to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_in_the_clear_that_should_not_be() {
    let office = Office::open(On::Sqlite).await;
    office.set_relay(office.relay(RelayTls::Starttls)).await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    assert_eq!(office.states(id).await, [("deferred", "havn:no-starttls".to_owned())]);
    assert!(office.sink.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_theirs_is_refused() {
    let office = Office::with(On::Sqlite, SinkTls::Starttls, crate::office::Zone::new()).await;
    office.set_relay(office.relay(RelayTls::Starttls)).await;
    let other = testkit::Sink::start().await;
    let courier = courier(&office.havn, &office.egress, &other);
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    courier.deliver_due(office.account.id).await.unwrap();
    assert!(office.states(id).await[0].1.starts_with("havn:tls "), "{:?}", office.states(id).await);
    assert!(office.sink.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mails_go_over_one_connection() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    let conversation = office.conversation().await;
    for n in 0..5 {
        office.answer(conversation.id, &format!("Hello {n}"), &[]).await;
    }
    office.deliver().await;
    assert_eq!((office.sink.got().len(), office.sink.connections()), (5, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_comes_back_is_shown_at_the_message() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    office.deliver().await;
    let sent = office.sink.got().remove(0);
    let report = format!(
        "From: MAILER-DAEMON@mx.kunde.example\nTo: support@harbour.example\nSubject: Undelivered\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nIt did not arrive.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.kunde.example\n\n\
         Final-Recipient: rfc822; mads@kunde.example\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n\
         --b\nContent-Type: message/rfc822\n\n{}\n--b--\n",
        text(&sent).replace("\r\n", "\n")
    );
    assert!(office.mail_in_from("", &report).await.starts_with("250"));
    assert_eq!(office.message(id).await.state, MessageState::Bounced);
    let (state, reply) = office.states(id).await.remove(0);
    assert!(state == "bounced" && reply.contains("no such user"), "{state} {reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_machine_writes_has_no_sender() {
    let zone =
        crate::office::Zone::from([("kunde.example".to_owned(), "v=spf1 ip4:127.0.0.1 -all".to_owned())]);
    let office = Office::with(On::Sqlite, SinkTls::None, zone).await;
    office.set_plain_relay().await;
    let (store, owner) = (&office.store, &office.owner);
    let settings = store.read(owner, |read| read.account_settings()).await.unwrap().unwrap();
    let words = Some("We have your mail.".to_owned());
    let (name, zone) = (settings.name, settings.time_zone);
    desk::settings::update_account(store, owner, &name, settings.language, zone, words).await.unwrap();
    let conversation = office.conversation().await;
    office.deliver().await;
    let got = office.sink.got();
    assert_eq!(got.len(), 1);
    assert!(got[0].mail_from.starts_with("MAIL FROM:<>"), "{}", got[0].mail_from);
    let mail = text(&got[0]);
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-replied"]);
    // A vacation program answers to it: that is never answered.
    let vacation = format!(
        "From: mads@kunde.example\nTo: support@harbour.example\nSubject: Away\nAuto-Submitted: auto-replied\n\
         Message-ID: <v@kunde.example>\nIn-Reply-To: {}\n\nI am away.\n",
        header(&mail, "Message-ID")[0]
    );
    office.mail_in_from("", &vacation).await;
    office.deliver().await;
    assert_eq!(office.sink.got().len(), 1);
    assert_eq!(office.conversations().await.len(), 1, "{conversation:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_courier_follows_what_happens() {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(office.courier.clone().run(office.havn.stores.news(), stopped));
    let conversation = office.conversation().await;
    let id = office.answer(conversation.id, "Hello", &[]).await;
    // The clock stands still: it has to reach the moment at which the news are looked at.
    let got = tokio::spawn({
        let clock = office.clock.clone();
        async move {
            loop {
                clock.advance(Duration::from_millis(50));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    office.sink.got_at_least(1).await;
    let mut committed = office.store.committed();
    while office.message(id).await.state != MessageState::Sent {
        committed.changed().await.unwrap();
    }
    got.abort();
    stop.send(true).unwrap();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_can_be_tried() {
    let office = Office::with(On::Sqlite, SinkTls::Starttls, crate::office::Zone::new()).await;
    let mut relay = office.relay(RelayTls::Starttls);
    relay.username = Some("harbour".into());
    relay.password = Some(secret("s3cret"));
    let try_it = async |relay: &store::Relay| {
        let (from, to) =
            ("support@harbour.example".parse().unwrap(), "olga@harbour.example".parse().unwrap());
        let test = RelayTest {
            account: office.account.id,
            relay,
            from: &from,
            to: &to,
            raw: b"Subject: test\r\n\r\nIt works.\r\n",
            domain: None,
        };
        let steps = test_relay(&office.egress, &trusting(roots(&office.sink)), "havn.example", test).await;
        steps.into_iter().map(|step| (step.name, step.went_well, step.reply)).collect::<Vec<_>>()
    };
    let names = |steps: &[(&'static str, bool, String)]| {
        steps.iter().map(|(name, well, _)| (*name, *well)).collect::<Vec<_>>()
    };
    let steps = try_it(&relay).await;
    assert_eq!(
        names(&steps),
        [
            ("greeting", true),
            ("hello", true),
            ("starttls", true),
            ("hello", true),
            ("log-in", true),
            ("mail", true)
        ]
    );
    assert_eq!(office.sink.got()[0].recipients, ["olga@harbour.example"]);
    office.sink.answer("AUTH", Some("535 5.7.8 wrong"));
    let steps = try_it(&relay).await;
    assert_eq!(steps.last().unwrap(), &("log-in", false, "535 5.7.8 wrong".to_owned()));
    office.sink.answer("AUTH", None);
    office.sink.answer("RCPT", Some("550 5.7.1 relaying denied"));
    assert_eq!(
        try_it(&relay).await.last().unwrap(),
        &("mail", false, "550 5.7.1 relaying denied".to_owned())
    );
    relay.port = 1;
    let steps = try_it(&relay).await;
    assert_eq!(names(&steps), [("connection", false)]);
    assert!(steps[0].2.starts_with("havn:not-permitted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_came_by_bdat_is_answered_too() {
    let office = Office::open(On::Sqlite).await;
    let raw = from_mads("1@kunde.example").replace('\n', "\r\n");
    let mut client = office.client().await;
    client.hello(Protocol::Smtp).await;
    client.say("MAIL FROM:<mads@kunde.example>").await;
    client.say("RCPT TO:<support@harbour.example>").await;
    client.send(format!("BDAT {} LAST\r\n{raw}", raw.len())).await;
    assert!(client.reply().await.starts_with("250"));
    assert_eq!(office.conversations().await.len(), 1);
}
