//! Takes old mails in, many at a time and in order, and notes how far it came.

use std::{
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use desk::{
    Authentication,
    receive::{Arrival, Gist, Received, receive},
};
use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use letter::Letter;
use store::Import;
use words::{AccountId, Clock, MailboxId, Task};

use super::{
    source::{Old, Source},
    summary::{Summary, oddness},
};
use crate::{Error, Result, command::ImportMail, config::Config, doors::Doors, serve::runtime};

/// Mails that are read at once, and wait for one commit.
const AT_ONCE: usize = 64;
/// Mails between two notes of how far it came.
const NOTE_EVERY: i64 = 500;
/// What the trace of an old mail says.
const TRACE: &str = "taken in from an old mailbox";

/// An old mail that is ready to be taken in.
struct Ready {
    position: String,
    size: u64,
    odd: Vec<String>,
    arrival: Option<Arrival>,
}

/// Takes an old mailbox into an account.
pub fn import(dir: &Path, how: &ImportMail) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    runtime()?.block_on(async {
        let doors = Doors::beside(&config, &Clock::System).await?;
        let account = doors.accounts.by_slug(&how.account).await?;
        let account = account.ok_or(Error::NoSuchAccount(how.account.clone()))?.id;
        let mailbox = mailbox(&doors, account, how).await?;
        let path =
            how.from.canonicalize().map_err(|source| Error::File { path: how.from.clone(), source })?;
        let begun = Instant::now();
        let (summary, mails) = take(&doors, account, mailbox, &path).await?;
        print!("{}", summary.words(mails, begun.elapsed()));
        Ok(ExitCode::SUCCESS)
    })
}

/// The mailbox whose mail it was: the one that was named, or the account's only one.
async fn mailbox(doors: &Doors, account: AccountId, how: &ImportMail) -> Result<MailboxId> {
    let (store, access) = doors.accounts.open_task(account, Task::Import).await?;
    let mailboxes = store.read(&access, |read| read.mailboxes()).await?;
    let found = match &how.mailbox {
        Some(address) => mailboxes.iter().find(|mailbox| mailbox.address.key() == address.key()),
        None if mailboxes.len() == 1 => mailboxes.first(),
        None => None,
    };
    let names = || mailboxes.iter().map(|mailbox| mailbox.address.to_string()).collect::<Vec<_>>().join(", ");
    match found {
        Some(mailbox) => Ok(mailbox.id),
        None if mailboxes.is_empty() => Err(Error::Told("the account has no mailbox yet".into())),
        None => Err(Error::Told(format!("say whose mail it was with --mailbox: one of {}", names()))),
    }
}

async fn take(doors: &Doors, account: AccountId, mailbox: MailboxId, path: &Path) -> Result<(Summary, i64)> {
    let name = path.to_string_lossy().into_owned();
    let before = progress(doors, account, &name).await?;
    let failed = |source| Error::File { path: path.to_owned(), source };
    let (source, bytes) = Source::open(path, &before.position).map_err(failed)?;
    let bar = bar(bytes);
    let (mut summary, mut mails) = (Summary::of(&before), 0);
    let mut position = before.position;
    let mut coming = stream::iter(source)
        .map(|old| async { prepare(doors, account, mailbox, old.map_err(failed)?).await })
        .buffered(AT_ONCE)
        .map(|ready| async { put(doors, account, ready?).await })
        .buffered(AT_ONCE);
    while let Some(done) = coming.next().await {
        let (ready_position, size, odd, received) = done?;
        for what in &odd {
            summary.odd(what);
        }
        match received {
            Some(Received::Duplicate { .. }) => summary.doubled += 1,
            Some(_) => summary.taken += 1,
            None => {}
        }
        (position, mails) = (ready_position, mails + 1);
        bar.inc(size);
        if mails % NOTE_EVERY == 0 {
            note(doors, account, &name, &position, &summary).await?;
        }
    }
    note(doors, account, &name, &position, &summary).await?;
    bar.finish_and_clear();
    Ok((summary, mails))
}

async fn progress(doors: &Doors, account: AccountId, name: &str) -> Result<Import> {
    let (store, access) = doors.accounts.open_task(account, Task::Import).await?;
    let asked = name.to_owned();
    let found = store.read(&access, move |read| read.import(&asked)).await?;
    Ok(found.unwrap_or_else(|| Import { source: name.to_owned(), odd: "{}".into(), ..Import::default() }))
}

async fn note(
    doors: &Doors,
    account: AccountId,
    name: &str,
    position: &str,
    summary: &Summary,
) -> Result<()> {
    let (store, access) = doors.accounts.open_task(account, Task::Import).await?;
    let now = Import {
        source: name.to_owned(),
        position: position.to_owned(),
        taken: summary.taken,
        doubled: summary.doubled,
        odd: summary.odd_json(),
    };
    Ok(store.write(&access, move |tx| tx.put_import(&now)).await?)
}

/// Reads a mail, beside the writer.
async fn prepare(doors: &Doors, account: AccountId, mailbox: MailboxId, old: Old) -> Result<Ready> {
    let (position, size) = (old.position, old.size);
    let Some(raw) = old.raw else {
        return Ok(Ready { position, size, odd: vec!["too large, left out".into()], arrival: None });
    };
    let read = tokio::task::spawn_blocking(move || {
        let letter = Letter::read(&raw);
        let bounce = letter::bounce(&letter, &raw);
        (Gist::of(&letter, &raw, None), letter, bounce, raw)
    });
    let (gist, letter, bounce, raw) = read.await.map_err(|_| store::Error::Panicked)?;
    let (store, _) = doors.accounts.open_task(account, Task::Import).await?;
    let odd = oddness(&letter);
    let arrival = Arrival {
        mailboxes: vec![mailbox],
        envelope_from: None,
        raw: store.prepare_raw(raw).await?,
        letter,
        gist,
        bounce,
        authentication: Authentication::default(),
        trace: TRACE.into(),
        imported: true,
    };
    Ok(Ready { position, size, odd, arrival: Some(arrival) })
}

/// Puts a mail into the account. Those that wait together are committed together, in their order.
async fn put(
    doors: &Doors,
    account: AccountId,
    ready: Ready,
) -> Result<(String, u64, Vec<String>, Option<Received>)> {
    let received = match ready.arrival {
        None => None,
        Some(arrival) => {
            let (store, access) = doors.accounts.open_task(account, Task::Import).await?;
            receive(&store, &access, arrival).await?.first().copied()
        }
    };
    Ok((ready.position, ready.size, ready.odd, received))
}

fn bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(bytes).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
