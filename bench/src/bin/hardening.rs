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
    /// What the chance of F1 starts from.
    #[arg(long, default_value_t = 20_191_028)]
    seed: u64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let wants = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
    let program = &arguments.program;
    let mut failed = 0;
    let mut passed = 0;
    let mut judge = |good: bool| if good { passed += 1 } else { failed += 1 };
    if wants("F1") {
        judge(fault::kill_loop(program, if arguments.short { 12 } else { 300 }, arguments.seed).await?);
    }
    if wants("F2") {
        judge(fault::kill_at_points(program).await?);
    }
    if wants("F3") {
        judge(fault::full_disk(program).await?);
    }
    if wants("F5") {
        judge(fault::call_fails(program, arguments.short).await?);
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
