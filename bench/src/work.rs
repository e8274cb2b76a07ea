//! The works that are measured, with the figures of the quickest open desk for each.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{
    data,
    havn::{Havn, Start},
    http::Client,
    memory, report,
    report::{Against, Report},
    smtp::Sender,
    sqlite, stream,
};

/// Event streams that are open while the way of a mail to a page is timed.
const STREAMS: usize = 1_000;
/// Mails that are timed on their way to a page.
const TIMED_MAILS: usize = 200;

/// Start to first page, and memory when idle.
pub async fn start_and_memory(report: &mut Report, program: &Path) -> io::Result<()> {
    if !report.wants("start") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let start = Start::new(program, folder.path());
    start.run().await?.stop().await;
    let havn = start.run().await?;
    let seconds = havn.started_in.as_secs_f64();
    report.line("start to first page".into(), seconds, "s", Against::AtMost(0.3), None);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = memory::megabytes(havn.ready.pid);
    report.line("memory, idle".into(), idle, "MB", Against::AtMost(40.0), Some(36.0));
    havn.stop().await;
    Ok(())
}

/// Pages: list, conversation, searches; at concurrency 1 and 8.
pub async fn reading(report: &mut Report, havn: &Havn, note: &str) -> io::Result<()> {
    let conversation = conversation(havn).await?;
    let works = [
        ("list", "/conversations?status=closed".to_owned(), 50.0, (28.7, 56.4)),
        ("conversation", format!("/conversations/{conversation}"), 50.0, (29.9, 55.1)),
        ("search rare", format!("/search?q={}", data::RARE), 20.0, (56.7, 107.0)),
        ("search common", format!("/search?q={}", data::COMMON), 50.0, (3.5, 5.6)),
    ];
    for (name, path, times, (peer_1, peer_8)) in works {
        if !report.wants(name) {
            continue;
        }
        for (concurrency, peer) in [(1, peer_1), (8, peer_8)] {
            let rate = pages_a_second(havn, &path, concurrency, report.seconds).await?;
            let work = format!("{name}, {concurrency} at once{note}");
            report.line(work, rate, "pages/s", Against::AtLeast(peer * times), Some(peer));
        }
    }
    Ok(())
}

/// The id of the conversation that has ten messages: the newest of the list.
async fn conversation(havn: &Havn) -> io::Result<String> {
    let mut client = havn.token().await?;
    let answer = client.get("/api/v1/conversations?limit=100").await?;
    let list: serde_json::Value = serde_json::from_slice(&answer.body)?;
    for one in list["items"].as_array().into_iter().flatten() {
        let id = one["id"].as_str().unwrap_or_default();
        let messages = client.get(&format!("/api/v1/conversations/{id}/messages?limit=100")).await?;
        let messages: serde_json::Value = serde_json::from_slice(&messages.body)?;
        if messages["items"].as_array().is_some_and(|items| items.len() == 10) {
            return Ok(id.to_owned());
        }
    }
    Err(io::Error::other("no conversation of ten messages among the newest"))
}

async fn pages_a_second(havn: &Havn, path: &str, concurrency: usize, seconds: u64) -> io::Result<f64> {
    let first = havn.owner().await?;
    let mut works = Works::default();
    for _ in 0..concurrency {
        let mut client = Client::open(&havn.ready.accounts[0].url).await?;
        client.cookie.clone_from(&first.cookie);
        let check = client.get(path).await?;
        if check.status != 200 {
            return Err(io::Error::other(format!("{path} gave {}", check.status)));
        }
        let (path, tally) = (path.to_owned(), Arc::clone(&works.tally));
        works.tasks.push(tokio::spawn(async move {
            while tally.goes_on() {
                client.get(&path).await?;
                tally.count();
            }
            Ok(())
        }));
    }
    works.a_second(seconds).await
}

/// Workers who do the same again and again, and how often they did it.
#[derive(Default)]
struct Works {
    tally: Arc<Tally>,
    tasks: Vec<tokio::task::JoinHandle<io::Result<()>>>,
}

#[derive(Default)]
struct Tally {
    done: AtomicUsize,
    stop: AtomicBool,
}

