//! Measures what the register, the door and the logs cost: runs the examples of those crates, which print
//! a JSON line a figure, and writes them down.

use std::{
    fmt::Write as _,
    path::PathBuf,
    process::{Command, ExitCode},
};

use bench::report::{machine, with_section};
use clap::Parser;
use serde_json::Value;

/// The examples: crate, example, and what they measure.
const EXAMPLES: [(&str, &str); 3] =
    [("register", "measure"), ("egress", "measure"), ("evidence", "log_figures")];

/// Measures register, door and logs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where the table is written; nowhere if not said.
    #[arg(long)]
    results: Option<PathBuf>,
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut table = format!(
        "Written by `make bench` (`cargo run --release -p CRATE --example EXAMPLE`). Machine: {}.\n\n\
         | of | figure | values |\n|---|---|---|\n",
        machine()
    );
    for (of, example) in EXAMPLES {
        let output = Command::new("cargo")
            .args(["run", "--quiet", "--release", "-p", of, "--example", example])
            .output()?;
        if !output.status.success() {
            return Err(format!("{of}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        for line in String::from_utf8(output.stdout)?.lines() {
            println!("{line}");
            let Ok(Value::Object(mut figure)) = serde_json::from_str(line) else { continue };
            let name = ["figure", "work"].iter().find_map(|name| figure.remove(*name)).unwrap_or_default();
            let values: Vec<String> = figure.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            writeln!(table, "| {of} | {} | {} |", name.as_str().unwrap_or_default(), values.join("; "))?;
        }
    }
    if let Some(path) = arguments.results {
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(path, with_section(&before, "Register, door and logs", &table))?;
    }
    Ok(ExitCode::SUCCESS)
}
