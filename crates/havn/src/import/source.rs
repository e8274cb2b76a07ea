//! Where old mails come from: an mbox file, a Maildir, or a folder of `.eml` files.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{files, mbox::Mbox};

/// A larger mail is left out, and told.
pub const MAIL_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One old mail.
pub struct Old {
    /// What comes up to its end is in when it is in.
    pub position: String,
    /// How many bytes of the source it is, for the progress bar.
    pub size: u64,
    /// The mail; none if it is too large.
    pub raw: Option<Vec<u8>>,
}

/// Old mails, one after the other.
pub enum Source {
    /// A file of mails, each after a line that begins with `From `.
    Mbox(Mbox<BufReader<File>>),
    /// A file each.
    Files(std::vec::IntoIter<PathBuf>),
}

impl Source {
    /// Opens a source where it was left off, and tells how many bytes are left.
    pub fn open(path: &Path, position: &str) -> io::Result<(Self, u64)> {
        if path.is_dir() {
            let left: Vec<PathBuf> = files::after(path, position)?;
            let bytes = left.iter().filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum();
            return Ok((Self::Files(left.into_iter()), bytes));
        }
        let mut file = File::open(path)?;
        let (length, offset) = (file.metadata()?.len(), position.parse().unwrap_or(0));
        file.seek(SeekFrom::Start(offset))?;
        Ok((Self::Mbox(Mbox::new(BufReader::new(file), offset)), length.saturating_sub(offset)))
    }
}

impl Iterator for Source {
    type Item = io::Result<Old>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Mbox(mbox) => mbox.next(),
            Self::Files(files) => files.next().map(|path| read(&path)),
        }
    }
}

fn read(path: &Path) -> io::Result<Old> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let limit = u64::try_from(MAIL_BYTES_MAX).unwrap_or(u64::MAX);
    let raw = if size > limit {
        None
    } else {
        let mut raw = Vec::new();
        file.take(limit).read_to_end(&mut raw)?;
        Some(raw)
    };
    Ok(Old { position: path.to_string_lossy().into_owned(), size, raw })
}
