//! A whole log as one file: its signed checkpoint, an empty line, then an entry a line.

use crate::{Checkpoint, CheckpointError};

/// A whole log as it was handed out. Nothing of it is believed before it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export<'a> {
    /// The signed checkpoint.
    pub checkpoint: &'a str,
    /// The bytes of the entries, in order.
    pub entries: Vec<&'a [u8]>,
}

impl<'a> Export<'a> {
    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let length: usize = self.entries.iter().map(|entry| entry.len() + 1).sum();
        let mut bytes = Vec::with_capacity(self.checkpoint.len() + 1 + length);
        bytes.extend_from_slice(self.checkpoint.as_bytes());
        bytes.push(b'\n');
        for entry in &self.entries {
            bytes.extend_from_slice(entry);
            bytes.push(b'\n');
        }
        bytes
    }

    /// Reads a file.
    pub fn read(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        // The first empty line stands between the text and its signatures, the second after them.
        let mut empty = memchr::memmem::find_iter(bytes, b"\n\n").skip(1);
        let end = empty.next().ok_or(CheckpointError::Unreadable)? + 1;
        let checkpoint = str::from_utf8(&bytes[..end]).map_err(|_| CheckpointError::Unreadable)?;
        Checkpoint::read(checkpoint)?;
        let rest = &bytes[end + 1..];
        let mut entries: Vec<&[u8]> = Vec::new();
        let mut start = 0;
        for line_end in memchr::memchr_iter(b'\n', rest) {
            entries.push(&rest[start..line_end]);
            start = line_end + 1;
        }
        // A file that was cut within a line: what is left of it is an entry that is not whole.
        if start < rest.len() {
            entries.push(&rest[start..]);
        }
        Ok(Self { checkpoint, entries })
    }
}
