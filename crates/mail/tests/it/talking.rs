//! Sessions as clients see them.

use crate::world::{MAIL_BYTES_MAX, World};
use mail::{
    Waits,
    guard::Limits,
    reply::Rejection,
    session::Protocol::{Lmtp, Smtp},
};
use std::{process::Command, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_mail_comes_in_and_is_named() {
    let world = World::new().await;
    let mut client = world.client(Smtp).await;
    assert!(client.reply().await.starts_with("220 mx.example ESMTP"));
    client.hello(Smtp).await;
    assert_eq!(
        client.mail("ours@example.dk", "Subject: hi\r\n\r\nbody").await,
        "250 2.0.0 stored as 0199-id"
    );
    assert_eq!(client.say("QUIT").await, "221 2.0.0 bye");
    assert_eq!(client.reply().await, "");
    let got = world.intake.got.lock().unwrap();
    assert_eq!(got[0].mail.raw, b"Subject: hi\r\n\r\nbody\r\n");
    assert!(got[0].remote.is_loopback() && got[0].tls.is_none());
}

#[tokio::test]
async fn a_mail_comes_in_by_tls() {
    let world = World::new().await;
    let mut client = world.client(Smtp).await;
    client.reply().await;
    client.hello(Smtp).await;
    assert_eq!(client.say("STARTTLS").await, "220 2.0.0 go ahead");
    let mut client = world.secured(client).await;
    assert!(client.say("MAIL FROM:<a@example.org>").await.starts_with("503"));
    client.hello(Smtp).await;
    assert!(client.mail("ours@example.dk", "x").await.starts_with("250"));
    let got = world.intake.got.lock().unwrap();
    assert_eq!(got[0].mail.with, "ESMTPS");
    assert!(got[0].tls.as_ref().unwrap().starts_with("TLS 1.3 TLS13_"), "{:?}", got[0].tls);
}

#[tokio::test]
async fn what_a_full_disk_means_to_the_sender() {
    let world = World::new().await;
    let mut client = world.client(Smtp).await;
    client.reply().await;
    client.hello(Smtp).await;
    for (rejection, code) in [
        (Rejection::DiskFull, "452 4.3.1"),
        (Rejection::Busy, "452 4.3.2"),
        (Rejection::Unavailable, "451 4.3.0"),
        (Rejection::TooLarge, "552 5.3.4"),
    ] {
        *world.intake.rejection.lock().unwrap() = Some(rejection);
        let reply = client.mail("ours@example.dk", "x").await;
        assert!(reply.starts_with(code), "{reply}");
    }
}

#[tokio::test]
async fn too_large_is_told_and_the_session_lives() {
    let world = World::new().await;
    let mut client = world.client(Smtp).await;
    client.reply().await;
    client.hello(Smtp).await;
    assert!(
        client
            .say(&format!("MAIL FROM:<a@example.org> SIZE={}", MAIL_BYTES_MAX + 1))
            .await
            .starts_with("552")
    );
    assert!(client.mail("ours@example.dk", &"x".repeat(MAIL_BYTES_MAX)).await.starts_with("552"));
    assert!(client.mail("ours@example.dk", &"x".repeat(MAIL_BYTES_MAX - 2)).await.starts_with("250"));
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn a_flood_from_a_good_sender_is_taken() {
    let limits = Limits { failures_per_address_max: 5.0, ..Limits::default() };
    let world = World::with(limits, Waits::default()).await;
    let mut client = world.client(Smtp).await;
    client.reply().await;
    client.hello(Smtp).await;
    let group = "MAIL FROM:<a@example.org>\r\nRCPT TO:<ours@example.dk>\r\nDATA\r\n";
    for _ in 0..1_000 {
        client.send(group).await;
        for code in ["250", "250", "354"] {
            assert!(client.reply().await.starts_with(code));
        }
        client.send("x\r\n.\r\n").await;
        assert!(client.reply().await.starts_with("250"));
    }
    assert_eq!(world.count(), 1_000);
}

#[tokio::test]
async fn failures_of_an_address_shut_it_out() {
    let limits = Limits { failures_per_address_max: 30.0, forgiven_per_second: 0.0, ..Limits::default() };
    let world = World::with(limits, Waits { tarpit: Duration::ZERO, ..Waits::default() }).await;
    for _ in 0..2 {
        let mut client = world.client(Smtp).await;
        client.reply().await;
        client.hello(Smtp).await;
        client.say("MAIL FROM:<a@example.org>").await;
        client.send("RCPT TO:<nobody@example.dk>\r\n".repeat(40)).await;
        let replies = client.rest().await;
        assert!(replies.last().unwrap().starts_with("421 4.7.0 too many errors"), "{replies:?}");
    }
    let mut client = world.client(Smtp).await;
    assert!(client.reply().await.starts_with("421 4.7.0 too many errors"));
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn connections_of_an_address_are_counted() {
    let limits = Limits { connections_per_address_max: 2, ..Limits::default() };
    let world = World::with(limits, Waits::default()).await;
    let (mut one, mut two) = (world.client(Smtp).await, world.client(Lmtp).await);
    assert!(one.reply().await.starts_with("220") && two.reply().await.starts_with("220"));
    one.hello(Smtp).await;
    one.begin("ours@example.dk").await;
    two.hello(Lmtp).await;
    two.begin("ours@example.dk").await;
    let mut three = world.client(Smtp).await;
    assert!(three.reply().await.starts_with("421"));
    two.say("RSET").await;
    // Now the second is idle, as soon as the server waits for its next word: then it makes room.
    loop {
        let mut four = world.client(Smtp).await;
        if four.reply().await.starts_with("220") {
            break;
        }
    }
    assert!(two.reply().await.starts_with("421 4.7.0 too many connections"));
    assert!(one.say("DATA").await.starts_with("354"));
}

#[tokio::test]
async fn the_silent_and_the_slow_are_sent_away() {
    let waits = Waits { silence: Duration::from_millis(50), ..Waits::default() };
    let world = World::with(Limits::default(), waits).await;
    let mut client = world.client(Smtp).await;
    assert!(client.reply().await.starts_with("220"));
    assert!(client.reply().await.starts_with("421 4.4.2"));

    let waits =
        Waits { mail: Duration::from_millis(50), bytes_per_second_min: 1_000_000, ..Waits::default() };
    let world = World::with(Limits::default(), waits).await;
    let mut client = world.client(Smtp).await;
    assert!(client.reply().await.starts_with("220"));
    let (mut reader, mut writer) = client.stream.split();
    let mut got = String::new();
    // A byte at a time for as long as the server listens: each comes in time, the mail never would.
    tokio::select! {
        () = async { while writer.write_all(b"N").await.is_ok() { tokio::task::yield_now().await } } => {}
        _ = reader.read_to_string(&mut got) => {}
    }
    assert!(got.is_empty() || got.starts_with("421 4.4.2") || got.starts_with("500 5.5.2"), "{got}");
}

#[tokio::test]
async fn who_speaks_before_the_greeting_is_sent_away() {
    let world = World::new().await;
    // Whether the words are there before the greeting is chance, so until one comes early enough.
    loop {
        let mut client = world.client(Smtp).await;
        client.send("EHLO early\r\nMAIL FROM:<a@example.org>\r\n").await;
        let replies = client.rest().await;
        assert!(replies.last().unwrap().starts_with("554"), "{replies:?}");
        if replies[0].starts_with("554 5.5.0 wait for the greeting") {
            break;
        }
    }
    assert_eq!(world.count(), 0);
}

#[tokio::test]
async fn at_the_end_a_mail_is_finished_and_the_idle_are_told() {
    let world = World::new().await;
    let (mut idle, mut busy) = (world.client(Smtp).await, world.client(Smtp).await);
    idle.reply().await;
    busy.reply().await;
    busy.hello(Smtp).await;
    busy.begin("ours@example.dk").await;
    world.stop.send(true).unwrap();
    assert!(idle.reply().await.starts_with("421 4.3.2"));
    assert!(busy.say("DATA").await.starts_with("354"));
    busy.send("x\r\n.\r\n").await;
    assert!(busy.reply().await.starts_with("250"));
    assert!(busy.reply().await.starts_with("421 4.3.2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_delivers() {
    let world = World::new().await;
    for (address, more) in
        [(world.smtp, vec!["--tls"]), (world.smtp, vec![]), (world.lmtp, vec!["--protocol", "LMTP"])]
    {
        let mut command = Command::new("swaks");
        command.args(["--server", "127.0.0.1", "--port", &address.port().to_string()]);
        command
            .args(["--to", "ours@example.dk", "--from", "a@example.org", "--body", ".\n..\nend"])
            .args(more);
        let Ok(done) = tokio::task::spawn_blocking(move || command.output()).await.unwrap() else {
            eprintln!("swaks is not installed: skipped");
            return;
        };
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    }
    let got = world.intake.got.lock().unwrap();
    let with: Vec<_> = got.iter().map(|incoming| incoming.mail.with).collect();
    assert_eq!(with, ["ESMTPS", "ESMTP", "LMTP"]);
    assert!(got.iter().all(|incoming| incoming.mail.raw.windows(9).any(|w| w == b"\r\n.\r\n..\r\n")));
}
