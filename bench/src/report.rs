//! One JSON line per work, and the table of all.

use serde::Serialize;
use std::fmt::Write as _;

/// What a figure is held against.
#[derive(Debug, Clone, Copy)]
pub enum Against {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// No target.
    Nothing,
}

#[derive(Debug, Serialize)]
struct Line {
    store: &'static str,
    work: String,
    figure: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio_to_peer: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<bool>,
}

pub struct Report {
    pub seconds: u64,
    only: Vec<String>,
    store: &'static str,
    lines: Vec<Line>,
}

impl Report {
    pub fn new(seconds: u64, only: Vec<String>) -> Self {
        Self { seconds, only, store: "sqlite", lines: Vec::new() }
    }

    /// The store that the next figures are of.
    pub fn store(&mut self, store: &'static str) {
        self.store = store;
    }

    /// Whether a work is to be run.
    pub fn wants(&self, work: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| work.starts_with(name.as_str()))
    }

    /// Prints a figure, with what it is held against and what the quickest peer gave for this work.
    pub fn line(
        &mut self,
        work: String,
        figure: f64,
        unit: &'static str,
        against: Against,
        peer: Option<f64>,
    ) {
        let (target, held) = match against {
            // The targets are for embedded storage.
            _ if self.store != "sqlite" => (None, None),
            Against::AtLeast(target) => (Some(target), Some(figure >= target)),
            Against::AtMost(target) => (Some(target), Some(figure <= target)),
            Against::Nothing => (None, None),
        };
        let ratio_to_peer = peer.map(|peer| figure / peer);
        let line = Line { store: self.store, work, figure, unit, target, peer, ratio_to_peer, held };
        println!("{}", serde_json::to_string(&line).expect("a line is always JSON"));
        self.lines.push(line);
    }

    /// The table of all figures.
    pub fn markdown(&self, command: &str) -> String {
        let mut page = format!("Written by `make bench` (`{command}`). Machine: {}.\n\n", machine());
        page.push_str("| store | work | figure | target | peer | ratio |\n|---|---|---:|---:|---:|---:|\n");
        for line in &self.lines {
            let target = match (line.target, line.held) {
                (Some(target), Some(true)) => format!("{} ✓", number(target)),
                (Some(target), _) => format!("{} missed", number(target)),
                (None, _) => "–".into(),
            };
            let peer = line.peer.map_or_else(|| "–".into(), number);
            let ratio = line.ratio_to_peer.map_or_else(|| "–".into(), |ratio| format!("{ratio:.1}×"));
            let _ = writeln!(
                page,
                "| {} | {} | {} {} | {target} | {peer} | {ratio} |",
                line.store,
                line.work,
                number(line.figure),
                line.unit
            );
        }
        page
    }
}

fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The page with this section anew, and what others have written left as it is.
pub fn with_section(page: &str, title: &str, text: &str) -> String {
    const PAGE: &str = "# What was measured\n";
    let section = format!("## {title}\n\n{}\n", text.trim());
    let mut sections: Vec<String> =
        page.split("\n## ").skip(1).map(|one| format!("## {}\n", one.trim())).collect();
    match sections.iter_mut().find(|one| one.starts_with(&format!("## {title}\n"))) {
        Some(before) => *before = section,
        None => sections.push(section),
    }
    format!("{PAGE}\n{}", sections.join("\n"))
}

/// The machine that figures are of.
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores, {}", model.trim_start_matches([' ', '\t', ':']))
}

/// The value below which so many hundredths of the values lie.
pub fn percentile(values: &mut [f64], hundredths: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let at = ((values.len() as f64 * hundredths / 100.0).ceil() as usize).clamp(1, values.len().max(1));
    values.get(at - 1).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn each_writes_its_own_section_and_leaves_the_others() {
        let speed = with_section("", "Speed", "| a |\n");
        assert_eq!(speed, "# What was measured\n\n## Speed\n\n| a |\n");
        let both = with_section(&speed, "Faults on purpose", "| f |");
        assert_eq!(both, "# What was measured\n\n## Speed\n\n| a |\n\n## Faults on purpose\n\n| f |\n");
        let again = with_section(&both, "Speed", "| b |");
        assert_eq!(again, both.replace("| a |", "| b |"));
        assert_eq!(with_section(&again, "Speed", "| b |"), again);
    }
}
