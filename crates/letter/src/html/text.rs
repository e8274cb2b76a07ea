//! HTML as readable text, in one pass and without a tree: for search, previews, and letters that have no
//! text of their own. Quotes become `> `, lists `- `, cells are parted by spaces.

use super::tag::decoded;
use crate::limits::{HTML_BYTES_MAX, TEXT_BYTES_MAX};
use mail_parser::decoders::html::add_html_token;

/// Quote signs before one line.
const QUOTE_DEPTH_MAX: usize = 9;
/// Bytes of an entity, `&` and `;` counted.
const ENTITY_BYTES_MAX: usize = 34;

/// The text of an HTML body, at most [`TEXT_BYTES_MAX`] bytes.
pub fn text_of_html(html: &str) -> String {
    written(html, Writer::default())
}

/// The same with the address of each link behind its words.
pub(super) fn with_links(html: &str) -> String {
    written(html, Writer { links: true, ..Writer::default() })
}

fn written(html: &str, mut writer: Writer) -> String {
    let mut end = html.len().min(HTML_BYTES_MAX);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let mut rest = &html[..end];
    while !rest.is_empty() && writer.out.len() < TEXT_BYTES_MAX {
        rest = match rest.as_bytes()[0] {
            b'<' => markup(rest, &mut writer),
            b'&' => entity(rest, &mut writer),
            _ => {
                let next = memchr::memchr2(b'<', b'&', rest.as_bytes()).unwrap_or(rest.len());
                writer.text(&rest[..next]);
                &rest[next..]
            }
        };
    }
    writer.finish()
}

fn entity<'a>(rest: &'a str, writer: &mut Writer) -> &'a str {
    let bytes = rest.as_bytes();
    let near = &bytes[..bytes.len().min(ENTITY_BYTES_MAX)];
    let end = memchr::memchr(b';', near)
        .filter(|&e| near[1..e].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'#'));
    let Some(end) = end else {
        writer.text("&");
        return &rest[1..];
    };
    let mut decoded = String::new();
    add_html_token(&mut decoded, &bytes[..=end], false);
    writer.text(&decoded);
    &rest[end + 1..]
}

/// What begins with `<`: a tag, a comment, or just the sign.
fn markup<'a>(rest: &'a str, writer: &mut Writer) -> &'a str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let bytes = rest.as_bytes();
    let closes = bytes.get(1) == Some(&b'/');
    let at = if closes { 2 } else { 1 };
    match bytes.get(at) {
        Some(b) if b.is_ascii_alphabetic() => (),
        Some(b'!' | b'?') => return rest.find('>').map_or("", |end| &rest[end + 1..]),
        _ => {
            writer.text("<");
            return &rest[1..];
        }
    }
    let length =
        bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-' || **b == b':').count();
    let mut name = [0_u8; 12];
    let known = &bytes[at..at + length.min(12)];
    name[..known.len()].copy_from_slice(known);
    name.make_ascii_lowercase();
    let name = if length <= 12 { std::str::from_utf8(&name[..length]).unwrap_or_default() } else { "" };
    let after = tag_end(&rest[at + length..]);
    if name == "head" && !closes && !std::mem::replace(&mut writer.head, true) {
        return skip(after, name);
    }
    if !closes
        && matches!(
            name,
            "script"
                | "style"
                | "title"
                | "template"
                | "svg"
                | "math"
                | "object"
                | "noscript"
                | "select"
                | "textarea"
        )
    {
        return skip(after, name);
    }
    if name == "a" && writer.links {
        writer.link(&rest[at + length..rest.len() - after.len()], closes);
    }
    writer.tag(name, closes);
    after
}

/// What follows the `>` of a tag; a `>` within quotes is part of a value.
fn tag_end(rest: &str) -> &str {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        at += found;
        match bytes[at] {
            b'>' => return &rest[at + 1..],
            // A quote begins a value only after `=`; elsewhere it is a slip and means nothing.
            quote if bytes[..at].trim_ascii_end().ends_with(b"=") => {
                let Some(end) = memchr::memchr(quote, &bytes[at + 1..]) else { return "" };
                at += end + 2;
            }
            _ => at += 1,
        }
    }
    ""
}

