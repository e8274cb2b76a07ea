//! The name of a folder as IMAP writes it: modified UTF-7 (RFC 3501 part 5.1.3).

use data_encoding::BASE64_NOPAD;
use std::fmt::Write;

/// The name in a quoted string.
pub(super) fn quoted(name: &str) -> String {
    let name = if name.eq_ignore_ascii_case("inbox") { "INBOX".to_owned() } else { modified_utf7(name) };
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn modified_utf7(name: &str) -> String {
    let (mut out, mut beyond) = (String::new(), Vec::new());
    for letter in name.chars() {
        if !(' '..='~').contains(&letter) {
            let mut units = [0; 2];
            beyond.extend(letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
            continue;
        }
        end_of_run(&mut out, &mut beyond);
        out.push_str(if letter == '&' { "&-" } else { "" });
        if letter != '&' {
            out.push(letter);
        }
    }
    end_of_run(&mut out, &mut beyond);
    out
}

fn end_of_run(out: &mut String, beyond: &mut Vec<u8>) {
    if !beyond.is_empty() {
        let _ = write!(out, "&{}-", BASE64_NOPAD.encode(beyond).replace('/', ","));
        beyond.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_servers_read_them() {
        let cases = [
            ("inbox", "\"INBOX\""),
            ("Support", "\"Support\""),
            ("A & B", "\"A &- B\""),
            ("Indbakke/Forespørgsler", "\"Indbakke/Foresp&APg-rgsler\""),
            ("台北", "\"&U,BTFw-\""),
            ("🙂", "\"&2D3eQg-\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ];
        for (name, written) in cases {
            assert_eq!(quoted(name), written);
        }
    }
}
