//! The register as a file: TOML or JSON, in and out. All of it or nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Change, Duty, Entry, EntryId, Operator, Recorded, Register, State};
use words::Time;

/// The format of the file that this program reads and writes.
pub const FORMAT: u32 = 1;

/// A register as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The format: 1.
    pub format: u32,
    /// What the operator says.
    #[serde(default)]
    pub operator: Operator,
    /// How far each entry has come. An import takes this over for samples only: others begin as drafts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<EntryId, State>,
    /// The entries.
    #[serde(default, rename = "entry", skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
}

/// A fault in a file, with its line (from 1; 0: not known).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFault {
    /// The line.
    pub line: usize,
    /// What is wrong.
    pub sentence: String,
}

impl Document {
    /// Reads a file: JSON if it begins with `{`, else TOML. All faults are told, by line.
    pub fn read(text: &str) -> Result<Self, Vec<DocumentFault>> {
        let read = if text.trim_start().starts_with('{') { from_json(text) } else { from_toml(text) };
        let document = read?;
        let faults = document.faults(text);
        if faults.is_empty() { Ok(document) } else { Err(faults) }
    }

    /// The file as TOML.
    pub fn toml(&self) -> String {
        toml::to_string_pretty(self).expect("a register is always TOML")
    }

    /// The file as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a register is always JSON")
    }

    /// The register as a file, without what ended.
    pub fn of(register: &Register) -> Self {
        let listed = register.entries.values().filter(|held| held.state != State::Ended);
        Self {
            format: FORMAT,
            operator: register.operator.clone(),
            states: listed.clone().map(|held| (held.entry.id.clone(), held.state)).collect(),
            entries: listed.map(|held| held.entry.clone()).collect(),
        }
    }

    /// Faults that only the whole shows.
    fn faults(&self, text: &str) -> Vec<DocumentFault> {
        let mut faults = Vec::new();
        if self.format != FORMAT {
            let sentence = format!("this is format {}, this program reads format {FORMAT}", self.format);
            faults.push(DocumentFault { line: line_of(text, "format"), sentence });
        }
        for (position, entry) in self.entries.iter().enumerate() {
            let line = line_of(text, &format!("\"{}\"", entry.id));
            if self.entries[..position].iter().any(|other| other.id == entry.id) {
                faults.push(DocumentFault { line, sentence: format!("the id {} is there twice", entry.id) });
            }
            let known = |id: &EntryId| self.entries.iter().any(|other| other.id == *id);
            if let Some(parent) = entry.parent.as_ref().filter(|parent| !known(parent)) {
                let sentence = format!("{}: there is no entry {parent} for it to stand below", entry.id);
                faults.push(DocumentFault { line, sentence });
            }
            if !entry.sample && !entry.names_a_person() {
                let sentence =
                    format!("{}: it names no legal person, but a group of them or nobody", entry.id);
                faults.push(DocumentFault { line, sentence });
            }
            let twice = Duty::ALL
                .iter()
                .find(|duty| entry.duties.iter().filter(|record| record.duty == **duty).count() > 1);
            if let Some(duty) = twice {
                let sentence = format!("{}: the duty \"{}\" is there twice", entry.id, duty.name());
                faults.push(DocumentFault { line, sentence });
            }
        }
        faults
    }

    /// The changes that make a register say what the file says, in order: those entries that are not in it
    /// end. Nothing for what is the same already.
    pub fn changes(&self, register: &Register) -> Vec<Change> {
        let mut changes = Vec::new();
        if register.operator != self.operator {
            changes.push(Change::Operator { operator: Box::new(self.operator.clone()) });
        }
        for id in register.entries.iter().filter(|(_, held)| held.state != State::Ended).map(|(id, _)| id) {
            if !self.entries.iter().any(|listed| listed.id == *id) {
                let entry = id.clone();
                changes.push(if register.entries[id].entry.sample {
                    Change::Sample { entry, state: State::Ended }
                } else {
                    Change::Step { entry, to: State::Ended }
                });
            }
        }
        for entry in self.top_down() {
            let state = self.states.get(&entry.id).copied().unwrap_or(State::Draft);
            let held = register.entries.get(&entry.id);
            if held.is_none_or(|held| held.entry != *entry) {
                changes.push(Change::Put { entry: Box::new(entry.clone()) });
            }
            if entry.sample && held.is_none_or(|held| held.state != state) {
                changes.push(Change::Sample { entry: entry.id.clone(), state });
            }
        }
        changes
    }

    /// The entries, each after the one above it.
    fn top_down(&self) -> Vec<&Entry> {
        let mut ordered: Vec<&Entry> = Vec::with_capacity(self.entries.len());
        loop {
            let placed = |id: &EntryId| ordered.iter().any(|listed| listed.id == *id);
            let ready = self.entries.iter().filter(|listed| !placed(&listed.id));
            let ready = ready.filter(|listed| listed.parent.as_ref().is_none_or(placed));
            let ready: Vec<_> = ready.collect();
            if ready.is_empty() {
                break;
            }
            ordered.extend(ready);
        }
        // Those of a chain that comes back to itself: the register refuses them by name.
        let rest = self.entries.iter().filter(|listed| !ordered.iter().any(|other| other.id == listed.id));
        let rest: Vec<_> = rest.collect();
        ordered.extend(rest);
        ordered
    }
}

