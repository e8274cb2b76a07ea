//! Text from strangers made fit for one line, and names of files that nobody can be tricked by.
//!
//! First all is stripped that does not show, then the rest is judged, once (a check before the stripping
//! is how names got past others).

use crate::limits::{FILE_NAME_CHARS_MAX, NAME_CHARS_MAX, SUBJECT_CHARS_MAX};

/// One line without control and direction characters; blanks of all kinds are one space.
pub(crate) fn line(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max * 4));
    let (mut blank, mut length) = (false, 0);
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = !out.is_empty();
            continue;
        }
        if turns(c) {
            continue;
        }
        if length + usize::from(blank) >= chars_max {
            out.push('…');
            break;
        }
        if std::mem::take(&mut blank) {
            out.push(' ');
            length += 1;
        }
        out.push(c);
        length += 1;
    }
    out
}

/// A subject as shown.
pub(crate) fn subject(text: &str) -> String {
    line(text, SUBJECT_CHARS_MAX)
}

/// A person's name as shown: nothing invisible at all.
pub(crate) fn person(text: &str) -> String {
    let visible: String = text.chars().filter(|&c| !invisible(c)).collect();
    line(visible.trim_matches(['"', '\'', ' ']), NAME_CHARS_MAX)
}

/// Characters that turn the direction of what follows, or hide it.
pub(crate) fn turns(c: char) -> bool {
    matches!(c,
        '\u{200e}' | '\u{200f}' | '\u{061c}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters that take no room.
pub(crate) fn invisible(c: char) -> bool {
    turns(c)
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0100}'..='\u{e01ef}')
}

/// A file name for showing and for downloads: no path, nothing invisible, no character that a file
/// system or a shell takes amiss, no leading dot, no name of a device; the end (what tells the kind of
/// file) stays when it is too long. Empty if nothing is left.
pub fn file_name(raw: &str) -> String {
    let visible: String = raw
        .chars()
        .filter(|&c| !invisible(c))
        .map(|c| if c.is_control() || c.is_whitespace() || c == '\u{fffd}' { ' ' } else { c })
        .collect();
    let last =
        visible.rsplit(is_separator).find(|part| !part.trim_matches(['.', ' ']).is_empty()).unwrap_or("");
    let safe: String = last
        .chars()
        .map(|c| {
            if matches!(
                c,
                '<' | '>' | ':' | '"' | '|' | '?' | '*' | '%' | '`' | '$' | ';' | '&' | '\'' | '{' | '}'
            ) {
                '_'
            } else {
                c
            }
        })
        .collect();
    let safe = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let safe = safe.trim_matches(['.', ' ']).trim_start_matches(['-', '~', '=', '+', '@']).trim();
    shortened(&if is_device(safe) { format!("_{safe}") } else { safe.to_owned() })
}

/// What parts a path, also in the forms that look like it or become it when normalised.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        '/' | '\\'
            | '\u{2044}'
            | '\u{2215}'
            | '\u{29f8}'
            | '\u{ff0f}'
            | '\u{ff3c}'
            | '\u{2216}'
            | '\u{29f5}'
            | '\u{fe68}'
    )
}

/// Names that Windows takes for devices, whatever follows the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let numbered = |start: &str| {
        stem.strip_prefix(start)
            .is_some_and(|n| n.chars().count() == 1 && !n.starts_with(char::is_alphabetic))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$")
        || numbered("com")
        || numbered("lpt")
}

fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= FILE_NAME_CHARS_MAX {
        return name.to_owned();
    }
    let end = name.rfind('.').map(|at| &name[at..]).filter(|end| end.chars().count() <= 12).unwrap_or("");
    let stem: String = name.chars().take(FILE_NAME_CHARS_MAX - end.chars().count() - 1).collect();
    format!("{}…{end}", stem.trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line("a\r\n b\0\t c", 99), "a b c");
        assert_eq!(line("\u{202e}evil", 99), "evil");
        assert_eq!(line("abcdef", 3), "abc…");
    }

    #[test]
    fn a_file_name_is_only_a_name() {
        for (raw, shown) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\a.exe", "a.exe"),
            ("..", ""),
            ("/", ""),
            (".htaccess", "htaccess"),
            ("\u{200b}.htaccess", "htaccess"),
            ("in\u{202e}fdp.exe", "infdp.exe"),
            ("a\r\nb.txt", "a b.txt"),
            ("con.txt", "_con.txt"),
            ("faktura ø.pdf", "faktura ø.pdf"),
            ("a／b.txt", "b.txt"),
            ("%2e%2e%2fx", "_2e_2e_2fx"),
            ("x.pdf.", "x.pdf"),
        ] {
            assert_eq!(file_name(raw), shown, "{raw:?}");
        }
        let long = file_name(&format!("{}.pdf", "x".repeat(500)));
        assert!(long.ends_with("….pdf") && long.chars().count() <= FILE_NAME_CHARS_MAX, "{long}");
    }
}
