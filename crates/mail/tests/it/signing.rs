//! Experiment A2: what goes out is one mail with the headers and recipients that were typed, and its
//! signature is good to others.

use crate::office::{Office, Zone, names};
use desk::{
    Verdict,
    settings::{NewDomain, add_domain},
};
use mail::{
    Envelope, authenticate,
    domain::{KeyKind, make_key, record_name},
};
use std::{fmt::Write as _, io::Write as _, process::Stdio};
use testkit::On;
use words::Host;

async fn office_that_signs(kind: KeyKind) -> (Office, Zone) {
    let office = Office::open(On::Sqlite).await;
    office.set_plain_relay().await;
    let key = tokio::task::spawn_blocking(move || make_key(kind)).await.unwrap().unwrap();
    let name: Host = "harbour.example".parse().unwrap();
    let zone = Zone::from([(record_name(&name, "havn1"), key.record.clone())]);
    let new = NewDomain { name, selector: "havn1".into(), private_key: key.private_key, record: key.record };
    add_domain(&office.store, &office.owner, new).await.unwrap();
    (office, zone)
}

/// Verifies with dkimpy; none if it is not installed.
fn foreign_verdict(raw: &[u8], record: &str) -> Option<bool> {
    let program = "import sys, dkim\n\
        record = sys.argv[1].encode()\n\
        print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: record))";
    let mut child = std::process::Command::new("/usr/bin/python3")
        .args(["-c", program, record])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(raw).unwrap();
    let done = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    if errors.contains("No module named 'dkim'") {
        return None;
    }
    assert!(done.status.success(), "{errors}");
    Some(String::from_utf8_lossy(&done.stdout).trim() == "True")
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_good_to_us_and_to_others() {
    for kind in [KeyKind::Rsa, KeyKind::Ed25519] {
        let (office, zone) = office_that_signs(kind).await;
        let conversation = office.conversation().await;
        office.answer(conversation.id, "Kære Mads,\n\n.\n..\n\ntrailing  \t\n\n\n", &[]).await;
        office.deliver().await;
        let raw = office.sink.got().remove(0).raw;
        let text = String::from_utf8_lossy(&raw).into_owned();
        let signature = text.split("\r\nFrom:").next().unwrap();
        assert!(text.starts_with("DKIM-Signature:") && !signature.contains(" l="), "{signature}");
        let record = zone.values().next().unwrap().clone();
        let envelope =
            Envelope { remote: None, hello: "x.example", sender: "support@harbour.example", host: "mx" };
        let found = authenticate(&names(zone.clone()), envelope, &raw).await;
        assert_eq!(found.dkim.len(), 1);
        assert_eq!((found.dkim[0].verdict, found.aligned), (Verdict::Pass, true));
        match foreign_verdict(&raw, &record) {
            Some(good) => assert!(good, "{kind:?} is not good to dkimpy:\n{text}"),
            None => eprintln!("dkimpy is not installed: its verdict is skipped"),
        }
        // A second From would be shown by some programs: it breaks the signature.
        let forged = text.replacen("\r\nFrom:", "\r\nFrom: boss@bank.example\r\nFrom:", 1);
        let found = authenticate(&names(zone), envelope, forged.as_bytes()).await;
        assert_ne!(found.dkim[0].verdict, Verdict::Pass);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_becomes_a_line_of_its_own() {
    let (office, zone) = office_that_signs(KeyKind::Ed25519).await;
    let hostile = [
        "\r\n.\r\nMAIL FROM:<x@evil.example>\r\nRCPT TO:<y@evil.example>\r\nDATA\r\n",
        "\n.\nMAIL FROM:<x@evil.example>\n",
        "\r.\rQUIT\r",
        "a\0b\u{b}c\u{85}d\u{2028}e",
        "\r\nBcc: y@evil.example\r\n\r\nx",
    ];
    for text in hostile {
        let mut raw = crate::office::from_mads("1@kunde.example");
        raw = raw.replace("My order", &format!("=?utf-8?Q?My{}order?=", quoted(text)));
        raw = raw.replace("Mads Holm", &format!("=?utf-8?Q?Mads{}Holm?=", quoted(text)));
        raw = raw.replace("1@kunde", &format!("{}@kunde", text.len()));
        assert!(office.mail_in(&raw).await.starts_with("250"));
        let conversation = office.conversations().await.remove(0);
        office.answer(conversation.id, text, &[]).await;
    }
    office.deliver().await;
    let got = office.sink.got();
    assert_eq!(got.len(), hostile.len());
    for got in got {
        for (at, byte) in got.wire.iter().enumerate() {
            match byte {
                b'\r' => assert_eq!(got.wire.get(at + 1), Some(&b'\n'), "a bare CR"),
                b'\n' => assert_eq!(got.wire[at - 1], b'\r', "a bare LF"),
                _ => {}
            }
        }
        assert_eq!(got.recipients, ["mads@kunde.example"]);
        let text = String::from_utf8_lossy(&got.raw).into_owned();
        let head = text.split("\r\n\r\n").next().unwrap();
        let fields: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).collect();
        let mut names: Vec<String> =
            fields.iter().map(|line| line.split(':').next().unwrap().to_lowercase()).collect();
        names.sort();
        let mut once = names.clone();
        once.dedup();
        assert_eq!(names, once, "{head}");
        assert!(!names.contains(&"bcc".to_owned()) && names.contains(&"from".to_owned()));
        let envelope = Envelope { remote: None, hello: "x.example", sender: "", host: "mx" };
        let found = authenticate(&names_of(&zone), envelope, &got.raw).await;
        assert_eq!(found.dkim[0].verdict, Verdict::Pass, "{text}");
    }
}

fn names_of(zone: &Zone) -> mail::Names {
    names(zone.clone())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for byte in text.bytes() {
        let _ = write!(quoted, "={byte:02X}");
    }
    quoted
}
