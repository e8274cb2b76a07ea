//! Transfer encodings and charsets, forgiving: what cannot be decoded stays readable.

use mail_parser::decoders::charsets::map::charset_decoder;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How the bytes of a part are written in the mail (Content-Transfer-Encoding).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As they are (7bit, 8bit, binary, and all that we do not know).
    #[default]
    Plain,
    /// RFC 2045 part 6.8.
    Base64,
    /// RFC 2045 part 6.7.
    QuotedPrintable,
    /// The older encoding of Unix (`begin 644 name`).
    Uuencode,
}

impl Encoding {
    /// By the value of the header.
    pub(crate) fn named(name: &[u8]) -> Self {
        let name = name.trim_ascii();
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("base64") {
            Self::Base64
        } else if is("quoted-printable") {
            Self::QuotedPrintable
        } else if is("x-uuencode") || is("uuencode") || is("x-uue") {
            Self::Uuencode
        } else {
            Self::Plain
        }
    }

    /// The bytes that were meant, at most `bytes_max` of them.
    pub(crate) fn decode(self, raw: &[u8], bytes_max: usize) -> Cow<'_, [u8]> {
        match self {
            Self::Plain => Cow::Borrowed(&raw[..raw.len().min(bytes_max)]),
            Self::Base64 => Cow::Owned(base64(raw, bytes_max)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(raw, bytes_max)),
            Self::Uuencode => Cow::Owned(uuencode(raw, bytes_max)),
        }
    }

    /// How many bytes [`decode`](Self::decode) would give, without keeping them (base64 and plain), or
    /// the size as written (the others).
    pub(crate) fn size(self, raw: &[u8]) -> usize {
        if self != Self::Base64 {
            return raw.len();
        }
        let digits = raw.iter().filter(|&&b| BASE64[b as usize] < 64).count();
        digits / 4 * 3 + [0, 0, 1, 2][digits % 4]
    }
}

/// The value of each base64 digit, 64 for all other bytes.
const BASE64: [u8; 256] = {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [64_u8; 256];
    let mut value = 0_u8;
    while value < 64 {
        table[digits[value as usize] as usize] = value;
        value += 1;
    }
    table
};

/// Decodes base64 and skips all that is none. Padding in the middle (two texts joined) begins anew.
pub(crate) fn base64(raw: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity((raw.len() / 4 * 3 + 3).min(bytes_max));
    let (mut bits, mut digits) = (0_u32, 0_u8);
    for &byte in raw {
        let value = BASE64[byte as usize];
        if value < 64 {
            bits = bits << 6 | u32::from(value);
            digits += 1;
            if digits == 4 {
                out.extend_from_slice(&bits.to_be_bytes()[1..]);
                (bits, digits) = (0, 0);
                if out.len() >= bytes_max {
                    out.truncate(bytes_max);
                    return out;
                }
            }
        } else if byte == b'=' && digits > 0 {
            flush(&mut out, bits, digits);
            (bits, digits) = (0, 0);
        }
    }
    flush(&mut out, bits, digits);
    out.truncate(bytes_max);
    out
}

fn flush(out: &mut Vec<u8>, bits: u32, digits: u8) {
    match digits {
        2 => out.push((bits >> 4).to_be_bytes()[3]),
        3 => out.extend_from_slice(&(bits >> 2).to_be_bytes()[2..]),
        _ => (),
    }
}

/// Decodes quoted-printable; what is no `=XX` stays as it is.
pub(crate) fn quoted_printable(raw: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len().min(bytes_max));
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if out.len() >= bytes_max {
            break;
        }
        let (byte, used) = escaped(rest);
        out.extend(byte);
        rest = &rest[used..];
    }
    out.extend_from_slice(rest);
    out.truncate(bytes_max);
    out
}

/// What `=…` at the start stands for and how many bytes it takes. A soft line end stands for nothing.
fn escaped(rest: &[u8]) -> (Option<u8>, usize) {
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if let [b'=', high, low, ..] = rest
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        return (Some(high << 4 | low), 3);
    }
    let blanks = rest[1..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    match &rest[1 + blanks..] {
        [b'\r', b'\n', ..] => (None, blanks + 3),
        [b'\n', ..] => (None, blanks + 2),
        [] => (None, blanks + 1),
        _ => (Some(b'='), 1),
    }
}

/// Decodes lines between `begin` and `end`; lines outside are no part of the file.
fn uuencode(raw: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity((raw.len() / 4 * 3).min(bytes_max));
    let mut within = false;
    for line in raw.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end) {
        if !within {
            within = line.starts_with(b"begin ");
            continue;
        }
        let Some((&first, digits)) = line.split_first() else { continue };
        if line == b"end" || first == b'`' || out.len() >= bytes_max {
            break;
        }
        let length = usize::from(first.wrapping_sub(32) & 63);
        let mut bytes = digits.chunks(4).flat_map(|four| {
            let digit = |n: usize| u32::from(four.get(n).map_or(0, |b| b.wrapping_sub(32) & 63));
            let bits = digit(0) << 18 | digit(1) << 12 | digit(2) << 6 | digit(3);
            let [_, a, b, c] = bits.to_be_bytes();
            [a, b, c]
        });
        out.extend(bytes.by_ref().take(length));
    }
    out.truncate(bytes_max);
    out
}

