//! Prints the figures of the store, one JSON line each:
//! `cargo run --release -p store --example figures -- [open|write|read] [--postgres]`.
//!
//! `open`: memory of 1,000 open accounts. `write`: durable units a second, beside bare rows. `read`:
//! lists and searches over 20,000 conversations and 100,000 messages.

#[path = "../tests/it/letters.rs"]
mod letters;
#[allow(dead_code, reason = "the suite uses the rest")]
#[allow(unused_macros, unused_imports, reason = "the suite uses the rest")]
#[path = "../tests/it/place.rs"]
mod place;

use std::{fmt::Write, time::Instant};

use place::{Desk, NOON, account_row, lease, task};
use store::{
    AccountKey, EventKind, Filter, NewEvent, Place, Result, SearchFilter, Status, Store, Stores, Tx, query,
};
use words::{AccountId, Clock, DepartmentId};

const ACCOUNTS: usize = 1_000;
const CONVERSATIONS: usize = 20_000;
const MESSAGES_EACH: usize = 5;
const WORDS: usize = 60;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let wished: Vec<String> = std::env::args().skip(1).collect();
    let is_wished =
        |what: &str| wished.iter().all(|wish| wish.starts_with("--")) || wished.iter().any(|w| w == what);
    if let [flag, folder] = wished.as_slice()
        && flag == "--fill"
    {
        return fill_accounts(folder).await;
    }
    let on_postgres = wished.iter().any(|wish| wish == "--postgres");
    let desk = if on_postgres { Desk::on_postgres().await } else { Desk::on_sqlite().await };
    if is_wished("open") && !on_postgres {
        open(&desk).await;
    }
    if is_wished("write") {
        write(&desk).await;
    }
    if is_wished("read") {
        read(&desk).await;
    }
}

/// Kilobytes of this process, by a name of `/proc/self/smaps_rollup`.
fn memory(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Makes the accounts in a process of its own, so that the memory is that of having them open.
async fn open(desk: &Desk) {
    let began = Instant::now();
    let fill = std::process::Command::new(std::env::current_exe().unwrap())
        .arg("--fill")
        .arg(desk.folder.path())
        .status();
    assert!(fill.unwrap().success());
    let made = began.elapsed();
    let (before, began) = (memory("Pss:"), Instant::now());
    for account in accounts() {
        let store = opened(&desk.stores, account);
        let list = store.read(&task(account), |read| read.conversations(&Filter::default(), None, 50)).await;
        assert_eq!(list.unwrap().len(), 50);
    }
    println!(
        r#"{{"figure":"open","accounts":{ACCOUNTS},"made_s":{:.1},"opened_and_listed_s":{:.2},"pss_mb_before":{},"pss_mb_open":{},"rss_mb_open":{}}}"#,
        made.as_secs_f64(),
        began.elapsed().as_secs_f64(),
        before / 1024,
        memory("Pss:") / 1024,
        memory("Rss:") / 1024
    );
}

async fn fill_accounts(folder: &str) {
    let stores = Stores::new(Place::Folder(folder.into()), Clock::fixed(NOON));
    let department = DepartmentId::new(NOON);
    for account in accounts() {
        let store = opened(&stores, account);
        let access = task(account);
        store.write(&access, |tx| tx.insert_account(&account_row("Acme"), 1)).await.unwrap();
        let fill = move |tx: &mut Tx<'_>| {
            (0..50).try_for_each(|n| {
                let conversation = letters::begin(tx, department, Status::Open)?;
                letters::receive(tx, conversation, &text(n, 60)).map(|_| ())
            })
        };
        store.write(&access, fill).await.unwrap();
    }
}

fn accounts() -> impl Iterator<Item = AccountId> {
    (0..ACCOUNTS).map(|n| AccountId::from_uuid(uuid::Uuid::from_u128(n as u128 + 1)))
}

fn opened(stores: &Stores, account: AccountId) -> Store {
    let key = AccountKey::from_bytes([7; 32]);
    stores.open(&lease(account, 1), &key, &task(account)).unwrap()
}

fn event(tx: &mut Tx<'_>) -> Result<()> {
    let data = serde_json::Value::Null;
    tx.append_event(&NewEvent {
        kind: EventKind::Settings,
        conversation: None,
        message: None,
        department: None,
        data,
    })?;
    Ok(())
}

async fn write(desk: &Desk) {
    bare_rows();
    for tasks in [1, 16] {
        rate(desk, "small units", tasks, 4_000, |_| Box::new(event)).await;
    }
    for tasks in [1, 16] {
        let store = desk.store.clone();
        let department = DepartmentId::new(NOON);
        rate(desk, "mails", tasks, 4_000, move |n| {
            let raw = tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(store.prepare_raw(vec![b'x'; 3_000])).unwrap()
            });
            Box::new(move |tx| {
                let conversation = letters::begin(tx, department, Status::Open)?;
                let (message, _) = letters::receive(tx, conversation, &text(n, 60))?;
                tx.insert_raw(message, &raw, "trace")?;
                event(tx)
            })
        })
        .await;
    }
}

