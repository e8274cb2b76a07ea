//! F1: the process is killed again and again under load. F2: it dies at named points.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::{Cluster, Finding, Oracle, Sink, oracle::Verdict};
use crate::{
    data::Chance,
    havn::{Havn, Start},
    http::Client,
    smtp::Sender,
};

/// Mail senders at once.
const SENDERS: usize = 8;
/// Agents who answer at once.
const AGENTS: usize = 4;
/// The points of `words::FaultPoint`, and after how many passes the process dies there.
const POINTS: [(&str, &[usize]); 6] = [
    ("file-written", &[1, 3]),
    ("file-synced", &[1, 3]),
    ("before-commit", &[5, 12, 31]),
    ("after-commit", &[5, 12, 31]),
    ("after-relay", &[1, 3]),
    ("in-migration", &[1]),
];

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// F1. True if nothing that was acknowledged was lost, doubled or sent twice beyond what was in flight.
pub async fn kill_loop(program: &Path, cycles: usize, seed: u64) -> io::Result<Finding> {
    kill_loop_on(program, cycles, seed, None).await
}

/// F1 with the accounts in PostgreSQL, whose server is killed as well. Says so and is skipped without.
pub async fn kill_loop_on_postgres(program: &Path, cycles: usize, seed: u64) -> io::Result<Finding> {
    match Cluster::start()? {
        Some(cluster) => kill_loop_on(program, cycles, seed, Some(&cluster)).await,
        None => Ok(Finding::skipped("F1 on PostgreSQL", "PostgreSQL is not there")),
    }
}

async fn kill_loop_on(
    program: &Path,
    cycles: usize,
    seed: u64,
    cluster: Option<&Cluster>,
) -> io::Result<Finding> {
    let folder = tempfile::tempdir()?;
    let sink = Sink::open().await?;
    let mut start = Start::new(program, folder.path());
    start.relay = Some(sink.address.clone());
    start.postgres = cluster.map(Cluster::url);
    let oracle = Arc::new(Oracle::default());
    let mut chance = Chance::new(seed);
    let (mut slowest, mut kills) = (Duration::ZERO, [0_usize; 4]);
    for cycle in 0..cycles {
        let havn = start.run().await?;
        if cycle > 0 {
            slowest = slowest.max(havn.started_in);
        }
        let load = Load::begin(&havn, &oracle);
        tokio::time::sleep(Duration::from_millis(1 + chance.below(400) as u64)).await;
        let whom = chance.below(if cluster.is_some() { 6 } else { 4 });
        kills[if whom > 3 { 3 } else { whom.min(2) }] += 1;
        match (whom, cluster) {
            // Only one process: the supervisor starts it again, and the others go on.
            (0 | 1, _) => {
                havn.kill_process(if whom == 0 { "door" } else { "desk" }).await;
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                load.end().await;
                havn.kill().await;
            }
            // Only the database: Havn waits for it, and goes on.
            (4, Some(cluster)) => {
                cluster.kill().await?;
                cluster.start_server()?;
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                load.end().await;
                havn.kill().await;
            }
            (5, Some(cluster)) => {
                let ((), killed) = tokio::join!(havn.kill(), cluster.kill());
                killed?;
                load.end().await;
                cluster.start_server()?;
            }
            _ => {
                havn.kill().await;
                load.end().await;
            }
        }
    }
    let havn = start.run().await?;
    let verdict = judged(&havn, &oracle, &sink).await?;
    let (twice, missing) = sendings(&verdict, &sink);
    havn.stop().await;
    let good = verdict.faults.is_empty() && missing == 0 && twice <= cycles * AGENTS;
    let mut facts = verdict.facts();
    facts["cycles"] = json!(cycles);
    facts["seed"] = json!(seed);
    facts["kills of door, desk, all, database"] = json!(kills);
    facts["slowest restart, seconds"] = json!(slowest.as_secs_f64());
    facts["sent more than once"] = json!(twice);
    facts["never sent"] = json!(missing);
    let name = if cluster.is_some() { "F1 on PostgreSQL" } else { "F1" };
    Ok(Finding::new(name, good, facts))
}

/// F2. Needs a debug build: a release build has no fault points.
pub async fn kill_at_points(program: &Path) -> io::Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (point, times) in POINTS {
        for n in times {
            let facts = die_at(program, point, *n).await?;
            let good = facts["faults"].as_array().is_some_and(Vec::is_empty) && facts["died"] == true;
            found.push(Finding::new(&format!("F2 {point}:{n}"), good, facts));
        }
    }
    Ok(found)
}