/// A text and whether its charset was known and right.
pub(crate) struct Decoded {
    pub text: String,
    pub charset_known: bool,
}

/// Bytes as text. The label is believed where it can be true; UTF-8 that bears another label of one byte
/// a character is UTF-8 all the same (no other text looks like it); the last resort is Windows-1252, in
/// which every byte is a character.
pub(crate) fn text(bytes: &[u8], label: Option<&str>) -> Decoded {
    let label = label.map(str::trim).filter(|l| !l.is_empty());
    let known = |text: String| Decoded { text, charset_known: true };
    if bytes.is_ascii() && !label.is_some_and(is_stateful) {
        return known(String::from_utf8_lossy(bytes).into_owned());
    }
    let decoder = label.and_then(|l| charset_decoder(l.as_bytes()));
    let says_utf8 =
        label.is_some_and(|l| starts_with_ignore_case(l, "utf-8") || l.eq_ignore_ascii_case("utf8"));
    if !label.is_some_and(|l| is_stateful(l) || is_wide(l))
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Decoded {
            text: text.to_owned(),
            charset_known: label.is_none() || says_utf8 || decoder.is_some(),
        };
    }
    match decoder {
        Some(decode) if !says_utf8 => known(decode(bytes)),
        _ => Decoded { text: guessed(bytes), charset_known: false },
    }
}

/// Charsets whose bytes are all ASCII though their characters are not.
fn is_stateful(label: &str) -> bool {
    starts_with_ignore_case(label, "iso-2022")
        || starts_with_ignore_case(label, "utf-7")
        || starts_with_ignore_case(label, "hz-")
}

/// Charsets of several bytes a character, which a short text of UTF-8 could be by chance.
fn is_wide(label: &str) -> bool {
    [
        "utf-16",
        "utf-32",
        "gb",
        "big5",
        "euc",
        "shift",
        "sjis",
        "x-sjis",
        "ks_c",
        "cp9",
        "windows-9",
        "ms9",
        "korean",
    ]
    .iter()
    .any(|start| starts_with_ignore_case(label, start))
}

fn starts_with_ignore_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start))
}

/// Text without a charset that fits: mostly good UTF-8 with a broken place (cut in the middle) stays so,
/// everything else is read as Windows-1252.
fn guessed(bytes: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(bytes);
    let broken = lossy.matches('\u{fffd}').count();
    let wide = lossy.chars().filter(|c| !c.is_ascii()).count();
    if broken * 4 <= wide {
        return lossy.into_owned();
    }
    charset_decoder(b"windows-1252").map_or_else(|| lossy.into_owned(), |decode| decode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_forgives() {
        for (raw, meant) in [
            ("aGVsbG8=", "hello"),
            ("aGVs\r\nbG8", "hello"),
            ("aGk=aGk=", "hihi"),
            ("!!a G V s b G 8 = =", "hello"),
            ("", ""),
            ("=", ""),
        ] {
            assert_eq!(base64(raw.as_bytes(), 100), meant.as_bytes(), "{raw}");
        }
        assert_eq!(base64(b"aGVsbG8=", 2), b"he");
        assert_eq!(Encoding::Base64.size(b"aGVs\r\nbG8="), 5);
    }

    #[test]
    fn quoted_printable_forgives() {
        for (raw, meant) in [
            ("a=C3=B8b", "aøb"),
            ("a=\r\nb", "ab"),
            ("a= \t\nb", "ab"),
            ("100 = 100", "100 = 100"),
            ("=", ""),
            ("a=G1", "a=G1"),
        ] {
            assert_eq!(quoted_printable(raw.as_bytes(), 100), meant.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn uuencode_reads_its_lines() {
        let raw = b"begin 644 cat.txt\n#0V%T\n`\nend\n";
        assert_eq!(Encoding::Uuencode.decode(raw, 100).as_ref(), b"Cat");
    }

    #[test]
    fn a_wrong_label_makes_no_mojibake() {
        assert_eq!(text("blåbær".as_bytes(), Some("iso-8859-1")).text, "blåbær");
        assert_eq!(text(b"bl\xe5b\xe6r", Some("utf-8")).text, "blåbær");
        assert_eq!(text(b"bl\xe5b\xe6r", Some("x-made-up")).text, "blåbær");
        assert!(!text(b"bl\xe5b\xe6r", Some("x-made-up")).charset_known);
        assert!(text("blåbær".as_bytes(), Some("UTF-8")).charset_known);
        assert_eq!(text(b"bl\xe5b\xe6r", None).text, "blåbær");
    }
}
