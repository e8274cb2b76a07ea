//! The program `havn`: reads the command line and runs one command.

mod account;
mod agent;
mod backup;
mod command;
mod config;
mod demo;
mod doctor;
mod door_user;
mod doors;
mod error;
mod evidence;
mod fault;
mod import;
mod key;
mod log;
mod own_door;
mod postgres;
mod register;
mod schema;
mod serve;
mod signing;

use std::process::ExitCode;

use clap::Parser;

use command::{AccountCommand, AgentCommand, Cli, Command, KeyCommand};
pub(crate) use error::{Error, Result};

fn main() -> ExitCode {
    fault::tell_places_only();
    let cli = Cli::parse();
    let (named, dir) = (cli.named_dir(), cli.dir());
    let done = match cli.command {
        Command::Serve => serve::supervise(&dir),
        Command::Demo(how) => demo::run(named, &how),
        Command::Import(how) => import::import(&dir, &how),
        Command::Backup(how) => backup::take(&dir, &how),
        Command::Restore(how) => backup::restore(&dir, &how),
        Command::Check(how) => backup::check(&dir, &how),
        Command::Register(command) => register::run(&dir, command),
        Command::Evidence(command) => evidence::run(&dir, command),
        Command::Doctor => doctor::examine(&dir),
        Command::Fill(how) => demo::fill(&dir, &how),
        Command::Outside => demo::outside(&dir),
        Command::Desk(how) => serve::desk(&dir, &how),
        Command::Door(how) => return serve::door(&dir, &how),
        Command::Account(AccountCommand::Create(new)) => account::create(&dir, new),
        Command::Agent(AgentCommand::Add(new)) => agent::add(&dir, new),
        Command::Key(KeyCommand::Create) => key::create(&dir),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("havn: {}", error.sentence());
            ExitCode::FAILURE
        }
    }
}
