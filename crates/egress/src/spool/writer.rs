//! The writing end of a spool: takes what waits together, and makes it durable with one sync.

use super::{FILE_BYTES_MAX, FILES_MAX, SpoolReadError, files};
use evidence::{Flow, SpoolKey, SpoolReader};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use tokio::sync::{mpsc, oneshot};
use words::Clock;

/// How many lines wait to be written; more wait at whoever writes.
const WAITING_MAX: usize = 1024;

/// How many lines one sync makes durable.
const LINES_PER_SYNC_MAX: usize = 256;

/// Why a connection of a door that died has no counts.
const UNKNOWN: &str = "unknown: the door ended before the connection did";

/// A line could not be written: what it announces must not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the door cannot write its record")]
pub struct SpoolClosed;

/// The writing end. Clones share it; the thread behind it ends with the last.
#[derive(Debug, Clone)]
pub struct Spool {
    waiting: mpsc::Sender<Entry>,
}

#[derive(Debug)]
struct Entry {
    flow: Flow,
    /// Told the number of the line once it is durable.
    durable: oneshot::Sender<u64>,
}

impl Spool {
    /// Opens the spool in `folder` (made if missing), checks its last file, and gives every intent
    /// without an outcome the outcome "unknown".
    pub fn open(folder: &Path, clock: Clock) -> Result<Self, SpoolReadError> {
        let mut writer = Writer::open(folder, clock, FILE_BYTES_MAX)?;
        writer.settle().map_err(|source| SpoolReadError::file(folder, source))?;
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        std::thread::Builder::new()
            .name("spool".into())
            .spawn(move || write_all(&mut writer, receiver))
            .map_err(|source| SpoolReadError::file(folder, source))?;
        Ok(Self { waiting: sender })
    }

    /// Writes a line and gives its number once it is durable. The number in an intent is set here: it
    /// is that of its line.
    pub async fn write(&self, flow: Flow) -> Result<u64, SpoolClosed> {
        let (durable, done) = oneshot::channel();
        self.waiting.send(Entry { flow, durable }).await.map_err(|_| SpoolClosed)?;
        done.await.map_err(|_| SpoolClosed)
    }

    /// Returns when nothing can be written any more.
    pub async fn closed(&self) {
        self.waiting.closed().await;
    }
}

fn write_all(writer: &mut Writer, mut waiting: mpsc::Receiver<Entry>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut entries = vec![first];
        while entries.len() < LINES_PER_SYNC_MAX
            && let Ok(next) = waiting.try_recv()
        {
            entries.push(next);
        }
        let (flows, durable): (Vec<_>, Vec<_>) =
            entries.into_iter().map(|entry| (entry.flow, entry.durable)).unzip();
        match writer.append(flows) {
            Ok(numbers) => {
                for (durable, number) in durable.into_iter().zip(numbers) {
                    // Whoever asked may have given up; the line stands.
                    let _ = durable.send(number);
                }
            }
            Err(error) => {
                // Not tried again: after a failed sync nobody knows what is on the disk.
                tracing::error!(%error, "the spool cannot be written");
                return;
            }
        }
    }
}

struct Writer {
    folder: PathBuf,
    /// Held so that nobody else writes here.
    _lock: File,
    file: File,
    length: u64,
    file_bytes_max: u64,
    key: SpoolKey,
    clock: Clock,
    /// Intents without an outcome, by their number.
    open: BTreeMap<u64, Flow>,
}

