//! Opens a winmail.dat (TNEF, as MS-OXTNEF describes it): its files and its text. One level only: a mail
//! within it is one file. Every length is checked against what is there.

use crate::{
    clean, decode,
    html::text_of_html,
    limits::{TEXT_BYTES_MAX, TNEF_FILES_MAX},
};
use std::ops::Range;

const SIGNATURE: u32 = 0x223e_9f78;
/// Attributes of the stream, by their id.
const ATTACH_REND_DATA: u32 = 0x0006_9002;
const ATTACH_TITLE: u32 = 0x0001_8010;
const ATTACH_DATA: u32 = 0x0006_800f;
const ATTACH_PROPERTIES: u32 = 0x0006_9005;
const BODY: u32 = 0x0002_800c;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
/// MAPI properties, by their id.
const PROPERTY_BODY: u16 = 0x1000;
const PROPERTY_HTML: u16 = 0x1013;
const PROPERTY_DATA: u16 = 0x3701;
const PROPERTY_LONG_NAME: u16 = 0x3707;
const PROPERTY_NAME: u16 = 0x3704;
const PROPERTY_MEDIA_TYPE: u16 = 0x370e;
const PROPERTY_CONTENT_ID: u16 = 0x3712;
/// Properties of one list, values of one property.
const PROPERTIES_MAX: usize = 2_000;
const VALUES_MAX: u32 = 2_000;

/// What was in it.
#[derive(Default)]
pub(crate) struct Opened {
    pub files: Vec<File>,
    pub text: Option<String>,
}

/// A file: where its bytes are in the winmail.dat.
#[derive(Default)]
pub(crate) struct File {
    pub name: String,
    pub media_type: String,
    pub content_id: Option<String>,
    pub range: Range<usize>,
}

/// Opens it. None if it is none, or ends in the middle before anything was found.
pub(crate) fn read(bytes: &[u8]) -> Option<Opened> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.u32()? != SIGNATURE {
        return None;
    }
    reader.u16()?; // the key, which tells nothing
    let mut opened = Opened::default();
    let mut whole = true;
    while whole && reader.at < bytes.len() {
        whole = reader.attribute(&mut opened).is_some();
    }
    opened.files.retain(|f| !f.range.is_empty() || !f.name.is_empty());
    (whole || !opened.files.is_empty() || opened.text.is_some()).then_some(opened)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len())?;
        let range = self.at..end;
        self.at = end;
        Some(range)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|r| self.bytes[r.start])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).and_then(|r| Some(u16::from_le_bytes(self.bytes[r].try_into().ok()?)))
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).and_then(|r| Some(u32::from_le_bytes(self.bytes[r].try_into().ok()?)))
    }

    /// One attribute: level, id, length, data, checksum (which is not looked at: a broken file is better
    /// than none).
    fn attribute(&mut self, opened: &mut Opened) -> Option<()> {
        self.u8()?;
        let id = self.u32()?;
        let length = usize::try_from(self.u32()?).ok()?;
        let data = self.take(length)?;
        match id {
            ATTACH_REND_DATA if opened.files.len() < TNEF_FILES_MAX => opened.files.push(File::default()),
            ATTACH_TITLE => {
                if let Some(file) = opened.files.last_mut().filter(|f| f.name.is_empty()) {
                    file.name = text(&self.bytes[data]);
                }
            }
            ATTACH_DATA => {
                if let Some(file) = opened.files.last_mut() {
                    file.range = data;
                }
            }
            ATTACH_PROPERTIES => {
                let mut list = Reader { bytes: &self.bytes[..data.end], at: data.start };
                let file = opened.files.last_mut()?;
                list.properties(|id, _, value, bytes| file.take(id, value, bytes));
            }
            BODY if opened.text.is_none() => opened.text = Some(text(&self.bytes[data])),
            MESSAGE_PROPERTIES => {
                let mut list = Reader { bytes: &self.bytes[..data.end], at: data.start };
                list.properties(|id, kind, value, bytes| {
                    let short = &bytes[value.start..value.end.min(value.start + TEXT_BYTES_MAX)];
                    let found = match id {
                        PROPERTY_BODY if kind == 0x001f => utf16(short),
                        PROPERTY_BODY => text(short),
                        PROPERTY_HTML if opened.text.is_none() => text_of_html(&text(short)),
                        _ => return,
                    };
                    opened.text = Some(found);
                });
            }
            _ => (),
        }
        self.take(2).map(|_| ())
    }

    /// Calls with id, type and place of the value of each property of a list (MS-OXTNEF part 2.1.3.4).
    fn properties(&mut self, mut found: impl FnMut(u16, u16, Range<usize>, &[u8])) -> Option<()> {
        let count = usize::try_from(self.u32()?).ok()?.min(PROPERTIES_MAX);
        for _ in 0..count {
            let (kind, id) = (self.u16()?, self.u16()?);
            if id >= 0x8000 {
                self.named_property()?;
            }
            let several = kind & 0x1000 != 0;
            let kind = kind & 0x0fff;
            let variable = matches!(kind, 0x000d | 0x001e | 0x001f | 0x0102);
            let values = if several || variable { self.u32()?.min(VALUES_MAX) } else { 1 };
            for _ in 0..values {
                let length = match kind {
                    _ if variable => usize::try_from(self.u32()?).ok()?,
                    0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
                    0x0048 => 16,
                    0x0001 => 0,
                    _ => 4,
                };
                let value = self.take(length)?;
                self.take(value.len().wrapping_neg() % 4)?;
                found(id, kind, value, self.bytes);
            }
        }
        Some(())
    }

    /// A property's name: a set, then a number or a text.
    fn named_property(&mut self) -> Option<()> {
        self.take(16)?;
        if self.u32()? == 0 {
            return self.u32().map(|_| ());
        }
        let length = usize::try_from(self.u32()?).ok()?;
        self.take(length)?;
        self.take(length.wrapping_neg() % 4).map(|_| ())
    }
}

