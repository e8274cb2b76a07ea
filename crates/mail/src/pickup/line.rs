//! A connection to an IMAP server: commands and what is answered, within bounds.
//!
//! The answers are parsed by `imap-proto`. What stands around it is our own, since a reader that takes the
//! end of the connection for the end of an answer would take a mail that was cut off for one that is gone.

use imap_proto::{MailboxDatum, Outcome, Response, Status};
use std::{io, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_rustls::TlsConnector;
use words::Host;

/// The longest answer to a command that asks for no list and no mail.
pub(super) const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long a command may take, mails aside.
pub(super) const COMMAND_WAIT: Duration = Duration::from_mins(1);
/// Bytes that are asked of the connection at once.
const READ_BYTES: usize = 16 * 1024;
/// Characters of what the server said that are kept.
const REPLY_CHARS_MAX: usize = 400;

/// Anything that bytes go over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Wire for T {}

/// Why a connection cannot be used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the connection was lost")]
    Lost,
    #[error("no answer in time")]
    TooSlow,
    #[error("the answer is none of an IMAP server")]
    NotImap,
    #[error("more came than was asked for")]
    TooMuch,
    #[error("no secure connection")]
    Tls,
}

/// Why a command did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The server said no.
    #[error("{0}")]
    Said(String),
}

/// What must have come before it is worth to parse again.
#[derive(Clone, Copy)]
enum Awaited {
    /// The end of a line.
    LineEnd,
    /// So many bytes in all.
    Bytes(usize),
}

pub(super) struct Line {
    wire: Box<dyn Wire>,
    read: Vec<u8>,
    tags: u32,
    /// The server told that mails came, since this was last taken.
    has_news: bool,
}

impl Line {
    pub(super) fn new(wire: impl Wire + 'static) -> Self {
        Self { wire: Box::new(wire), read: Vec::new(), tags: 0, has_news: false }
    }

    /// Begins TLS; also tells which. Bytes that came in the clear behind the last answer are an attack or a
    /// fault: it ends.
    pub(super) async fn secured(
        self,
        host: &Host,
        tls: &Arc<rustls::ClientConfig>,
    ) -> Result<(Self, String), Broken> {
        if !self.read.is_empty() {
            return Err(Broken::NotImap);
        }
        let name = ServerName::try_from(host.as_str().to_owned()).map_err(|_| Broken::Tls)?;
        let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, self.wire);
        let stream = timeout(COMMAND_WAIT, handshake).await.map_err(|_| Broken::TooSlow)?;
        let stream = stream.map_err(|_| Broken::Tls)?;
        let how = described(stream.get_ref().1).unwrap_or_else(|| "TLS".into());
        Ok((Self::new(stream), how))
    }

    /// Whether mails came since this was last asked.
    pub(super) fn takes_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    /// Sends a command and gives each answer to `each`, up to the last, which is returned.
    pub(super) async fn command(
        &mut self,
        command: &str,
        wait: Duration,
        bytes_max: usize,
        each: impl FnMut(Response<'static>),
    ) -> Result<Outcome<'static>, Failed> {
        let all = async {
            let tag = self.begin(command).await?;
            self.end(&tag, bytes_max, each).await
        };
        timeout(wait, all).await.unwrap_or(Err(Broken::TooSlow.into()))
    }

    /// Sends a command whose answers are small and of no interest.
    pub(super) async fn simple(&mut self, command: &str) -> Result<Outcome<'static>, Failed> {
        self.command(command, COMMAND_WAIT, ANSWER_BYTES_MAX, |_| {}).await
    }

    /// Sends a command; gives its tag.
    pub(super) async fn begin(&mut self, command: &str) -> Result<String, Broken> {
        self.tags += 1;
        let tag = format!("H{}", self.tags);
        self.send(&format!("{tag} {command}\r\n")).await?;
        Ok(tag)
    }

    /// Reads up to the last answer to the command with this tag.
    pub(super) async fn end(
        &mut self,
        tag: &str,
        bytes_max: usize,
        mut each: impl FnMut(Response<'static>),
    ) -> Result<Outcome<'static>, Failed> {
        loop {
            match self.next(bytes_max).await? {
                Response::Done { tag: ended, status, outcome } if ended.0 == tag => {
                    return match status {
                        Status::Ok => Ok(outcome),
                        _ => Err(Failed::Said(said(&outcome))),
                    };
                }
                Response::Data { status: Status::Bye, .. } => return Err(Broken::Lost.into()),
                other => each(other),
            }
        }
    }

    pub(super) async fn send(&mut self, text: &str) -> Result<(), Broken> {
        let sent = async {
            self.wire.write_all(text.as_bytes()).await?;
            self.wire.flush().await
        };
        sent.await.map_err(|_| Broken::Lost)
    }

    /// The next answer. The end of the connection is never one.
    pub(super) async fn next(&mut self, bytes_max: usize) -> Result<Response<'static>, Broken> {
        let (mut awaited, mut fresh) = (Awaited::LineEnd, 0);
        loop {
            let is_worth_it = match awaited {
                Awaited::LineEnd => self.read[fresh..].contains(&b'\n'),
                Awaited::Bytes(count) => self.read.len() >= count,
            };
            fresh = self.read.len();
            if is_worth_it {
                match parse(&self.read)? {
                    Parsed::Whole(response, length) => {
                        self.read.drain(..length);
                        self.has_news |= matches!(response, Response::MailboxData(MailboxDatum::Exists(_)));
                        return Ok(response);
                    }
                    Parsed::Unknown(length) => {
                        self.read.drain(..length);
                        (awaited, fresh) = (Awaited::LineEnd, 0);
                        continue;
                    }
                    Parsed::Part(next) => awaited = next,
                }
            }
            let needed = match awaited {
                Awaited::Bytes(count) => count,
                Awaited::LineEnd => self.read.len(),
            };
            if needed > bytes_max {
                return Err(Broken::TooMuch);
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> Result<(), Broken> {
        self.read.reserve(READ_BYTES);
        match self.wire.read_buf(&mut self.read).await {
            Ok(0) => Err(Broken::Lost),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Broken::Tls),
            Err(_) => Err(Broken::Lost),
        }
    }
}

