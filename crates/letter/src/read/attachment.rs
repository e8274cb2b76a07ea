//! The files of a mail.

use crate::{
    Attachment, Kind, Letter, Mark, Place, clean,
    limits::TNEF_BYTES_MAX,
    read::{
        body::Body,
        split::{Part, Split},
    },
    tnef,
};
use std::borrow::Cow;

/// Fills in the files, winmail.dat opened.
pub(crate) fn read(raw: &[u8], split: &Split, body: &Body, letter: &mut Letter) {
    for &number in &body.files {
        let part = &split.parts[number];
        let kind = kind(part, split);
        if kind == Kind::Tnef && open_tnef(raw, part, letter) {
            continue;
        }
        let bytes = &raw[part.body.clone()];
        let name = name(part.mime.name.as_deref(), &part.mime.media_type, letter.attachments.len() + 1);
        letter.attachments.push(Attachment {
            place: Place { range: part.body.clone(), encoding: part.mime.encoding, tnef: None },
            name,
            media_type: or_bytes(&part.mime.media_type),
            size: part.mime.encoding.size(bytes) as u64,
            content_id: part.mime.content_id.clone(),
            inline: part.mime.content_id.as_deref().is_some_and(|id| shows(letter, id)),
            kind,
        });
    }
    if let Some(rest) = split.rest.clone().filter(|rest| !rest.is_empty()) {
        letter.marks.push(Mark::TooManyParts);
        letter.attachments.push(Attachment {
            size: rest.len() as u64,
            place: Place { range: rest, encoding: crate::Encoding::Plain, tnef: None },
            name: "rest.eml".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            content_id: None,
            inline: false,
            kind: Kind::Rest,
        });
    }
}

/// The HTML of the letter has that content id in it.
fn shows(letter: &Letter, id: &str) -> bool {
    let Some(html) = letter.html.as_deref().filter(|_| letter.attachments.len() < 100) else { return false };
    memchr::memmem::find(html.as_bytes(), format!("cid:{id}").as_bytes()).is_some()
        || memchr::memmem::find(html.as_bytes(), format!("CID:{id}").as_bytes()).is_some()
}

fn kind(part: &Part, split: &Split) -> Kind {
    let named = |end: &str| part.mime.name.as_deref().is_some_and(|n| n.to_ascii_lowercase().ends_with(end));
    match part.mime.media_type.as_str() {
        "text/calendar" | "application/ics" | "text/x-vcalendar" => Kind::Calendar,
        "message/rfc822" | "message/global" => Kind::Letter,
        "application/ms-tnef" | "application/vnd.ms-tnef" => Kind::Tnef,
        "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature" => {
            Kind::Signature
        }
        "application/pgp-encrypted" | "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            Kind::Encrypted
        }
        "message/delivery-status"
        | "message/disposition-notification"
        | "message/feedback-report"
        | "message/global-delivery-status"
        | "message/global-headers"
        | "text/rfc822-headers" => Kind::Report,
        _ if named("winmail.dat") => Kind::Tnef,
        _ if named(".ics") => Kind::Calendar,
        _ if part.parent.is_some_and(|p| split.parts[p].mime.media_type == "multipart/encrypted") => {
            Kind::Encrypted
        }
        _ => Kind::File,
    }
}

/// Puts the files of a winmail.dat in its place; its text, if the letter has none. False if it cannot be
/// opened.
fn open_tnef(raw: &[u8], part: &Part, letter: &mut Letter) -> bool {
    let bytes = part.mime.encoding.decode(&raw[part.body.clone()], TNEF_BYTES_MAX);
    let Some(opened) = tnef::read(&bytes) else {
        letter.marks.push(Mark::TnefUnreadable);
        return false;
    };
    for (number, file) in opened.files.iter().enumerate() {
        letter.attachments.push(Attachment {
            place: Place { range: part.body.clone(), encoding: part.mime.encoding, tnef: Some(number) },
            name: name(Some(&file.name), &file.media_type, letter.attachments.len() + 1),
            media_type: or_bytes(&file.media_type),
            size: file.range.len() as u64,
            content_id: file.content_id.clone(),
            inline: file.content_id.as_deref().is_some_and(|id| shows(letter, id)),
            kind: Kind::File,
        });
    }
    if letter.text.trim().is_empty() {
        letter.text = opened.text.unwrap_or_default();
    }
    letter.marks.push(Mark::TnefOpened);
    true
}

fn or_bytes(media_type: &str) -> String {
    if media_type.is_empty() { "application/octet-stream".to_owned() } else { media_type.to_owned() }
}

/// The name as shown; one of our own where the sender gave none.
fn name(sent: Option<&str>, media_type: &str, number: usize) -> String {
    let cleaned = sent.map(clean::file_name).unwrap_or_default();
    if !cleaned.is_empty() {
        return cleaned;
    }
    let end = match media_type {
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" | "image/jpg" => ".jpg",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "text/calendar" => ".ics",
        "text/html" => ".html",
        "text/csv" => ".csv",
        "text/vcard" | "text/x-vcard" => ".vcf",
        "application/zip" => ".zip",
        "message/rfc822" | "message/global" => ".eml",
        "application/pgp-signature" => ".asc",
        other if other.starts_with("text/") || other.starts_with("message/") => ".txt",
        _ => "",
    };
    format!("file-{number}{end}")
}

impl Place {
    /// The file's bytes, cut out of the raw mail and decoded. None if the mail has no such place.
    pub fn bytes<'a>(&self, raw: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let raw = super::as_lines(raw);
        let written = match raw {
            Cow::Borrowed(raw) => Cow::Borrowed(raw.get(self.range.clone())?),
            Cow::Owned(raw) => Cow::Owned(raw.get(self.range.clone())?.to_vec()),
        };
        let bytes = match written {
            Cow::Borrowed(written) => self.encoding.decode(written, usize::MAX),
            Cow::Owned(written) => Cow::Owned(self.encoding.decode(&written, usize::MAX).into_owned()),
        };
        let Some(number) = self.tnef else { return Some(bytes) };
        let file = tnef::read(&bytes)?.files.into_iter().nth(number)?;
        Some(Cow::Owned(bytes.get(file.range)?.to_vec()))
    }
}
