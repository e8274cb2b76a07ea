//! `havn check`: whether every account is whole, row by row and file by file.

use std::{path::Path, process::ExitCode};

use store::Problem;
use words::{Clock, Task};

use super::chosen;
use crate::{Result, command::Check, config::Config, doors::Doors, serve::runtime};

/// Looks at all accounts, or one, and says what is not as it must be.
pub fn check(dir: &Path, how: &Check) -> Result<ExitCode> {
    let config = Config::read(dir)?;
    runtime()?.block_on(async {
        let doors = Doors::beside(&config, &Clock::System).await?;
        let mut wrong = 0;
        for account in chosen(&doors, how.account.as_ref()).await? {
            let (store, access) = doors.accounts.open_task(account.id, Task::Backup).await?;
            match store.check(&access).await {
                Ok(checked) if checked.problems.is_empty() => {
                    println!(
                        "{}: whole ({} messages, {} files)",
                        account.slug, checked.messages, checked.files
                    );
                }
                Ok(checked) => {
                    wrong += checked.problems.len();
                    for problem in &checked.problems {
                        println!("{}: {}", account.slug, sentence(problem));
                    }
                }
                Err(error) => {
                    wrong += 1;
                    println!("{}: {error}", account.slug);
                }
            }
        }
        Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn sentence(problem: &Problem) -> String {
    match problem {
        Problem::Database(what) => format!("the database says: {what}"),
        Problem::FileMissing(file) => format!("file {file} is missing"),
        Problem::FileDamaged(file) => format!("file {file} is damaged"),
        Problem::RawMissing(message) => format!("message {message} has no raw mail"),
        Problem::Counts(department) => format!("the counts of department {department} are wrong"),
        Problem::Events { found, expected } => format!("there are {found} events instead of {expected}"),
        Problem::Entry(number) => format!("entry {number} of the log is missing or not what it was"),
        Problem::Tile(path) => format!("{path} of the log is missing or not what it was"),
        Problem::LogNotAsSigned(size) => format!("the log is not what was signed when it had {size} entries"),
        Problem::EventWithoutEntry(number) => format!("event {number} has no entry in the log"),
        Problem::Search { found, expected } => {
            format!("{found} messages can be found by search instead of {expected}")
        }
    }
}
