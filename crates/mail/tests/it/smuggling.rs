//! Experiment A1: every end of data but one, and hostile commands, by every way in.

use crate::world::{Client, World};
use mail::session::Protocol::{self, Lmtp, Smtp};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};

#[derive(Deserialize)]
struct EndOfData {
    name: String,
    hex: String,
    ends_data: bool,
    bare_cr_or_lf: bool,
}

#[derive(Deserialize)]
struct Hostile {
    name: String,
    text: String,
}

fn fixture<T: for<'a> Deserialize<'a>>(name: &str) -> Vec<T> {
    let path = format!("{}/../../fixtures/smtp/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Data,
    Chunk,
}

/// The bytes from the mail's text to the end of the session, a second mail smuggled between.
fn attack(sequence: &[u8], how: How) -> Vec<u8> {
    let text = [b"Subject: one\r\n\r\nfirst", sequence].concat();
    let smuggled = "MAIL FROM:<smuggler@evil.example>\r\nRCPT TO:<ours@example.dk>\r\nDATA\r\n";
    let second = "Subject: two\r\n\r\nsecond\r\n.\r\n";
    let inside = [text.as_slice(), smuggled.as_bytes(), second.as_bytes()].concat();
    match how {
        How::Data => [inside.as_slice(), b"QUIT\r\n"].concat(),
        How::Chunk => [format!("BDAT {} LAST\r\n", inside.len()).as_bytes(), &inside, b"QUIT\r\n"].concat(),
    }
}

async fn send_attack<S: AsyncRead + AsyncWrite + Unpin>(
    client: &mut Client<S>,
    protocol: Protocol,
    how: How,
    attack: &[u8],
    piece: usize,
) -> Vec<String> {
    client.hello(protocol).await;
    client.begin("ours@example.dk").await;
    if how == How::Data {
        assert!(client.say("DATA").await.starts_with("354"));
    }
    for piece in attack.chunks(piece) {
        client.send(piece).await;
    }
    client.rest().await
}

#[tokio::test]
async fn one_mail_comes_of_one_mail() {
    let cases: Vec<EndOfData> = fixture("end-of-data.json");
    assert_eq!(cases.len(), 21);
    for case in cases {
        for how in [How::Data, How::Chunk] {
            for (protocol, tls) in [(Smtp, false), (Smtp, true), (Lmtp, false), (Lmtp, true)] {
                for whole in [true, false] {
                    one_attack(&case, how, protocol, tls, whole).await;
                }
            }
        }
    }
}

async fn one_attack(case: &EndOfData, how: How, protocol: Protocol, tls: bool, whole: bool) {
    let world = World::new().await;
    let attack = attack(&bytes(&case.hex), how);
    let piece = if whole { attack.len() } else { 1 };
    let mut client = world.client(protocol).await;
    client.reply().await;
    let replies = if tls {
        client.hello(protocol).await;
        client.say("STARTTLS").await;
        let mut client = world.secured(client).await;
        send_attack(&mut client, protocol, how, &attack, piece).await
    } else {
        send_attack(&mut client, protocol, how, &attack, piece).await
    };
    let what = format!("{} {how:?} {protocol:?} tls {tls} whole {whole}: {replies:?}", case.name);
    let got = world.intake.got.lock().unwrap();
    let smuggled = got.iter().filter(|incoming| incoming.mail.sender.contains("smuggler")).count();
    if how == How::Data && case.ends_data {
        // What follows the true end is the sender's own second mail, not smuggled; what came in one write
        // with its DATA came too early and was refused.
        assert!(got.iter().any(|incoming| incoming.mail.sender == "a@example.org"), "{what}");
        assert!(smuggled <= usize::from(!whole), "{what}");
        return;
    }
    assert_eq!(smuggled, 0, "{what}");
    if case.bare_cr_or_lf {
        assert_eq!(got.len(), 0, "{what}");
        assert!(replies.len() == 1 && replies[0].starts_with("550 5.6.0"), "{what}");
    } else {
        assert_eq!(got.len(), 1, "{what}");
        assert_eq!(replies.len(), 2, "{what}");
        let raw = &got[0].mail.raw;
        assert!(raw.windows(9).any(|w| w == b"MAIL FROM"), "{what}");
    }
}

#[tokio::test]
async fn hostile_commands_get_their_answers() {
    for case in fixture::<Hostile>("commands.json") {
        let world = World::new().await;
        let mut client = world.client(Smtp).await;
        client.reply().await;
        let name = case.name.as_str();
        let before_hello = matches!(name, "mail_from_crlf" | "pipelined_before_ehlo" | "http");
        if !before_hello {
            client.hello(Smtp).await;
        }
        if name.starts_with("rcpt") && name != "rcpt_10001" {
            client.say("MAIL FROM:<a@example.org>").await;
        }
        if name == "rcpt_10001" {
            client.say("MAIL FROM:<a@example.org>").await;
            for _ in 0..100 {
                client.send("RCPT TO:<ours@example.dk>\r\n".repeat(101)).await;
                for _ in 0..101 {
                    client.reply().await;
                }
            }
            assert!(client.say("RCPT TO:<ours@example.dk>").await.starts_with("452"));
            assert!(client.say("DATA").await.starts_with("354"));
            client.send("x\r\n.\r\n").await;
            assert!(client.reply().await.starts_with("250"));
            assert_eq!(world.intake.got.lock().unwrap()[0].mail.recipients.len(), 1_000);
            continue;
        }
        client.send(&case.text).await;
        if name == "mail_from_crlf" {
            client.send("\r\n").await;
        }
        let reply = client.reply().await;
        let (code, closes) = match name {
            "mail_from_crlf" | "pipelined_before_ehlo" | "http" => ("554", true),
            "starttls_injection" => ("220", false),
            "bdat_zero" => ("503", false),
            "bdat_huge" => ("501", true),
            "rcpt_source_route" | "rcpt_percent" | "rcpt_quoted" => ("550", false),
            "size_overflow" | "nul_in_command" => ("501", false),
            "line_2001" => ("500", false),
            "vrfy" => ("252", false),
            "smtputf8_missing" => ("553", false),
            _ => panic!("a new case: {name}"),
        };
        assert!(reply.starts_with(code), "{name}: {reply}");
        match name {
            "starttls_injection" => {
                let mut client = world.secured(client).await;
                client.hello(Smtp).await;
                assert!(client.say("RCPT TO:<ours@example.dk>").await.starts_with("503"));
            }
            _ if closes => assert_eq!(client.reply().await, "", "{name}"),
            _ => assert!(client.say("NOOP").await.starts_with("250"), "{name}"),
        }
        assert_eq!(world.count(), 0, "{name}");
    }
}
