//! The command line.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};
use words::{EmailAddress, Language, Role, Slug};

use crate::config::{LogFormat, LogLevel};

/// Havn, an open customer-service desk.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// The folder of this Havn: `havn.toml` lies in it.
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The folder that was named.
    pub fn named_dir(&self) -> Option<PathBuf> {
        self.dir.clone()
    }

    /// The folder that was named, or the one where we are.
    pub fn dir(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| ".".into())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the accounts: mail in and out, pages, API.
    Serve,
    /// Show a Havn full of mail, with an outside world beside it. Without `--dir` all of it goes at the
    /// end.
    Demo(Demo),
    /// Make and look after accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Make and look after agents.
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Region keys, under which the accounts' keys are wrapped.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Take an old mailbox into an account: mbox, Maildir, or a folder of .eml files. What was taken
    /// already is not doubled; what was broken off goes on.
    Import(ImportMail),
    /// Copy all accounts, or one, to a new folder, while Havn runs.
    Backup(BackUp),
    /// Make a Havn of a backup, in a data folder without accounts.
    Restore(Restore),
    /// Look whether all accounts, or one, are whole, while Havn runs.
    Check(Check),
    /// Say in plain sentences what is wrong with this Havn.
    Doctor,
    /// Fill the demo.
    #[command(hide = true)]
    Fill(Fill),
    /// Be the demo's outside world.
    #[command(hide = true)]
    Outside,
    /// Be the desk process of a supervisor.
    #[command(hide = true)]
    Desk(Child),
    /// Be the door process of a supervisor.
    #[command(hide = true)]
    Door(Child),
}

/// How the demo is.
#[derive(Debug, Args)]
pub struct Demo {
    /// Say where everything is in one JSON line.
    #[arg(long)]
    pub json: bool,
    /// Make the accounts without mail.
    #[arg(long)]
    pub empty: bool,
    /// No outside world: every look-up of a name says at once that there is none.
    #[arg(long)]
    pub no_outside: bool,
    /// Send all outgoing mail there.
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    pub relay: Option<SocketAddr>,
    /// PostgreSQL for the accounts' rows: `postgres://user:password@host:port/database`.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// How the demo is filled.
#[derive(Debug, Args)]
pub struct Fill {
    /// Without mail.
    #[arg(long)]
    pub empty: bool,
    /// The relay of all accounts.
    #[arg(long)]
    pub relay: Option<SocketAddr>,
}

/// How a child of the supervisor logs, before it can read the operator's file.
#[derive(Debug, Args)]
pub struct Child {
    /// How log lines look.
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// Which are written.
    #[arg(long, value_enum, default_value_t)]
    pub log_level: LogLevel,
}

/// An old mailbox.
#[derive(Debug, Args)]
pub struct ImportMail {
    /// The account.
    pub account: Slug,
    /// The file or folder.
    pub from: PathBuf,
    /// The mailbox whose mail it was, if the account has several.
    #[arg(long, value_name = "ADDRESS")]
    pub mailbox: Option<EmailAddress>,
}

/// A backup to take.
#[derive(Debug, Args)]
pub struct BackUp {
    /// The new folder.
    pub to: PathBuf,
    /// This account alone.
    #[arg(long)]
    pub account: Option<Slug>,
}

/// A backup to put back.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup's folder.
    pub from: PathBuf,
}

/// What to check.
#[derive(Debug, Args)]
pub struct Check {
    /// This account alone.
    #[arg(long)]
    pub account: Option<Slug>,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make an account.
    Create(NewAccount),
}

/// An account to make.
#[derive(Debug, Args)]
pub struct NewAccount {
    /// Its name in its host: `<slug>.<base domain>`.
    pub slug: Slug,
    /// Its name, as its contacts know it.
    #[arg(long)]
    pub name: String,
    /// The language of what Havn writes for it: en or da.
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,
    /// Its time zone.
    #[arg(long, default_value = "UTC")]
    pub time_zone: String,
    /// The name of its first department.
    #[arg(long, default_value = "Support")]
    pub department: String,
    /// Addresses whose mail that department gets.
    #[arg(long = "mailbox", value_name = "ADDRESS")]
    pub mailboxes: Vec<EmailAddress>,
}

/// What to do with agents.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Add an agent, who can log in at once. The password is read from standard input, or made and
    /// printed if that is a terminal or empty.
    Add(NewAgent),
}

/// An agent to add.
#[derive(Debug, Args)]
pub struct NewAgent {
    /// The account.
    pub account: Slug,
    /// The address by which they log in.
    pub address: EmailAddress,
    /// Their name.
    #[arg(long)]
    pub name: String,
    /// What they may do: owner, admin or agent.
    #[arg(long, default_value = "agent", value_parser = role)]
    pub role: Role,
    /// The language of their pages: en or da.
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,
}

/// What to do with region keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make the key of this data centre's region, once. Keep a copy: without it no account opens.
    Create,
}

fn language(text: &str) -> Result<Language, String> {
    text.parse().map_err(|error: words::PlaceError| error.to_string())
}

fn role(text: &str) -> Result<Role, &'static str> {
    text.parse().map_err(|_| "a role is owner, admin or agent")
}

/// An address with its port; `localhost` is this machine.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix("localhost:") {
        let port = port.parse().map_err(|_| "a port is a number".to_owned())?;
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    text.parse().map_err(|_| "write an address with its port: 127.0.0.1:2525".to_owned())
}
