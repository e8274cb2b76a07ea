//! Composing a mail: typed parts in, bytes out. No CR, LF or NUL can enter a header, and every line
//! ends with CRLF (hardening rule 5).

use mail_builder::{
    MessageBuilder,
    headers::{address::Address, message_id::MessageId, raw::Raw},
};
use words::{EmailAddress, Host, Time};

use crate::{clean, file_name, read::LOOP_HEADER};

/// Bytes of a line without its end (RFC 5322 part 2.1.1).
const LINE_BYTES_MAX: usize = 998;
/// Message ids of References.
const REFERENCES_MAX: usize = 30;

/// A mail to be made.
pub struct Outgoing {
    /// Name and address of From.
    pub from: (String, EmailAddress),
    /// Names and addresses of To.
    pub to: Vec<(String, EmailAddress)>,
    /// Names and addresses of Cc.
    pub cc: Vec<(String, EmailAddress)>,
    /// The subject.
    pub subject: String,
    /// When it was written.
    pub date: Time,
    /// Its Message-ID without brackets.
    pub message_id: String,
    /// The Message-ID that it answers, without brackets.
    pub in_reply_to: Option<String>,
    /// The thread, the oldest first, without brackets.
    pub references: Vec<String>,
    /// A machine wrote it (RFC 3834): says so, and asks machines not to answer.
    pub automatic: bool,
    /// Its plain text.
    pub text: String,
    /// Its HTML, clean.
    pub html: Option<String>,
    /// Files that go along.
    pub files: Vec<OutgoingFile>,
}

/// A file that goes with a mail.
pub struct OutgoingFile {
    /// Its name; cleaned here.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Makes the mail. The same parts give the same mail but for the MIME boundaries.
pub fn compose(mail: &Outgoing) -> Vec<u8> {
    let mut builder = MessageBuilder::new()
        .from(person(&mail.from))
        .to(people(&mail.to))
        .subject(clean::subject(&mail.subject))
        .date(mail.date.seconds())
        .message_id(mail.message_id.as_str())
        .text_body(lines(&mail.text));
    if !mail.cc.is_empty() {
        builder = builder.cc(people(&mail.cc));
    }
    if let Some(id) = mail.in_reply_to.as_deref().filter(|id| is_message_id(id)) {
        builder = builder.in_reply_to(id);
    }
    let references = references(mail);
    if !references.is_empty() {
        builder = builder.references(MessageId::new_list(references.into_iter()));
    }
    if mail.automatic {
        builder = builder
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .header("X-Auto-Response-Suppress", Raw::new("All"))
            .header(LOOP_HEADER, Raw::new(mail.from.1.as_str().to_owned()));
    }
    if let Some(html) = &mail.html {
        builder = builder.html_body(document(html));
    }
    for file in &mail.files {
        builder =
            builder.attachment(media_type(&file.media_type), file_name(&file.name), file.bytes.as_slice());
    }
    builder.write_to_vec().expect("a Vec takes every byte")
}

/// Whether a mail can go over SMTP as it is: CRLF only, no NUL, no line longer than RFC 5322 allows (rule 5).
/// All that [`compose`] makes is; what comes from elsewhere is asked first.
pub fn smtp_safe(raw: &[u8]) -> bool {
    let mut line_start = 0;
    for (at, byte) in raw.iter().enumerate() {
        match byte {
            b'\n' => {
                if at == 0 || raw[at - 1] != b'\r' || at - 1 - line_start > LINE_BYTES_MAX {
                    return false;
                }
                line_start = at + 1;
            }
            b'\r' if raw.get(at + 1) != Some(&b'\n') => return false,
            0 => return false,
            _ => (),
        }
    }
    raw.len() - line_start <= LINE_BYTES_MAX
}

/// Of too many references the first, where the thread began, and the newest stay.
fn references(mail: &Outgoing) -> Vec<&str> {
    let mut ids: Vec<&str> =
        mail.references.iter().map(String::as_str).filter(|id| is_message_id(id)).collect();
    if ids.len() > REFERENCES_MAX {
        ids.drain(1..=ids.len() - REFERENCES_MAX);
    }
    ids
}

fn person((name, address): &(String, EmailAddress)) -> Address<'static> {
    let name = clean::person(name);
    Address::new_address((!name.is_empty()).then_some(name), on_the_wire(address))
}

