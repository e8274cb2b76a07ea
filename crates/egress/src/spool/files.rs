//! The files of a spool: its key, its lines, and what a crash may have left unfinished.

use evidence::{SpoolError, SpoolLine, SpoolReader};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const KEY: &str = "door.key";
const PUBLIC_KEY: &str = "door.pub";
const LOCK: &str = "door.lock";

/// How long a new door waits for one that is just ending, and how often it looks.
const LOCK_WAIT: Duration = Duration::from_secs(5);
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Why a spool cannot be read or gone on with.
#[derive(Debug, thiserror::Error)]
pub enum SpoolReadError {
    /// The folder or a file in it.
    #[error("the spool of the door at {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another door is still there.
    #[error("another door writes to {0}")]
    InUse(PathBuf),
    /// The key is not 32 bytes, or not a key.
    #[error("{0} does not hold the key of a door")]
    Key(PathBuf),
    /// Not what the door wrote.
    #[error("{path} is not what the door wrote: {source}")]
    Broken {
        /// Which file.
        path: PathBuf,
        /// Where.
        source: SpoolError,
    },
}

impl SpoolReadError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

/// All lines that are kept in `folder`, each checked by the public key that lies there. A last line
/// that is not finished is left out.
pub fn read(folder: &Path) -> Result<Vec<SpoolLine>, SpoolReadError> {
    let public = read_key(&folder.join(PUBLIC_KEY))?;
    let mut lines = Vec::new();
    let mut reader = None;
    for path in list(folder)? {
        let text = whole_lines(&path)?;
        read_file(&path, &text, &public, &mut reader, |line| lines.push(line))?;
    }
    Ok(lines)
}

/// Checks the lines of one file, which goes on after what `reader` has read, or anywhere if that is none.
pub(super) fn read_file(
    path: &Path,
    text: &str,
    public: &[u8; 32],
    reader: &mut Option<SpoolReader>,
    mut each: impl FnMut(SpoolLine),
) -> Result<(), SpoolReadError> {
    let broken = |source| SpoolReadError::Broken { path: path.to_owned(), source };
    for text in text.lines() {
        let reader = match reader {
            Some(reader) => reader,
            None => reader.insert(SpoolReader::from_first_kept(public, text).map_err(broken)?),
        };
        each(reader.read(text).map_err(broken)?);
    }
    Ok(())
}

/// The files in the order of their lines.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, SpoolReadError> {
    let failed = |source| SpoolReadError::file(folder, source);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_spool = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            name.starts_with("flows-") && Path::new(name).extension().is_some_and(|e| e == "jsonl")
        });
        if is_spool {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The last file that has a finished line, with its lines. One that a crash left without any is removed.
pub(super) fn last(folder: &Path) -> Result<Option<(PathBuf, String)>, SpoolReadError> {
    for path in list(folder)?.into_iter().rev() {
        let text = whole_lines(&path)?;
        if !text.is_empty() {
            return Ok(Some((path, text)));
        }
        fs::remove_file(&path).map_err(|source| SpoolReadError::file(&path, source))?;
    }
    Ok(None)
}

/// The file that begins with line `number`.
pub(super) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("flows-{number:020}.jsonl"))
}

/// The finished lines of a file. What a crash left after them was never durable, so nothing was done
/// on it.
pub(super) fn whole_lines(path: &Path) -> Result<String, SpoolReadError> {
    let mut bytes = fs::read(path).map_err(|source| SpoolReadError::file(path, source))?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    bytes.truncate(end);
    String::from_utf8(bytes)
        .map_err(|_| SpoolReadError::file(path, io::Error::new(io::ErrorKind::InvalidData, "not text")))
}

/// Keeps others from writing to this folder as long as the file is open.
pub(super) fn lock(folder: &Path) -> Result<File, SpoolReadError> {
    let path = folder.join(LOCK);
    let failed = |source| SpoolReadError::file(&path, source);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    let until = Instant::now() + LOCK_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(SpoolReadError::InUse(folder.to_owned())),
        }
    }
}

/// The door's seed: made at the first start, readable for nobody else.
pub(super) fn seed(folder: &Path) -> Result<[u8; 32], SpoolReadError> {
    let path = folder.join(KEY);
    if path.exists() {
        return read_key(&path);
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the system gives random bytes");
    write_new(&path, 0o600, &seed)?;
    Ok(seed)
}

/// Lays the public key beside, for those who check.
pub(super) fn publish(folder: &Path, public: &[u8; 32]) -> Result<(), SpoolReadError> {
    let path = folder.join(PUBLIC_KEY);
    if path.exists() {
        return Ok(());
    }
    write_new(&path, 0o644, public)
}

/// A file under its name only when it is whole and durable.
fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), SpoolReadError> {
    let failed = |source| SpoolReadError::file(path, source);
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(mode)
        .open(&unfinished)
        .map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, path).map_err(failed)?;
    sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(failed)
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn read_key(path: &Path) -> Result<[u8; 32], SpoolReadError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(33).read_to_end(&mut bytes))
        .map_err(|source| SpoolReadError::file(path, source))?;
    bytes.try_into().map_err(|_| SpoolReadError::Key(path.to_owned()))
}
