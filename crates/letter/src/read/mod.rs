//! Reads a mail. Never fails: what cannot be read is said by a mark, and the raw mail is there.

mod attachment;
mod body;
pub(crate) mod fields;
mod flowed;
pub(crate) mod head;
pub(crate) mod split;

use crate::{
    Attachment, Kind, Letter, Mark, calendar,
    limits::{CALENDAR_BYTES_MAX, MESSAGE_BYTES_MAX, TEXT_BYTES_MAX},
};
use std::{borrow::Cow, panic};

pub use head::LOOP_HEADER;

impl Letter {
    /// Reads a mail. The work and the memory grow with its bytes and with nothing else in it.
    pub fn read(raw: &[u8]) -> Self {
        // A panic would be a fault of ours or of the library; the mail is kept and shown all the same.
        panic::catch_unwind(|| read(raw)).unwrap_or_else(|_| unreadable(raw))
    }

    /// The bytes of the attachment of that number. None if there is no such one.
    pub fn attachment_bytes(raw: &[u8], number: usize) -> Option<Vec<u8>> {
        let letter = Self::read(raw);
        let attachment = letter.attachments.get(number)?;
        Some(attachment.place.bytes(raw)?.into_owned())
    }

    /// The attachment that the HTML calls `cid:…`.
    pub fn by_content_id(&self, id: &str) -> Option<&Attachment> {
        let id = id.trim_start_matches('<').trim_end_matches('>');
        self.attachments.iter().find(|a| a.content_id.as_deref() == Some(id))
    }
}

fn read(raw: &[u8]) -> Letter {
    let raw = as_lines(raw);
    let raw = raw.as_ref();
    let mut letter = Letter::default();
    let split = split::split(raw);
    head::read(raw, &split.header, &mut letter);
    let body = body::read(raw, &split);
    letter.text.clone_from(&body.text);
    letter.html.clone_from(&body.html);
    letter.marks.extend_from_slice(&body.marks);
    letter.machine.report_type = split
        .parts
        .first()
        .filter(|p| p.mime.media_type == "multipart/report")
        .and_then(|p| p.mime.report_type.clone());
    attachment::read(raw, &split, &body, &mut letter);
    appointments(raw, &mut letter);
    mark(&split, &mut letter);
    letter
}

fn appointments(raw: &[u8], letter: &mut Letter) {
    for file in letter.attachments.iter().filter(|a| a.kind == Kind::Calendar) {
        let Some(written) = raw.get(file.place.range.clone()) else { continue };
        let bytes = file.place.encoding.decode(written, CALENDAR_BYTES_MAX);
        calendar::read(&String::from_utf8_lossy(&bytes), &mut letter.appointments);
    }
}

fn mark(split: &split::Split, letter: &mut Letter) {
    let mut add = |mark: Mark, when: bool| {
        if when {
            letter.marks.push(mark);
        }
    };
    add(Mark::Broken, split.broken || split.header.broken);
    add(Mark::HeadersCut, split.header.too_large);
    add(Mark::TooDeep, split.too_deep);
    add(Mark::Encrypted, letter.attachments.iter().any(|a| a.kind == Kind::Encrypted));
    letter.marks.sort_unstable();
    letter.marks.dedup();
}

/// Mail whose lines end with a bare CR (old Mac programs; it comes by import only) as lines, the rest as
/// it is; and only as much of it as is read at all. Places are counted in the result.
pub(crate) fn as_lines(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = &raw[..raw.len().min(MESSAGE_BYTES_MAX)];
    let head = &raw[..raw.len().min(4096)];
    if memchr::memchr(b'\r', head).is_none() || memchr::memchr(b'\n', raw).is_some() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect())
}

/// The mail as one text.
fn unreadable(raw: &[u8]) -> Letter {
    let start = &raw[..raw.len().min(TEXT_BYTES_MAX / 4)];
    Letter {
        text: String::from_utf8_lossy(start).replace('\0', ""),
        marks: vec![Mark::Unreadable],
        ..Letter::default()
    }
}
