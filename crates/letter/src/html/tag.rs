//! A tokeniser for the start of the cleaning: tags, attributes and text as a browser would part them,
//! without a tree.

use mail_parser::decoders::html::add_html_token;

/// Attributes of one tag.
const ATTRIBUTES_MAX: usize = 60;

/// A piece of HTML.
pub(super) enum Token<'a> {
    Text(&'a str),
    Start { name: String, attributes: Vec<(String, String)> },
    End(String),
}

/// Parts HTML. Comments, declarations and whatever is no tag are left out.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// A name whose end tag was looked for in vain: looking again would make the work quadratic.
    missing: Vec<&'static str>,
}

/// Elements whose content is no text for readers, or is not read as HTML.
const SKIPPED: [&str; 19] = [
    "script", "style", "title", "template", "svg", "math", "object", "iframe", "noscript", "select",
    "textarea", "xmp", "noembed", "noframes", "audio", "video", "applet", "canvas", "datalist",
];

impl<'a> Tokens<'a> {
    pub fn of(html: &'a str) -> Self {
        Self { rest: html, missing: Vec::new() }
    }

    fn text(&mut self, end: usize) -> Token<'a> {
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Token::Text(text)
    }

    /// What begins with `<` and a letter, or `</` and a letter.
    fn tag(&mut self) -> Option<Token<'a>> {
        let closes = self.rest.as_bytes().get(1) == Some(&b'/');
        let mut reader = Reader { text: self.rest, at: if closes { 2 } else { 1 } };
        let name = reader.name(|b| matches!(b, b'/' | b'>') || b.is_ascii_whitespace());
        let attributes = reader.attributes();
        self.rest = &self.rest[reader.at..];
        if closes {
            return Some(Token::End(name));
        }
        if name == "plaintext" {
            self.rest = "";
            return None;
        }
        if let Some(skipped) = SKIPPED.iter().find(|s| **s == name) {
            self.skip(skipped);
            return None;
        }
        Some(Token::Start { name, attributes })
    }

    /// Leaves an element out. If it never ends, only its tag: what follows is read as HTML, which is safe,
    /// and more is shown rather than less.
    fn skip(&mut self, name: &'static str) {
        if self.missing.contains(&name) {
            return;
        }
        let bytes = self.rest.as_bytes();
        for at in memchr::memmem::find_iter(bytes, b"</") {
            let tag = &bytes[at + 2..];
            if tag.len() >= name.len() && tag[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
                let mut reader = Reader { text: self.rest, at: at + 2 + name.len() };
                reader.attributes();
                self.rest = &self.rest[reader.at..];
                return;
            }
        }
        self.missing.push(name);
        if matches!(name, "script" | "style") {
            self.rest = "";
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            let bytes = self.rest.as_bytes();
            if bytes[0] != b'<' {
                let end = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
                return Some(self.text(end));
            }
            let after = bytes.get(1).copied().unwrap_or(b' ');
            let begins = after.is_ascii_alphabetic()
                || after == b'/' && bytes.get(2).is_some_and(u8::is_ascii_alphabetic);
            if begins {
                if let Some(token) = self.tag() {
                    return Some(token);
                }
            } else if self.rest.starts_with("<!--") {
                self.rest = comment_end(self.rest);
            } else if matches!(after, b'!' | b'?' | b'/') {
                self.rest = memchr::memchr(b'>', bytes).map_or("", |end| &self.rest[end + 1..]);
            } else {
                return Some(self.text(1));
            }
        }
        None
    }
}

