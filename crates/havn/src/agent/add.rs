//! `havn agent add`: somebody who can log in at once.

use std::{
    io::{IsTerminal, Read},
    path::Path,
    process::ExitCode,
};

use words::{Clock, Secret, Task};

use crate::{Error, Result, command::NewAgent, config::Config, doors::Doors, serve::runtime};

/// How much of standard input is taken for a password.
const PASSWORD_BYTES_MAX: u64 = 1_024;

/// Adds an agent.
pub fn add(dir: &Path, new: NewAgent) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    let given = given_password()?;
    runtime()?.block_on(async {
        let doors = Doors::beside(&config, &Clock::System).await?;
        let account = doors.accounts.by_slug(&new.account).await?;
        let account = account.ok_or(Error::NoSuchAccount(new.account))?;
        let (store, access) = doors.accounts.open_task(account.id, Task::Setup).await?;
        let password = given.clone().unwrap_or_else(|| Secret::random(""));
        let agent = access::NewAgent {
            name: new.name,
            address: new.address.clone(),
            role: new.role,
            departments: None,
            language: new.language,
            password: password.clone(),
        };
        doors.accounts.door().add_agent(&store, &access, agent).await?;
        match given {
            Some(_) => println!("{} can log in.", new.address),
            None => println!("{} can log in with the password {}", new.address, password.expose()),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The first line of standard input, if that is no terminal and there is one.
fn given_password() -> Result<Option<Secret>> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Ok(None);
    }
    let mut text = String::new();
    input.take(PASSWORD_BYTES_MAX).read_to_string(&mut text)?;
    let line = text.lines().next().unwrap_or_default();
    Ok((!line.is_empty()).then(|| Secret::new(line.to_owned())))
}
