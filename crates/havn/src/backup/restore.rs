//! `havn restore`: makes a Havn of a backup, in a data folder that has no accounts yet.

use std::{path::Path, process::ExitCode};

use control::Control;
use words::Clock;

use super::{ACCOUNTS, CONTROL, chosen};
use crate::{Error, Result, command::Restore, config::Config, doors::Doors, serve::runtime};

/// Puts a backup back.
pub fn restore(dir: &Path, how: &Restore) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    // The key is asked for first: without it, or with another, nothing is made.
    let keys = access::RegionKeys::load(&config.keys, std::slice::from_ref(&config.region), &config.data)?;
    if Control::exists(&config.data) {
        return Err(Error::Told(format!(
            "{} has accounts already; restore into an empty data folder",
            config.data.display()
        )));
    }
    let copy = how.from.join(CONTROL);
    let tried = tempfile::tempdir()?;
    copy_file(&copy, &tried.path().join(CONTROL))?;
    drop(Control::open(tried.path(), &keys.marks(), Clock::System.now())?);
    std::fs::create_dir_all(&config.data)
        .map_err(|source| Error::File { path: config.data.clone(), source })?;
    copy_file(&copy, &config.data.join(CONTROL))?;
    runtime()?.block_on(async {
        let doors = Doors::beside(&config, &Clock::System).await?;
        let mut missing = 0;
        for account in chosen(&doors, None).await? {
            let source = how.from.join(ACCOUNTS).join(account.id.to_string());
            if !source.exists() {
                println!("{}: the backup does not hold its rows", account.slug);
                missing += 1;
                continue;
            }
            doors.accounts.restore(account.id, &source).await?;
            println!("{}: restored", account.slug);
        }
        doors.fleet.release().await?;
        Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).map_err(|source| Error::File { path: from.to_owned(), source })?;
    Ok(())
}
