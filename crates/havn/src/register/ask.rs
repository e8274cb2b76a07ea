//! `havn register explain`: the door's decision, with each rule that led to it.

use std::{fs, process::ExitCode};

use register::{Ask, Asked, Basis, Rulebook, Rules, Snapshot, explain as ask_all};
use serde_json::json;
use words::{Clock, Host, Purpose, Time};

use super::{Office, print_json};
use crate::{
    Error, Result,
    command::{Ground, RegisterExplain},
};

/// The grounds in the order in which they are tried: the register first.
const ALL_GROUNDS: [Ground; 4] = [Ground::Entry, Ground::Instruction, Ground::Addressee, Ground::Operator];

/// Prints what the door would answer. The exit code is 1 if it refuses.
pub(super) fn explain(office: &Office, how: &RegisterExplain) -> Result<ExitCode> {
    let path = &office.config.path;
    let text = fs::read_to_string(path).map_err(|source| Error::File { path: path.clone(), source })?;
    let file = egress::operator_file(&text)?;
    let account = how.account.as_ref().map(|slug| office.account(slug)).transpose()?;
    let (book, now) = book(office, how.at)?;
    let (host, port) = host_and_port(&how.host, how.port, how.purpose)?;
    let grounds = how.ground.map_or(ALL_GROUNDS.to_vec(), |ground| vec![ground]);
    let asked = grounds.into_iter().map(|ground| {
        let basis = basis(ground, &host);
        let ask = Ask { account, purpose: how.purpose, host: host.clone(), port, basis };
        let (decision, rules) = ask_all(&file, &book, &ask, now);
        (ground, decision, rules)
    });
    // The ground that permits, if one does; else the first that can carry the purpose, by the door's word.
    let asked: Vec<_> = asked.collect();
    let carries =
        |rules: &[Asked]| !rules.iter().any(|rule| rule.rule == "ground" && rule.answer == "failed");
    let chosen = asked
        .iter()
        .find(|(_, decision, _)| decision.is_ok())
        .or_else(|| asked.iter().find(|(_, _, rules)| carries(rules)))
        .or_else(|| asked.first());
    let Some((ground, decision, rules)) = chosen else {
        return Err(Error::Told("this purpose rests on no ground".into()));
    };
    let word = if decision.is_ok() { "permitted" } else { "refused" };
    if how.json {
        print_json(&json!({
            "decision": word,
            "reason": decision.as_ref().err().map(ToString::to_string),
            "ground": ground.name(),
            "purpose": how.purpose,
            "host": host,
            "port": port,
            "rules": rules,
        }));
    } else {
        println!("{word}, on the ground \"{}\"", ground.name());
        for rule in rules {
            let reason = rule.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            println!("{:>3}. {:<9}  {}{reason}", rule.number, rule.answer, rule.says);
        }
    }
    Ok(if decision.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the door knows now, or would have known at a moment.
fn book(office: &Office, at: Option<Time>) -> Result<(Rulebook, Time)> {
    match at {
        None => Ok((egress::read_rules(&office.config.rules_place()), Clock::System.now())),
        Some(at) => {
            let register = office.register_at(Some(at))?;
            let rules = Rules::of(&register, at);
            let book = if register.number == 0 {
                Rulebook::NoneYet
            } else {
                Rulebook::Signed(Box::new(Snapshot::new(rules)))
            };
            Ok((book, at))
        }
    }
}

fn basis(ground: Ground, host: &Host) -> Basis {
    match ground {
        Ground::Entry => Basis::Entry,
        Ground::Instruction => Basis::Instruction,
        Ground::Operator => Basis::Operator,
        Ground::Addressee => {
            let name = host.as_str();
            let domain = name.strip_prefix("mta-sts.").unwrap_or(name);
            Basis::Addressee { domain: domain.parse().unwrap_or_else(|_| host.clone()) }
        }
    }
}

/// The host, and the port that stands behind it, that is named, or that is usual.
fn host_and_port(text: &str, named: Option<u16>, purpose: Purpose) -> Result<(Host, u16)> {
    let usual = match purpose {
        Purpose::MailAddressee => 25,
        Purpose::MailRelay => 587,
        Purpose::MailPickup => 993,
        Purpose::NameLookup => 53,
        Purpose::Database => 5432,
        _ => 443,
    };
    let (host, behind) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.starts_with('[') => (host, port.parse().ok()),
        _ => (text, None),
    };
    let host = host.parse().map_err(|_| Error::Told(format!("{text} is no host name")))?;
    Ok((host, named.or(behind).unwrap_or(usual)))
}
