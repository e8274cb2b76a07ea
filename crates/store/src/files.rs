//! An account's files: encrypted, named by a keyed hash of their content, whole or not there.
//!
//! A file is written under a passing name, synced, renamed, and its folder synced, before a row may
//! name it ([`Stored`] is the proof).

use std::{
    collections::{HashMap, HashSet},
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::UNIX_EPOCH,
};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use words::Time;

use crate::{
    AccountKey, Error, Result,
    seal::{Key, Opener, Sealer, derive, keyed},
};

/// The first bytes of every file.
const FORMAT: [u8; 8] = *b"havnfil1";

/// For what the key of names is derived.
const NAME_LABEL: &[u8] = b"havn file name 1";

/// The name of a file: a keyed hash of its content, so that it tells nothing to others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileHash([u8; 32]);

impl FileHash {
    /// The hash with these bytes, as read from a row.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as written to a row.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileHash({self})")
    }
}

/// The encrypted files of one account.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    content_key: Key,
    name_key: Key,
    address_key: Key,
    /// How many hold a file that no row names yet: those are not removed.
    held: Mutex<HashMap<FileHash, usize>>,
    /// Makes passing names differ.
    count: AtomicU64,
}

/// A file that is durable on disk. While this lives it is not removed, so a row may name it.
pub struct Stored {
    files: Files,
    hash: FileHash,
    size: u64,
}

impl Stored {
    /// Its name.
    pub fn hash(&self) -> FileHash {
        self.hash
    }

    /// Bytes of its content.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        let mut held = self.files.held();
        let left = held.get(&self.hash).map_or(0, |count| count - 1);
        if left == 0 {
            held.remove(&self.hash);
        } else {
            held.insert(self.hash, left);
        }
    }
}

impl Files {
    /// Touches nothing yet.
    pub fn new(folder: PathBuf, key: &AccountKey) -> Self {
        Self(Arc::new(Inner {
            folder,
            content_key: derive(key, b"havn file content 1"),
            name_key: derive(key, NAME_LABEL),
            address_key: derive(key, b"havn file addresses 1"),
            held: Mutex::default(),
            count: AtomicU64::new(0),
        }))
    }

    /// What signs the addresses by which browsers get letters and files: the same as long as the
    /// account's key is, and written down nowhere.
    pub fn address_key(&self) -> &[u8; 32] {
        &self.0.address_key
    }

    /// Stores bytes. Blocks.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored> {
        let mut writer = self.writer()?;
        writer.write_all(bytes)?;
        writer.finish()
    }

    /// Stores all that a reader gives. Blocks.
    pub fn put_reader(&self, reader: &mut impl Read) -> Result<Stored> {
        let mut writer = self.writer()?;
        io::copy(reader, &mut writer)?;
        writer.finish()
    }

    /// Begins a file whose content comes piece by piece. Blocks.
    pub fn writer(&self) -> Result<FileWriter> {
        let number = self.0.count.fetch_add(1, Ordering::Relaxed);
        let passing = self.passing_folder().join(format!("{}-{number}", std::process::id()));
        let file = match File::create_new(&passing) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(self.passing_folder()).and_then(|()| File::create_new(&passing))
            }
            made => made,
        }?;
        Ok(FileWriter::new(self.clone(), file, passing)?)
    }

    /// The whole content of a file. Blocks.
    pub fn get(&self, hash: FileHash) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        let mut reader = self.open(hash)?;
        reader.read_to_end(&mut content).map_err(|error| unreadable(hash, error))?;
        Ok(content)
    }

    /// A reader of a file's content, for large ones. Its last bytes are given only after the whole was
    /// found to be right. Blocks.
    pub fn open(&self, hash: FileHash) -> Result<FileReader> {
        let file = File::open(self.path(hash)).map_err(|error| unreadable(hash, error))?;
        FileReader::new(self, file, hash).map_err(|error| unreadable(hash, error))
    }

    /// Removes a file unless somebody is about to name it. Tells whether it is gone. Blocks.
    pub fn remove(&self, hash: FileHash) -> Result<bool> {
        let held = self.held();
        if held.contains_key(&hash) {
            return Ok(false);
        }
        match fs::remove_file(self.path(hash)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(true),
        }
    }

    /// The right to remove files, held while it lives; none while the files are being copied, or one is
    /// stored that is there already, by this process or another.
    pub(crate) fn not_while_copied(&self) -> Result<Option<File>> {
        let lock = self.lock_file()?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// While this lives, no file is removed. Blocks until removals that are under way are over.
    pub(crate) fn while_copied(&self) -> Result<File> {
        let lock = self.lock_file()?;
        lock.lock_shared()?;
        Ok(lock)
    }

    fn lock_file(&self) -> io::Result<File> {
        fs::create_dir_all(&self.0.folder)?;
        File::create(self.0.folder.join("removing"))
    }

    /// Reads a file to its end and gives its size, if it is as it was stored. Blocks.
    pub(crate) fn verify(&self, hash: FileHash) -> Result<u64> {
        io::copy(&mut self.open(hash)?, &mut io::sink()).map_err(|error| unreadable(hash, error))
    }

    /// Removes what was left by writers that broke off before `before`: files without a row, and those
    /// that never got their name. Blocks.
    pub(crate) fn remove_strays(&self, named: &HashSet<FileHash>, before: Time) -> Result<()> {
        let is_old = |path: &Path| -> Result<bool> {
            let since = path.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok(Time::default().after(since) < before)
        };
        for hash in hashes_in(&self.0.folder)? {
            if !named.contains(&hash) && is_old(&self.path(hash))? {
                self.remove(hash)?;
            }
        }
        for passing in entries(&self.passing_folder())? {
            if is_old(&passing)? {
                fs::remove_file(passing)?;
            }
        }
        Ok(())
    }

    /// Where a file lies: in one of 256 folders.
    pub(crate) fn path(&self, hash: FileHash) -> PathBuf {
        place_of(&self.0.folder, hash)
    }

    fn passing_folder(&self) -> PathBuf {
        self.0.folder.join("passing")
    }

    /// Whether this is the key of these files.
    pub(crate) fn are_under(&self, key: &AccountKey) -> bool {
        derive(key, NAME_LABEL) == self.0.name_key
    }

    fn held(&self) -> MutexGuard<'_, HashMap<FileHash, usize>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, hash: FileHash, size: u64) -> Stored {
        *self.held().entry(hash).or_default() += 1;
        Stored { files: self.clone(), hash, size }
    }

    fn hasher(&self) -> Hmac<Sha256> {
        keyed(&self.0.name_key)
    }
}

