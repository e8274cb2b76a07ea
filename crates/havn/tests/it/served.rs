//! `havn serve` on the folder of a demo that ended, with the operator's file changed as a test needs it.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::program::{Demo, havn, http, until};

/// A Havn that serves. It ends with this value.
pub struct Served {
    child: Option<Child>,
    /// Not in its folder, whose disk may be full.
    log: NamedTempFile,
    /// What the demo said of its accounts.
    pub demo: Value,
    running: Value,
}

/// The folder of a demo without mail that ended: its accounts, tokens and passwords.
pub fn ended_demo(dir: &Path) -> Value {
    let demo = Demo::start(dir, &["--empty", "--no-outside"]);
    let says = demo.says.clone();
    assert_eq!(demo.end(), 0);
    says
}

/// Changes the operator's file: each first text becomes the second.
pub fn change_file(dir: &Path, changes: &[(&str, &str)]) {
    let path = dir.join("havn.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "havn.toml has no {old:?}");
        text = text.replacen(old, new, 1);
    }
    fs::write(path, text).unwrap();
}

impl Served {
    /// Starts it, and waits until it is ready.
    pub fn start(dir: &Path, demo: Value) -> Self {
        let log = NamedTempFile::new().unwrap();
        let to = log.reopen().unwrap();
        Self::start_with(dir, demo, log, to)
    }

    /// The same with a log that cannot be written.
    pub fn start_without_log(dir: &Path, demo: Value) -> Self {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        Self::start_with(dir, demo, NamedTempFile::new().unwrap(), full)
    }

    fn start_with(dir: &Path, demo: Value, log: NamedTempFile, to: fs::File) -> Self {
        let running = dir.join("data/running.json");
        let child = Command::new(havn())
            .args(["serve", "--dir"])
            .arg(dir)
            .stdin(Stdio::null())
            .stderr(to)
            .spawn()
            .unwrap();
        let mut served = Self { child: Some(child), log, demo, running: Value::Null };
        served.running = until("the desk to be ready", || {
            let ended = served.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", served.log());
            serde_json::from_slice(&fs::read(&running).ok()?).ok()
        });
        served
    }

    /// Where it listens: `web`, `smtp`, `lmtp`.
    pub fn address(&self, what: &str) -> SocketAddr {
        self.running[what][0].as_str().unwrap().parse().unwrap()
    }

    /// Where health and figures are told.
    pub fn address_of_metrics(&self) -> SocketAddr {
        self.running["metrics"].as_str().unwrap().parse().unwrap()
    }

    /// The supervisor's process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap()
    }

    /// The first account's host, with the port.
    pub fn host(&self) -> String {
        let slug = self.demo["accounts"][0]["slug"].as_str().unwrap();
        format!("{slug}.localhost:{}", self.address("web").port())
    }

    /// The first account's mailbox.
    pub fn mailbox(&self) -> String {
        self.demo["accounts"][0]["mailbox"].as_str().unwrap().to_owned()
    }

    /// The first account's token.
    pub fn token(&self) -> &str {
        self.demo["accounts"][0]["token"].as_str().unwrap()
    }

    /// Asks the API of the first account.
    pub fn api(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (status, body) = http(self.address("web"), &self.host(), method, path, Some(self.token()), body);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// Asks it to end.
    pub fn ask_to_end(&self) {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().unwrap();
    }

    /// Asks it to end, and waits until it has: its exit code.
    pub fn end(self) -> i32 {
        self.ask_to_end();
        self.wait()
    }

    /// Waits until it has ended, which it was asked to once: its exit code.
    pub fn wait(mut self) -> i32 {
        self.child.take().unwrap().wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the log of havn serve:\n{}", self.log());
        }
        if let Some(mut child) = self.child.take() {
            Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
            let _ = child.wait();
        }
    }
}
