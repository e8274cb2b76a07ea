//! The commands that change the register.

use std::{fs, process::ExitCode};

use control::Authorship;
use register::{Change, Document, DocumentFault, Register, Terms};
use words::{Clock, Time};

use super::{Office, publish::publish};
use crate::{
    Error, Result,
    command::{By, RegisterImport, RegisterStanding, RegisterStep, RegisterTerms, SaidOfEntry},
    signing::{KeyFile, SigningKey},
};

/// `havn register import`: makes the register say what a file says; all of it or nothing.
pub(super) fn import(office: &Office, how: &RegisterImport) -> Result<ExitCode> {
    let text =
        fs::read_to_string(&how.file).map_err(|source| Error::File { path: how.file.clone(), source })?;
    let document = Document::read(&text).map_err(|faults| told(&how.file.display().to_string(), &faults))?;
    make(office, &how.by, |register| Ok(document.changes(register)))
}

/// The faults of a file, one a line, with the line that each is on.
pub(super) fn told(file: &str, faults: &[DocumentFault]) -> Error {
    let line = |fault: &DocumentFault| format!("{file}:{}: {}", fault.line, fault.sentence);
    let lines: Vec<_> = faults.iter().map(line).collect();
    Error::Told(format!("nothing was imported\n{}", lines.join("\n")))
}

/// `havn register step`: an entry's next state.
pub(super) fn step(office: &Office, how: &RegisterStep) -> Result<ExitCode> {
    let change = Change::Step { entry: how.entry.clone(), to: how.state };
    make(office, &how.by, |_| Ok(vec![change]))
}

/// `havn register terms`: what an account signed.
pub(super) fn terms(office: &Office, how: &RegisterTerms) -> Result<ExitCode> {
    let (account, now) = (office.account(&how.account)?, Clock::System.now());
    make(office, &how.by, |register| {
        let signed = register.accounts.get(&account);
        let terms = Terms {
            authorisation: how.authorisation,
            objection_days: how.objection_days,
            region: office.config.region.clone(),
            signed_at: signed.map_or(now, |signed| signed.terms.signed_at),
        };
        Ok(vec![Change::Terms { account, terms: Box::new(terms) }])
    })
}

/// `havn register standing`: what an account was told of an entry, or said to it.
pub(super) fn standing(office: &Office, how: &RegisterStanding) -> Result<ExitCode> {
    let (account, entry) = (office.account(&how.account)?, how.entry.clone());
    let change = match how.said {
        SaidOfEntry::Told => Change::Told { account, entry },
        SaidOfEntry::Bounced => Change::Bounced { account, entry },
        SaidOfEntry::Accepted => Change::Accepted { account, entry },
        SaidOfEntry::Objected => Change::Objected { account, entry },
        SaidOfEntry::Answered => Change::Answered { account, entry, answer: how.by.reason.clone() },
        SaidOfEntry::Withdrawn => Change::ObjectionWithdrawn { account, entry },
    };
    make(office, &how.by, |_| Ok(vec![change]))
}

/// Makes changes, signs what came of them, and says how many they were.
fn make(office: &Office, by: &By, plan: impl FnOnce(&Register) -> Result<Vec<Change>>) -> Result<ExitCode> {
    let before = office.history()?.register.number;
    let after = make_at(office, (&by.author, &by.reason), Clock::System.now(), plan)?;
    match after - before {
        0 => println!("The register says so already."),
        1 => println!("1 change; the register is at number {after}."),
        changes => println!("{changes} changes; the register is at number {after}."),
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes changes at a moment, never before the last that was made, and signs what came of them. Gives the
/// number of the last change.
pub(crate) fn make_at(
    office: &Office,
    (author, reason): (&str, &str),
    now: Time,
    plan: impl FnOnce(&Register) -> Result<Vec<Change>>,
) -> Result<u64> {
    let key = SigningKey::open(&office.config, KeyFile::Register)?;
    let at = office.history()?.register.updated_at.map_or(now, |last| last.max(now));
    let by = Authorship { author: author.to_owned(), reason: reason.to_owned(), at };
    let history = office.control.change_register(&by, plan)?;
    publish(&office.config, &office.control, &key, &history.register, at)?;
    Ok(history.register.number)
}
