//! `havn backup`: a folder that everything can be made from again, but for the region key.

use std::{path::Path, process::ExitCode};

use words::Clock;

use super::{ACCOUNTS, CONTROL, chosen};
use crate::{Error, Result, command::BackUp, config::Config, doors::Doors, serve::runtime};

/// Takes a backup into a new folder.
pub fn take(dir: &Path, how: &BackUp) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    runtime()?.block_on(async {
        let doors = Doors::beside(&config, &Clock::System).await?;
        let accounts = chosen(&doors, how.account.as_ref()).await?;
        let target = how.to.join(ACCOUNTS);
        let failed = |source| Error::File { path: how.to.clone(), source };
        if how.to.join(CONTROL).exists() {
            return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
        }
        std::fs::create_dir_all(&target).map_err(failed)?;
        let (mut rows, mut files, mut lost) = (0, 0, 0);
        for account in &accounts {
            let taken = doors.accounts.backup(account.id, &target.join(account.id.to_string())).await?;
            rows += taken.rows;
            files += taken.files;
            lost += taken.lost.len();
            for file in &taken.lost {
                println!("{}: file {file} is damaged or missing, and not in the backup", account.slug);
            }
        }
        // Last: an account that was made meanwhile is in it, and says at restore that its rows are not.
        let copy = how.to.join(CONTROL);
        doors.control.run(move |control| control.copy_to(&copy)).await?;
        println!("{} accounts, {rows} rows, {files} files.", accounts.len());
        Ok(if lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}