impl Writer {
    fn open(folder: &Path, clock: Clock, file_bytes_max: u64) -> Result<Self, SpoolReadError> {
        std::fs::create_dir_all(folder).map_err(|source| SpoolReadError::file(folder, source))?;
        let lock = files::lock(folder)?;
        let seed = files::seed(folder)?;
        let public = SpoolKey::public_of(&seed);
        files::publish(folder, &public)?;

        let last = files::last(folder)?;
        let mut reader = None;
        let mut open = BTreeMap::new();
        if let Some((path, text)) = &last {
            files::read_file(path, text, &public, &mut reader, |line| note(&mut open, &line.flow))?;
        }
        let reader = match reader {
            Some(reader) => reader,
            None => SpoolReader::new(&public).ok_or_else(|| SpoolReadError::Key(folder.to_owned()))?,
        };
        let key = SpoolKey::resume(&seed, &reader);
        let (path, length) = match last {
            Some((path, text)) => (path, text.len() as u64),
            None => (files::path_of(folder, key.next_number()), 0),
        };
        let file = open_at(&path, length).map_err(|source| SpoolReadError::file(&path, source))?;
        files::sync_folder(folder).map_err(|source| SpoolReadError::file(folder, source))?;
        Ok(Self { folder: folder.to_owned(), _lock: lock, file, length, file_bytes_max, key, clock, open })
    }

    /// An intent without an outcome is of a door that died: nobody counted.
    fn settle(&mut self) -> io::Result<()> {
        let unknown = self.open.keys().map(|connection| Flow::Outcome {
            connection: *connection,
            bytes_out: 0,
            bytes_in: 0,
            error: Some(UNKNOWN.into()),
        });
        let flows: Vec<_> = unknown.collect();
        self.append(flows).map(drop)
    }

    /// Writes the lines and makes them durable; their numbers.
    fn append(&mut self, flows: Vec<Flow>) -> io::Result<Vec<u64>> {
        if flows.is_empty() {
            return Ok(Vec::new());
        }
        if self.length >= self.file_bytes_max {
            self.begin_next_file()?;
        }
        let mut text = String::new();
        let mut numbers = Vec::with_capacity(flows.len());
        for mut flow in flows {
            let number = self.key.next_number();
            if let Flow::Intent { connection, .. } = &mut flow {
                *connection = number;
            }
            note(&mut self.open, &flow);
            text.push_str(&self.key.line(self.clock.now(), flow));
            numbers.push(number);
        }
        self.write(&text)?;
        Ok(numbers)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.length += text.len() as u64;
        Ok(())
    }

    /// Goes on in a new file, which gets its name only when the intents that are still open stand in it.
    fn begin_next_file(&mut self) -> io::Result<()> {
        let path = files::path_of(&self.folder, self.key.next_number());
        let unfinished = path.with_extension("new");
        self.file = open_at(&unfinished, 0)?;
        self.length = 0;
        let open: Vec<_> = self.open.values().cloned().collect();
        let text: String = open.into_iter().map(|flow| self.key.line(self.clock.now(), flow)).collect();
        self.write(&text)?;
        std::fs::rename(unfinished, path)?;
        files::sync_folder(&self.folder)?;
        self.remove_oldest()
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let files = files::list(&self.folder).map_err(io::Error::other)?;
        let surplus = files.len().saturating_sub(FILES_MAX);
        files.iter().take(surplus).try_for_each(std::fs::remove_file)
    }
}

/// A spool file with everything after `length` cut off, ready to go on.
fn open_at(path: &Path, length: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o644).open(path)?;
    file.set_len(length)?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

