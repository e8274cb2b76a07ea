//! F5: the n-th system call of each thread fails. The error is told, nothing is half done, and after a
//! failed sync nothing is committed on that handle. How often the call was made and how often it failed is
//! counted: a fault that never struck has shown nothing.

use std::{io, path::Path, process::Command, sync::Arc};

use serde_json::json;

use super::{Finding, Oracle};
use crate::{havn::Start, smtp::Sender};

/// Mails sent in each run.
const MAILS: usize = 60;

/// F5. Needs strace; says so and is skipped without.
pub async fn call_fails(program: &Path, short: bool) -> io::Result<Vec<Finding>> {
    if Command::new("strace").arg("-V").output().is_err() {
        return Ok(vec![Finding::skipped("F5", "strace is not there")]);
    }
    let calls: &[(&str, &str)] = &[
        // Never called: SQLite as it is built here syncs by fsync alone.
        ("fdatasync", "EIO"),
        ("fsync", "EIO"),
        ("pwrite64", "ENOSPC"),
        ("pwrite64", "EIO"),
        ("openat", "EMFILE"),
        ("rename", "EIO"),
    ];
    let times: &[usize] = if short { &[3] } else { &[1, 3, 12, 25, 60, 200] };
    let mut found = Vec::new();
    for (call, error) in calls {
        for n in times {
            let facts = run(program, call, error, *n).await?;
            let good = facts["faults"].as_array().is_some_and(Vec::is_empty);
            let never = facts["calls"] == 0;
            found.push(Finding::new(&format!("F5 {call} {error}, the {n}. of a thread"), good, facts));
            if never {
                // More of what is never called shows no more.
                break;
            }
        }
    }
    Ok(found)
}

async fn run(program: &Path, call: &str, error: &str, n: usize) -> io::Result<serde_json::Value> {
    let folder = tempfile::tempdir()?;
    let start = Start::new(program, folder.path());
    let oracle = Arc::new(Oracle::default());
    let havn = start.run().await?;
    // The fault is laid upon the desk, which holds the store, once it is ready.
    let desk = havn.process("desk").ok_or_else(|| io::Error::other("there is no desk"))?;
    let traced = folder.path().join("traced");
    let mut strace = Command::new("strace")
        .args(["-f", "-q", "-q", "-o"])
        .arg(&traced)
        .arg("-e")
        .arg(format!("inject={call}:error={error}:when={n}"))
        .args(["-p", &desk.to_string()])
        .stderr(std::process::Stdio::null())
        .spawn()?;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let mailbox = havn.ready.accounts[0].mailbox.clone();
    let large = "a line of a large mail\r\n".repeat(12_000);
    let mut refused = 0;
    for number in 0..MAILS {
        let subject = format!("call {number}");
        let extra = if number % 5 == 0 { large.as_str() } else { "" };
        let mail = format!(
            "From: person@customers.example\r\nTo: {mailbox}\r\nSubject: {subject}\r\n\r\n{number}\r\n{extra}"
        );
        let sent = async { Sender::open(&havn.ready.smtp).await?.send(&mailbox, &mail).await };
        match sent.await {
            Ok(()) => oracle.mail(subject),
            Err(_) => refused += 1,
        }
    }
    let _ = Command::new("kill").arg(strace.id().to_string()).status();
    let _ = strace.wait();
    let (calls, failed) = counted(&traced, call)?;
    // Without the fault: it goes on by itself, without a restart.
    let verdict = oracle.judge(&havn).await?;
    let mut sender = Sender::open(&havn.ready.smtp).await?;
    let goes_on = sender.send(&mailbox, "From: a@customers.example\r\nSubject: goes on\r\n\r\nhi\r\n").await;
    havn.kill().await;
    let havn = start.run().await?;
    let after = oracle.judge(&havn).await?;
    havn.stop().await;
    let mut faults: Vec<String> = verdict.faults.into_iter().chain(after.faults).collect();
    if let Err(error) = goes_on {
        faults.push(format!("does not go on by itself: {error}"));
    }
    Ok(json!({
        "calls": calls,
        "failed": failed,
        "acknowledged mails": after.acknowledged_mails,
        "refused": refused,
        "faults": faults,
    }))
}

/// How often the call was made while it was watched, and how often it was made to fail.
fn counted(traced: &Path, call: &str) -> io::Result<(usize, usize)> {
    let text = std::fs::read_to_string(traced)?;
    let lines = || text.lines().filter(|line| line.contains(&format!(" {call}(")));
    Ok((lines().count(), lines().filter(|line| line.contains("(INJECTED)")).count()))
}
