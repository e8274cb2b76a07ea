//! Experiment A25: whatever happens, neither secrets nor service data stand in logs, figures, files or
//! backups, nor in what a command says.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::program::{Demo, connect, havn, http, run, smtp, until};

/// Stands in everything that is planted, and nowhere else.
const PLANTED: &str = "kanarie";
/// Letters that are planted, unless `HAVN_SENTENCES` says how many.
const SENTENCES: usize = 40;

/// A Havn that tells all that it ever tells, with its standard error in a file.
struct Loud {
    child: Child,
    dir: PathBuf,
    running: Value,
    accounts: Value,
}

impl Loud {
    /// Serves what a demo has made, with the most talkative log.
    fn serve(dir: &Path) -> Self {
        assert_eq!(Demo::start(dir, &["--empty"]).end(), 0);
        let config = dir.join("havn.toml");
        let text = fs::read_to_string(&config).unwrap();
        assert!(text.contains("level = \"warn\""));
        fs::write(&config, text.replace("level = \"warn\"", "level = \"debug\"")).unwrap();
        let log = File::create(dir.join("log")).unwrap();
        let child = Command::new(havn())
            .args(["serve", "--dir"])
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let running = until("the desk", || running(dir, None));
        let accounts = serde_json::from_slice(&fs::read(dir.join("demo.json")).unwrap()).unwrap();
        Self { child, dir: dir.to_owned(), running, accounts }
    }

    fn address(&self, what: &str) -> SocketAddr {
        let listens = &self.running[what];
        listens.as_str().or(listens[0].as_str()).unwrap().parse().unwrap()
    }

    fn account(&self) -> &Value {
        if self.accounts.is_array() { &self.accounts[0] } else { &self.accounts["accounts"][0] }
    }

    fn host(&self) -> String {
        format!("{}.localhost:{}", self.account()["slug"].as_str().unwrap(), self.address("web").port())
    }

    /// A request of a browser at the desk; gives the whole answer.
    fn browser(&self, method: &str, path: &str, cookie: &str, fields: &[(&str, &str)]) -> String {
        let host = self.host();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let body = body.join("&");
        let mut stream = connect(self.address("web"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n\
             Accept: text/html\r\nCookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn api(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
        let (status, text) = http(self.address("web"), &self.host(), method, path, Some(token), body);
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    fn signal(&self, signal: &str, pid: u64) {
        Command::new("kill").args([signal, &pid.to_string()]).status().unwrap();
        let _ = &self.child;
    }

    fn pid(&self) -> u64 {
        self.running["pid"].as_u64().unwrap()
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        self.signal("-TERM", self.child.id().into());
        let _ = self.child.wait();
    }
}

/// Where the desk listens, once it is ready: another one than that which is dying.
fn running(dir: &Path, dying: Option<u64>) -> Option<Value> {
    let running: Value = serde_json::from_slice(&fs::read(dir.join("data/running.json")).ok()?).ok()?;
    if dying.is_some() && running["pid"].as_u64() == dying {
        return None;
    }
    let metrics: SocketAddr = running["metrics"].as_str()?.parse().ok()?;
    let (status, _) = http(metrics, &metrics.to_string(), "GET", "/readyz", None, None);
    (status == 200).then_some(running)
}

fn hex(half: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(half)])
}

fn escaped(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%', hex(byte >> 4), hex(byte & 15)]).collect()
}

/// What stands between two words in a text.
fn between<'a>(text: &'a str, before: &str, after: char) -> &'a str {
    text.split(before).nth(1).unwrap_or_else(|| panic!("{before} in {text}")).split(after).next().unwrap()
}

