//! Mail in, from the socket to the conversation.

use crate::office::{Office, Zone, from_mads};
use desk::{Facts, Verdict};
use testkit::{On, SinkTls};

async fn arrives_whole(on: On) {
    let office = Office::open(on).await;
    let raw = from_mads("1@kunde.example");
    let reply = office.mail_in(&raw).await;
    let conversations = office.conversations().await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(conversations[0].subject, "My order");
    let messages = office.messages(conversations[0].id).await;
    assert_eq!(reply, format!("250 2.0.0 stored as {}", messages[0].id));
    let id = messages[0].id;
    let kept = office.store.raw(&office.owner, id).await.unwrap().unwrap();
    assert_eq!(kept, format!("{}\r\n", raw.replace('\n', "\r\n")).into_bytes());
    let row = office.store.read(&office.owner, move |read| read.raw(id)).await.unwrap().unwrap();
    assert!(
        row.trace
            .starts_with("Return-Path: <mads@kunde.example>\nReceived: from client.example ([127.0.0.1])")
    );
    assert!(
        row.trace.contains("with ESMTP for <support@harbour.example>") && row.trace.contains("not checked")
    );
    assert_eq!(Facts::of(&messages[0]).authentication.unwrap().spf, Verdict::NotChecked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_arrives_whole_in_sqlite() {
    arrives_whole(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_arrives_whole_in_postgres() {
    arrives_whole(On::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_twice_is_stored_once() {
    let office = Office::open(On::Sqlite).await;
    let first = office.mail_in(&from_mads("1@kunde.example")).await;
    let second = office.mail_in(&from_mads("1@kunde.example")).await;
    assert_eq!(first, second);
    assert_eq!(office.conversations().await[0].message_count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_to_two_accounts_lies_in_both() {
    let office = Office::open(On::Sqlite).await;
    let other = office.havn.account("bakery").await;
    let mut client = office.client().await;
    client.say("MAIL FROM:<mads@kunde.example>").await;
    for recipient in
        ["support@harbour.example", "sales@bakery.example", "support@bakery.example", "x@bakery.example"]
    {
        client.say(&format!("RCPT TO:<{recipient}>")).await;
    }
    client.say("DATA").await;
    client.send(format!("{}\r\n.\r\n", from_mads("1@kunde.example").replace('\n', "\r\n"))).await;
    assert!(client.reply().await.starts_with("250"));
    assert_eq!(office.conversations().await.len(), 1);
    let (store, owner, _) = office.havn.signed_in(other.id, &other.owner).await;
    let found =
        store.read(&owner.access, |read| read.conversations(&store::Filter::default(), None, 9)).await;
    assert_eq!(found.unwrap().len(), 2, "one in each department");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_mailboxes_of_accounts_are_recipients() {
    let office = Office::open(On::Sqlite).await;
    let mut client = office.client().await;
    client.say("MAIL FROM:<mads@kunde.example>").await;
    for (recipient, code) in [
        ("support@harbour.example", "250"),
        ("Support@HARBOUR.example", "250"),
        ("nobody@harbour.example", "550"),
        ("support@elsewhere.example", "550"),
        ("support%elsewhere.example@harbour.example", "550"),
        ("olga@harbour.example", "550"),
    ] {
        let reply = client.say(&format!("RCPT TO:<{recipient}>")).await;
        assert!(reply.starts_with(code), "{recipient}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_senders_domain_says_is_kept() {
    let zone = Zone::from([("kunde.example".to_owned(), "v=spf1 ip4:127.0.0.1 -all".to_owned())]);
    let office = Office::with(On::Sqlite, SinkTls::None, zone).await;
    office.mail_in(&from_mads("1@kunde.example")).await;
    office.mail_in_from("mallory@evil.example", &from_mads("2@kunde.example")).await;
    let mut aligned = Vec::new();
    for conversation in office.conversations().await {
        for message in office.messages(conversation.id).await {
            let found = Facts::of(&message).authentication.unwrap();
            aligned.push((message.message_id, found.spf, found.aligned));
        }
    }
    aligned.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        aligned,
        [
            ("1@kunde.example".to_owned(), Verdict::Pass, true),
            ("2@kunde.example".to_owned(), Verdict::None, false)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mail_is_a_conversation_all_the_same() {
    let office = Office::open(On::Sqlite).await;
    for raw in ["", "\0\0\0", "no header at all", "Content-Type: multipart/mixed; boundary=\"\n\n--\n"] {
        let reply = office.mail_in(raw).await;
        assert!(reply.starts_with("250"), "{raw:?}: {reply}");
    }
    assert_eq!(office.conversations().await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_mail_arrives_whole_and_checked() {
    let zone = Zone::from([("kunde.example".to_owned(), "v=spf1 ip4:127.0.0.1 -all".to_owned())]);
    let office = Office::with(On::Sqlite, SinkTls::None, zone).await;
    let raw = format!("{}{}", from_mads("1@kunde.example"), "0123456789 abcdef\n".repeat(60_000));
    assert!(office.mail_in(&raw).await.starts_with("250"));
    let conversation = office.conversations().await.remove(0);
    let message = office.messages(conversation.id).await.remove(0);
    let kept = office.store.raw(&office.owner, message.id).await.unwrap().unwrap();
    assert_eq!(kept, format!("{}\r\n", raw.replace('\n', "\r\n")).into_bytes());
    assert!(Facts::of(&message).authentication.unwrap().aligned);
}
