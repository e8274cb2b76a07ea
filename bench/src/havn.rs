//! The program under measure: started, filled, logged in, stopped, killed.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{data, http::Client};

/// A start may take so long before it counts as failed.
const START_SECONDS_MAX: u64 = 120;

/// What `havn demo --json` prints.
#[derive(Debug, Deserialize)]
pub struct Ready {
    pub pid: u32,
    pub accounts: Vec<Account>,
    pub smtp: String,
}

#[derive(Debug, Deserialize)]
pub struct Account {
    pub slug: String,
    pub url: String,
    pub mailbox: String,
    pub token: String,
    pub agents: Vec<Agent>,
}

#[derive(Debug, Deserialize)]
pub struct Agent {
    pub email: String,
    pub password: String,
    pub role: String,
}

/// How a demo is started.
#[derive(Debug, Clone)]
pub struct Start {
    pub program: PathBuf,
    pub folder: PathBuf,
    pub postgres: Option<String>,
    pub relay: Option<String>,
    /// Set in its environment.
    pub environment: Vec<(String, String)>,
    /// Put before the program: `strace …`.
    pub before: Vec<String>,
}

impl Start {
    pub fn new(program: &Path, folder: &Path) -> Self {
        Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            postgres: None,
            relay: None,
            environment: Vec::new(),
            before: Vec::new(),
        }
    }

    /// Starts it and waits for its line and its first page.
    pub async fn run(&self) -> io::Result<Havn> {
        let mut words = self.before.clone();
        words.push(self.program.display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command.args(["demo", "--json", "--empty", "--no-outside", "--dir"]).arg(&self.folder);
        if let Some(url) = &self.postgres {
            command.args(["--store", url]);
        }
        if let Some(relay) = &self.relay {
            command.args(["--relay", relay]);
        }
        command.envs(self.environment.iter().cloned());
        command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no standard output"))?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(Duration::from_secs(START_SECONDS_MAX), lines.next_line())
            .await??
            .ok_or_else(|| io::Error::other("Havn ended before it was ready"))?;
        let ready: Ready = serde_json::from_str(&line)?;
        let mut client = Client::open(&ready.accounts[0].url).await?;
        client.get("/login").await?;
        let started_in = began.elapsed();
        // Whatever else it prints is read and thrown away, so that it never waits for us.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Havn { child, ready, started_in })
    }

    /// Starts a demo whose first account holds so many conversations.
    pub async fn with_data(&self, conversations: usize) -> io::Result<Havn> {
        let havn = self.run().await?;
        let mbox = self.folder.join("bench.mbox");
        data::write_mbox(&mbox, conversations)?;
        let account = &havn.ready.accounts[0];
        let done = Command::new(&self.program)
            .args(["import", "--mailbox", &account.mailbox, "--dir"])
            .arg(&self.folder)
            .arg(&account.slug)
            .arg(&mbox)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .status()
            .await?;
        std::fs::remove_file(&mbox)?;
        if done.success() { Ok(havn) } else { Err(io::Error::other("the import failed")) }
    }
}

pub struct Havn {
    child: Child,
    pub ready: Ready,
    pub started_in: Duration,
}

impl Havn {
    /// A connection that is logged in as the first account's owner.
    pub async fn owner(&self) -> io::Result<Client> {
        let account = &self.ready.accounts[0];
        let owner = account.agents.iter().find(|agent| agent.role == "owner").unwrap_or(&account.agents[0]);
        let mut client = Client::open(&account.url).await?;
        let form = format!("email={}&password={}", encoded(&owner.email), encoded(&owner.password));
        let answer = client.post("/login", "application/x-www-form-urlencoded", form.as_bytes()).await?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        cookie
            .ok_or_else(|| io::Error::other(format!("log-in gave {}", answer.status)))?
            .clone_into(&mut client.cookie);
        Ok(client)
    }

    /// A connection with the account's API token.
    pub async fn token(&self) -> io::Result<Client> {
        let mut client = Client::open(&self.ready.accounts[0].url).await?;
        client.bearer.clone_from(&self.ready.accounts[0].token);
        Ok(client)
    }

    /// Ends it, as an operator does.
    pub async fn stop(mut self) {
        let _ = Command::new("kill").arg(self.ready.pid.to_string()).status().await;
        let _ = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
    }

    /// Ends it, as a loss of power does: all of its processes at once.
    pub async fn kill(mut self) {
        for pid in family(self.ready.pid) {
            signal_kill(pid).await;
        }
        let _ = self.child.kill().await;
        let _ = self.child.wait().await;
    }

    /// One of its processes, by a word of its command line.
    pub fn process(&self, word: &str) -> Option<u32> {
        family(self.ready.pid).into_iter().find(|pid| {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split('\0').any(|part| part == word)
        })
    }

    /// Kills one of its processes.
    pub async fn kill_process(&self, word: &str) {
        if let Some(pid) = self.process(word) {
            signal_kill(pid).await;
        }
    }
}

/// Kills a process; one that is gone already is left alone.
pub async fn signal_kill(pid: u32) {
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status().await;
}

/// A process and all its descendants, the process first.
pub fn family(pid: u32) -> Vec<u32> {
    let mut children: std::collections::HashMap<u32, Vec<u32>> = std::collections::HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some(parent) = parent_of(child) {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        all.extend(children.get(&pid).into_iter().flatten());
        next += 1;
    }
    all
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
