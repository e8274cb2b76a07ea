//! A connection to a mail server, in the clear or in TLS, with replies read off it within bounds.

use std::{io, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_rustls::TlsConnector;
use words::Host;

/// The longest reply that is read, all its lines.
const REPLY_BYTES_MAX: usize = 16 * 1024;
/// Characters of a reply that are kept.
const REPLY_CHARS_MAX: usize = 400;

/// Anything that bytes go over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// A reply of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// `250`, …
    pub code: u16,
    /// All its lines, joined by spaces, with the code before.
    pub text: String,
    /// Its lines without their codes.
    pub lines: Vec<String>,
}

impl Reply {
    pub(super) fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }
}

/// Why a conversation broke off.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The connection was lost.
    #[error("the connection was lost")]
    Lost,
    /// No answer in time.
    #[error("no answer in time")]
    TooSlow,
    /// What came is no reply of SMTP.
    #[error("the answer is none of a mail server")]
    NotSmtp,
    /// TLS could not be agreed on, or the certificate is not theirs.
    #[error("no secure connection: {0}")]
    Tls(String),
}

pub(super) struct Stream {
    wire: Box<dyn Wire>,
    read: Vec<u8>,
}

impl Stream {
    pub(super) fn new(wire: impl Wire + 'static) -> Self {
        Self { wire: Box::new(wire), read: Vec::new() }
    }

    /// Begins TLS. Bytes that came in the clear after the reply are an attack or a fault: it ends.
    pub(super) async fn secured(
        self,
        host: &Host,
        tls: &Arc<rustls::ClientConfig>,
        wait: Duration,
    ) -> Result<Self, Broken> {
        if !self.read.is_empty() {
            return Err(Broken::NotSmtp);
        }
        let name =
            ServerName::try_from(host.as_str().to_owned()).map_err(|_| Broken::Tls("not a name".into()))?;
        let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, self.wire);
        match timeout(wait, handshake).await {
            Ok(Ok(stream)) => Ok(Self::new(stream)),
            Ok(Err(error)) => Err(Broken::Tls(error.to_string())),
            Err(_) => Err(Broken::TooSlow),
        }
    }

    /// Sends a line and reads the reply.
    pub(super) async fn say(&mut self, line: &str, wait: Duration) -> Result<Reply, Broken> {
        debug_assert!(!line.contains(['\r', '\n']));
        self.send(format!("{line}\r\n").as_bytes(), wait).await?;
        self.reply(wait).await
    }

    pub(super) async fn send(&mut self, bytes: &[u8], wait: Duration) -> Result<(), Broken> {
        let sent = async {
            self.wire.write_all(bytes).await?;
            self.wire.flush().await
        };
        match timeout(wait, sent).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Broken::Lost),
            Err(_) => Err(Broken::TooSlow),
        }
    }

    /// Reads the next reply.
    pub(super) async fn reply(&mut self, wait: Duration) -> Result<Reply, Broken> {
        timeout(wait, self.read_reply()).await.unwrap_or(Err(Broken::TooSlow))
    }

    async fn read_reply(&mut self) -> Result<Reply, Broken> {
        loop {
            if let Some((reply, length)) = parse(&self.read)? {
                self.read.drain(..length);
                return Ok(reply);
            }
            if self.read.len() > REPLY_BYTES_MAX {
                return Err(Broken::NotSmtp);
            }
            match self.wire.read_buf(&mut self.read).await {
                Ok(0) => return Err(Broken::Lost),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(Broken::Tls(error.to_string()));
                }
                Err(_) => return Err(Broken::Lost),
            }
        }
    }
}

/// The first reply in `read` and its length; none if it is not whole.
fn parse(read: &[u8]) -> Result<Option<(Reply, usize)>, Broken> {
    let (mut lines, mut length) = (Vec::new(), 0);
    for line in read.split_inclusive(|byte| *byte == b'\n') {
        let Some(text) = line.strip_suffix(b"\n") else { return Ok(None) };
        length += line.len();
        let text = String::from_utf8_lossy(text.strip_suffix(b"\r").unwrap_or(text)).into_owned();
        let code =
            text.get(..3).and_then(|code| code.parse::<u16>().ok()).filter(|code| (200..600).contains(code));
        let Some(code) = code else { return Err(Broken::NotSmtp) };
        let more = text[3..].starts_with('-');
        lines.push(text.get(4..).unwrap_or_default().to_owned());
        if !more {
            return Ok(Some((Reply { code, text: shown(code, &lines), lines }, length)));
        }
    }
    Ok(None)
}

fn shown(code: u16, lines: &[String]) -> String {
    let text = format!("{code} {}", lines.join(" "));
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REPLY_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read() {
        let (reply, length) = parse(b"250-mx\r\n250-SIZE 10\r\n250 OK\r\n220 next").unwrap().unwrap();
        assert_eq!((reply.code, length, reply.lines.len()), (250, 29, 3));
        assert_eq!(reply.text, "250 mx SIZE 10 OK");
        assert_eq!(parse(b"250\r\n").unwrap().unwrap().0.text, "250 ");
        assert!(parse(b"250-mx\r\n250 O").unwrap().is_none());
        for bad in [&b"hello\r\n"[..], b"25\r\n", b"999 x\r\n", b"\r\n", b"HTTP/1.1 400 no\r\n"] {
            assert!(matches!(parse(bad), Err(Broken::NotSmtp)), "{bad:?}");
        }
    }
}
