//! The accounts' logs and the operator's: signed by the server, taken out beside it, verified by anybody.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Demo, havn, root, run, smtp, until, until_in};

const FILE: &str = "base = \"desk.example\"\nregion = \"eu\"\ndata_centre = \"cph-1\"\n\
    [web]\nlisten = [\"127.0.0.1:0\"]\n[mail]\nsmtp = [\"127.0.0.1:0\"]\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
const MAIL: &str = "From: Kim <kim@post.example>\nTo: help@beta.example\nSubject: A question\n\
    Message-ID: <one@post.example>\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n\nWhere is my parcel?";
/// An account that was signed a moment ago is signed again a minute later.
const NEXT_CHECKPOINT: Duration = Duration::from_mins(2);

fn installation() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("havn.toml"), FILE).unwrap();
    says(folder.path(), &["key", "create"]);
    folder
}

fn says(dir: &Path, words: &[&str]) -> String {
    let output = run(words, dir);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A server on a folder. It ends with this value.
struct Server {
    child: Child,
    dir: PathBuf,
}

impl Server {
    fn start(dir: &Path, dies_at: Option<&str>) -> Self {
        let mut command = Command::new(havn());
        command.args(["serve", "--dir"]).arg(dir).stdin(Stdio::null());
        command.stderr(File::create(dir.join("said")).unwrap());
        if let Some(point) = dies_at {
            command.env("HAVN_DIE_AT", point);
        }
        let server = Self { child: command.spawn().unwrap(), dir: dir.to_owned() };
        until("the server", || dir.join("data/running.json").exists().then_some(()));
        server
    }

    fn running(&self) -> Value {
        serde_json::from_slice(&fs::read(self.dir.join("data/running.json")).unwrap()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// What our verifier says of files in the folder, and the one that shares no code with it, if there is a
/// Python.
fn verify(dir: &Path, file: &str, more: &[&str]) -> (bool, String) {
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let (file, key) = (path(file), path("log.pub"));
    let named = more.chunks(2).flat_map(|pair| [pair[0].to_owned(), path(pair[1])]);
    let named: Vec<String> = named.collect();
    let mut words = vec!["evidence", "verify", &file, "--key", &key];
    words.extend(named.iter().map(String::as_str));
    let ours = run(&words, dir);
    if more.iter().all(|word| *word != "--operator-log") {
        let script = root().join("docs/verify_evidence.py");
        match Command::new("python3").arg(script).arg(&file).args(["--key", &key]).args(&named).output() {
            Ok(theirs) => assert_eq!(theirs.status.success(), ours.status.success(), "{theirs:?} {ours:?}"),
            Err(error) => println!("SKIPPED: python3 does not start: {error}"),
        }
    }
    (ours.status.success(), String::from_utf8(ours.stdout).unwrap())
}

/// Waits until an account's log is signed with at least so many entries.
fn signed(dir: &Path, account: &str, size: u64) {
    until_in(NEXT_CHECKPOINT, "a checkpoint", || {
        let output = run(&["evidence", "checkpoint", "--account", account], dir);
        let note = String::from_utf8(output.stdout).unwrap();
        let found = note.lines().nth(1)?.parse::<u64>().unwrap();
        (found >= size).then_some(())
    });
}

/// Waits until the operator's log tells of an account's checkpoint, and gives the proof.
fn told(dir: &Path, account: &str) -> String {
    until("the checkpoint in the operator's log", || {
        let output = run(&["evidence", "proof", "--account", account], dir);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    })
}

fn put(dir: &Path, name: &str, text: &str) {
    fs::write(dir.join(name), text).unwrap();
}

#[test]
fn a_mail_is_in_the_accounts_log_and_its_checkpoint_in_the_operators() {
    let folder = installation();
    let dir = folder.path();
    let server = Server::start(dir, None);
    // Nobody opens its store before the mail comes: so the first checkpoint covers both.
    says(dir, &["account", "create", "beta", "--name", "Beta", "--mailbox", "help@beta.example"]);
    let mail_server = server.running()["smtp"][0].as_str().unwrap().parse().unwrap();
    assert!(smtp(mail_server, "kim@post.example", "help@beta.example", MAIL).starts_with("250"));
    signed(dir, "beta", 2);
    let told = told(dir, "beta");
    let log = says(dir, &["evidence", "export", "--account", "beta"]);
    assert!(log.contains("\"kind\":\"conversation.started\"") && !log.contains("kim"), "{log}");
    put(dir, "log", &log);
    put(dir, "told", &told);
    put(dir, "kept", &says(dir, &["evidence", "checkpoint", "--account", "beta"]));
    put(dir, "entry", &says(dir, &["evidence", "proof", "--account", "beta", "--entry", "1"]));
    put(dir, "first", &says(dir, &["evidence", "proof", "--entry", "0"]));
    says(dir, &["evidence", "export", "--to", dir.join("operator").to_str().unwrap()]);

    let (is_good, said) = verify(dir, "log", &["--kept", "kept"]);
    assert!(is_good && said.contains("of desk.example/accounts/"), "{said}");
    for by in ["operator", "told"] {
        let (is_good, said) = verify(dir, "log", &["--operator-log", by]);
        assert!(is_good && said.contains("the operator's log tells"), "{said}");
    }
    for file in ["operator", "told", "entry", "first"] {
        let (is_good, said) = verify(dir, file, &[]);
        assert!(is_good, "{file}: {said}");
    }

    put(dir, "altered", &log.replace("conversation.started", "conversation.closed"));
    let cut = log.trim_end().rsplit_once('\n').unwrap().0;
    put(dir, "cut", &format!("{cut}\n"));
    put(dir, "other", &log.replace("desk.example/accounts", "other.example/accounts"));
    for (file, reason) in [("altered", "was altered"), ("cut", "truncated"), ("other", "another log")] {
        let (is_good, said) = verify(dir, file, &["--kept", "kept"]);
        assert!(!is_good && said.contains(reason), "{file}: {said}");
    }
    let (is_good, said) = verify(dir, "log", &["--operator-log", "first"]);
    // The first entry of the operator's log may be this very checkpoint, or an earlier one.
    assert_eq!(is_good, fs::read(dir.join("first")).unwrap() == told.as_bytes(), "{said}");
    drop(server);
    assert!(says(dir, &["check"]).contains("beta: whole"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_same_on_postgresql() {
    let (postgres, folder) = (testkit::postgres().await, TempDir::new().unwrap());
    let demo = Demo::start(folder.path(), &["--empty", "--no-outside", "--store", &postgres.url()]);
    let (dir, slug) = (folder.path(), demo.account(1)["slug"].as_str().unwrap());
    put(dir, "told", &told(dir, slug));
    put(dir, "log", &says(dir, &["evidence", "export", "--account", slug]));
    let (is_good, said) = verify(dir, "log", &["--operator-log", "told"]);
    assert!(is_good, "{said}");
    assert_eq!(demo.end(), 0);
}

#[test]
fn what_a_desk_that_dies_between_the_steps_leaves_is_finished_by_the_next() {
    for point in ["checkpoint-kept:1", "checkpoint-noted:1"] {
        let folder = installation();
        let dir = folder.path();
        says(dir, &["account", "create", "acme", "--name", "Acme", "--mailbox", "help@acme.example"]);
        let _server = Server::start(dir, Some(point));
        told(dir, "acme");
        assert!(
            fs::read_to_string(dir.join("said")).unwrap().contains("starts=1"),
            "{point}: it did not die"
        );
        put(dir, "log", &says(dir, &["evidence", "export", "--account", "acme"]));
        let operator = says(dir, &["evidence", "export"]);
        assert_eq!(operator.matches("account.checkpoint").count(), 1, "{point}: {operator}");
        put(dir, "operator", &operator);
        let (is_good, said) = verify(dir, "log", &["--operator-log", "operator"]);
        assert!(is_good, "{point}: {said}");
    }
}

#[test]
fn a_key_of_the_logs_that_went_missing_is_not_replaced() {
    let folder = installation();
    let dir = folder.path();
    says(dir, &["account", "create", "acme", "--name", "Acme"]);
    drop(Server::start(dir, None));
    let public = fs::read_to_string(dir.join("log.pub")).unwrap();
    assert!(public.starts_with("desk.example/log+"));
    let (key, away) = (dir.join("keys/log.key"), dir.join("away"));
    fs::rename(&key, &away).unwrap();
    let refused = run(&["serve"], dir);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("log.key is missing"), "{said}");
    assert!(!key.exists());
    fs::rename(&away, &key).unwrap();
    drop(Server::start(dir, None));
    assert_eq!(fs::read_to_string(dir.join("log.pub")).unwrap(), public);
}
