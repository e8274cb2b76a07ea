//! The commands that show the register.

use std::process::ExitCode;

use register::{Difference, Document, Held, Register, State, differences};
use serde_json::{Value, json};
use words::Time;

use super::{Office, print_json};
use crate::{
    Error, Result,
    command::{RegisterAt, RegisterDiff, RegisterExport, RegisterJson, RegisterShow},
};

/// `havn register list`.
pub(super) fn list(office: &Office, how: &RegisterAt) -> Result<ExitCode> {
    let register = office.register_at(how.at)?;
    let shown = register.entries.values().filter(|held| held.state != State::Ended);
    if how.json {
        let rows: Vec<Value> = shown.map(row).collect();
        print_json(&json!({ "number": register.number, "items": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut any = false;
    for held in shown {
        any = true;
        let sample = if held.entry.sample { "  (a sample)" } else { "" };
        println!("{:<10}  {:<24}  {}{sample}", held.state.name(), held.entry.id, held.entry.shown());
    }
    if !any {
        println!("The register is empty: nobody else gets data.");
    }
    Ok(ExitCode::SUCCESS)
}

fn row(held: &Held) -> Value {
    json!({
        "id": held.entry.id,
        "name": held.entry.name,
        "heading": held.entry.heading,
        "state": held.state,
        "since": date_time(held.since),
        "sample": held.entry.sample,
    })
}

/// `havn register show`.
pub(super) fn show(office: &Office, how: &RegisterShow) -> Result<ExitCode> {
    let register = office.register_at(how.at.at)?;
    let held = register.entries.get(&how.entry);
    let held = held.ok_or_else(|| Error::Told(format!("there is no entry {}", how.entry)))?;
    if how.at.json {
        let mut shown = row(held);
        shown["entry"] = serde_json::to_value(&held.entry).unwrap_or_default();
        print_json(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    println!("# {} since {}", held.state.name(), date_time(held.since));
    let alone = Document {
        format: register::FORMAT,
        operator: register::Operator::default(),
        states: std::collections::BTreeMap::new(),
        entries: vec![held.entry.clone()],
    };
    let text = alone.toml();
    println!("{}", text.split_once("[[entry]]").map_or(text.as_str(), |(_, entry)| entry).trim());
    Ok(ExitCode::SUCCESS)
}

/// `havn register export`.
pub(super) fn export(office: &Office, how: &RegisterExport) -> Result<ExitCode> {
    let document = Document::of(&office.register_at(how.at)?);
    print!("{}", if how.json { document.json() + "\n" } else { document.toml() });
    Ok(ExitCode::SUCCESS)
}

/// `havn register history`.
pub(super) fn history(office: &Office, how: &RegisterJson) -> Result<ExitCode> {
    let history = office.history()?;
    for change in &history.changes {
        if how.json {
            print_json(&change);
            continue;
        }
        let change_kind = serde_json::to_value(&change.change).unwrap_or_default();
        let about = ["entry", "account"].iter().find_map(|name| match &change_kind[*name] {
            Value::String(id) => Some(id.clone()),
            Value::Object(entry) => entry.get("id").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        });
        println!(
            "{:>5}  {}  {:<10}  {}  {}: {}",
            change.number,
            date_time(change.at),
            change_kind["kind"].as_str().unwrap_or_default(),
            about.unwrap_or_default(),
            change.author,
            change.reason
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `havn register diff`.
pub(super) fn diff(office: &Office, how: &RegisterDiff) -> Result<ExitCode> {
    let history = office.history()?;
    let at = |number: u64| {
        Register::replay(history.changes.iter().take_while(|change| change.number <= number))
            .map_err(|error| Error::Told(error.to_string()))
    };
    let (before, after) = (at(how.from)?, at(how.to.unwrap_or(u64::MAX))?);
    for difference in differences(&before, &after) {
        if how.json {
            print_json(&difference);
        } else {
            println!("{}", sentence(&difference));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn sentence(difference: &Difference) -> String {
    match difference {
        Difference::Added { entry, name } => format!("+ {entry} ({name})"),
        Difference::Removed { entry, name } => format!("- {entry} ({name})"),
        Difference::State { entry, from, to } => format!("  {entry}: {} → {}", from.name(), to.name()),
        Difference::Fact { entry, fact, from, to } => {
            let whose = entry.as_ref().map_or("operator", register::EntryId::as_str);
            let known =
                |value: &Value| if value.is_null() { "unknown".to_owned() } else { value.to_string() };
            format!("  {whose}: {fact}: {} → {}", known(from), known(to))
        }
    }
}

/// An instant as RFC 3339, to the second.
pub(super) fn date_time(at: Time) -> String {
    jiff::Timestamp::from_second(at.seconds()).map_or_else(|_| at.seconds().to_string(), |at| at.to_string())
}