enum Parsed {
    Whole(Response<'static>, usize),
    /// A line of this length that is of no interest, whatever it means.
    Unknown(usize),
    Part(Awaited),
}

fn parse(read: &[u8]) -> Result<Parsed, Broken> {
    match Response::parse(read) {
        Ok((rest, response)) => Ok(Parsed::Whole(response.into_owned(), read.len() - rest.len())),
        Err(error) if error.is_incomplete() => Ok(Parsed::Part(match literal_end(read) {
            Some(end) if end > read.len() => Awaited::Bytes(end),
            _ => Awaited::LineEnd,
        })),
        Err(_) => unknown(read).map(Parsed::Unknown).ok_or(Broken::NotImap),
    }
}

/// Where the first literal ends whose bytes have not all come.
fn literal_end(read: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line_end = at + memchr::memchr(b'\n', &read[at..])?;
        let line = read[at..line_end].strip_suffix(b"\r")?;
        let count = line.strip_suffix(b"}").and_then(|line| {
            let open = line.iter().rposition(|byte| *byte == b'{')?;
            std::str::from_utf8(&line[open + 1..]).ok()?.trim_end_matches('+').parse::<usize>().ok()
        });
        at = line_end.saturating_add(1).saturating_add(count?);
        if at > read.len() {
            return Some(at);
        }
    }
}

/// The length of a whole line that the parser does not know and that may be passed over: one without a tag
/// that tells of no mail and of no search.
fn unknown(read: &[u8]) -> Option<usize> {
    let end = memchr::memchr(b'\n', read)? + 1;
    let line = read[..end].to_ascii_uppercase();
    let tells = |word: &[u8]| memchr::memmem::find(&line, word).is_some();
    let is_ours = tells(b"FETCH") || tells(b"SEARCH") || tells(b"EXISTS") || line.ends_with(b"}\r\n");
    (line.starts_with(b"* ") && !is_ours).then_some(end)
}

