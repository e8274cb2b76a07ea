//! `havn register`: who else gets data, as the doors obey it. The commands work on the folder whether its
//! server runs or not; what they change is signed, and the door obeys it within a second.

mod ask;
mod change;
mod check;
mod publish;
mod show;

use std::{path::Path, process::ExitCode};

use control::{Control, RegisterHistory};
use register::Register;
use words::{Clock, Slug, Time};

use crate::{Error, Result, command::RegisterCommand, config::Config};

pub(crate) use change::make_at;
pub(crate) use publish::publish_what_is_not;

/// Runs one of the commands.
pub fn run(dir: &Path, command: RegisterCommand) -> Result<ExitCode> {
    match command {
        RegisterCommand::Check(how) => check::check(dir, &how),
        RegisterCommand::List(how) => show::list(&Office::open(dir)?, &how),
        RegisterCommand::Show(how) => show::show(&Office::open(dir)?, &how),
        RegisterCommand::Export(how) => show::export(&Office::open(dir)?, &how),
        RegisterCommand::History(how) => show::history(&Office::open(dir)?, &how),
        RegisterCommand::Diff(how) => show::diff(&Office::open(dir)?, &how),
        RegisterCommand::Explain(how) => ask::explain(&Office::open(dir)?, &how),
        RegisterCommand::Import(how) => change::import(&Office::open(dir)?, &how),
        RegisterCommand::Step(how) => change::step(&Office::open(dir)?, &how),
        RegisterCommand::Terms(how) => change::terms(&Office::open(dir)?, &how),
        RegisterCommand::Standing(how) => change::standing(&Office::open(dir)?, &how),
    }
}

/// The register of a folder.
pub(crate) struct Office {
    pub(crate) config: Config,
    pub(crate) control: Control,
}

impl Office {
    /// Opens control data; without any, the folder has no Havn yet.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let config = Config::read(dir)?;
        if !Control::exists(&config.data) {
            return Err(Error::Told(format!("there are no accounts in {} yet", config.data.display())));
        }
        let control = Control::open(&config.data, &[], Clock::System.now())?;
        Ok(Self { config, control })
    }

    fn history(&self) -> Result<std::sync::Arc<RegisterHistory>> {
        Ok(self.control.register_history()?)
    }

    /// The register at a moment; now, if none is named.
    fn register_at(&self, at: Option<Time>) -> Result<Register> {
        let history = self.history()?;
        match at {
            None => Ok(history.register.clone()),
            Some(at) => Register::at(&history.changes, at).map_err(|error| Error::Told(error.to_string())),
        }
    }

    pub(crate) fn account(&self, slug: &Slug) -> Result<words::AccountId> {
        let account = self.control.account_by_slug(slug)?;
        Ok(account.ok_or_else(|| Error::NoSuchAccount(slug.clone()))?.id)
    }
}

/// Prints JSON on one line.
fn print_json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string(value).expect("what is printed is always JSON"));
}
