//! `havn doctor`: what is wrong with this Havn, in plain sentences. It changes nothing.

mod certificates;
mod disk;
mod door;
mod network;

use std::{path::Path, process::ExitCode};

use access::RegionKeys;
use control::Control;
use words::{Clock, Task};

use crate::{
    Result,
    config::Config,
    doors::Doors,
    serve::{Running, runtime},
};

/// What was found: sentences, good ones and bad ones.
#[derive(Default)]
pub struct Findings {
    good: usize,
    odd: usize,
    wrong: usize,
}

impl Findings {
    /// Something is as it must be.
    pub fn good(&mut self, sentence: &str) {
        self.good += 1;
        println!("  ok     {sentence}");
    }

    /// Something may become wrong.
    pub fn odd(&mut self, sentence: &str) {
        self.odd += 1;
        println!("  note   {sentence}");
    }

    /// Something is wrong.
    pub fn bad(&mut self, sentence: &str) {
        self.wrong += 1;
        println!("  WRONG  {sentence}");
    }

    /// As it is.
    pub fn tell<T>(&mut self, result: Result<T>, good: &str) -> Option<T> {
        match result {
            Ok(value) => {
                self.good(good);
                Some(value)
            }
            Err(error) => {
                self.bad(&error.sentence());
                None
            }
        }
    }
}

/// Looks at everything that can be looked at from here; exit code 1 if something is wrong.
pub fn examine(dir: &Path) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    let mut findings = Findings::default();
    findings.good(&format!("{} can be read", config.path.display()));
    let keys = RegionKeys::load(&config.keys, std::slice::from_ref(&config.region), &config.data);
    let keys =
        findings.tell(keys.map_err(Into::into), "the region key is there, and nobody else may read it");
    disk::examine(&config, &mut findings);
    door::examine(&config, &mut findings);
    certificates::examine(&config, &mut findings);
    if let Some(keys) = keys {
        if Control::exists(&config.data) {
            runtime()?.block_on(accounts(&config, &keys, &mut findings))?;
        } else {
            findings.odd("there is no account yet: make one with havn account create");
        }
    }
    let running = Running::read(&config.running());
    network::examine(&config, running.as_ref(), &mut findings);
    println!("{} good, {} to note, {} wrong.", findings.good, findings.odd, findings.wrong);
    Ok(if findings.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn accounts(config: &Config, keys: &RegionKeys, findings: &mut Findings) -> Result<()> {
    let opened = Control::open(&config.data, &keys.marks(), Clock::System.now());
    if findings.tell(opened.map_err(Into::into), "control data open under this key").is_none() {
        return Ok(());
    }
    let Some(doors) =
        findings.tell(Doors::beside(config, &Clock::System).await, "the accounts' database answers")
    else {
        return Ok(());
    };
    let accounts = doors.accounts.all().await?;
    for account in &accounts {
        let opened = doors.accounts.open_task(account.id, Task::Backup).await;
        let (store, access) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                findings.bad(&format!("account {}: {}", account.slug, crate::Error::from(error).sentence()));
                continue;
            }
        };
        match store
            .read(&access, |read| Ok::<_, store::Error>((read.relay()?, read.mailboxes()?.len())))
            .await
        {
            Ok((relay, mailboxes)) => {
                if mailboxes == 0 {
                    findings.odd(&format!("account {} has no mailbox yet", account.slug));
                }
                match relay {
                    Some(relay) => network::relay(&doors, account, &relay, findings).await,
                    None => findings.odd(&format!("account {} has no relay: it cannot answer", account.slug)),
                }
            }
            Err(error) => findings.bad(&format!("account {}: {error}", account.slug)),
        }
    }
    findings.good(&format!("{} accounts were opened", accounts.len()));
    network::names(config, &doors, findings).await;
    Ok(())
}
