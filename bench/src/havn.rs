//! The program under measure: started, filled, logged in, stopped.

use std::{
    io,
    path::Path,
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

pub struct Havn {
    child: Child,
    pub ready: Ready,
    pub started_in: Duration,
}

impl Havn {
    /// Starts an empty demo on the folder.
    pub async fn start(program: &Path, folder: &Path, postgres: Option<&str>) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(["demo", "--json", "--empty", "--no-outside", "--dir"]).arg(folder);
        if let Some(url) = postgres {
            command.args(["--store", url]);
        }
        command.stdout(Stdio::piped()).kill_on_drop(true);
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
        Ok(Self { child, ready, started_in })
    }

    /// Starts a demo whose first account holds so many conversations.
    pub async fn with_data(
        program: &Path,
        folder: &Path,
        postgres: Option<&str>,
        conversations: usize,
    ) -> io::Result<Self> {
        let havn = Self::start(program, folder, postgres).await?;
        let mbox = folder.join("bench.mbox");
        data::write_mbox(&mbox, conversations)?;
        let account = &havn.ready.accounts[0];
        let done = Command::new(program)
            .args(["import", "--account", &account.slug, "--mailbox", &account.mailbox, "--dir"])
            .arg(folder)
            .arg(&mbox)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .status()
            .await?;
        std::fs::remove_file(&mbox)?;
        if done.success() { Ok(havn) } else { Err(io::Error::other("the import failed")) }
    }

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
