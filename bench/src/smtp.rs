//! A mail sender: one connection, mail after mail, each acknowledged before the next.

use std::io;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::http::connect;

pub struct Sender {
    stream: BufReader<TcpStream>,
    line: String,
}

impl Sender {
    pub async fn open(address: &str) -> io::Result<Self> {
        let mut sender = Self { stream: BufReader::new(connect(address).await?), line: String::new() };
        sender.expect("220").await?;
        sender.stream.write_all(b"EHLO bench.example\r\n").await?;
        sender.expect("250").await?;
        Ok(sender)
    }

    /// Sends a mail and waits until it is acknowledged.
    pub async fn send(&mut self, to: &str, mail: &str) -> io::Result<()> {
        let envelope = format!("MAIL FROM:<person@customers.example>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        self.stream.write_all(envelope.as_bytes()).await?;
        self.expect("250").await?;
        self.expect("250").await?;
        self.expect("354").await?;
        self.stream.write_all(format!("{mail}.\r\n").as_bytes()).await?;
        self.expect("250").await
    }

    async fn expect(&mut self, code: &str) -> io::Result<()> {
        loop {
            self.line.clear();
            if self.stream.read_line(&mut self.line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !self.line.starts_with(code) {
                return Err(io::Error::other(format!("{code} expected, got {}", self.line.trim())));
            }
            if self.line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}
