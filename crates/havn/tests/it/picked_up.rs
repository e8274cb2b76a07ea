//! Mail picked up by the whole program: the sealed desk, through the door, from a real Dovecot; and nothing
//! lost or doubled however often the desk is killed.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{
    dovecot::{Dovecot, PASSWORD},
    program::until,
    served::{Served, change_file, ended_demo},
};

/// How often the desk is killed.
const KILLS: usize = 5;
/// Mails that come before each.
const MAILS: usize = 10;

fn desk(dir: &Path) -> Option<u64> {
    let said = fs::read(dir.join("data/running.json")).ok()?;
    serde_json::from_slice::<Value>(&said).ok()?["pid"].as_u64()
}

/// How often each mail lies here, by subject; none while the desk is on its way up.
fn got(served: &Served) -> Option<BTreeMap<String, usize>> {
    let (status, page) = served.api("GET", "/api/v1/conversations?limit=100", None);
    let mut got = BTreeMap::new();
    for conversation in page["items"].as_array().filter(|_| status == 200)? {
        *got.entry(conversation["subject"].as_str()?.to_owned()).or_default() += 1;
    }
    Some(got)
}

fn kill_desk(dir: &Path) {
    let before = desk(dir).unwrap();
    Command::new("kill").args(["-KILL", &before.to_string()]).status().unwrap();
    until("the next desk", || desk(dir).filter(|now| *now != before));
}

#[test]
fn mail_is_picked_up_once_however_often_the_desk_is_killed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dovecot = runtime.block_on(Dovecot::start());
    let dir = tempdir().unwrap();
    let demo = ended_demo(dir.path());
    change_file(dir.path(), &[("private = [", &format!("private = [\"{}\", ", dovecot.plain))]);
    let served = Served::start(dir.path(), demo);
    let (_, mailboxes) = served.api("GET", "/api/v1/mailboxes", None);
    let here = format!("/api/v1/mailboxes/{}/pickup", mailboxes["items"][0]["id"].as_str().unwrap());
    let pickup = json!({ "host": "127.0.0.1", "port": dovecot.plain.port(), "tls": "none", "username": "support",
        "password": PASSWORD, "takes_old": true });
    let (status, said) = served.api("PUT", &here, Some(&pickup));
    assert_eq!(status, 200, "{said}");
    let (status, said) = served.api("POST", &format!("{here}/test"), Some(&json!({})));
    assert_eq!((status, &said["mails"]), (200, &json!(0)), "{said}");

    let mut expected = BTreeMap::new();
    for kill in 0..KILLS {
        runtime.block_on(async {
            let mut client = dovecot.client().await;
            for mail in 0..MAILS {
                let subject = format!("mail {kill} {mail}");
                let text = format!(
                    "From: mads@kunde.example\r\nSubject: {subject}\r\nMessage-ID: <{kill}.{mail}@kunde.example>\r\n\r\nHello\r\n"
                );
                client.append("INBOX", text.as_bytes()).await;
                expected.insert(subject, 1);
            }
        });
        // In the midst of it, each time a bit later.
        until("some mails", || got(&served).filter(|got| got.len() > kill * MAILS + kill));
        kill_desk(dir.path());
    }
    let all = until("all mails", || got(&served).filter(|got| got.len() == expected.len()));
    assert_eq!(all, expected);
    let (_, pickup) = served.api("GET", &here, None);
    assert_eq!(pickup["left"], json!([]), "{pickup}");
    assert_eq!(served.end(), 0);
}