fn note(open: &mut BTreeMap<u64, Flow>, flow: &Flow) {
    match flow {
        Flow::Intent { connection, .. } => drop(open.insert(*connection, flow.clone())),
        Flow::Outcome { connection, .. } => drop(open.remove(connection)),
        Flow::Refused { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::SpoolLine;
    use tempfile::TempDir;
    use words::{Purpose, Time};

    fn open(folder: &Path) -> Writer {
        Writer::open(folder, Clock::fixed(Time::from_seconds(1)), 2_000).unwrap()
    }

    fn intent() -> Flow {
        Flow::Intent {
            connection: 0,
            account: None,
            purpose: Purpose::Database,
            host: "db.example".parse().unwrap(),
            address: "192.0.2.1:5432".into(),
            basis: "operator".into(),
        }
    }

    fn outcome(connection: u64) -> Flow {
        Flow::Outcome { connection, bytes_out: 1, bytes_in: 2, error: None }
    }

    fn last_file(folder: &Path) -> PathBuf {
        files::list(folder).unwrap().pop().unwrap()
    }

    fn unknown(lines: &[SpoolLine]) -> Vec<u64> {
        let is_unknown = |line: &SpoolLine| match &line.flow {
            Flow::Outcome { connection, error: Some(error), .. } if error == UNKNOWN => Some(*connection),
            _ => None,
        };
        lines.iter().filter_map(is_unknown).collect()
    }

    #[test]
    fn an_open_intent_goes_with_the_spool_over_many_files_and_then_is_unknown() {
        let folder = TempDir::new().unwrap();
        let mut writer = open(folder.path());
        let open_one = writer.append(vec![intent()]).unwrap()[0];
        for _ in 0..60 {
            let connection = writer.append(vec![intent()]).unwrap()[0];
            writer.append(vec![outcome(connection)]).unwrap();
        }
        drop(writer);
        let files = files::list(folder.path()).unwrap();
        assert!(files.len() > 5, "{files:?}");
        for file in &files[1..] {
            let text = files::whole_lines(file).unwrap();
            let first: SpoolLine = serde_json::from_str(text.lines().next().unwrap()).unwrap();
            assert!(matches!(first.flow, Flow::Intent { connection, .. } if connection == open_one));
        }

        open(folder.path()).settle().unwrap();
        let lines = super::super::read(folder.path()).unwrap();
        assert_eq!(unknown(&lines), [open_one]);
        assert!(lines.windows(2).all(|two| two[0].number + 1 == two[1].number));
        assert!(open(folder.path()).open.is_empty());
    }

    #[test]
    fn only_the_newest_files_are_kept_and_still_checked() {
        let folder = TempDir::new().unwrap();
        let mut writer = open(folder.path());
        while files::list(folder.path()).unwrap().first() == Some(&files::path_of(folder.path(), 0)) {
            writer.append(vec![outcome(7), outcome(7), outcome(7), outcome(7)]).unwrap();
        }
        assert_eq!(files::list(folder.path()).unwrap().len(), FILES_MAX);
        let lines = super::super::read(folder.path()).unwrap();
        assert!(lines[0].number > 0);
        let file = last_file(folder.path());
        std::fs::write(
            &file,
            std::fs::read_to_string(&file).unwrap().replace("\"bytes_in\":2", "\"bytes_in\":3"),
        )
        .unwrap();
        assert!(matches!(super::super::read(folder.path()), Err(SpoolReadError::Broken { .. })));
    }

    #[test]
    fn what_a_crash_left_unfinished_is_cut_off() {
        let folder = TempDir::new().unwrap();
        let mut writer = open(folder.path());
        writer.append(vec![intent()]).unwrap();
        drop(writer);
        let file = last_file(folder.path());
        let whole = std::fs::read(&file).unwrap();
        for torn in [1, 20, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes.extend_from_slice(&whole[..torn]);
            std::fs::write(&file, &bytes).unwrap();
            let mut writer = open(folder.path());
            assert_eq!(writer.key.next_number(), 1);
            writer.append(vec![outcome(0)]).unwrap();
            drop(writer);
            assert_eq!(super::super::read(folder.path()).unwrap().len(), 2);
            std::fs::write(&file, &whole).unwrap();
        }
        // Nothing but an unfinished first line: as if the file were not there.
        std::fs::write(&file, &whole[..30]).unwrap();
        assert_eq!(open(folder.path()).key.next_number(), 0);
    }

    #[test]
    fn two_doors_never_write_to_one_spool() {
        let folder = TempDir::new().unwrap();
        let _writer = open(folder.path());
        let lock = File::open(folder.path().join("door.lock")).unwrap();
        assert!(matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)));
    }

    #[test]
    fn the_key_is_for_the_door_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempDir::new().unwrap();
        drop(open(folder.path()));
        let mode = std::fs::metadata(folder.path().join("door.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
