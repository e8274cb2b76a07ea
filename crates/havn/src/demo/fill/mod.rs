//! Fills the demo: makes its accounts and plays what happened in them, under a clock of their own, by
//! the way that mail comes. A process of its own that ends when it is done: what it needs, the demo need
//! not carry about.

mod account;
mod letters;
mod register;
mod story;

pub use letters::quoted;

use std::{ffi::OsStr, net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use mail::Names;
use store::{Relay, RelayTls};
use words::{Clock, Slug, Task, Time};

use super::{ACCOUNTS_FILE, Account, child, content, outside::Signer};
use crate::{Error, Result, command::Fill, config::Config, doors::Doors, log, serve::runtime};

/// So long before now the accounts were made.
const BEGAN: Duration = Duration::from_hours(21 * 24);

/// Fills the demo in a process of its own; whether it did.
pub fn start(dir: &Path, empty: bool, relay: Option<SocketAddr>) -> Result<bool> {
    let relay = relay.map(|relay| relay.to_string());
    let mut words = vec![OsStr::new("fill")];
    if empty {
        words.push(OsStr::new("--empty"));
    }
    if let Some(relay) = &relay {
        words.extend([OsStr::new("--relay"), OsStr::new(relay)]);
    }
    Ok(child::run(&words, dir)?.success())
}

/// Fills what is not filled yet, and tells the accounts where their relay is now.
pub fn run(dir: &Path, how: &Fill) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    log::begin(config.log_format, crate::config::LogLevel::Error);
    runtime()?.block_on(async {
        let began = Clock::System.now().before(BEGAN);
        let path = dir.join(ACCOUNTS_FILE);
        if !path.exists() {
            let accounts = fill(dir, &config, how, began).await?;
            register::write(dir, &config, began)?;
            let bytes = serde_json::to_vec_pretty(&accounts).map_err(std::io::Error::from)?;
            std::fs::write(&path, bytes).map_err(|source| Error::File { path, source })?;
        }
        point_to_relay(&config, how.relay).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn fill(dir: &Path, config: &Config, how: &Fill, began: Time) -> Result<Vec<Account>> {
    let clock = Clock::fixed(began);
    let doors = Doors::beside(config, &clock).await?;
    let names = Arc::new(Names::through(doors.egress.clone()));
    let signer = Arc::new(Signer::take(dir)?);
    let mut accounts = Vec::new();
    let mut zone = std::collections::BTreeMap::new();
    for content in content::accounts()? {
        // Each account's story begins anew.
        let clock = Clock::fixed(began);
        let doors = doors.under(config, &clock).await?;
        let made = account::make(&doors, config, &content, &clock).await?;
        zone.insert(made.record.0.clone(), made.record.1.clone());
        write_zone(dir, &zone)?;
        if !how.empty {
            let teller = story::Teller::new(&doors, &names, &signer, config, &content, &made, &clock);
            teller.tell(Clock::System.now()).await?;
        }
        doors.fleet.release().await?;
        accounts.push(made.shown);
    }
    Ok(accounts)
}

fn write_zone(dir: &Path, zone: &std::collections::BTreeMap<String, String>) -> Result<()> {
    let path = dir.join(super::outside::ZONE_FILE);
    let bytes = serde_json::to_vec(zone).map_err(std::io::Error::from)?;
    std::fs::write(&path, bytes).map_err(|source| Error::File { path, source })
}

/// Gives the accounts the relay of this start, whose port is another each time.
async fn point_to_relay(config: &Config, relay: Option<SocketAddr>) -> Result<()> {
    let doors = Doors::beside(config, &Clock::System).await?;
    for content in content::accounts()? {
        let slug: Slug = content.slug;
        let Some(account) = doors.accounts.by_slug(&slug).await? else { continue };
        let (store, access) = doors.accounts.open_task(account.id, Task::Setup).await?;
        match relay {
            None => desk::settings::remove_relay(&store, &access).await?,
            Some(address) => {
                let host = address.ip().to_string().parse().map_err(std::io::Error::other)?;
                let relay =
                    Relay { host, port: address.port(), tls: RelayTls::None, username: None, password: None };
                desk::settings::set_relay(&store, &access, relay).await?;
            }
        }
    }
    Ok(doors.fleet.release().await?)
}