/// Numbers and signs changes that follow a register.
pub fn record(
    register: &Register,
    at: Time,
    author: &str,
    reason: &str,
    changes: Vec<Change>,
) -> Vec<Recorded> {
    let numbers = register.number + 1..;
    let record = |(number, change)| Recorded {
        number,
        at,
        author: author.to_owned(),
        reason: reason.to_owned(),
        change,
    };
    numbers.zip(changes).map(record).collect()
}

fn from_toml(text: &str) -> Result<Document, Vec<DocumentFault>> {
    let whole = match toml::from_str::<Document>(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let fault = |offset: usize, error: &toml::de::Error| DocumentFault {
        line: line_at(text, offset + error.span().map_or(0, |span| span.start)),
        sentence: error.message().to_owned(),
    };
    // Each entry by itself, so that one fault does not hide the others.
    let parts = parts(text);
    let faults: Vec<_> = parts
        .iter()
        .filter_map(|(offset, part)| {
            let listed = toml::from_str::<Part>(part);
            listed.err().map(|error| fault(*offset, &error))
        })
        .collect();
    if faults.is_empty() { Err(vec![fault(0, &whole)]) } else { Err(faults) }
}

/// A file of one entry, or of the head.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default, rename = "format")]
    _format: Option<u32>,
    #[serde(default, rename = "operator")]
    _operator: Operator,
    #[serde(default, rename = "states")]
    _states: BTreeMap<EntryId, State>,
    #[serde(default, rename = "entry")]
    _entries: Vec<Entry>,
}

/// The head of a file and each of its entries, with where they begin.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let begins = text.match_indices("\n[[entry]]").map(|(at, _)| at + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(begins).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(from, to)| (from, &text[from..to])).collect()
}

fn from_json(text: &str) -> Result<Document, Vec<DocumentFault>> {
    let fault = |error: &serde_json::Error, path: Option<String>| DocumentFault {
        line: error.line(),
        sentence: path.map_or_else(|| error.to_string(), |path| format!("{path}: {error}")),
    };
    let whole = match serde_json::from_str::<Document>(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return Err(vec![fault(&whole, None)]);
    };
    let entries = value.get("entry").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let faults: Vec<_> = entries
        .into_iter()
        .enumerate()
        .filter_map(|(position, entry)| {
            let id = entry.get("id").and_then(serde_json::Value::as_str).map(str::to_owned);
            let error = serde_json::from_value::<Entry>(entry).err()?;
            let line = id.map_or(0, |id| line_of(text, &format!("\"{id}\"")));
            Some(DocumentFault { line, sentence: format!("entry[{position}]: {error}") })
        })
        .collect();
    if faults.is_empty() { Err(vec![fault(&whole, None)]) } else { Err(faults) }
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}

/// The line on which a word first stands.
fn line_of(text: &str, word: &str) -> usize {
    text.find(word).map_or(0, |at| line_at(text, at))
}