/// Mails that come in, and those that are refused.
fn mails(havn: &Loud, sentences: usize) {
    let (server, mailbox) = (havn.address("smtp"), havn.account()["mailbox"].as_str().unwrap().to_owned());
    for number in 0..sentences {
        let mail = format!(
            "From: {PLANTED}{number} Name <{PLANTED}{number}@{PLANTED}.example>\nTo: {mailbox}\n\
             Subject: {PLANTED} subject {number}\nMessage-ID: <{PLANTED}.{number}@{PLANTED}.example>\n\
             Date: Tue, 24 Nov 2026 10:00:00 +0000\nX-{PLANTED}: {PLANTED}\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=\"{PLANTED}b\"\n\n--{PLANTED}b\nContent-Type: text/plain; \
             charset={PLANTED}\n\nThe {PLANTED} sentence {number} of a letter.\n--{PLANTED}b\n\
             Content-Type: text/{PLANTED}; name={PLANTED}\nContent-Disposition: attachment; filename=\"{PLANTED}.txt\"\n\n\
             A {PLANTED} file.\n--{PLANTED}b--\n"
        );
        assert!(smtp(server, &format!("{PLANTED}@{PLANTED}.example"), &mailbox, &mail).starts_with("250"));
    }
    let refused = format!(
        "EHLO {PLANTED}.example\r\nMAIL FROM:<{PLANTED}@{PLANTED}.example>\r\nRCPT TO:<{PLANTED}@elsewhere.example>\r\n\
         {PLANTED} command\r\nVRFY {PLANTED}\r\nRCPT TO:<{mailbox}>\r\nDATA\r\nSubject: {PLANTED}\r\n\r\nbare {PLANTED}\n.\r\n"
    );
    for protocol in ["smtp", "lmtp"] {
        let mut stream = connect(havn.address(protocol));
        let said = refused.replace("EHLO", if protocol == "lmtp" { "LHLO" } else { "EHLO" });
        stream.write_all(said.as_bytes()).unwrap();
        // It is sent away at the bare line feed.
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    }
}

/// What people and programs do, right and wrong. Gives the secrets that were made on the way.
fn use_it(havn: &Loud) -> Vec<String> {
    let account = havn.account().clone();
    let token = account["token"].as_str().unwrap().to_owned();
    let owner = account["agents"].as_array().unwrap().iter().find(|agent| agent["role"] == "owner").unwrap();
    let (email, password) = (owner["email"].as_str().unwrap(), owner["password"].as_str().unwrap());
    let wrong = format!("{PLANTED} password");
    havn.browser("POST", "/login", "", &[("email", email), ("password", &wrong)]);
    havn.browser("POST", "/login", "", &[("email", &format!("{PLANTED}@x.example")), ("password", &wrong)]);
    let inside = havn.browser("POST", "/login", "", &[("email", email), ("password", password)]);
    let cookie = between(&inside.to_lowercase(), "set-cookie: ", ';').to_owned();
    let at = inside.to_lowercase().find(&cookie).unwrap();
    let cookie = inside[at..at + cookie.len()].to_owned();
    let browse =
        |method: &str, path: &str, fields: &[(&str, &str)]| havn.browser(method, path, &cookie, fields);

    let relay = json!({ "host": "relay.example", "port": 587, "tls": "starttls", "username": PLANTED,
        "password": format!("{PLANTED} relay password") });
    let (_, list) = havn.api("GET", "/api/v1/conversations?limit=5", &token, None);
    let ids: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    for (number, id) in ids.iter().enumerate() {
        let text = json!({ "text": format!("A {PLANTED} answer {number}.") });
        let (status, answer) =
            havn.api("POST", &format!("/api/v1/conversations/{id}/replies"), &token, Some(&text));
        assert_eq!(status, 201, "{answer}");
        havn.api("POST", &format!("/api/v1/conversations/{id}/notes"), &token, Some(&text));
        havn.api(
            "POST",
            &format!("/api/v1/conversations/{id}/notes"),
            &token,
            Some(&json!({ PLANTED: PLANTED })),
        );
    }
    let page = browse("GET", &format!("/conversations/{}", ids[0]), &[]);
    assert!(page.contains(PLANTED), "{page}");
    let file_key = between(&page, "?key=", '"').to_owned();
    havn.api("GET", &format!("/api/v1/conversations?q={PLANTED}"), &token, None);
    browse("GET", &format!("/search?q={PLANTED}+sentence"), &[]);
    browse("GET", &format!("/{PLANTED}?{PLANTED}={PLANTED}"), &[]);
    browse("POST", "/settings/tags", &[("name", &format!("{PLANTED} tag")), ("colour", "3")]);
    havn.api("GET", "/api/v1/me", &format!("havn_{PLANTED}"), None);
    let made = browse("POST", "/settings/tokens", &[("name", PLANTED), ("scope", "write"), ("days", "90")]);
    let fresh = format!("havn_{}", between(&made, "havn_", '<'));
    let invited = [("email", "kanarie-new@post.example"), ("role", "agent"), ("all_departments", "yes")];
    let invited = browse("POST", "/settings/agents", &invited);
    let link = invited
        .rsplit_once("/invitations/")
        .map(|(_, rest)| rest.split(['<', '"']).next().unwrap().to_owned());
    let (status, answer) = havn.api("PUT", "/api/v1/relay", &token, Some(&relay));
    assert!(status < 300, "{status} {answer}");
    havn.api("POST", "/api/v1/relay/test", &token, Some(&json!({ "to": format!("{PLANTED}@post.example") })));
    let pickup = json!({ "host": "imap.example", "port": 993, "tls": "implicit", "username": PLANTED,
        "password": format!("{PLANTED} pickup password"), "folder": format!("{PLANTED} folder") });
    let (_, mailboxes) = havn.api("GET", "/api/v1/mailboxes", &token, None);
    let here = format!("/api/v1/mailboxes/{}/pickup", mailboxes["items"][0]["id"].as_str().unwrap());
    let (status, answer) = havn.api("PUT", &here, &token, Some(&pickup));
    assert!(status < 300, "{status} {answer}");
    let (status, answer) = havn.api("POST", &format!("{here}/test"), &token, Some(&json!({})));
    assert_eq!(status, 502, "{answer}");
    browse("POST", "/me/password", &[("current", &wrong), ("new", &wrong)]);

    let mut secrets = vec![cookie.split_once('=').unwrap().1.to_owned(), file_key, fresh, token];
    secrets.push(link.expect("a link lets the new agent in"));
    let agents = account["agents"].as_array().unwrap().iter();
    secrets.extend(agents.map(|agent| agent["password"].as_str().unwrap().to_owned()));
    secrets
}

