//! The whole way: a mail in by SMTP, an answer out by the API, the contact's answer back, in the demo.

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::program::{Demo, http, run, smtp, until};

fn mail(from: &str, to: &str, subject: &str, id: &str, more: &str) -> String {
    format!(
        "From: Kim <{from}>\nTo: {to}\nSubject: {subject}\nMessage-ID: <{id}>\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n{more}\nHello there."
    )
}

fn conversation_about(demo: &Demo, subject: &str) -> Option<Value> {
    let (status, list) = demo.api(0, "GET", "/api/v1/conversations?limit=20", None);
    assert_eq!(status, 200, "{list}");
    list["items"].as_array().unwrap().iter().find(|one| one["subject"] == subject).cloned()
}

/// Sends a question to the first account. Gives its conversation's path in the API.
fn question(demo: &Demo) -> String {
    let mailbox = demo.account(0)["mailbox"].as_str().unwrap();
    let first = mail("kim@post.example", mailbox, "A question", "one@post.example", "");
    assert!(smtp(demo.address("smtp"), "kim@post.example", mailbox, &first).starts_with("250"));
    let conversation = conversation_about(demo, "A question").expect("durable before the 250");
    format!("/api/v1/conversations/{}", conversation["id"].as_str().unwrap())
}

#[test]
fn a_mail_in_an_answer_out_and_the_answer_to_it_back() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &["--empty"]);
    let (mailbox, server) = (demo.account(0)["mailbox"].as_str().unwrap().to_owned(), demo.address("smtp"));

    let path = question(&demo);

    // The outside world is the demo's name server: SPF was asked through the door, and passes.
    let (_, messages) = demo.api(0, "GET", &format!("{path}/messages"), None);
    assert_eq!(messages["items"][0]["facts"]["authentication"]["spf"], "pass", "{messages}");

    let (status, letter) =
        demo.api(0, "POST", &format!("{path}/replies"), Some(&json!({ "text": "An answer." })));
    assert_eq!(status, 201, "{letter}");
    let sent = until("the answer at the outside world", || {
        demo.outside().into_iter().find(|letter| letter["recipient"] == "kim@post.example")
    });
    assert_eq!(sent["in_reply_to"], json!(["one@post.example"]));
    assert!(sent["text"].as_str().unwrap().starts_with("An answer."));
    until("the state of the delivery", || {
        let (_, messages) = demo.api(0, "GET", &format!("{path}/messages"), None);
        (messages["items"][1]["state"] == "sent").then_some(())
    });

    let ours = sent["message_id"].as_str().unwrap();
    let threads = format!("In-Reply-To: <{ours}>\nReferences: <one@post.example> <{ours}>\n");
    let second = mail("kim@post.example", &mailbox, "Re: A question", "two@post.example", &threads);
    assert!(smtp(server, "kim@post.example", &mailbox, &second).starts_with("250"));
    let (_, joined) = demo.api(0, "GET", &path, None);
    assert_eq!(joined["message_count"], 3, "the answer lands in the same conversation");
    assert_eq!(demo.end(), 0);
}

#[test]
fn both_accounts_are_full_of_mail_and_stay_so() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &[]);
    let count = |demo: &Demo, account| {
        let (status, list) = demo.api(account, "GET", "/api/v1/conversations?limit=100", None);
        assert_eq!(status, 200, "{list}");
        list["items"].as_array().unwrap().len()
    };
    let full = [count(&demo, 0), count(&demo, 1)];
    assert!(full[0] >= 35 && full[1] >= 35, "{full:?}");
    let tokens = [demo.account(0)["token"].clone(), demo.account(1)["token"].clone()];
    assert_eq!(demo.end(), 0);

    let again = Demo::start(folder.path(), &[]);
    assert_eq!([count(&again, 0), count(&again, 1)], full);
    assert_eq!([again.account(0)["token"].clone(), again.account(1)["token"].clone()], tokens);
}

#[test]
fn without_an_outside_world_nothing_is_checked_and_nobody_is_asked() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &["--empty", "--no-outside"]);
    assert_eq!(demo.says["outside"], Value::Null);
    let mailbox = demo.account(0)["mailbox"].as_str().unwrap().to_owned();
    let first = mail("kim@post.example", &mailbox, "A question", "one@post.example", "");
    assert!(smtp(demo.address("smtp"), "kim@post.example", &mailbox, &first).starts_with("250"));
    let conversation = conversation_about(&demo, "A question").unwrap();
    let path = format!("/api/v1/conversations/{}/messages", conversation["id"].as_str().unwrap());
    let (_, messages) = demo.api(0, "GET", &path, None);
    assert_eq!(messages["items"][0]["facts"]["authentication"]["spf"], "not_checked", "{messages}");
}

#[test]
fn health_and_figures_are_told_without_service_data() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &["--empty", "--no-outside"]);
    let host = demo.says["metrics"].as_str().unwrap()["http://".len()..].trim_end_matches("/metrics");
    for (path, words) in [("/healthz", "alive"), ("/readyz", "ready"), ("/metrics", "havn_")] {
        let (status, body) = http(host.parse().unwrap(), host, "GET", path, None, None);
        assert!(status == 200 && body.contains(words), "{path}: {status} {body}");
        assert!(!body.contains("nordlys"), "{path} names an account");
    }
}

#[test]
fn the_demo_without_a_folder_leaves_nothing_behind() {
    let temporary = tempdir().unwrap();
    let mut child = std::process::Command::new(crate::program::havn())
        .args(["demo", "--json", "--empty", "--no-outside"])
        .env("TMPDIR", temporary.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
        .unwrap();
    assert!(line.starts_with('{'), "{line}");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_register_that_was_tampered_with_keeps_letters_back_and_says_why() {
    let folder = tempdir().unwrap();
    let demo = Demo::start(folder.path(), &["--empty"]);
    let path = question(&demo);

    let rules = folder.path().join("data/register/rules");
    let signed = std::fs::read_to_string(&rules).unwrap();
    std::fs::write(&rules, signed.replace("\"general\"", "\"specific\"")).unwrap();
    let relay =
        ["register", "explain", "--account", "nordlys", "--purpose", "mail-relay", "--host", "a.example"];
    let said = run(&relay, folder.path());
    assert!(String::from_utf8_lossy(&said.stdout).contains("is not what was signed"), "{said:?}");

    // The door looks several times a second: what is written before it has looked still leaves.
    let waiting = until("a letter that waits", || {
        let (status, letter) =
            demo.api(0, "POST", &format!("{path}/replies"), Some(&json!({ "text": "An answer." })));
        assert_eq!(status, 201, "{letter}");
        let tried = until("a try", || {
            let (_, messages) = demo.api(0, "GET", &format!("{path}/messages"), None);
            let last = messages["items"].as_array().unwrap().last().unwrap();
            (last["deliveries"][0]["last_reply"] != "").then(|| last.clone())
        });
        let note = tried["deliveries"][0]["last_reply"].as_str().unwrap();
        note.starts_with("havn:no-register").then(|| tried.clone())
    });
    let message_id = waiting["message_id"].as_str().unwrap();
    let is_it = |letter: &Value| letter["message_id"] == message_id;
    assert!(!demo.outside().iter().any(is_it), "it did not leave");

    std::fs::write(&rules, signed).unwrap();
    until("the letter to leave", || demo.outside().into_iter().find(is_it));
}
