//! Reads one command line of SMTP or LMTP.

/// A path is at most this long, its brackets counted (RFC 5321 part 4.5.3.1.3).
const PATH_BYTES_MAX: usize = 256;
/// The part before the `@` (RFC 5321 part 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// What a client calls itself.
const NAME_BYTES_MAX: usize = 255;

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Hello {
        verb: Hello,
        name: String,
    },
    Mail {
        sender: Option<Path>,
        utf8: bool,
        size: Option<u64>,
    },
    Rcpt {
        recipient: Path,
    },
    Data,
    Bdat {
        size: u64,
        last: bool,
    },
    StartTls,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
    /// One that exists and is not offered here.
    NotOffered,
    /// The first line of a web request: somebody was sent here by a browser.
    Web,
}

/// Which hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hello {
    Helo,
    Ehlo,
    Lhlo,
}

/// The address of a path, its source route left out and its local part unquoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub local: String,
    pub domain: String,
}

impl Path {
    pub(super) fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// No such command.
    Unknown,
    /// NUL or bytes that are no UTF-8.
    Characters,
    /// Not the words that this command has.
    Arguments,
    /// Not an address.
    Address,
    /// A parameter that was not offered.
    Parameter,
    /// A chunk's size that is no number: nobody knows where the next command begins.
    ChunkSize,
}

/// Reads a line without its CRLF.
pub(super) fn read(line: &[u8]) -> Result<Command, Wrong> {
    if line.contains(&0) {
        return Err(Wrong::Characters);
    }
    let Ok(line) = std::str::from_utf8(line) else { return Err(Wrong::Characters) };
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    let alone = |command| if rest.is_empty() { Ok(command) } else { Err(Wrong::Arguments) };
    match verb.to_ascii_uppercase().as_str() {
        "HELO" => hello(Hello::Helo, rest),
        "EHLO" => hello(Hello::Ehlo, rest),
        "LHLO" => hello(Hello::Lhlo, rest),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => alone(Command::Data),
        "BDAT" => bdat(rest),
        "STARTTLS" => alone(Command::StartTls),
        "RSET" => alone(Command::Rset),
        "QUIT" => alone(Command::Quit),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "EXPN" | "TURN" | "ATRN" | "ETRN" | "AUTH" | "BURL" | "SEND" | "SOML" | "SAML" => {
            Ok(Command::NotOffered)
        }
        "GET" | "POST" | "PUT" | "HEAD" | "OPTIONS" | "CONNECT" | "DELETE" | "PATCH" | "TRACE" | "PRI" => {
            Ok(Command::Web)
        }
        _ => Err(Wrong::Unknown),
    }
}

fn hello(verb: Hello, name: &str) -> Result<Command, Wrong> {
    let good = (1..=NAME_BYTES_MAX).contains(&name.len())
        && !name.chars().any(|c| c.is_control() || c.is_whitespace());
    if good { Ok(Command::Hello { verb, name: name.to_owned() }) } else { Err(Wrong::Arguments) }
}

fn mail(rest: &str) -> Result<Command, Wrong> {
    let (path, params) = split_path(rest, "FROM:")?;
    let sender = if path == "<>" { None } else { Some(read_path(path)?) };
    let (mut utf8, mut size) = (false, None);
    for param in params.split_ascii_whitespace() {
        let (key, value) = param.split_once('=').unwrap_or((param, ""));
        match key.to_ascii_uppercase().as_str() {
            "SIZE" => size = Some(number(value).ok_or(Wrong::Arguments)?),
            "SMTPUTF8" if value.is_empty() => utf8 = true,
            "BODY" if value.eq_ignore_ascii_case("7BIT") || value.eq_ignore_ascii_case("8BITMIME") => {}
            // Read and left: who asks for reports of delivery gets none, since DSN is not offered.
            "RET" | "ENVID" | "AUTH" => {}
            _ => return Err(Wrong::Parameter),
        }
    }
    Ok(Command::Mail { sender, utf8, size })
}

fn rcpt(rest: &str) -> Result<Command, Wrong> {
    let (path, params) = split_path(rest, "TO:")?;
    for param in params.split_ascii_whitespace() {
        let key = param.split('=').next().unwrap_or_default();
        if !key.eq_ignore_ascii_case("NOTIFY") && !key.eq_ignore_ascii_case("ORCPT") {
            return Err(Wrong::Parameter);
        }
    }
    Ok(Command::Rcpt { recipient: read_path(path)? })
}

fn bdat(rest: &str) -> Result<Command, Wrong> {
    let mut words = rest.split_ascii_whitespace();
    let size = words.next().and_then(number).ok_or(Wrong::ChunkSize)?;
    match (words.next(), words.next()) {
        (None, _) => Ok(Command::Bdat { size, last: false }),
        (Some(word), None) if word.eq_ignore_ascii_case("LAST") => Ok(Command::Bdat { size, last: true }),
        _ => Err(Wrong::ChunkSize),
    }
}

/// Digits only: no sign, no spaces, and small enough.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Splits `FROM:<path> params` into the path with its brackets and the parameters.
fn split_path<'a>(rest: &'a str, word: &str) -> Result<(&'a str, &'a str), Wrong> {
    let has_word = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let rest = if has_word { rest[word.len()..].trim_start() } else { return Err(Wrong::Arguments) };
    if !rest.starts_with('<') {
        return Err(Wrong::Address);
    }
    let end = closing(rest).ok_or(Wrong::Address)?;
    let (path, params) = rest.split_at(end + 1);
    if !params.is_empty() && !params.starts_with(' ') {
        return Err(Wrong::Arguments);
    }
    Ok((path, params))
}