/// Every file below a folder, but those that tell how to get into the demo, and the region's key.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let of_the_demo = ["demo.json", "outside.json", "zone.json", "keys"].contains(&name);
        if path.is_dir() && !of_the_demo {
            files(&path, found);
        } else if path.is_file() && !of_the_demo {
            found.push(path);
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    let word = word.as_bytes();
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

#[test]
fn nothing_planted_is_told_anywhere() {
    let (folder, backup) = (tempdir().unwrap(), tempdir().unwrap());
    let sentences = std::env::var("HAVN_SENTENCES").ok().and_then(|count| count.parse().ok());
    let mut havn = Loud::serve(folder.path());
    mails(&havn, sentences.unwrap_or(SENTENCES));
    let secrets = use_it(&havn);
    let metrics = havn.address("metrics");
    let mut told: Vec<(String, Vec<u8>)> = Vec::new();
    for path in ["/metrics", "/healthz", "/readyz"] {
        let (_, body) = http(metrics, &metrics.to_string(), "GET", path, None, None);
        told.push((path.into(), body.into_bytes()));
    }
    // A crash, too, leaves nothing: no core, no last words.
    let before = havn.pid();
    havn.signal("-ABRT", before);
    havn.running = until("the desk again", || running(&havn.dir, Some(before)));
    for words in [&["backup", backup.path().join("b").to_str().unwrap()][..], &["check"], &["doctor"]] {
        let said = run(words, folder.path());
        told.push((words[0].into(), [said.stdout, said.stderr].concat()));
    }
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if holds(&line, folder.path().to_str().unwrap()) {
            told.push((format!("a command line {}", String::from_utf8_lossy(&line)), line));
        }
    }
    drop(havn);

    let mut all = Vec::new();
    files(folder.path(), &mut all);
    files(backup.path(), &mut all);
    assert!(
        all.iter().any(|path| path.ends_with("store.db")) && all.iter().any(|path| path.ends_with("log"))
    );
    told.extend(all.into_iter().map(|path| (path.display().to_string(), fs::read(&path).unwrap())));
    assert!(secrets.iter().all(|secret| secret.len() >= 8), "{secrets:?}");
    let region_key = fs::read_to_string(folder.path().join("keys/eu.key")).unwrap();
    let words = secrets.iter().map(String::as_str).chain([PLANTED, region_key.trim()]);
    for word in words {
        for (place, bytes) in &told {
            assert!(!holds(bytes, word), "{word} stands in {place}: {}", around(bytes, word));
        }
    }
}

/// The line of a text in which a word stands.
fn around(bytes: &[u8], word: &str) -> String {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    text.lines()
        .find(|line| line.contains(&word.to_lowercase()))
        .unwrap_or_default()
        .chars()
        .take(400)
        .collect()
}