/// The domain in its ASCII form (IDNA), which every server takes.
fn on_the_wire(address: &EmailAddress) -> String {
    match address.domain().parse::<Host>() {
        Ok(domain) => format!("{}@{domain}", address.local()),
        Err(_) => address.to_string(),
    }
}

fn people(people: &[(String, EmailAddress)]) -> Address<'static> {
    Address::new_list(people.iter().map(person).collect())
}

/// What foreign mail gave us as a Message-ID must not become anything else in ours.
fn is_message_id(id: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>');
    !id.is_empty() && id.len() <= crate::limits::MESSAGE_ID_BYTES_MAX && !id.contains(bad)
}

/// A claim of a browser becomes a media type or nothing in particular.
fn media_type(claimed: &str) -> &str {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    match claimed.split_once('/') {
        Some((kind, sub)) if token(kind) && token(sub) && kind != "multipart" && kind != "message" => claimed,
        _ => "application/octet-stream",
    }
}

/// Every kind of line end becomes CRLF; NUL goes.
fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                rest.next_if_eq(&'\n');
                out.push_str("\r\n");
            }
            '\n' => out.push_str("\r\n"),
            '\0' => {}
            c => out.push(c),
        }
    }
    out
}

fn document(html: &str) -> String {
    let body = lines(html);
    format!(
        "<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\"></head>\r\n<body>{body}</body></html>\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Letter;
    use proptest::prelude::*;

    fn mail() -> Outgoing {
        Outgoing {
            from: ("Kundeservice, Ærø".into(), "support@ærø.dk".parse().unwrap()),
            to: vec![("Søren \"S\" Å".into(), "soren@example.dk".parse().unwrap())],
            cc: Vec::new(),
            subject: "Re: Ordre nr. 7 – æøå".into(),
            date: Time::from_seconds(1_700_000_000),
            message_id: "h1.1.a.b.c@example.dk".into(),
            in_reply_to: Some("first@example.org".into()),
            references: vec!["first@example.org".into(), "bad id@x".into(), "second@example.org".into()],
            automatic: false,
            text: "Hej Søren\n\nTak.\n".into(),
            html: Some("<p>Hej <b>Søren</b></p>".into()),
            files: vec![OutgoingFile {
                name: "faktura ø.pdf".into(),
                media_type: "application/pdf".into(),
                bytes: b"%PDF-1.7\0\r\n".to_vec(),
            }],
        }
    }

    /// Bare CR or LF, lines longer than RFC 5322 allows, or NUL.
    fn wire_faults(raw: &[u8]) -> Vec<&'static str> {
        let mut faults = Vec::new();
        for (at, byte) in raw.iter().enumerate() {
            match byte {
                b'\n' if at == 0 || raw[at - 1] != b'\r' => faults.push("bare LF"),
                b'\r' if raw.get(at + 1) != Some(&b'\n') => faults.push("bare CR"),
                0 => faults.push("NUL"),
                _ => {}
            }
        }
        if raw.split(|b| *b == b'\n').any(|line| line.len() > 999) {
            faults.push("long line");
        }
        faults
    }

    #[test]
    fn reads_back_as_written() {
        let raw = compose(&mail());
        assert_eq!(wire_faults(&raw), Vec::<&str>::new(), "{}", String::from_utf8_lossy(&raw));
        let letter = Letter::read(&raw);
        assert_eq!(letter.subject, "Re: Ordre nr. 7 – æøå");
        assert_eq!(letter.from[0].name, "Kundeservice, Ærø");
        assert_eq!(letter.to[0].address.as_ref().unwrap().as_str(), "soren@example.dk");
        assert_eq!(letter.message_id.as_deref(), Some("h1.1.a.b.c@example.dk"));
        assert_eq!(letter.in_reply_to, ["first@example.org"]);
        assert_eq!(letter.references, ["first@example.org", "second@example.org"]);
        assert_eq!(letter.date, Some(Time::from_seconds(1_700_000_000)));
        assert_eq!(letter.text.trim_end(), "Hej Søren\n\nTak.");
        assert!(letter.html.unwrap().contains("<p>Hej <b>Søren</b></p>"));
        assert_eq!(letter.attachments[0].name, "faktura ø.pdf");
        assert_eq!(letter.attachments[0].size, 11);
    }

    #[test]
    fn long_lines_and_long_lists_fit_the_wire() {
        let long = [
            "x".repeat(5_000),
            "ø".repeat(3_000),
            "a b ".repeat(2_000),
            format!("{}\n.\n..\nFrom here\n", "=".repeat(2_000)),
        ];
        for text in long {
            let raw = compose(&Outgoing {
                subject: text.clone(),
                html: Some(format!("<p>{}</p>", crate::html_of_text(&text))),
                to: vec![(text.clone(), "a@example.dk".parse().unwrap()); 50],
                references: (0..500).map(|n| format!("{n}.{}@example.dk", "r".repeat(200))).collect(),
                text,
                ..mail()
            });
            assert_eq!(wire_faults(&raw), Vec::<&str>::new());
            assert!(smtp_safe(&raw));
            let letter = Letter::read(&raw);
            assert_eq!(letter.to.len(), 50);
            assert!(letter.references.len() <= REFERENCES_MAX && letter.references[0].starts_with("0."));
            assert!(letter.references.last().unwrap().starts_with("499."));
        }
    }

    #[test]
    fn an_address_of_another_alphabet_is_written_in_ascii() {
        let raw = compose(&mail());
        assert!(
            String::from_utf8_lossy(&raw).contains("<support@xn--r-3fa9c.dk>"),
            "{}",
            String::from_utf8_lossy(&raw)
        );
    }

    #[test]
    fn what_a_machine_wrote_says_so() {
        let raw = compose(&Outgoing { automatic: true, ..mail() });
        let letter = Letter::read(&raw);
        assert_eq!(letter.machine.auto_submitted.as_deref(), Some("auto-replied"));
        assert_eq!(letter.machine.loops.len(), 1);
    }

    proptest! {
        #[test]
        fn nothing_breaks_out_of_its_place(
            name in "[\\PC\r\n\0]{0,40}",
            subject in "[\\PC\r\n\0\t]{0,200}",
            text in "[\\PC\r\n\0.]{0,400}",
            file in "[\\PC\r\n\0/]{0,60}",
            kind in "[\\PC\r\n]{0,20}",
            reference in "[\\PC\r\n\0]{0,40}",
        ) {
            let raw = compose(&Outgoing {
                from: (name.clone(), "support@example.dk".parse().unwrap()),
                to: vec![(name, "a@example.dk".parse().unwrap())],
                subject,
                text: text.clone(),
                html: Some(crate::html_of_text(&text)),
                in_reply_to: Some(reference.clone()),
                references: vec![reference],
                files: vec![OutgoingFile { name: file, media_type: kind, bytes: text.into_bytes() }],
                ..mail()
            });
            prop_assert_eq!(wire_faults(&raw), Vec::<&str>::new());
            let letter = Letter::read(&raw);
            prop_assert_eq!(letter.from.len(), 1);
            prop_assert_eq!(letter.to.len(), 1);
            prop_assert_eq!(letter.to[0].address.as_ref().unwrap().as_str(), "a@example.dk");
            prop_assert!(letter.cc.is_empty());
            prop_assert_eq!(letter.attachments.len(), 1);
        }
    }
}
