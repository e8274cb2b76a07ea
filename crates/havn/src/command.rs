//! The command line.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use register::{Authorisation, EntryId, OBJECTION_DAYS_DEFAULT, State};
use words::{EmailAddress, Language, Purpose, Role, Slug, Time};

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
    /// The register of sub-processors: who else gets data. What is changed here the door obeys within a
    /// second.
    #[command(subcommand)]
    Register(RegisterCommand),
    /// The signed logs of what happened.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
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

/// What to do with the register.
#[derive(Debug, Subcommand)]
pub enum RegisterCommand {
    /// List the entries.
    List(RegisterAt),
    /// Show one entry with all its facts.
    Show(RegisterShow),
    /// Say what a reader of the page would stumble over; exit code 1 if there is anything.
    Check(RegisterCheck),
    /// Make the register say what a file says (TOML or JSON, docs/register.md): all of it or nothing.
    Import(RegisterImport),
    /// Write the register as a file.
    Export(RegisterExport),
    /// Show what is different between two numbers of the history.
    Diff(RegisterDiff),
    /// List every change with its author, time and reason.
    History(RegisterJson),
    /// Say what the door would answer, and each rule that leads to it; exit code 1 if it refuses.
    Explain(RegisterExplain),
    /// Bring an entry to its next state.
    Step(RegisterStep),
    /// Write down what an account signed.
    Terms(RegisterTerms),
    /// Write down what an account was told of an entry, or said to it.
    Standing(RegisterStanding),
}

/// Who changes the register, and why.
#[derive(Debug, Args)]
pub struct By {
    /// Your name, for the history.
    #[arg(long, value_name = "NAME")]
    pub author: String,
    /// Why, for the history.
    #[arg(long)]
    pub reason: String,
}

/// A moment of the register.
#[derive(Debug, Args)]
pub struct RegisterAt {
    /// As it was then: 2026-11-25 or 2026-11-25T10:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Time>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// An entry to show.
#[derive(Debug, Args)]
pub struct RegisterShow {
    /// Its id.
    pub entry: EntryId,
    /// When.
    #[command(flatten)]
    pub at: RegisterAt,
}

/// A register to check.
#[derive(Debug, Args)]
pub struct RegisterCheck {
    /// A file; without one the register of this Havn, beside what its door recorded.
    pub file: Option<PathBuf>,
    /// As of then: 2026-11-25 or 2026-11-25T10:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Time>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// A register to take over.
#[derive(Debug, Args)]
pub struct RegisterImport {
    /// The file.
    pub file: PathBuf,
    /// By whom.
    #[command(flatten)]
    pub by: By,
}

/// A register to write.
#[derive(Debug, Args)]
pub struct RegisterExport {
    /// As it was then: 2026-11-25 or 2026-11-25T10:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Time>,
    /// As JSON instead of TOML.
    #[arg(long)]
    pub json: bool,
}

/// Two moments to compare.
#[derive(Debug, Args)]
pub struct RegisterDiff {
    /// The number of the change up to which the first goes; 0: nothing yet.
    pub from: u64,
    /// That of the second; without one, now.
    pub to: Option<u64>,
    /// As JSON, one difference a line.
    #[arg(long)]
    pub json: bool,
}

/// How something is printed.
#[derive(Debug, Args)]
pub struct RegisterJson {
    /// As JSON, one change a line.
    #[arg(long)]
    pub json: bool,
}

/// A decision to explain.
#[derive(Debug, Args)]
pub struct RegisterExplain {
    /// For which account; without one, for Havn itself.
    #[arg(long)]
    pub account: Option<Slug>,
    /// What for: mail-relay, voice, webhook, …
    #[arg(long, value_parser = purpose)]
    pub purpose: Purpose,
    /// To which host, with its port behind it if it is not the usual one.
    #[arg(long)]
    pub host: String,
    /// At which port.
    #[arg(long)]
    pub port: Option<u16>,
    /// On which ground; without one, on whichever the purpose can rest.
    #[arg(long, value_enum)]
    pub ground: Option<Ground>,
    /// As of then: 2026-11-25 or 2026-11-25T10:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Time>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// The ground on which bytes may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ground {
    /// An entry of the register.
    Entry,
    /// The account's own instruction.
    Instruction,
    /// The address of the very message.
    Addressee,
    /// The operator's file.
    Operator,
}

impl Ground {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Instruction => "instruction",
            Self::Addressee => "addressee",
            Self::Operator => "operator",
        }
    }
}

/// A step to take.
#[derive(Debug, Args)]
pub struct RegisterStep {
    /// Which entry.
    pub entry: EntryId,
    /// To where: diligence, contracted, announced, active, suspended, ended, draft.
    #[arg(value_parser = state)]
    pub state: State,
    /// By whom.
    #[command(flatten)]
    pub by: By,
}