/// What follows the end tag of an element that has no text for readers.
fn skip<'a>(rest: &'a str, name: &str) -> &'a str {
    let bytes = rest.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"</") {
        let tag = &bytes[at + 2..];
        if tag.len() >= name.len() && tag[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            return tag_end(&rest[at + 2 + name.len()..]);
        }
        // Many documents leave the head open.
        if name == "head" && tag.len() >= 4 && tag[..4].eq_ignore_ascii_case(b"html") {
            break;
        }
    }
    if name == "head" { rest } else { "" }
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one state of the writing")]
struct Writer {
    out: String,
    /// Line ends that come before the next text: 1 a new line, 2 an empty one between.
    lines: u8,
    blank: bool,
    quotes: usize,
    /// The depth of the last line written.
    written: usize,
    preformatted: usize,
    item: bool,
    /// There was a head: a second one is skipped no more, so that the work stays linear.
    head: bool,
    /// Links are written out.
    links: bool,
    /// Where the words of an open link begin, and its address.
    link: Option<(usize, String)>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            return self.lines_as_written(text);
        }
        for word in text.split_inclusive(|c: char| c.is_ascii_whitespace()) {
            let trimmed = word.trim_end_matches(|c: char| c.is_ascii_whitespace());
            if !trimmed.is_empty() {
                self.word(trimmed);
            }
            self.blank |= trimmed.len() < word.len();
        }
    }

    fn lines_as_written(&mut self, text: &str) {
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.lines = self.lines.saturating_add(1).min(2);
                self.blank = false;
            }
            if !line.is_empty() {
                self.word(line.trim_end_matches('\r'));
            }
        }
    }

    fn word(&mut self, word: &str) {
        if self.lines > 0 && !self.out.is_empty() {
            for n in 0..self.lines {
                if n > 0 {
                    // An empty line between depths belongs to the lesser one.
                    self.quote_signs(self.quotes.min(self.written));
                }
                self.out.push('\n');
            }
        }
        if self.lines > 0 || self.out.is_empty() {
            self.quote_signs(self.quotes);
            self.written = self.quotes;
            if self.quotes > 0 {
                self.out.push(' ');
            }
        } else if self.blank {
            self.out.push(' ');
        }
        if std::mem::take(&mut self.item) {
            self.out.push_str("- ");
        }
        (self.lines, self.blank) = (0, false);
        self.out.push_str(word);
    }

    fn quote_signs(&mut self, depth: usize) {
        for _ in 0..depth.min(QUOTE_DEPTH_MAX) {
            self.out.push('>');
        }
    }

    fn tag(&mut self, name: &str, closes: bool) {
        match name {
            "br" => self.lines = self.lines.saturating_add(1).min(3),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "hr" => self.gap(2),
            "pre" => {
                self.gap(2);
                self.preformatted = depth(self.preformatted, closes);
            }
            "blockquote" => {
                self.gap(1);
                self.quotes = depth(self.quotes, closes);
            }
            "li" => {
                self.gap(1);
                self.item = !closes;
            }
            "div" | "tr" | "table" | "section" | "article" | "header" | "footer" | "address" | "dt"
            | "dd" | "center" | "form" | "fieldset" | "figure" | "body" | "html" | "main" | "nav"
            | "tbody" | "thead" => self.gap(1),
            "td" | "th" | "img" => self.blank = true,
            _ => (),
        }
    }

    fn link(&mut self, attributes: &str, closes: bool) {
        if !closes {
            let address = attributes.split_once("href=\"").and_then(|(_, a)| a.split_once('"'));
            self.link = address.map(|(a, _)| (self.out.len(), decoded(a)));
        } else if let Some((start, address)) = self.link.take()
            && self
                .out
                .get(start..)
                .is_some_and(|words| words.trim() != address && !address.ends_with(words.trim()))
        {
            self.out.push_str(" (");
            self.out.push_str(&address);
            self.out.push(')');
        }
    }

    fn gap(&mut self, lines: u8) {
        self.lines = self.lines.max(lines);
        self.blank = false;
    }

    fn finish(self) -> String {
        let mut text = self.out;
        if text.contains(['\u{a0}', '\u{ad}', '\u{200b}', '\u{feff}', '\u{200c}', '\u{34f}', '\0']) {
            text = text
                .chars()
                .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{34f}' | '\0'))
                .map(|c| if c == '\u{a0}' { ' ' } else { c })
                .collect();
        }
        while text.len() > TEXT_BYTES_MAX {
            text.pop();
        }
        text.truncate(text.trim_end().len());
        text
    }
}

fn depth(now: usize, closes: bool) -> usize {
    if closes { now.saturating_sub(1) } else { now.saturating_add(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_the_page() {
        for (html, text) in [
            ("<p>Hello <b>you</b></p><p>Bye</p>", "Hello you\n\nBye"),
            ("a<br>b<br><br>c", "a\nb\n\nc"),
            ("<style>p{}</style><script>x()</script>a", "a"),
            ("<head><title>t</title></head><body>a</body>", "a"),
            ("<!-- no --> a &amp; b &lt;c&gt; &#248; &nope; & d", "a & b <c> ø &nope; & d"),
            ("x<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d", "x\n> a\n> b\n>> c\nd"),
            ("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"),
            ("<tr><td>a</td><td>b</td></tr><tr><td>c", "a b\nc"),
            ("<a title=\"x>y\" href='z'>k</a>", "k"),
            ("1 < 2", "1 < 2"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("<img alt=\"", ""),
            ("<script>", ""),
            ("a&nbsp;b", "a b"),
        ] {
            assert_eq!(text_of_html(html), text, "{html}");
        }
    }

    #[test]
    fn a_million_tags_are_no_matter() {
        let html = "<div><blockquote a=\"".repeat(100_000);
        assert!(text_of_html(&html).len() < 10);
        assert!(text_of_html(&"<b>x".repeat(1_000_000)).len() <= TEXT_BYTES_MAX);
    }
}
