//! Plain text as HTML: escaped, links made clickable, quotes nested.

use crate::limits::TEXT_BYTES_MAX;

/// Quotes within quotes that are drawn as such.
const QUOTE_DEPTH_MAX: usize = 9;
/// Bytes of a link that is made clickable.
const LINK_BYTES_MAX: usize = 2_000;

/// Escapes for text and for attribute values.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => (),
            c => out.push(c),
        }
    }
}

/// A text as HTML of few elements: `br`, `a`, `blockquote`. At most [`TEXT_BYTES_MAX`] bytes of it.
pub fn html_of_text(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut out = String::with_capacity(end + end / 8);
    let (mut depth, mut fresh) = (0, true);
    for line in text[..end].lines() {
        let (quotes, body) = unquoted(line);
        for _ in depth..quotes {
            out.push_str("<blockquote>");
            fresh = true;
        }
        for _ in quotes..depth {
            out.push_str("</blockquote>");
            fresh = true;
        }
        depth = quotes;
        if !std::mem::take(&mut fresh) {
            out.push_str("<br>\n");
        }
        linked(body, &mut out);
    }
    out.push_str(&"</blockquote>".repeat(depth));
    out
}

/// The depth of a quoted line and its text: `> > a` and `>>a` are both of depth 2.
fn unquoted(line: &str) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while depth < QUOTE_DEPTH_MAX {
        let Some(inner) = rest.strip_prefix('>').or_else(|| rest.strip_prefix(" >").filter(|_| depth > 0))
        else {
            break;
        };
        depth += 1;
        rest = inner;
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest })
}

/// Writes a line with its web and mail addresses as links.
fn linked(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = next_link(rest) {
        escape(&rest[..at], out);
        rest = &rest[at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`'))
            .unwrap_or(rest.len());
        let mut link = &rest[..end];
        if link.len() > LINK_BYTES_MAX {
            escape(link, out);
        } else {
            link = ended(link);
            let www = if starts_with_ignore_case(link, "www.") { "https://" } else { "" };
            out.push_str("<a href=\"");
            out.push_str(www);
            escape(link, out);
            out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
            escape(link, out);
            out.push_str("</a>");
        }
        rest = &rest[link.len()..];
    }
    escape(rest, out);
}

/// Where the next link begins: a scheme or `www.` that no letter precedes and some text follows.
fn next_link(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr::memchr3(b':', b'.', b'@', &text.as_bytes()[from..]) {
        let at = from + found;
        for (start, marker) in
            [("https", "://"), ("http", "://"), ("mailto", ":"), ("tel", ":"), ("www", ".")]
        {
            if !text[at..].starts_with(marker) || at < start.len() {
                continue;
            }
            let Some(word) = text.get(at - start.len()..at) else { continue };
            let free = !text[..at - start.len()].ends_with(char::is_alphanumeric);
            let goes_on =
                text[at + marker.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '+' || c == '[');
            if word.eq_ignore_ascii_case(start) && free && goes_on {
                return Some(at - start.len());
            }
        }
        from = at + 1;
    }
    None
}

/// A link without the punctuation that belongs to the sentence.
fn ended(link: &str) -> &str {
    let mut link = link;
    loop {
        let cut = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '”', '»']);
        let unpaired = |open: char, close: char| {
            cut.ends_with(close) && cut.matches(close).count() > cut.matches(open).count()
        };
        let cut = if unpaired('(', ')') || unpaired('[', ']') || unpaired('{', '}') {
            &cut[..cut.len() - 1]
        } else {
            cut
        };
        if cut.len() == link.len() || cut.is_empty() {
            return link;
        }
        link = cut;
    }
}

fn starts_with_ignore_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        assert_eq!(html_of_text("<b>\"&'"), "&lt;b&gt;&quot;&amp;&#39;");
        let html = html_of_text("see https://x.dk/\"onclick=alert(1)");
        assert!(html.contains("href=\"https://x.dk/\""), "{html}");
        assert!(!html_of_text("javascript://x alert").contains("<a"));
    }

    #[test]
    fn links_end_where_people_end_them() {
        let href = |text: &str| {
            let html = html_of_text(text);
            html.split("href=\"").nth(1).and_then(|h| h.split('"').next()).unwrap_or_default().to_owned()
        };
        assert_eq!(href("Look (https://x.dk/a_(b))."), "https://x.dk/a_(b)");
        assert_eq!(href("www.x.dk."), "https://www.x.dk");
        assert_eq!(href("write mailto:a@b.dk!"), "mailto:a@b.dk");
        assert_eq!(href("xhttp://a"), "");
        assert_eq!(href("HTTPS://X.dk"), "HTTPS://X.dk");
    }

    #[test]
    fn quotes_nest() {
        assert_eq!(html_of_text("a\n> b\n>> c\nd"), "a<blockquote>b<blockquote>c</blockquote></blockquote>d");
    }
}