/// What the server said, in one line.
fn said(outcome: &Outcome<'_>) -> String {
    let text = outcome.information.as_deref().unwrap_or_default();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REPLY_CHARS_MAX).collect()
}

/// Version and cipher, as in the trace of what comes by SMTP.
fn described(connection: &rustls::ClientConnection) -> Option<String> {
    let version = connection.protocol_version()?.as_str()?.replace('v', " ").replace('_', ".");
    let suite = connection.negotiated_cipher_suite()?.suite();
    Some(format!("{version} {}", suite.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_proto::AttributeValue;
    use proptest::prelude::*;

    /// What comes of these bytes, in pieces of this size, and how it ends.
    async fn answers(bytes: &[u8], piece: usize, bytes_max: usize) -> (Vec<Response<'static>>, Broken) {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let mut line = Line::new(ours);
        for piece in bytes.chunks(piece) {
            theirs.write_all(piece).await.unwrap();
        }
        drop(theirs);
        let mut all = Vec::new();
        loop {
            match line.next(bytes_max).await {
                Ok(response) => all.push(response),
                Err(broken) => return (all, broken),
            }
        }
    }

    fn body<'r>(response: &'r Response<'static>) -> Option<&'r [u8]> {
        let Response::Fetch(_, values) = response else { return None };
        values.iter().find_map(|value| match value {
            AttributeValue::BodySection { data: Some(data), .. } => Some(data.as_ref()),
            _ => None,
        })
    }

    const MAIL: &[u8] = b"* 1 FETCH (UID 7 BODY[] {12}\r\na: {9}\r\n\r\nb))\r\nH1 OK done\r\n";

    #[tokio::test]
    async fn a_mail_comes_whole_whatever_the_pieces() {
        for piece in 1..MAIL.len() {
            let (all, end) = answers(MAIL, piece, 1_000).await;
            assert_eq!((all.len(), end), (2, Broken::Lost), "{piece}");
            assert_eq!(body(&all[0]), Some(&b"a: {9}\r\n\r\nb)"[..]), "{piece}");
        }
    }

    #[tokio::test]
    async fn a_mail_that_was_cut_off_is_no_mail() {
        let whole = MAIL.len() - b"H1 OK done\r\n".len();
        for cut in 0..whole {
            let (all, end) = answers(&MAIL[..cut], 5, 1_000).await;
            assert_eq!((all.len(), end), (0, Broken::Lost), "{cut}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
        let (ours, _silent) = tokio::io::duplex(1 << 20);
        let said = Line::new(ours).simple("CAPABILITY").await;
        assert_eq!(said.unwrap_err(), Failed::Broken(Broken::TooSlow));
    }

    #[tokio::test]
    async fn more_than_was_asked_for_is_not_read() {
        let (all, end) = answers(b"* 1 FETCH (UID 7 BODY[] {4000000000}\r\nabc", 99, 1_000).await;
        assert_eq!((all.len(), end), (0, Broken::TooMuch));
        let (_, end) = answers(&[b'x'; 5_000], 99, 1_000).await;
        assert_eq!(end, Broken::TooMuch);
    }

    #[tokio::test]
    async fn a_line_of_no_interest_is_passed_over_and_one_about_mail_is_not() {
        let (all, _) = answers(b"* XNEW thing (1 2)\r\n* 3 EXISTS\r\n", 9, 1_000).await;
        assert_eq!(all, [Response::MailboxData(MailboxDatum::Exists(3))]);
        for bad in [&b"* SEARCH one\r\n"[..], b"* 1 FETCH what\r\n", b"HTTP/1.1 400 no\r\n", b"\r\n"] {
            assert_eq!(answers(bad, 99, 1_000).await.1, Broken::NotImap, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_stops_us(bytes in prop::collection::vec(prop::sample::select(
            vec![&b"* "[..], b"1 ", b"FETCH (", b"BODY[]", b" {3}\r\n", b"abc", b")\r\n", b"\r\n", b"\xff", b"SEARCH 1 2",
                b"OK [UIDVALIDITY ", b"\"", b"{99999999999999999999}\r\n"]), 0..30)) {
            let bytes = bytes.concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(answers(&bytes, 7, 200));
        }
    }
}