impl Tally {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Works {
    /// How often a second it is done, once all are under way; then they end.
    async fn a_second(self, seconds: u64) -> io::Result<f64> {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (before, began) = (self.tally.done.load(Ordering::Relaxed), Instant::now());
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let count = self.tally.done.load(Ordering::Relaxed) - before;
        let rate = per_second(count, began.elapsed());
        self.tally.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.map_err(io::Error::other)??;
        }
        Ok(rate)
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

/// Mail in, each acknowledged when durable: at 16 connections and at one, beside what the disk gives.
pub async fn mail_in(report: &mut Report, havn: &Havn, folder: &Path) -> io::Result<()> {
    if !report.wants("mail in") {
        return Ok(());
    }
    let disk = sqlite::durable_rows_a_second(folder, 2).map_err(io::Error::other)?;
    report.line("disk: durable rows one by one, bare SQLite".into(), disk, "rows/s", Against::Nothing, None);
    for (connections, target) in [(16, 2_650.0), (1, 500.0)] {
        let rate = mails_a_second(havn, connections, report.seconds).await?;
        let work = format!("mail in, {connections} connections");
        report.line(work, rate, "mails/s", Against::AtLeast(target), Some(52.5));
    }
    Ok(())
}

async fn mails_a_second(havn: &Havn, connections: usize, seconds: u64) -> io::Result<f64> {
    static NEXT: AtomicUsize = AtomicUsize::new(10_000_000);
    let mut works = Works::default();
    for _ in 0..connections {
        let mut sender = Sender::open(&havn.ready.smtp).await?;
        let (to, tally) = (havn.ready.accounts[0].mailbox.clone(), Arc::clone(&works.tally));
        works.tasks.push(tokio::spawn(async move {
            while tally.goes_on() {
                let mail = data::mail(NEXT.fetch_add(1, Ordering::Relaxed), 0, "");
                sender.send(&to, &mail).await?;
                tally.count();
            }
            Ok(())
        }));
    }
    works.a_second(seconds).await
}

/// From the 250 of a mail to the changed page, with a thousand pages open; and what those cost.
pub async fn streams(report: &mut Report, havn: &Havn) -> io::Result<()> {
    if !report.wants("streams") {
        return Ok(());
    }
    let owner = havn.owner().await?;
    let url = &havn.ready.accounts[0].url;
    let (sender, mut marks) = mpsc::unbounded_channel();
    for _ in 0..STREAMS {
        stream::open(&owner, url, "/live", sender.clone()).await?;
    }
    drop(sender);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let megabytes = memory::megabytes(havn.ready.pid);
    report.line(format!("streams: memory, {STREAMS} open"), megabytes, "MB", Against::AtMost(100.0), None);

    let mut smtp = Sender::open(&havn.ready.smtp).await?;
    let (mut first_pages, mut all_pages) = (Vec::new(), Vec::new());
    for number in 0..TIMED_MAILS {
        let mail = data::mail(20_000_000 + number, 0, "").replacen(
            "Subject: ",
            &format!("Subject: {} ", stream::mark(number)),
            1,
        );
        smtp.send(&havn.ready.accounts[0].mailbox, &mail).await?;
        let acknowledged = Instant::now();
        let mut seen = 0;
        while seen < STREAMS {
            let waited = tokio::time::timeout(Duration::from_secs(10), marks.recv()).await;
            let Ok(Some((found, at))) = waited else {
                return Err(io::Error::other(format!("mail {number} reached {seen} of {STREAMS} pages")));
            };
            if found != number {
                continue;
            }
            let millis = at.saturating_duration_since(acknowledged).as_secs_f64() * 1e3;
            if seen == 0 {
                first_pages.push(millis);
            }
            all_pages.push(millis);
            seen += 1;
        }
    }
    let first = report::percentile(&mut first_pages, 99.0);
    report.line(
        "streams: 250 to first changed page, 99th percentile".into(),
        first,
        "ms",
        Against::AtMost(100.0),
        None,
    );
    let all = report::percentile(&mut all_pages, 99.0);
    report.line(
        "streams: 250 to any of 1,000 changed pages, 99th percentile".into(),
        all,
        "ms",
        Against::AtMost(100.0),
        None,
    );
    Ok(())
}
