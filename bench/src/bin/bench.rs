//! The measure: drives a whole Havn from outside, as browsers and mail servers do, and prints one JSON
//! line per work. `make bench` runs it on both stores and writes `RESULTS.md`.

use std::path::PathBuf;

use clap::Parser;

use bench::{
    havn::Start,
    report::{Report, with_section},
    work,
};

/// Measures Havn from outside.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/havn")]
    program: PathBuf,
    /// A PostgreSQL to measure on as well: `postgres://…`.
    #[arg(long)]
    postgres: Option<String>,
    /// Conversations in the account; five messages in each.
    #[arg(long, default_value_t = 20_000)]
    conversations: usize,
    /// Also measure with ten times the data.
    #[arg(long)]
    ten_times: bool,
    /// Seconds per measured work.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Where the table is written; nowhere if not said.
    #[arg(long)]
    results: Option<PathBuf>,
    /// Works to run, by the start of their names; all if none is named.
    #[arg(long)]
    only: Vec<String>,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut report = Report::new(arguments.seconds, arguments.only.clone());

    report.store("sqlite");
    work::start_and_memory(&mut report, &arguments.program).await?;
    let folder = tempfile::tempdir()?;
    let start = Start::new(&arguments.program, folder.path());
    let havn = start.with_data(arguments.conversations).await?;
    work::reading(&mut report, &havn, "").await?;
    work::mail_in(&mut report, &havn, folder.path()).await?;
    havn.stop().await;
    // Begun anew, so that the memory is that of the streams and not of what was read before.
    let havn = start.run().await?;
    work::streams(&mut report, &havn).await?;
    havn.stop().await;
    if arguments.ten_times {
        let folder = tempfile::tempdir()?;
        let large = arguments.conversations * 10;
        let havn = Start::new(&arguments.program, folder.path()).with_data(large).await?;
        work::reading(&mut report, &havn, ", ten times the data").await?;
        havn.stop().await;
    }
    if let Some(postgres) = &arguments.postgres {
        report.store("postgresql");
        let folder = tempfile::tempdir()?;
        let mut start = Start::new(&arguments.program, folder.path());
        start.postgres = Some(postgres.clone());
        let havn = start.with_data(arguments.conversations).await?;
        work::reading(&mut report, &havn, "").await?;
        work::mail_in(&mut report, &havn, folder.path()).await?;
        havn.stop().await;
    }
    if let Some(path) = &arguments.results {
        let before = std::fs::read_to_string(path).unwrap_or_default();
        let table = report.markdown(&std::env::args().collect::<Vec<_>>().join(" "));
        std::fs::write(path, with_section(&before, "Speed and memory", &table))?;
    }
    Ok(())
}