/// What follows a comment. `<!-->` and `<!--->` are whole comments, `--!>` ends one too.
fn comment_end(rest: &str) -> &str {
    let body = &rest[4..];
    for short in [">", "->"] {
        if let Some(after) = body.strip_prefix(short) {
            return after;
        }
    }
    let bytes = body.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"--") {
        if bytes[at + 2..].starts_with(b">") {
            return &body[at + 3..];
        }
        if bytes[at + 2..].starts_with(b"!>") {
            return &body[at + 4..];
        }
        if bytes[at + 2..].starts_with(b"->") {
            return &body[at + 4..];
        }
    }
    ""
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&skipped) {
            self.at += 1;
        }
    }

    fn until(&mut self, ends: impl Fn(u8) -> bool) -> &str {
        let start = self.at;
        self.skip(|b| !ends(b));
        &self.text[start..self.at]
    }

    fn name(&mut self, ends: impl Fn(u8) -> bool) -> String {
        let name = self.until(ends);
        if name.len() > 40 { String::new() } else { name.to_ascii_lowercase() }
    }

    /// The attributes up to and with the `>` (HTML, parts 13.2.5.32 to 13.2.5.40). Of several of one name
    /// the first counts.
    fn attributes(&mut self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        loop {
            self.skip(|b| b.is_ascii_whitespace() || b == b'/');
            match self.peek() {
                None => return found,
                Some(b'>') => {
                    self.at += 1;
                    return found;
                }
                _ => (),
            }
            let start = self.at;
            if self.peek() == Some(b'=') {
                self.at += 1;
            }
            self.skip(|b| !(b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'=')));
            let name = &self.text[start..self.at];
            let name = if name.len() > 40 { String::new() } else { name.to_ascii_lowercase() };
            let value = self.value();
            if found.len() < ATTRIBUTES_MAX && !found.iter().any(|(n, _)| *n == name) {
                found.push((name, value));
            }
        }
    }

    fn value(&mut self) -> String {
        self.skip(|b| b.is_ascii_whitespace());
        if self.peek() != Some(b'=') {
            return String::new();
        }
        self.at += 1;
        self.skip(|b| b.is_ascii_whitespace());
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                let value = decoded(self.until(|b| b == quote));
                self.at = (self.at + 1).min(self.text.len());
                value
            }
            _ => decoded(self.until(|b| b.is_ascii_whitespace() || b == b'>')),
        }
    }
}

/// A value with its entities decoded.
pub(super) fn decoded(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let bytes = rest.as_bytes();
        let numeric = bytes.get(1) == Some(&b'#');
        let length =
            1 + bytes[1..].iter().take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
        if bytes.get(length) == Some(&b';') {
            add_html_token(&mut out, &bytes[..=length], false);
            rest = &rest[length + 1..];
        } else if numeric && length > 2 {
            // Browsers take `&#106` without its semicolon too.
            let mut entity = bytes[..length].to_vec();
            entity.push(b';');
            add_html_token(&mut out, &entity, false);
            rest = &rest[length..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        Tokens::of(html)
            .map(|t| match t {
                Token::Text(text) => format!("[{text}]"),
                Token::Start { name, attributes } => format!("<{name} {attributes:?}>"),
                Token::End(name) => format!("</{name}>"),
            })
            .collect()
    }

    #[test]
    fn parts_like_a_browser() {
        for (html, parts) in [
            ("a<b>c</b >", "[a]<b []>[c]</b>"),
            ("<a HREF='x>y' b=1/ c>", "<a [(\"href\", \"x>y\"), (\"b\", \"1/\"), (\"c\", \"\")]>"),
            ("<a =\"x>y\">", "<a [(\"=\\\"x\", \"\")]>[y\">]"),
            ("<a title=\"&lt;&#x41;&#66\">", "<a [(\"title\", \"<AB\")]>"),
            ("1 < 2 <3", "[1 ][<][ 2 ][<][3]"),
            ("<!-- a > b --!>c<!-->d<!doctype x>e", "[c][d][e]"),
            ("<style><b></style>x<script>y", "[x]"),
            ("<svg>a<b>", "[a]<b []>"),
            ("<img src=x onerror", "<img [(\"src\", \"x\"), (\"onerror\", \"\")]>"),
        ] {
            assert_eq!(shown(html), parts, "{html}");
        }
    }
}
