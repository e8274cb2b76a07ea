//! Faults on purpose: `make test` runs the short form, `make hardening` the full one.

use std::{path::PathBuf, process::ExitCode};

use bench::fault;
use clap::Parser;

/// Tries Havn under faults and prints what was found, a JSON line each.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to try; a debug build, for the fault points.
    #[arg(long, default_value = "target/debug/havn")]
    program: PathBuf,
    /// A few minutes instead of half an hour.
    #[arg(long)]
    short: bool,
    /// Experiments to run; all if none is named.
    #[arg(long)]
    only: Vec<String>,
    /// How often Havn is killed in F1, half as often on PostgreSQL; 300 in full and 12 in short.
    #[arg(long)]
    cycles: Option<usize>,
    /// Where the table of what was found is written; nowhere if not said.
    #[arg(long)]
    results: Option<PathBuf>,
    /// What the chance of F1 and A15 starts from.
    #[arg(long, default_value_t = 20_191_028)]
    seed: u64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let wants = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
    let program = &arguments.program;
    let cycles = arguments.cycles.unwrap_or(if arguments.short { 12 } else { 300 });
    let mut found = Vec::new();
    if wants("F1") {
        found.push(fault::kill_loop(program, cycles, arguments.seed).await?);
    }
    if wants("F1-postgresql") {
        found.push(fault::kill_loop_on_postgres(program, cycles / 2, arguments.seed).await?);
    }
    if wants("F2") {
        found.extend(fault::kill_at_points(program).await?);
    }
    if wants("F3") {
        found.push(fault::full_disk(program).await?);
    }
    if wants("F5") {
        found.extend(fault::call_fails(program, arguments.short).await?);
    }
    if wants("A15") {
        found.push(fault::log_in(program, arguments.short, arguments.seed).await?);
    }
    if let Some(results) = &arguments.results {
        let command = std::env::args().collect::<Vec<_>>().join(" ");
        fault::write_section(results, &found, &command)?;
    }
    let failed = found.iter().filter(|one| !one.good).count();
    println!("{} passed, {failed} failed", found.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