/// What an account signed.
#[derive(Debug, Args)]
pub struct RegisterTerms {
    /// The account.
    pub account: Slug,
    /// General: it is told, and silence accepts. Specific: it is asked, and silence refuses.
    #[arg(long, value_parser = authorisation)]
    pub authorisation: Authorisation,
    /// Days in which it may object.
    #[arg(long, default_value_t = OBJECTION_DAYS_DEFAULT)]
    pub objection_days: u32,
    /// By whom.
    #[command(flatten)]
    pub by: By,
}

/// What an account was told, or said.
#[derive(Debug, Args)]
pub struct RegisterStanding {
    /// The account.
    pub account: Slug,
    /// The entry.
    pub entry: EntryId,
    /// What.
    #[arg(value_enum)]
    pub said: SaidOfEntry,
    /// By whom.
    #[command(flatten)]
    pub by: By,
}

/// What an account was told of an entry, or said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SaidOfEntry {
    /// The notice was proven to be delivered.
    Told,
    /// The notice came back.
    Bounced,
    /// It said yes.
    Accepted,
    /// It objects; the reason is the reason.
    Objected,
    /// The operator answered its objection; the answer is the reason.
    Answered,
    /// It took its objection back.
    Withdrawn,
}

/// What to do with the logs: the operator's, or that of an account.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Write a log as a file, up to its newest checkpoint.
    Export(EvidenceExport),
    /// Write the newest checkpoint of a log: keep it, and verify against it later.
    Checkpoint(EvidenceCheckpoint),
    /// Write the proof that an entry is in a log.
    Proof(EvidenceProof),
    /// Say whether a log or a proof is what was signed (docs/evidence.md); exit code 1 if it is not.
    Verify(EvidenceVerify),
}

/// A log to write.
#[derive(Debug, Args)]
pub struct EvidenceExport {
    /// The account's log instead of the operator's.
    #[arg(long, value_name = "SLUG")]
    pub account: Option<Slug>,
    /// Where to; without it to standard output.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// A checkpoint to write.
#[derive(Debug, Args)]
pub struct EvidenceCheckpoint {
    /// That of the account's log instead of the operator's.
    #[arg(long, value_name = "SLUG")]
    pub account: Option<Slug>,
}

/// A proof to write.
#[derive(Debug, Args)]
pub struct EvidenceProof {
    /// An entry of the account's log. Without `--entry`: that the account's newest checkpoint is in the
    /// operator's log.
    #[arg(long, value_name = "SLUG", required_unless_present = "entry")]
    pub account: Option<Slug>,
    /// The number of the entry; the first is 0.
    #[arg(long, value_name = "N")]
    pub entry: Option<u64>,
}

/// A log to verify.
#[derive(Debug, Args)]
pub struct EvidenceVerify {
    /// The log, or a proof.
    pub file: PathBuf,
    /// The public key of the operator's logs; without it that of the folder (log.pub).
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// A checkpoint of this log that was kept; may be named more than once.
    #[arg(long, value_name = "FILE")]
    pub kept: Vec<PathBuf>,
    /// The operator's log, or the proof from it: shows that it tells of this account's log as it is.
    #[arg(long, value_name = "FILE")]
    pub operator_log: Option<PathBuf>,
}

/// A day, or an instant. A day is meant to its end.
fn moment(text: &str) -> Result<Time, &'static str> {
    const NOT_ONE: &str = "write 2026-11-25 or 2026-11-25T10:00:00Z";
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let end = jiff::tz::TimeZone::UTC.to_timestamp(day.at(23, 59, 59, 0)).map_err(|_| NOT_ONE)?;
        return Ok(Time::from_seconds(end.as_second()));
    }
    let at: jiff::Timestamp = text.parse().map_err(|_| NOT_ONE)?;
    Ok(Time::from_micros(at.as_microsecond()))
}

fn purpose(text: &str) -> Result<Purpose, String> {
    let all: Vec<_> = Purpose::ALL.iter().map(|purpose| purpose.name()).collect();
    text.parse().map_err(|_| format!("a purpose is one of {}", all.join(", ")))
}

fn state(text: &str) -> Result<State, String> {
    let all: Vec<_> = State::ALL.iter().map(|state| state.name()).collect();
    let found = State::ALL.into_iter().find(|state| state.name() == text);
    found.ok_or_else(|| format!("a state is one of {}", all.join(", ")))
}

fn authorisation(text: &str) -> Result<Authorisation, &'static str> {
    match text {
        "general" => Ok(Authorisation::General),
        "specific" => Ok(Authorisation::Specific),
        _ => Err("an authorisation is general or specific"),
    }
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
