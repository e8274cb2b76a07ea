//! Brings the outside world's mails to Havn, by SMTP.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use letter::Outgoing;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};
use words::{Clock, EmailAddress, Secret};

use super::Signer;
use crate::serve::Running;

/// How long one mail may take.
const POST_WAIT: Duration = Duration::from_secs(20);

/// Brings mails to the Havn of one folder.
#[derive(Clone)]
pub struct Post {
    running: PathBuf,
    signer: Arc<Signer>,
}

/// A mail that somebody outside writes.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Who writes.
    pub from: (String, EmailAddress),
    /// To whom.
    pub to: EmailAddress,
    /// About what.
    pub subject: String,
    /// What.
    pub text: String,
    /// The Message-ID that it answers, without brackets.
    pub in_reply_to: Option<String>,
    /// The thread, the oldest first.
    pub references: Vec<String>,
}

impl Post {
    /// To the Havn of this folder.
    pub fn new(dir: &Path, signer: Arc<Signer>) -> Self {
        Self { running: dir.join("data/running.json"), signer }
    }

    /// Brings a mail there, signed; an error says why not.
    pub async fn bring(&self, mail: Mail) -> io::Result<()> {
        let running = Running::read(&self.running);
        let to = running.and_then(|running| running.smtp.first().copied());
        let server = to.ok_or_else(|| io::Error::other("Havn is not ready"))?;
        let domain = mail.from.1.domain().to_owned();
        let (sender, recipient) = (mail.from.1.clone(), mail.to.clone());
        let raw = self.signer.sign(letter::compose(&written(mail, &domain)), &domain);
        timeout(POST_WAIT, say(server, &sender, &recipient, &raw))
            .await
            .map_err(|_| io::ErrorKind::TimedOut)?
    }
}

fn written(mail: Mail, domain: &str) -> Outgoing {
    Outgoing {
        from: mail.from,
        to: vec![(String::new(), mail.to)],
        cc: Vec::new(),
        subject: mail.subject,
        date: Clock::System.now(),
        message_id: format!("{}@{domain}", Secret::random("").expose()),
        in_reply_to: mail.in_reply_to,
        references: mail.references,
        automatic: false,
        text: mail.text,
        html: None,
        files: Vec::new(),
    }
}

async fn say(server: SocketAddr, from: &EmailAddress, to: &EmailAddress, raw: &[u8]) -> io::Result<()> {
    let mut stream = BufReader::new(connect(server).await?);
    expect(&mut stream, b'2').await?;
    for line in ["EHLO outside.example", &format!("MAIL FROM:<{from}>"), &format!("RCPT TO:<{to}>")] {
        stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        expect(&mut stream, b'2').await?;
    }
    stream.write_all(b"DATA\r\n").await?;
    expect(&mut stream, b'3').await?;
    stream.write_all(&stuffed(raw)).await?;
    expect(&mut stream, b'2').await?;
    stream.write_all(b"QUIT\r\n").await
}

#[expect(clippy::disallowed_methods, reason = "the demo's outside world writes to Havn: it is no part of it")]
async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(server).await
}

/// Reads a reply, whose last line must begin with `class`.
async fn expect(stream: &mut BufReader<TcpStream>, class: u8) -> io::Result<()> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.as_bytes().get(3) == Some(&b'-') {
            continue;
        }
        return if line.as_bytes().first() == Some(&class) { Ok(()) } else { Err(io::Error::other(line)) };
    }
}

/// The mail with dots doubled at line starts, and its end (RFC 5321 part 4.5.2).
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 8);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled() {
        assert_eq!(stuffed(b"a\r\n.b\r\n"), b"a\r\n..b\r\n.\r\n");
        assert_eq!(stuffed(b"a"), b"a\r\n.\r\n");
    }
}