async fn die_at(program: &Path, point: &str, n: usize) -> io::Result<Value> {
    let folder = tempfile::tempdir()?;
    let sink = Sink::open().await?;
    let mut start = Start::new(program, folder.path());
    start.relay = Some(sink.address.clone());
    let oracle = Arc::new(Oracle::default());
    let mut armed = start.clone();
    // A first start without the trap makes the accounts; a migration is met at the very first.
    if point != "in-migration" {
        start.run().await?.stop().await;
    }
    armed.environment.push(("HAVN_DIE_AT".into(), format!("{point}:{n}")));
    let died = match armed.run().await {
        // It died before it was ready.
        Err(error) => {
            eprintln!("before it was ready: {error}");
            true
        }
        Ok(havn) => {
            let desk = havn.process("desk");
            let load = if point.starts_with("file") {
                Load::begin_with_files(&havn, &oracle)
            } else {
                Load::begin(&havn, &oracle)
            };
            let died = died_within(&havn, desk, Duration::from_secs(40)).await;
            load.end().await;
            havn.kill().await;
            died
        }
    };
    let havn = start.run().await?;
    let verdict = judged(&havn, &oracle, &sink).await?;
    let (twice, missing) = sendings(&verdict, &sink);
    havn.stop().await;
    let mut facts = verdict.facts();
    facts["died"] = json!(died);
    facts["sent more than once"] = json!(twice);
    if missing > 0 {
        facts["faults"]
            .as_array_mut()
            .into_iter()
            .for_each(|faults| faults.push(json!(format!("{missing} never sent"))));
    }
    Ok(facts)
}

/// The verdict, once all that is queued has gone out (or a minute has passed).
async fn judged(havn: &Havn, oracle: &Oracle, sink: &Sink) -> io::Result<Verdict> {
    let mut verdict = oracle.judge(havn).await?;
    for _ in 0..120 {
        if sendings(&verdict, sink).1 == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        verdict = oracle.judge(havn).await?;
    }
    Ok(verdict)
}

/// How many answers came to the relay more than once, and how many never.
fn sendings(verdict: &Verdict, sink: &Sink) -> (usize, usize) {
    let taken = sink.taken();
    let times = |id: &String| taken.get(id).copied().unwrap_or(0);
    let twice = verdict.sent.iter().filter(|id| times(id) > 1).count();
    let missing = verdict.sent.iter().filter(|id| times(id) == 0).count();
    (twice, missing)
}

/// Whether the desk is another process within the time than it was.
async fn died_within(havn: &Havn, desk: Option<u32>, time: Duration) -> bool {
    let deadline = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < deadline {
        if havn.process("desk") != desk {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Senders and agents at work.
struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn begin(havn: &Havn, oracle: &Arc<Oracle>) -> Self {
        Self::start(havn, oracle, "")
    }

    /// With mails so large that they are kept as files.
    fn begin_with_files(havn: &Havn, oracle: &Arc<Oracle>) -> Self {
        Self::start(havn, oracle, &"a line of a large mail\r\n".repeat(12_000))
    }

    fn start(havn: &Havn, oracle: &Arc<Oracle>, extra: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let account = &havn.ready.accounts[0];
        let mut tasks = Vec::new();
        for _ in 0..SENDERS {
            let (smtp, mailbox) = (havn.ready.smtp.clone(), account.mailbox.clone());
            let (oracle, stop, extra) = (Arc::clone(oracle), Arc::clone(&stop), extra.to_owned());
            tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    if send(&smtp, &mailbox, &oracle, &stop, &extra).await.is_err() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }));
        }
        for _ in 0..AGENTS {
            let (url, token) = (account.url.clone(), account.token.clone());
            let (oracle, stop) = (Arc::clone(oracle), Arc::clone(&stop));
            tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    if answer(&url, &token, &oracle, &stop).await.is_err() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }));
        }
        Self { stop, tasks }
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
        }
    }
}

async fn send(smtp: &str, to: &str, oracle: &Oracle, stop: &AtomicBool, extra: &str) -> io::Result<()> {
    let mut sender = Sender::open(smtp).await?;
    while !stop.load(Ordering::Relaxed) {
        let subject = format!("oracle {}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mail = format!(
            "From: person@customers.example\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{}@oracle.example>\r\n\r\nHello\r\n{extra}",
            subject.replace(' ', ".")
        );
        sender.send(to, &mail).await?;
        oracle.mail(subject);
    }
    Ok(())
}

/// Answers the newest conversation, as a program with a token does.
async fn answer(url: &str, token: &str, oracle: &Oracle, stop: &AtomicBool) -> io::Result<()> {
    let mut client = Client::open(url).await?;
    token.clone_into(&mut client.bearer);
    while !stop.load(Ordering::Relaxed) {
        let list = client.get("/api/v1/conversations?limit=1&status=open").await?;
        let list: Value = serde_json::from_slice(&list.body)?;
        let Some(id) = list["items"][0]["id"].as_str() else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let path = format!("/api/v1/conversations/{id}/replies");
        let reply = client.post(&path, "application/json", br#"{"text":"An answer."}"#).await?;
        if (200..300).contains(&reply.status) {
            let reply: Value = serde_json::from_slice(&reply.body)?;
            oracle.answer(reply["id"].as_str().unwrap_or_default().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
