//! Header fields: where each lies, and the few that tell the kind of a part.

use crate::{
    clean,
    decode::Encoding,
    encoded_word,
    limits::{BOUNDARY_BYTES_MAX, FIELD_BYTES_MAX, FIELDS_MAX, HEADER_BYTES_MAX},
};
use mail_parser::{ContentType, parsers::MessageStream};
use std::ops::Range;

/// A header block: where it and the body after it lie, and what was odd.
#[derive(Default)]
pub(crate) struct Block {
    /// Name and value of each field, as places in the raw mail. The value still has its folds.
    pub fields: Vec<(Range<usize>, Range<usize>)>,
    /// Where the body begins.
    pub body: usize,
    /// More than the limits allow, or lines that are no header.
    pub too_large: bool,
    pub broken: bool,
}

impl Block {
    /// The block that begins at `start`. `ends_part` says whether a line is a boundary (which ends a part
    /// even where its empty line is missing).
    pub fn read(raw: &[u8], start: usize, ends_part: impl Fn(&[u8]) -> bool) -> Self {
        let mut block = Self { body: raw.len(), ..Self::default() };
        let mut at = start;
        while at < raw.len() {
            let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n + 1);
            let line = trimmed(&raw[at..end]);
            if line.is_empty() {
                block.body = end;
                return block;
            }
            if line.starts_with(b"--") && ends_part(line) {
                block.body = at;
                return block;
            }
            if block.too_large {
                at = end;
                continue;
            }
            if !block.take(raw, at, at + line.len()) && (block.fields.is_empty() || !header_follows(raw, end))
            {
                block.broken = true;
                block.body = at;
                return block;
            }
            at = end;
            block.too_large = at - start > HEADER_BYTES_MAX || block.fields.len() >= FIELDS_MAX;
        }
        block
    }

    /// Takes a line as a field or as the rest of the one before. False if it is neither.
    fn take(&mut self, raw: &[u8], start: usize, end: usize) -> bool {
        let line = &raw[start..end];
        if matches!(line[0], b' ' | b'\t')
            && let Some((_, value)) = self.fields.last_mut()
        {
            value.end = end;
            return true;
        }
        if let Some(colon) = memchr::memchr(b':', &line[..line.len().min(200)]) {
            let name = line[..colon].trim_ascii();
            if is_name(name) {
                let at = start + line[..colon].iter().take_while(|b| b.is_ascii_whitespace()).count();
                self.fields.push((at..at + name.len(), start + colon + 1..end));
                return true;
            }
        }
        // The envelope line of mbox files.
        self.fields.is_empty() && (line.starts_with(b"From ") || line.starts_with(b">From "))
    }

    /// The value of the first field of that name.
    pub fn first<'a>(&self, raw: &'a [u8], name: &str) -> Option<&'a [u8]> {
        let (_, value) =
            self.fields.iter().find(|(n, _)| raw[n.clone()].eq_ignore_ascii_case(name.as_bytes()))?;
        Some(&raw[value.start..value.end.min(value.start + FIELD_BYTES_MAX)])
    }
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| (33..127).contains(b))
}

/// Whether the next line that is not empty is a header (a broken line stands between headers) or text.
fn header_follows(raw: &[u8], mut at: usize) -> bool {
    for _ in 0..10 {
        let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n + 1);
        let line = trimmed(&raw[at..end]);
        if line.is_empty() {
            return false;
        }
        if let Some(colon) = memchr::memchr(b':', &line[..line.len().min(80)])
            && is_name(&line[..colon])
            && line[colon + 1..].first().is_none_or(|&b| b == b' ' || b == b'\t')
        {
            return true;
        }
        at = end;
    }
    false
}

/// A line without its end.
pub(crate) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What a part says about itself.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a part says")]
pub(crate) struct Mime {
    /// `type/subtype` in lower case; empty if the part does not say.
    pub media_type: String,
    pub charset: Option<String>,
    pub boundary: Option<Vec<u8>>,
    /// As sent; `clean::file_name` makes it fit to be shown.
    pub name: Option<String>,
    pub attachment: bool,
    pub content_id: Option<String>,
    pub encoding: Encoding,
    pub flowed: bool,
    pub delete_space: bool,
    pub method: Option<String>,
    pub report_type: Option<String>,
    pub says_type: bool,
}

impl Mime {
    /// By the fields of a block.
    pub fn read(raw: &[u8], block: &Block) -> Self {
        let mut mime = Self::default();
        if let Some(value) = block.first(raw, "content-type") {
            mime.take_type(value);
        }
        if let Some(value) = block.first(raw, "content-disposition")
            && let Some(disposition) = structured(value)
        {
            mime.attachment = disposition.c_type.eq_ignore_ascii_case("attachment");
            mime.name = name_of(&disposition, "filename").or(mime.name.take());
        }
        if let Some(value) = block.first(raw, "content-transfer-encoding") {
            mime.encoding = Encoding::named(value);
        }
        mime.content_id = block.first(raw, "content-id").and_then(content_id);
        mime
    }

    fn take_type(&mut self, value: &[u8]) {
        let Some(kind) = structured(value) else { return };
        self.says_type = true;
        let attribute = |name: &str| kind.attribute(name).map(str::trim).filter(|v| !v.is_empty());
        let part = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
        let (top, sub) = (kind.c_type.trim(), kind.c_subtype.as_deref().unwrap_or_default().trim());
        if part(top) && part(sub) && !top.is_empty() && top.len() + sub.len() < 120 {
            self.media_type = match (top, sub) {
                ("text", "") => "text/plain".to_owned(),
                ("multipart", "") => "multipart/mixed".to_owned(),
                _ => format!("{top}/{sub}").to_ascii_lowercase(),
            };
        }
        self.charset = attribute("charset").map(|c| c.trim_start_matches("charset=").to_owned());
        let fits = |b: &&str| b.len() <= BOUNDARY_BYTES_MAX;
        self.boundary = attribute("boundary").filter(fits).map(|b| b.as_bytes().to_vec());
        self.name = name_of(&kind, "name");
        self.flowed = attribute("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed"));
        self.delete_space = attribute("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes"));
        self.method = attribute("method").map(|m| clean::line(m, 40));
        self.report_type = attribute("report-type").map(str::to_ascii_lowercase);
    }

    pub fn is_multipart(&self) -> bool {
        self.media_type.starts_with("multipart/")
    }
}

/// A field of the form `a/b; name=value`, by the library's reader (RFC 2045, RFC 2231).
fn structured(value: &[u8]) -> Option<ContentType<'static>> {
    // The reader ends a field at its line end and gives nothing where there is none.
    let text = format!("{}\n", encoded_word::as_utf8(value));
    MessageStream::new(text.as_bytes()).parse_content_type().into_owned().into_content_type()
}

/// A file name: many programs write encoded words where RFC 2231 belongs.
fn name_of(value: &ContentType<'_>, attribute: &str) -> Option<String> {
    let name = value.attribute(attribute)?;
    Some(if name.contains("=?") { encoded_word::decoded(name.as_bytes()) } else { name.to_owned() })
}

/// A content id without its brackets.
fn content_id(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?.trim().trim_start_matches('<').trim_end_matches('>').trim();
    let fits =
        !text.is_empty() && text.len() < 250 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    fits.then(|| text.to_owned())
}
