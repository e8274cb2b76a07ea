//! A process that is killed at any moment: what it acknowledged is there afterwards, whole and once.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use register::Access;
use store::{Error, EventKind, NewEvent, Place, Status, Store, Stores};
use words::{AccountId, Clock, DepartmentId};

use crate::{
    letters,
    place::{Desk, NOON, account_row, lease, task, task_at},
};

/// How often the writer is killed, if the environment does not say.
const KILLS: u64 = 12;
/// Says how often instead.
const KILLS_WISHED: &str = "HAVN_TEST_KILLS";
/// Tasks of the writer that write at once.
const WRITERS: usize = 8;
/// Names the folder of the store to the writer.
const FOLDER: &str = "HAVN_TEST_CRASH_FOLDER";

fn open(folder: &Path) -> Store {
    let account = AccountId::from_uuid(uuid::Uuid::from_u128(1));
    let stores = Stores::new(Place::Folder(folder.to_owned()), Clock::fixed(NOON));
    let key = store::AccountKey::from_bytes([7; 32]);
    stores.open(&lease(account, 1), &key, &task(account)).unwrap()
}

/// The process that is killed: writes, and says the number of each event once it is acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test that kills it"]
async fn writer() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = open(Path::new(&folder));
    // There already after the first kill.
    let _ = store.write(&task(store.account()), |tx| tx.insert_account(&account_row("Acme"), 1)).await;
    let department = DepartmentId::from_uuid(uuid::Uuid::from_u128(2));
    let tasks = (0..WRITERS).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let access = task(store.account());
            for round in 0_usize.. {
                // Every seventh mail is large and lies in a file.
                let size = if (writer + round) % 7 == 0 { 300_000 } else { 2_000 };
                let raw = store.prepare_raw(vec![u8::try_from(round % 251).unwrap(); size]).await.unwrap();
                let write = store.write(&access, move |tx| {
                    let conversation = letters::begin(tx, department, Status::Open)?;
                    let (message, _) = letters::receive(tx, conversation, "some words of a letter")?;
                    tx.insert_raw(message, &raw, "")?;
                    tx.append_event(&NewEvent {
                        kind: EventKind::Received,
                        conversation: Some(conversation),
                        message: Some(message),
                        department: None,
                        data: serde_json::Value::Null,
                    })
                });
                println!("acknowledged {}", write.await.unwrap());
            }
        })
    });
    futures::future::join_all(tasks).await;
}

