//! F3: the disk is full. Mail is refused for now, reading goes on, nothing acknowledged is lost.

use std::{io, path::Path, process::Command, sync::Arc};

use serde_json::json;

use super::{Finding, Oracle};
use crate::{havn::Start, smtp::Sender};

/// Size of the small disk.
const DISK: &str = "size=24m";
/// Mails at most until it must be full.
const MAILS_MAX: usize = 5_000;

/// F3. Needs root for the small disk; says so and is skipped without.
pub async fn full_disk(program: &Path) -> io::Result<Finding> {
    let folder = tempfile::tempdir()?;
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
        .arg(folder.path())
        .stderr(std::process::Stdio::null())
        .status()?;
    if !mounted.success() {
        return Ok(Finding::skipped("F3", "a small disk needs root"));
    }
    let result = on_small_disk(program, folder.path()).await;
    let _ = Command::new("umount").arg("-l").arg(folder.path()).status();
    result
}

async fn on_small_disk(program: &Path, folder: &Path) -> io::Result<Finding> {
    let oracle = Arc::new(Oracle::default());
    let start = Start::new(program, &folder.join("data"));
    let havn = start.run().await?;
    let mailbox = havn.ready.accounts[0].mailbox.clone();
    // Logged in before: a new log-in needs room for its session.
    let mut owner = havn.owner().await?;
    let filler = "a line that fills the disk, and nothing else\r\n".repeat(1_500);
    let mut refused = String::new();
    for number in 0..MAILS_MAX {
        let subject = format!("full {number}");
        let mail = format!(
            "From: person@customers.example\r\nTo: {mailbox}\r\nSubject: {subject}\r\n\r\n{number}\r\n{filler}"
        );
        let mut sender = Sender::open(&havn.ready.smtp).await?;
        match sender.send(&mailbox, &mail).await {
            Ok(()) => oracle.mail(subject),
            Err(error) => {
                refused = error.to_string();
                break;
            }
        }
    }
    let reads_go_on = owner.get("/conversations").await?.status == 200;
    let mut client = havn.token().await?;
    let list = client.get("/api/v1/conversations?limit=1").await?;
    let list: serde_json::Value = serde_json::from_slice(&list.body)?;
    let id = list["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    let note = client
        .post(&format!("/api/v1/conversations/{id}/notes"), "application/json", br#"{"text":"no room"}"#)
        .await?;
    let verdict = oracle.judge(&havn).await?;
    havn.kill().await;
    // Room comes back: what was acknowledged is still there, and mail is taken again.
    Command::new("mount").args(["-o", "remount,size=64m"]).arg(folder).status()?;
    let havn = start.run().await?;
    let mut sender = Sender::open(&havn.ready.smtp).await?;
    let again =
        sender.send(&mailbox, "From: a@customers.example\r\nSubject: room again\r\n\r\nhi\r\n").await.is_ok();
    let after = oracle.judge(&havn).await?;
    havn.stop().await;
    let good = refused.contains("452")
        && reads_go_on
        && note.status == 507
        && verdict.faults.is_empty()
        && after.faults.is_empty()
        && again;
    Ok(Finding::new(
        "F3",
        good,
        json!({
            "acknowledged mails": after.acknowledged_mails,
            "refused with": refused,
            "pages go on": reads_go_on,
            "a note gives": note.status,
            "faults": verdict.faults.iter().chain(&after.faults).collect::<Vec<_>>(),
            "mail is taken again with room": again,
        }),
    ))
}
