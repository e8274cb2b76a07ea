//! The parts of a mail, in one pass: each line that could be a boundary is looked at once, so the work
//! grows with the bytes and with nothing else.

use crate::{
    limits::{DEPTH_MAX, PARTS_MAX},
    read::fields::{Block, Mime, trimmed},
};
use std::ops::Range;

/// A part: what it says of itself, where it lies, what holds it.
pub(crate) struct Part {
    pub mime: Mime,
    /// Where its body lies in the raw mail, still encoded.
    pub body: Range<usize>,
    /// The part that holds it, if it is not the mail itself.
    pub parent: Option<usize>,
    /// It holds parts.
    pub holds: bool,
}

/// The mail taken apart.
#[derive(Default)]
pub(crate) struct Split {
    /// The mail's own header block.
    pub header: Block,
    pub parts: Vec<Part>,
    /// From here on nothing was taken apart, as there were too many parts.
    pub rest: Option<Range<usize>>,
    pub too_deep: bool,
    /// A header block of a part was broken or too large, or a boundary never came.
    pub broken: bool,
}

struct Open {
    part: usize,
    boundary: Vec<u8>,
}

struct Delimiter {
    start: usize,
    after: usize,
    level: usize,
    closes: bool,
}

/// Takes a mail apart.
pub(crate) fn split(raw: &[u8]) -> Split {
    let mut split = Split::default();
    let mut open: Vec<Open> = Vec::new();
    let mut at = raw.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    loop {
        if split.parts.len() >= PARTS_MAX {
            split.rest = Some(at..raw.len());
            break;
        }
        let found = split.take(raw, at, &mut open);
        let Some(next) = next_part(raw, found, &mut open, &mut split) else { break };
        at = next;
    }
    for left in open {
        split.parts[left.part].body.end = raw.len();
        split.broken = true;
    }
    split
}

/// Follows delimiters until one begins a part; where that part begins.
fn next_part(
    raw: &[u8],
    mut found: Option<Delimiter>,
    open: &mut Vec<Open>,
    split: &mut Split,
) -> Option<usize> {
    loop {
        let delimiter = found?;
        for left in open.drain(delimiter.level + 1..) {
            split.parts[left.part].body.end = delimiter.start;
            split.broken = true;
        }
        if !delimiter.closes {
            return Some(delimiter.after);
        }
        if let Some(closed) = open.pop() {
            split.parts[closed.part].body.end = delimiter.start;
        }
        found = next_delimiter(raw, delimiter.after, open);
    }
}

impl Split {
    /// Takes the part that begins at `start`; the delimiter that ended it.
    fn take(&mut self, raw: &[u8], start: usize, open: &mut Vec<Open>) -> Option<Delimiter> {
        let block = Block::read(raw, start, |line| delimiter_in(line, open).is_some());
        let mut mime = Mime::read(raw, &block);
        let parent = open.last().map(|o| o.part);
        if !mime.says_type && parent.is_some_and(|p| self.parts[p].mime.media_type == "multipart/digest") {
            "message/rfc822".clone_into(&mut mime.media_type);
        }
        let (part, body) = (self.parts.len(), block.body);
        self.broken |= block.broken || block.too_large;
        if parent.is_none() && part == 0 {
            self.header = block;
        }
        let boundary = mime.boundary.clone().filter(|_| mime.is_multipart());
        let too_deep = boundary.is_some() && open.len() >= DEPTH_MAX;
        self.too_deep |= too_deep;
        self.parts.push(Part { mime, body: body..raw.len(), parent, holds: false });
        let Some(boundary) = boundary.filter(|_| !too_deep) else {
            let end = next_delimiter(raw, body, open);
            self.parts[part].body.end = end_of_body(raw, body, end.as_ref());
            return end;
        };
        open.push(Open { part, boundary });
        let first = next_delimiter(raw, body, open);
        if first.as_ref().is_some_and(|d| d.level + 1 == open.len() && !d.closes) {
            self.parts[part].holds = true;
            return first;
        }
        // Its boundary never comes: what it has is one text.
        open.pop();
        self.broken = true;
        self.parts[part].body.end = end_of_body(raw, body, first.as_ref());
        match first {
            Some(own) if own.level >= open.len() => next_delimiter(raw, own.after, open),
            other => other,
        }
    }
}

/// The line end before a delimiter belongs to the delimiter.
fn end_of_body(raw: &[u8], start: usize, delimiter: Option<&Delimiter>) -> usize {
    let Some(delimiter) = delimiter else { return raw.len() };
    start + trimmed(&raw[start..delimiter.start.max(start)]).len()
}

fn next_delimiter(raw: &[u8], from: usize, open: &[Open]) -> Option<Delimiter> {
    if open.is_empty() {
        return None;
    }
    let mut at = from;
    if !raw[at..].starts_with(b"--") {
        at += memchr::memmem::find(&raw[at..], b"\n--")? + 1;
    }
    loop {
        let after = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n + 1);
        if let Some((level, closes)) = delimiter_in(&raw[at..after], open) {
            return Some(Delimiter { start: at, after, level, closes });
        }
        at = after.saturating_sub(1).max(at);
        at += memchr::memmem::find(&raw[at..], b"\n--")? + 1;
    }
}

/// Which open part's boundary this line is, the innermost first, and whether it closes it.
fn delimiter_in(line: &[u8], open: &[Open]) -> Option<(usize, bool)> {
    let line = line.strip_prefix(b"--")?;
    let exact = |o: &Open| {
        let rest = line.strip_prefix(o.boundary.as_slice())?;
        if rest.starts_with(b"--") { Some(true) } else { rest.trim_ascii().is_empty().then_some(false) }
    };
    open.iter().enumerate().rev().find_map(|(level, o)| Some((level, exact(o)?)))
}