type Unit = Box<dyn FnOnce(&mut Tx<'_>) -> Result<()> + Send>;

async fn rate(
    desk: &Desk,
    what: &str,
    tasks: usize,
    units: usize,
    make: impl Fn(usize) -> Unit + Send + Sync + 'static,
) {
    let make = std::sync::Arc::new(make);
    let began = Instant::now();
    let running = (0..tasks).map(|task| {
        let (store, access, make) = (desk.store.clone(), desk.access(), make.clone());
        tokio::spawn(async move {
            for n in 0..units / tasks {
                store.write(&access, make(task * 1_000_000 + n)).await.unwrap();
            }
        })
    });
    for done in running.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    let place = if desk.database.is_some() { "postgres" } else { "sqlite" };
    println!(
        r#"{{"figure":"{what}","on":"{place}","at_once":{tasks},"a_second":{:.0}}}"#,
        f64::from(u32::try_from(units).unwrap()) / seconds
    );
}

/// What this disk gives to one row after the other, in an encrypted file with synced commits.
fn bare_rows() {
    let folder = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("bare.db")).unwrap();
    connection.pragma_update(None, "key", format!("x'{}'", "07".repeat(32))).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n bigint PRIMARY KEY, text text)").unwrap();
    let began = Instant::now();
    for n in 0..4_000 {
        connection.prepare_cached("INSERT INTO t VALUES (?, 'some words')").unwrap().execute([n]).unwrap();
    }
    println!(
        r#"{{"figure":"bare durable rows","on":"sqlite","a_second":{:.0}}}"#,
        4_000.0 / began.elapsed().as_secs_f64()
    );
}

/// Some words of a made-up language; `seldom` once in a hundred texts, `often` in every third.
fn text(n: usize, words: usize) -> String {
    let mut text = String::new();
    for word in 0..words {
        let x = (n * 7_919 + word * 104_729) % 20_011;
        write!(text, "{}{}{} ", ["ka", "lo", "mi", "ren", "stø"][x % 5], ["b", "d", "g", "k"][x % 4], x / 3)
            .unwrap();
    }
    if n.is_multiple_of(3) {
        text += "often ";
    }
    if n % 20_000 == 17 {
        text += "seldom ";
    }
    text
}

async fn read(desk: &Desk) {
    let department = DepartmentId::new(NOON);
    let began = Instant::now();
    let mut conversations = Vec::new();
    for from in (0..CONVERSATIONS).step_by(500) {
        let clock = desk.clock.clone();
        let work = move |tx: &mut Tx<'_>| {
            (from..from + 500)
                .map(|_| letters::begin(tx, department, Status::Open))
                .collect::<Result<Vec<_>>>()
        };
        clock.advance(std::time::Duration::from_millis(1));
        conversations.extend(desk.write(work).await.unwrap());
    }
    for round in 0..MESSAGES_EACH {
        for (part, some) in conversations.chunks(500).enumerate() {
            let some = some.to_vec();
            desk.clock.advance(std::time::Duration::from_millis(1));
            let work = move |tx: &mut Tx<'_>| {
                some.iter().enumerate().try_for_each(|(place, conversation)| {
                    let n = (round * CONVERSATIONS) + part * 500 + place;
                    letters::receive(tx, *conversation, &text(n, WORDS)).map(|_| ())
                })
            };
            desk.write(work).await.unwrap();
        }
    }
    let place = if desk.database.is_some() { "postgres" } else { "sqlite" };
    println!(
        r#"{{"figure":"fill","on":"{place}","messages":{},"s":{:.1}}}"#,
        CONVERSATIONS * MESSAGES_EACH,
        began.elapsed().as_secs_f64()
    );
    let open = Filter { status: Some(Status::Open), ..Filter::default() };
    time(desk, "list 50", move |read, _| read.conversations(&open, None, 50).map(|list| list.len())).await;
    let some = conversations.clone();
    time(desk, "point", move |read, n| {
        read.conversation(some[n * 7_919 % some.len()]).map(|one| usize::from(one.is_some()))
    })
    .await;
    time(desk, "conversation of 5 messages", move |read, n| {
        read.messages_after(conversations[n * 7_919 % conversations.len()], 0, 100).map(|all| all.len())
    })
    .await;
    for (what, words) in [
        ("search seldom", "seldom"),
        ("search often", "often"),
        ("search prefix", "kab1"),
        ("search phrase", "\"often seldom\""),
        ("search two", "often kab12"),
    ] {
        let query = query(words).unwrap();
        time(desk, what, move |read, _| {
            read.search(&query, &SearchFilter::default(), None, 50).map(|page| page.hits.len())
        })
        .await;
    }
}

async fn time(
    desk: &Desk,
    what: &str,
    work: impl Fn(&store::Read<'_>, usize) -> Result<usize> + Send + Sync + 'static,
) {
    const RUNS: usize = 400;
    let work = std::sync::Arc::new(work);
    let mut micros = Vec::with_capacity(RUNS);
    let mut rows = 0;
    for n in 0..RUNS {
        let work = work.clone();
        let began = Instant::now();
        rows = desk.read(move |read| work(read, n)).await.unwrap();
        micros.push(began.elapsed().as_micros());
    }
    micros.sort_unstable();
    let place = if desk.database.is_some() { "postgres" } else { "sqlite" };
    println!(
        r#"{{"figure":"{what}","on":"{place}","rows":{rows},"median_us":{},"p99_us":{}}}"#,
        micros[RUNS / 2],
        micros[RUNS * 99 / 100]
    );
}
