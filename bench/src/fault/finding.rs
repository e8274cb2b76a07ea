//! What an experiment found: a JSON line as soon as it is known, and a row of the table of all.

use std::{fmt::Write as _, io, path::Path};

use serde_json::{Value, json};

use crate::report::{machine, with_section};

/// What one experiment found.
#[derive(Debug)]
pub struct Finding {
    experiment: String,
    /// Whether all held that must hold.
    pub good: bool,
    facts: Value,
}

impl Finding {
    /// Says it at once, as one JSON line.
    pub fn new(experiment: &str, good: bool, facts: Value) -> Self {
        println!("{}", json!({ "experiment": experiment, "held": good, "found": facts }));
        Self { experiment: experiment.to_owned(), good, facts }
    }

    /// It could not be tried here, and why.
    pub fn skipped(experiment: &str, why: &str) -> Self {
        Self::new(experiment, true, json!({ "skipped": why }))
    }

    fn row(&self) -> String {
        let facts: Vec<String> = self
            .facts
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| value.as_array().is_none_or(|list| !list.is_empty()))
            .map(|(name, value)| format!("{name}: {}", shown(value)))
            .collect();
        let held = match (self.good, self.facts.get("skipped")) {
            (_, Some(_)) => "not tried",
            (true, None) => "yes",
            (false, None) => "**no**",
        };
        format!("| {} | {held} | {} |", self.experiment, facts.join("; "))
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace(['\n', '\r', '|'], " "),
        Value::Number(number) if number.is_f64() => format!("{:.2}", number.as_f64().unwrap_or_default()),
        other => other.to_string().replace('|', " "),
    }
}

/// Puts the table of all into the results, in the place of the one before; the rest stays.
pub fn write_section(results: &Path, found: &[Finding], command: &str) -> io::Result<()> {
    let mut section = format!("Written by `{command}`. Machine: {}.\n\n", machine());
    section.push_str("| experiment | held | found |\n|---|---|---|\n");
    for one in found {
        let _ = writeln!(section, "{}", one.row());
    }
    let before = std::fs::read_to_string(results).unwrap_or_default();
    std::fs::write(results, with_section(&before, "Faults on purpose", &section))
}