/// Where the bracket that closes a path is: the first `>` outside quotes.
fn closing(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Reads `<@route:local@domain>`. The route is left out (RFC 5321 part 4.1.1.3), and the domain is
/// what follows the last `@` outside quotes.
fn read_path(path: &str) -> Result<Path, Wrong> {
    if path.len() > PATH_BYTES_MAX {
        return Err(Wrong::Address);
    }
    let mut inside = &path[1..path.len() - 1];
    if inside.starts_with('@') {
        let (_route, rest) = inside.split_once(':').ok_or(Wrong::Address)?;
        inside = rest;
    }
    let (local, domain) = if let Some(rest) = inside.strip_prefix('"') {
        let (local, after) = unquote(rest).ok_or(Wrong::Address)?;
        (local, after.strip_prefix('@').ok_or(Wrong::Address)?)
    } else {
        let (local, domain) = inside.rsplit_once('@').unwrap_or((inside, ""));
        let plain = !local.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '@' | '\\'));
        if !plain {
            return Err(Wrong::Address);
        }
        (local.to_owned(), domain)
    };
    let bare_postmaster = domain.is_empty() && local.eq_ignore_ascii_case("postmaster");
    let good_domain = !domain.is_empty()
        && !domain.contains(|c: char| c.is_whitespace() || matches!(c, '@' | '"' | '<' | '>' | '\\'));
    let good_local = (1..=LOCAL_BYTES_MAX).contains(&local.len()) && !local.chars().any(char::is_control);
    if good_local && (good_domain || bare_postmaster) {
        Ok(Path { local, domain: domain.to_owned() })
    } else {
        Err(Wrong::Address)
    }
}

/// The text of a quoted local part, and what follows its closing quote.
fn unquote(rest: &str) -> Option<(String, &str)> {
    let mut local = String::new();
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => {
                local.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((local, &rest[at + 1..])),
            _ => local.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(local: &str, domain: &str) -> Path {
        Path { local: local.into(), domain: domain.into() }
    }

    fn rcpt_of(text: &str) -> Result<Path, Wrong> {
        match read(format!("RCPT TO:{text}").as_bytes())? {
            Command::Rcpt { recipient } => Ok(recipient),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_domain_is_what_follows_the_last_unquoted_at() {
        assert_eq!(rcpt_of("<c@example.org>"), Ok(path("c", "example.org")));
        assert_eq!(rcpt_of("<@a.example,@b.example:c@example.org>"), Ok(path("c", "example.org")));
        assert_eq!(rcpt_of("<c%evil.example@example.org>"), Ok(path("c%evil.example", "example.org")));
        assert_eq!(rcpt_of(r#"<"c@evil.example"@example.org>"#), Ok(path("c@evil.example", "example.org")));
        assert_eq!(rcpt_of(r#"<"a>b\"c"@example.org>"#), Ok(path("a>b\"c", "example.org")));
        assert_eq!(rcpt_of("<Postmaster>"), Ok(path("Postmaster", "")));
        for bad in ["", "c@d", "<c@d", "<c d@e>", "<c@d@e>", "<c>", "<>", "<@a:>", "<c@>", "<\"c@d>", "<@a>"]
        {
            assert_eq!(rcpt_of(bad), Err(Wrong::Address), "{bad}");
        }
        assert_eq!(rcpt_of("<c@d>x"), Err(Wrong::Arguments));
        assert_eq!(rcpt_of(&format!("<{}@d.example>", "c".repeat(65))), Err(Wrong::Address));
    }

    #[test]
    fn parameters_are_read_or_refused() {
        let mail = |text: &str| read(format!("MAIL FROM:{text}").as_bytes());
        let sender = Some(path("a", "b.example"));
        assert_eq!(
            mail("<a@b.example> SIZE=10 BODY=8BITMIME smtputf8 RET=HDRS ENVID=x AUTH=<>"),
            Ok(Command::Mail { sender, utf8: true, size: Some(10) })
        );
        assert_eq!(mail("<>"), Ok(Command::Mail { sender: None, utf8: false, size: None }));
        assert_eq!(mail(" <>"), Ok(Command::Mail { sender: None, utf8: false, size: None }));
        assert_eq!(mail("<a@b.example> SIZE=18446744073709551616"), Err(Wrong::Arguments));
        assert_eq!(mail("<a@b.example> SIZE=+1"), Err(Wrong::Arguments));
        assert_eq!(mail("<a@b.example> BODY=BINARYMIME"), Err(Wrong::Parameter));
        assert_eq!(mail("<a@b.example> X=Y"), Err(Wrong::Parameter));
    }

    #[test]
    fn a_chunk_has_a_size() {
        assert_eq!(read(b"BDAT 0 LAST"), Ok(Command::Bdat { size: 0, last: true }));
        assert_eq!(read(b"bdat 12"), Ok(Command::Bdat { size: 12, last: false }));
        for bad in
            ["BDAT", "BDAT x", "BDAT -1", "BDAT 99999999999999999999 LAST", "BDAT 1 LAST 2", "BDAT 1 FIRST"]
        {
            assert_eq!(read(bad.as_bytes()), Err(Wrong::ChunkSize), "{bad}");
        }
    }

    #[test]
    fn other_lines() {
        assert_eq!(read(b"MAIL FROM:<a\0@example.org>"), Err(Wrong::Characters));
        assert_eq!(read(b"NOOP \xff"), Err(Wrong::Characters));
        assert_eq!(read(b"GET / HTTP/1.1"), Ok(Command::Web));
        assert_eq!(read(b"XYZZY"), Err(Wrong::Unknown));
        assert_eq!(read(b"DATA now"), Err(Wrong::Arguments));
        assert_eq!(read(b"EHLO "), Err(Wrong::Arguments));
        assert_eq!(read(b"vrfy root"), Ok(Command::Vrfy));
    }
}