fn start(folder: &Path) -> Child {
    // Where there is one, the name that stays right when the program is built anew meanwhile.
    let itself = Path::new("/proc/self/exe");
    let program = if itself.exists() { itself.to_owned() } else { std::env::current_exe().unwrap() };
    Command::new(program)
        .args(["crash::writer", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The numbers that the writer acknowledged before it was killed, `after` that many of them.
fn kill_after(mut writer: Child, after: u64) -> Vec<i64> {
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut numbers = Vec::new();
    for line in lines {
        if let Some(number) = line.unwrap().strip_prefix("acknowledged ") {
            numbers.push(number.parse().unwrap());
        }
        // Goes on reading after the kill: what was said before counts.
        if numbers.len() as u64 >= after {
            writer.kill().unwrap();
        }
    }
    writer.wait().unwrap();
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut newest = 0;
    let wished = std::env::var(KILLS_WISHED).ok().and_then(|kills| kills.parse().ok());
    for round in 0..wished.unwrap_or(KILLS) {
        let after = 1 + (seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round * 7_919) >> 3) % 120;
        let acknowledged = kill_after(start(folder.path()), after);
        newest = check(folder.path(), &acknowledged, newest).await;
    }
    assert!(newest > 200, "too little was written: {newest}");
}

/// The number of the newest event, if all that was acknowledged is there.
async fn check(folder: &Path, acknowledged: &[i64], before: i64) -> i64 {
    let store = open(folder);
    let access = task(store.account());
    let newest = store.read(&access, |read| read.newest_event()).await.unwrap();
    let most = acknowledged.iter().copied().max().unwrap_or(before);
    assert!(newest >= most, "event {most} was acknowledged and is missing");
    assert!(acknowledged.iter().all(|number| *number > before));
    let events = store.read(&access, move |read| read.events_after(before, 100_000)).await.unwrap();
    let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (before + 1..=newest).collect::<Vec<_>>(), "without gap or repeat");
    for event in events {
        // No message without its raw mail, no row without its file.
        let raw = store.raw(&access, event.message.unwrap()).await.unwrap().expect("it was stored with it");
        assert!(raw.first() == raw.last() && [2_000, 300_000].contains(&raw.len()));
    }
    newest
}

/// Says to the sweeper that it is one.
const SWEEPS: &str = "HAVN_TEST_SWEEPS";

/// The same folder two days later.
fn open_later(folder: &Path) -> (Store, Access) {
    let account = AccountId::from_uuid(uuid::Uuid::from_u128(1));
    let clock = Clock::fixed(NOON.after(Duration::from_hours(48)));
    let stores = Stores::new(Place::Folder(folder.to_owned()), clock.clone());
    let task = task_at(account, clock.now());
    let store = stores.open(&lease(account, 1), &store::AccountKey::from_bytes([7; 32]), &task).unwrap();
    (store, task)
}

/// The process that sweeps, and dies where it is told to.
#[tokio::test]
#[ignore = "run by the test that lets it die"]
async fn sweeper() {
    let Some(folder) = std::env::var_os(SWEEPS) else { return };
    let (store, access) = open_later(Path::new(&folder));
    store.sweep_files(&access).await.unwrap();
}

/// All files of the account on disk, made as old as can be.
fn aged(folder: &Path) -> usize {
    let is_file = |path: &Path| path.is_file() && path.file_name().is_some_and(|name| name.len() > 32);
    let files: Vec<PathBuf> = walk(folder)
        .into_iter()
        .filter(|path| path.components().any(|one| one.as_os_str() == "files"))
        .collect();
    let files: Vec<_> = files.into_iter().filter(|path| is_file(path)).collect();
    for path in &files {
        std::fs::File::open(path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    files.len()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_that_dies_is_gone_on_with_and_takes_nothing_that_is_named() {
    for (point, rows_left) in [("before-commit:1", 2), ("after-commit:1", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let access = task(store.account());
        store.write(&access, |tx| tx.insert_account(&account_row("Acme"), 1)).await.unwrap();
        let raw = store.prepare_raw(vec![7; 300_000]).await.unwrap();
        let department = DepartmentId::from_uuid(uuid::Uuid::from_u128(2));
        let written = store.write(&access, move |tx| {
            let conversation = letters::begin(tx, department, Status::Open)?;
            let (message, _) = letters::receive(tx, conversation, "large")?;
            tx.insert_raw(message, &raw, "")?;
            Ok::<_, Error>(message)
        });
        let message = written.await.unwrap();
        store.put_file(&access, b"nobody names it".to_vec()).await.unwrap();
        // A unit that was never written: its process died first.
        drop(store.files().put(b"stored and no more").unwrap());
        drop(store);
        assert_eq!(aged(folder.path()), 3);
        let died = Command::new("/proc/self/exe")
            .args(["crash::sweeper", "--exact", "--ignored", "--nocapture"])
            .env(SWEEPS, folder.path())
            .env("HAVN_DIE_AT", point)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(!died.success(), "{point}");
        assert_eq!(aged(folder.path()), 3, "{point}: content goes last");
        let (store, access) = open_later(folder.path());
        let rows = store.read(&access, |read| read.files()).await.unwrap();
        assert_eq!(rows.len(), rows_left, "{point}");
        store.sweep_files(&access).await.unwrap();
        assert_eq!(aged(folder.path()), 1, "{point}");
        assert_eq!(store.raw(&access, message).await.unwrap().unwrap().len(), 300_000);
    }
}

/// A small disk, which only root can make.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn new(folder: &Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).output();
        match mount {
            Ok(done) if done.status.success() => Some(Self(folder.to_owned())),
            _ => {
                eprintln!("skipped: only root can make a small disk");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_still_erases() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::new(folder.path(), "16m") else { return };
    let desk = Desk::on_sqlite_in(folder).await;
    let department = DepartmentId::new(NOON);
    let fill = |size: usize| {
        desk.write(move |tx| {
            let conversation = letters::begin(tx, department, Status::Open)?;
            letters::receive(tx, conversation, &"letters and more ".repeat(size))
        })
    };
    let mut kept = Vec::new();
    let refused = loop {
        match fill(500).await {
            Ok((message, _)) => kept.push(message),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::DiskFull), "{refused:?}");
    assert!(kept.len() > 100, "only {} fitted", kept.len());
    // Reading goes on, and all that was acknowledged is there.
    for message in kept.clone() {
        assert!(desk.read(move |read| read.message(message)).await.unwrap().is_some());
    }
    let half = kept.split_off(kept.len() / 2);
    for some in half.chunks(20) {
        let some = some.to_vec();
        let work = move |tx: &mut store::Tx<'_>| some.into_iter().try_for_each(|id| tx.delete_message(id));
        desk.store.erase(&desk.access(), work).await.unwrap();
    }
    for _ in 0..kept.len() / 2 {
        fill(500).await.unwrap();
    }
    for message in kept {
        assert!(desk.read(move |read| read.message(message)).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_does_not_fit_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::new(folder.path(), "8m") else { return };
    let desk = Desk::on_sqlite_in(folder).await;
    let put = desk.store.put_file(&desk.access(), vec![7; 9_000_000]).await;
    assert!(matches!(put, Err(Error::DiskFull)), "{put:?}");
    let id = desk.store.put_file(&desk.access(), vec![7; 1_000_000]).await.unwrap();
    assert_eq!(desk.store.read_file(&desk.access(), id).await.unwrap().len(), 1_000_000);
}
