//! Encoded words of headers (RFC 2047). Neighbours of the same charset are joined before they are
//! decoded: many programs cut a character in two.

use crate::decode;
use std::borrow::Cow;

struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    length: usize,
}

/// The text of an unstructured field, folded lines joined.
pub(crate) fn decoded(value: &[u8]) -> String {
    let value = as_utf8(value);
    let joined = join(value.as_bytes());
    let text = String::from_utf8_lossy(&joined);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find("=?") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(word) = word(rest.as_bytes()) else {
            out.push_str("=?");
            rest = &rest[2..];
            continue;
        };
        out.push_str(&decode::text(&word.bytes, Some(word.charset)).text);
        rest = &rest[word.length..];
    }
    out.push_str(rest);
    out
}

/// A field with neighbouring encoded words made one, else unchanged: for readers that decode word by word.
pub(crate) fn join(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(value, b"?=").is_none_or(|at| memchr::memmem::find(&value[at..], b"=?").is_none())
    {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memmem::find(rest, b"=?") {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let Some(mut first) = word(rest) else {
            out.extend_from_slice(b"=?");
            rest = &rest[2..];
            continue;
        };
        rest = &rest[first.length..];
        while let Some(next) = neighbour(rest, first.charset) {
            rest = &rest[next.length..];
            first.bytes.extend(next.bytes);
        }
        let coded = data_encoding::BASE64.encode(&first.bytes);
        out.extend_from_slice(format!("=?{}?B?{coded}?=", first.charset).as_bytes());
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// The encoded word after blanks, if it has that charset; its length counts the blanks.
fn neighbour<'a>(rest: &'a [u8], charset: &str) -> Option<Word<'a>> {
    let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let word = word(&rest[blanks..]).filter(|w| w.charset.eq_ignore_ascii_case(charset))?;
    Some(Word { length: word.length + blanks, ..word })
}

/// The encoded word that begins here.
fn word(raw: &[u8]) -> Option<Word<'_>> {
    let rest = raw.strip_prefix(b"=?")?;
    let mark = memchr::memchr(b'?', &rest[..rest.len().min(60)])?;
    let charset = std::str::from_utf8(&rest[..mark]).ok()?;
    let charset = charset.split('*').next().unwrap_or(charset);
    let well_formed = charset.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:+".contains(&b));
    if charset.len() < 2 || !well_formed {
        return None;
    }
    let kind = rest.get(mark + 1)?.to_ascii_lowercase();
    let text = rest.get(mark + 2..)?.strip_prefix(b"?")?;
    let end = memchr::memmem::find(text, b"?=")?;
    let coded = &text[..end];
    let bytes = match kind {
        b'b' => decode::base64(coded, coded.len()),
        b'q' => {
            let spaced: Vec<u8> = coded.iter().map(|&b| if b == b'_' { b' ' } else { b }).collect();
            decode::quoted_printable(&spaced, spaced.len())
        }
        _ => return None,
    };
    Some(Word { charset, bytes, length: 2 + mark + 3 + end + 2 })
}

/// Headers of eight bits are UTF-8 (RFC 6532) or, from old programs, some charset that nobody names.
pub(crate) fn as_utf8(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(decode::text(value, None).text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_text() {
        for (value, meant) in [
            ("=?UTF-8?B?44G+44G/?=", "まみ"),
            ("=?utf-8?q?bl=C3=A5b=C3=A6r?=", "blåbær"),
            ("=?utf-8?q?bl=C3?=\r\n =?UTF-8?q?=A5?=", "blå"),
            ("=?utf-8?b?ww==?= =?utf-8?b?pQ==?=", "å"),
            ("=?iso-8859-1?Q?a_b?= c", "a b c"),
            ("Re: =?x?= a", "Re: =?x?= a"),
            ("=?utf-8?B?", "=?utf-8?B?"),
            ("=?utf-8*en?Q?hi?=", "hi"),
            ("=?ISO-2022-JP?B?GyRCJF4kXxsoQg==?=", "まみ"),
        ] {
            assert_eq!(decoded(value.as_bytes()), meant, "{value}");
        }
    }
}
