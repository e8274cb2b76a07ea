//! `havn account create`: an account with its first department and that one's mailboxes.

use std::{path::Path, process::ExitCode};

use words::{Clock, Task};

use crate::{Result, command::NewAccount, config::Config, doors::Doors, serve::runtime};

/// Makes an account. What was cut off half-way is gone on with by asking again.
pub fn create(dir: &Path, new: NewAccount) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    runtime()?.block_on(async {
        let doors = Doors::beside(&config, &Clock::System).await?;
        let account = access::NewAccount {
            slug: new.slug.clone(),
            name: new.name,
            region: config.region.clone(),
            data_centre: config.data_centre.clone(),
            language: new.language,
            time_zone: new.time_zone,
            department: new.department,
        };
        let id = doors.accounts.create(account).await?;
        let (store, access) = doors.accounts.open_task(id, Task::Setup).await?;
        let departments = store.read(&access, |read| read.departments()).await?;
        for (address, first) in new.mailboxes.into_iter().zip(departments.iter().cycle()) {
            doors.accounts.add_mailbox(&access, address, first.id).await?;
        }
        println!(
            "Account {} is made ({id}). Add its owner with: havn agent add {} ADDRESS --role owner",
            new.slug, new.slug
        );
        Ok(ExitCode::SUCCESS)
    })
}
