//! An account's files: encrypted, named by a keyed hash of their content, whole or not there.
//!
//! A file is written under a passing name, synced, renamed, and its folder synced, before a row may
//! name it ([`Stored`] is the proof). On disk: eight bytes of format, a nonce, then pieces of 64 KiB,
//! each sealed by XChaCha20-Poly1305 with its place and whether it is the last (STREAM), so that
//! neither a flipped bit nor a cut nor a swap goes unseen.

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{
        OsRng,
        rand_core::RngCore,
        stream::{DecryptorBE32, EncryptorBE32},
    },
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{AccountKey, Error, Result};

/// The first bytes of every file.
const FORMAT: &[u8; 8] = b"havnfil1";
/// Bytes of content that are sealed together.
const PIECE_BYTES: usize = 64 * 1024;
/// What sealing adds to a piece.
const TAG_BYTES: usize = 16;
/// XChaCha20's nonce, less what STREAM counts with.
const NONCE_BYTES: usize = 19;

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
    content_key: Zeroizing<[u8; 32]>,
    name_key: Zeroizing<[u8; 32]>,
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
            name_key: derive(key, b"havn file name 1"),
            held: Mutex::default(),
            count: AtomicU64::new(0),
        }))
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

    /// The right to remove files, held while it lives; none while the files are being copied, by this
    /// process or another.
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

    fn lock_file(&self) -> Result<File> {
        fs::create_dir_all(&self.0.folder)?;
        Ok(File::create(self.0.folder.join("removing"))?)
    }

    /// The names of all files on disk. Blocks.
    pub fn list(&self) -> Result<Vec<FileHash>> {
        let mut all = Vec::new();
        for folder in entries(&self.0.folder)? {
            for file in entries(&folder)? {
                all.extend(file.file_name().and_then(|name| name.to_str()).and_then(hash_of));
            }
        }
        Ok(all)
    }

    /// Removes what writers left that broke off. Only when nobody writes: at open. Blocks.
    pub(crate) fn remove_passing(&self) -> Result<()> {
        for left in entries(&self.passing_folder())? {
            fs::remove_file(left)?;
        }
        Ok(())
    }

    /// Where a file lies: in one of 256 folders.
    pub(crate) fn path(&self, hash: FileHash) -> PathBuf {
        let name = hash.to_string();
        self.0.folder.join(&name[..2]).join(name)
    }

    fn passing_folder(&self) -> PathBuf {
        self.0.folder.join("passing")
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

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0.content_key).into())
    }
}

/// Takes the content of one new file. Dropped before [`FileWriter::finish`], it leaves nothing.
pub struct FileWriter {
    files: Files,
    file: File,
    passing: PathBuf,
    hasher: Hmac<Sha256>,
    sealer: Option<EncryptorBE32<XChaCha20Poly1305>>,
    piece: Vec<u8>,
    size: u64,
}

impl FileWriter {
    fn new(files: Files, mut file: File, passing: PathBuf) -> io::Result<Self> {
        let mut nonce = [0_u8; NONCE_BYTES];
        OsRng.fill_bytes(&mut nonce);
        let sealer = EncryptorBE32::from_aead(files.cipher(), (&nonce).into());
        file.write_all(FORMAT)?;
        file.write_all(&nonce)?;
        let (hasher, piece) = (files.hasher(), Vec::new());
        Ok(Self { files, file, passing, hasher, sealer: Some(sealer), piece, size: 0 })
    }

    /// Makes the file durable under its name.
    pub fn finish(mut self) -> Result<Stored> {
        let sealer = self.sealer.take().ok_or(Error::Panicked)?;
        let sealed = sealer.encrypt_last(self.piece.as_slice()).map_err(|_| Error::Panicked)?;
        let hash = FileHash(self.hasher.clone().finalize().into_bytes().into());
        // Held from here on, so that it is not removed between now and the row.
        let stored = self.files.hold(hash, self.size);
        self.place(hash, &sealed)?;
        Ok(stored)
    }

    fn place(&mut self, hash: FileHash, last: &[u8]) -> io::Result<()> {
        let path = self.files.path(hash);
        if path.try_exists()? {
            // The same content, durable already; `drop` removes ours.
            return Ok(());
        }
        self.file.write_all(last)?;
        self.file.sync_all()?;
        let folder = path.parent().unwrap_or(&self.files.0.folder);
        if !folder.try_exists()? {
            fs::create_dir_all(folder)?;
            sync_folder(&self.files.0.folder)?;
        }
        fs::rename(&self.passing, &path)?;
        sync_folder(folder)
    }

    fn seal_piece(&mut self) -> io::Result<()> {
        let sealer = self.sealer.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let sealed = sealer
            .encrypt_next(self.piece.as_slice())
            .map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        self.piece.clear();
        self.file.write_all(&sealed)
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only when more follows: the last piece, full or not, is sealed by `finish`.
        if self.piece.len() == PIECE_BYTES && !bytes.is_empty() {
            self.seal_piece()?;
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
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
    file: File,
    hash: FileHash,
    hasher: Hmac<Sha256>,
    opener: Option<DecryptorBE32<XChaCha20Poly1305>>,
    /// The next sealed piece: one is read ahead, to know which is the last.
    sealed: Vec<u8>,
    piece: Vec<u8>,
    given: usize,
}

impl FileReader {
    fn new(files: &Files, mut file: File, hash: FileHash) -> io::Result<Self> {
        let (mut format, mut nonce) = ([0_u8; FORMAT.len()], [0_u8; NONCE_BYTES]);
        file.read_exact(&mut format)?;
        file.read_exact(&mut nonce)?;
        if format != *FORMAT {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let opener = DecryptorBE32::from_aead(files.cipher(), (&nonce).into());
        let sealed = sealed_piece(&mut file)?;
        Ok(Self {
            file,
            hash,
            hasher: files.hasher(),
            opener: Some(opener),
            sealed,
            piece: Vec::new(),
            given: 0,
        })
    }

    fn open_piece(&mut self) -> io::Result<()> {
        let wrong = |_| io::Error::from(io::ErrorKind::InvalidData);
        let next = sealed_piece(&mut self.file)?;
        let sealed = std::mem::replace(&mut self.sealed, next);
        self.given = 0;
        if !self.sealed.is_empty() {
            let opener = self.opener.as_mut().ok_or(io::ErrorKind::InvalidData)?;
            self.piece = opener.decrypt_next(sealed.as_slice()).map_err(wrong)?;
            self.hasher.update(&self.piece);
            return Ok(());
        }
        let opener = self.opener.take().ok_or(io::ErrorKind::InvalidData)?;
        let last = opener.decrypt_last(sealed.as_slice()).map_err(wrong)?;
        self.hasher.update(&last);
        let right = self.hasher.clone().verify_slice(&self.hash.0).is_ok();
        if !right {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.piece = last;
        Ok(())
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() && self.opener.is_some() {
            self.open_piece()?;
        }
        let count = buffer.len().min(self.piece.len() - self.given);
        buffer[..count].copy_from_slice(&self.piece[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// The next sealed piece of a file; empty at its end.
fn sealed_piece(file: &mut File) -> io::Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(PIECE_BYTES + TAG_BYTES);
    file.take((PIECE_BYTES + TAG_BYTES) as u64).read_to_end(&mut sealed)?;
    Ok(sealed)
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// A key of its own for each use (HMAC-SHA256 over a label, as HKDF's expand step, RFC 5869).
fn derive(key: &AccountKey, label: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(keyed(key.expose()).chain_update(label).chain_update([1]).finalize().into_bytes().into())
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
