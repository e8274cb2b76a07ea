//! Mails of an mbox file, in the four ways in which such files are written (RFC 4155 names them).
//!
//! A mail begins after a line `From sender date` at the start or after an empty line. In it, a line that
//! begins with `From ` was written with `>` before it, and `>From ` with one more; some writers did not,
//! and gave the length in `Content-Length` instead. We go by the separator line, which must look like
//! one, unless the length leads to exactly such a line or to the end.

use std::io::{self, BufRead};

use super::source::{MAIL_BYTES_MAX, Old};

/// Reads mails one after the other.
pub struct Mbox<R> {
    reader: R,
    /// Where in the file the next line begins.
    offset: u64,
    /// The separator of the next mail was read already.
    at_mail: bool,
}

impl<R: BufRead> Mbox<R> {
    /// Reads from a reader that stands at this offset of the file: its start, or the end of a mail.
    pub fn new(reader: R, offset: u64) -> Self {
        Self { reader, offset, at_mail: false }
    }

    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let read = self.reader.read_until(b'\n', line)?;
        self.offset += u64::try_from(read).unwrap_or(0);
        Ok(read > 0)
    }

    /// The next mail, from its first line to the separator of the one after it.
    fn mail(&mut self) -> io::Result<Option<Old>> {
        let began = self.offset;
        let (mut raw, mut line) = (Vec::new(), Vec::new());
        let (mut after_empty, mut in_head, mut length) = (true, true, None::<u64>);
        let (mut too_large, mut any) = (false, false);
        let next_at = loop {
            let line_at = self.offset;
            if !self.line(&mut line)? {
                break self.offset;
            }
            let within_length = length.is_some_and(|end| line_at < end);
            if after_empty && is_separator(&line) && !within_length {
                if !any && !self.at_mail {
                    self.at_mail = true;
                    continue;
                }
                break line_at;
            }
            any = true;
            let empty = is_empty(&line);
            if in_head {
                length = length.or_else(|| content_length(&line));
                if empty {
                    in_head = false;
                    length = length.map(|length| self.offset + length);
                }
            }
            after_empty = empty;
            too_large |= raw.len() + line.len() > MAIL_BYTES_MAX;
            if !too_large {
                raw.extend_from_slice(unquoted(&line));
            }
        };
        if !any {
            return Ok(None);
        }
        // The separator that ended this mail is the one before the next.
        self.at_mail = next_at != self.offset;
        without_last_empty_line(&mut raw);
        let raw = (!too_large).then_some(raw);
        Ok(Some(Old { position: next_at.to_string(), size: next_at.saturating_sub(began), raw }))
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = io::Result<Old>;

    fn next(&mut self) -> Option<Self::Item> {
        self.mail().transpose()
    }
}

/// `From sender Thu Jan  1 00:00:00 1970`, with or without a zone: words, a time with colons, a year.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let words: Vec<&[u8]> =
        rest.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
    let is_time =
        |word: &[u8]| word.contains(&b':') && word.iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
    let is_year = |word: &[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    words.iter().any(|word| is_time(word)) && words.iter().any(|word| is_year(word))
}

/// One `>` less before `From `.
fn unquoted(line: &[u8]) -> &[u8] {
    let after = line.iter().take_while(|byte| **byte == b'>').count();
    if after > 0 && line[after..].starts_with(b"From ") { &line[1..] } else { line }
}

fn is_empty(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

fn content_length(line: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME).then(|| std::str::from_utf8(value).ok()?.trim().parse().ok()).flatten()
}

/// Before each separator stands an empty line that belongs to nobody.
fn without_last_empty_line(raw: &mut Vec<u8>) {
    for ending in [b"\r\n\r\n".as_slice(), b"\n\n"] {
        if raw.ends_with(ending) {
            raw.truncate(raw.len() - ending.len() / 2);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        Mbox::new(text.as_bytes(), 0)
            .map(|old| {
                let old = old.unwrap();
                (String::from_utf8(old.raw.unwrap()).unwrap(), old.position)
            })
            .collect()
    }

    const FIRST: &str = "From a@b.example Thu Jan  1 00:00:00 1970\n";

    #[test]
    fn mails_stand_between_separators() {
        let text = format!("{FIRST}Subject: one\n\nbody\n\n{FIRST}Subject: two\n\nbody two\n");
        let mails = read(&text);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].0, "Subject: one\n\nbody\n");
        assert_eq!(mails[1].0, "Subject: two\n\nbody two\n");
        assert_eq!(mails[1].1, text.len().to_string());
    }

    #[test]
    fn one_goes_on_where_one_left_off() {
        let text = format!(
            "{FIRST}Subject: one\n\nbody\n\n{FIRST}Subject: two\n\nx\n\n{FIRST}Subject: three\n\ny\n"
        );
        let position: usize = read(&text)[0].1.parse().unwrap();
        let rest: Vec<_> =
            Mbox::new(&text.as_bytes()[position..], position as u64).map(Result::unwrap).collect();
        assert_eq!(rest.len(), 2);
        assert!(rest[0].raw.as_ref().unwrap().starts_with(b"Subject: two"));
    }

    #[test]
    fn quoted_lines_get_their_words_back() {
        let text =
            format!("{FIRST}Subject: x\n\n>From here\n>>From there\n\nFrom now on, no mail.\n> From\n");
        let mails = read(&text);
        assert_eq!(mails.len(), 1, "a sentence is no separator");
        assert_eq!(mails[0].0, "Subject: x\n\nFrom here\n>From there\n\nFrom now on, no mail.\n> From\n");
    }

    #[test]
    fn a_length_spares_the_quoting() {
        let body = format!("see below\n\n{FIRST}is what a separator looks like\n");
        let text = format!("{FIRST}Content-Length: {}\n\n{body}\n{FIRST}Subject: two\n\nx\n", body.len());
        let mails = read(&text);
        assert_eq!(mails.len(), 2);
        assert!(mails[0].0.ends_with("is what a separator looks like\n"), "{}", mails[0].0);
    }

    #[test]
    fn lines_may_end_with_crlf() {
        let first = FIRST.replace('\n', "\r\n");
        let mails = read(&format!("{first}Subject: one\r\n\r\nbody\r\n\r\n{first}Subject: two\r\n\r\nx\r\n"));
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].0, "Subject: one\r\n\r\nbody\r\n");
    }

    #[test]
    fn nothing_and_no_mbox_are_taken_as_they_are() {
        assert!(read("").is_empty());
        assert_eq!(read("Subject: alone\n\nx\n").len(), 1);
    }
}
