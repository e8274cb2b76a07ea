//! What became of the mails, and what was odd about them.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use letter::Letter;

/// Counts.
#[derive(Debug, Default)]
pub struct Summary {
    /// Mails that were taken.
    pub taken: i64,
    /// Mails that lay here already.
    pub doubled: i64,
    /// How many of each kind of oddness.
    pub odd: BTreeMap<String, i64>,
}

impl Summary {
    /// What was counted before.
    pub fn of(import: &store::Import) -> Self {
        let odd = serde_json::from_str(&import.odd).unwrap_or_default();
        Self { taken: import.taken, doubled: import.doubled, odd }
    }

    /// Counts something odd.
    pub fn odd(&mut self, what: &str) {
        *self.odd.entry(what.to_owned()).or_default() += 1;
    }

    /// As it is kept.
    pub fn odd_json(&self) -> String {
        serde_json::to_string(&self.odd).unwrap_or_default()
    }

    /// For the one who waits.
    pub fn words(&self, mails: i64, took: Duration) -> String {
        let rate = f64::from(u32::try_from(mails).unwrap_or(u32::MAX)) / took.as_secs_f64().max(0.001);
        let mut words = format!(
            "{} mails taken in, {} lay here already; {rate:.0} mails a second.\n",
            self.taken, self.doubled
        );
        for (what, count) in &self.odd {
            let _ = writeln!(words, "  {count:>6} × {what}");
        }
        words
    }
}

/// What is odd about a letter, in words.
pub fn oddness(letter: &Letter) -> Vec<String> {
    let mut odd: Vec<String> = letter
        .marks
        .iter()
        .map(|mark| match serde_json::to_value(mark) {
            Ok(serde_json::Value::String(name)) => name.replace('_', " "),
            Ok(serde_json::Value::Object(one)) => {
                one.keys().next().cloned().unwrap_or_default().replace('_', " ")
            }
            _ => "odd".to_owned(),
        })
        .collect();
    if letter.from.iter().all(|from| from.address.is_none()) {
        odd.push("no sender".into());
    }
    if letter.date.is_none() {
        odd.push("no date".into());
    }
    if letter.message_id.is_none() {
        odd.push("no Message-ID".into());
    }
    odd
}