/// Takes the content of one new file. Dropped before [`FileWriter::finish`], it leaves nothing.
pub struct FileWriter {
    files: Files,
    passing: PathBuf,
    hasher: Hmac<Sha256>,
    sealer: Option<Sealer<File>>,
    size: u64,
}

impl FileWriter {
    fn new(files: Files, file: File, passing: PathBuf) -> io::Result<Self> {
        let sealer = Some(Sealer::new(file, &files.0.content_key, FORMAT)?);
        let hasher = files.hasher();
        Ok(Self { files, passing, hasher, sealer, size: 0 })
    }

    /// Makes the file durable under its name.
    pub fn finish(mut self) -> Result<Stored> {
        let sealer = self.sealer.take().ok_or(Error::Panicked)?;
        let hash = FileHash(self.hasher.clone().finalize().into_bytes().into());
        // Held from here on, so that it is not removed between now and the row.
        let stored = self.files.hold(hash, self.size);
        self.place(hash, sealer)?;
        Ok(stored)
    }

    fn place(&self, hash: FileHash, sealer: Sealer<File>) -> io::Result<()> {
        let path = self.files.path(hash);
        if path.try_exists()? && self.is_there_to_stay(&path)? {
            // The same content; `drop` removes ours. Who wrote it may not have synced its name yet.
            return sync_folder(path.parent().unwrap_or(&self.files.0.folder));
        }
        let file = sealer.finish()?;
        words::FaultPoint::FileWritten.pass();
        file.sync_all()?;
        let folder = path.parent().unwrap_or(&self.files.0.folder);
        if !folder.try_exists()? {
            fs::create_dir_all(folder)?;
            sync_folder(&self.files.0.folder)?;
        }
        fs::rename(&self.passing, &path)?;
        sync_folder(folder)?;
        words::FaultPoint::FileSynced.pass();
        Ok(())
    }

    /// Makes a file that is there as young as ours, so that no sweep takes it before it is named: not in
    /// this process, which holds it until the row is written but not until that is committed, and not in
    /// another. False if a sweep has just taken it.
    fn is_there_to_stay(&self, path: &Path) -> io::Result<bool> {
        let lock = self.files.lock_file()?;
        lock.lock_shared()?;
        let there = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        there.set_modified(self.passing.metadata()?.modified()?)?;
        Ok(true)
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sealer = self.sealer.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let taken = sealer.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        // After `finish` the passing name is gone already.
        let _ = fs::remove_file(&self.passing);
    }
}

/// Gives the content of one file.
pub struct FileReader {
    opener: Opener<File>,
    hash: FileHash,
    hasher: Hmac<Sha256>,
}

impl FileReader {
    fn new(files: &Files, file: File, hash: FileHash) -> io::Result<Self> {
        let opener = Opener::new(file, &files.0.content_key, FORMAT)?;
        Ok(Self { opener, hash, hasher: files.hasher() })
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.opener.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        // A whole file under the name of another is no right file either.
        let is_wrong = || self.hasher.clone().verify_slice(&self.hash.0).is_err();
        if self.opener.is_at_end() && is_wrong() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(count)
    }
}

fn hash_of(name: &str) -> Option<FileHash> {
    let mut hash = [0_u8; 32];
    let digits = name.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(FileHash(hash))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.is_file() {
        return Ok(Vec::new());
    }
    match fs::read_dir(folder) {
        Ok(all) => Ok(all.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Where a file lies below a folder.
pub(crate) fn place_of(folder: &Path, hash: FileHash) -> PathBuf {
    let name = hash.to_string();
    folder.join(&name[..2]).join(name)
}

/// The names of all files below a folder.
pub(crate) fn hashes_in(folder: &Path) -> Result<Vec<FileHash>> {
    let mut all = Vec::new();
    for folder in entries(folder)? {
        for file in entries(&folder)? {
            all.extend(file.file_name().and_then(|name| name.to_str()).and_then(hash_of));
        }
    }
    Ok(all)
}

/// Copies a file so that it is there, whole, after a power cut.
pub(crate) fn copy_durably(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let passing = to.with_extension("passing");
    fs::copy(from, &passing)?;
    File::open(&passing)?.sync_all()?;
    fs::rename(&passing, to)?;
    Ok(sync_folder(folder)?)
}

/// Makes names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn unreadable(hash: FileHash, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::FileMissing(hash),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Error::FileDamaged(hash),
        _ => Error::DiskFailed(error),
    }
}