impl File {
    fn take(&mut self, id: u16, value: Range<usize>, bytes: &[u8]) {
        let short = &bytes[value.start..value.end.min(value.start + 1_000)];
        // Unicode texts have a NUL in every second byte wherever they are ASCII.
        let read = || if short.len() > 1 && short[1] == 0 { utf16(short) } else { text(short) };
        match id {
            PROPERTY_LONG_NAME => self.name = read(),
            PROPERTY_NAME if self.name.is_empty() => self.name = read(),
            PROPERTY_MEDIA_TYPE => self.media_type = clean::line(&read(), 100).to_ascii_lowercase(),
            PROPERTY_CONTENT_ID => {
                self.content_id = Some(clean::line(&read(), 200)).filter(|id| !id.is_empty());
            }
            PROPERTY_DATA if self.range.is_empty() => self.range = value,
            _ => (),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    let short = &bytes[..bytes.len().min(TEXT_BYTES_MAX)];
    decode::text(short, None).text.replace("\r\n", "\n").trim_end_matches('\0').replace('\0', "")
}

fn utf16(bytes: &[u8]) -> String {
    decode::text(bytes, Some("utf-16le")).text.replace("\r\n", "\n").replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(out: &mut Vec<u8>, id: u32, data: &[u8]) {
        out.push(2);
        out.extend(id.to_le_bytes());
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out.extend([0, 0]);
    }

    pub(super) fn sample() -> Vec<u8> {
        let mut out = SIGNATURE.to_le_bytes().to_vec();
        out.extend([1, 0]);
        attribute(&mut out, BODY, b"Hej\r\nmed dig\0");
        attribute(&mut out, ATTACH_REND_DATA, &[0; 14]);
        attribute(&mut out, ATTACH_TITLE, b"FAKTUR~1.PDF\0");
        attribute(&mut out, ATTACH_DATA, b"%PDF");
        let mut list = 1_u32.to_le_bytes().to_vec();
        list.extend(0x001e_u16.to_le_bytes());
        list.extend(PROPERTY_LONG_NAME.to_le_bytes());
        list.extend(1_u32.to_le_bytes());
        list.extend(12_u32.to_le_bytes());
        list.extend(b"faktura.pdf\0");
        attribute(&mut out, ATTACH_PROPERTIES, &list);
        out
    }

    #[test]
    fn gives_files_and_text() {
        let sample = sample();
        let opened = read(&sample).unwrap();
        assert_eq!(opened.text.as_deref(), Some("Hej\nmed dig"));
        assert_eq!(opened.files[0].name, "faktura.pdf");
        assert_eq!(&sample[opened.files[0].range.clone()], b"%PDF");
    }

    #[test]
    fn a_cut_one_gives_what_was_whole() {
        let sample = sample();
        for end in 0..sample.len() {
            let _ = read(&sample[..end]);
        }
        assert!(read(b"no").is_none());
    }
}
