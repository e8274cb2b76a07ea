//! A small HTTP/1.1 client that keeps its connection: cheap enough not to measure itself.

use std::{fmt::Write as _, io, net::Ipv4Addr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A connection to one host.
pub struct Client {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
    piece: Vec<u8>,
    pub cookie: String,
    pub bearer: String,
}

/// Connects as anybody outside does.
#[expect(clippy::disallowed_methods, reason = "the measure stands outside of Havn")]
pub async fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn host_and_port(url: &str) -> io::Result<(String, u16)> {
    let host = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let port = host.rsplit_once(':').map_or(Ok(80), |(_, port)| port.parse());
    port.map(|port| (host, port)).map_err(io::Error::other)
}

impl Client {
    /// Connects to `127.0.0.1` at the port of `url`, and speaks to its host.
    pub async fn open(url: &str) -> io::Result<Self> {
        let (host, port) = host_and_port(url)?;
        let stream = connect(&format!("127.0.0.1:{port}")).await?;
        Ok(Self::on(stream, host))
    }

    /// The same from another address of this machine (127.0.0.0/8).
    #[expect(clippy::disallowed_methods, reason = "the measure stands outside of Havn")]
    pub async fn open_from(url: &str, from: Ipv4Addr) -> io::Result<Self> {
        let (host, port) = host_and_port(url)?;
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
        stream.set_nodelay(true)?;
        Ok(Self::on(stream, host))
    }

    fn on(stream: TcpStream, host: String) -> Self {
        let (buffer, piece) = (Vec::new(), vec![0; PIECE_BYTES]);
        Self { stream, host, buffer, piece, cookie: String::new(), bearer: String::new() }
    }

    pub async fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, "", b"").await
    }

    pub async fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> io::Result<Answer> {
        self.send("POST", path, kind, body).await
    }

    pub async fn patch(&mut self, path: &str, kind: &str, body: &[u8]) -> io::Result<Answer> {
        self.send("PATCH", path, kind, body).await
    }

    async fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        if !self.cookie.is_empty() {
            let _ = write!(head, "Cookie: {}\r\n", self.cookie);
        }
        if !self.bearer.is_empty() {
            let _ = write!(head, "Authorization: Bearer {}\r\n", self.bearer);
        }
        if method != "GET" {
            let _ = write!(
                head,
                "Content-Type: {kind}\r\nContent-Length: {}\r\nOrigin: http://{}\r\nSec-Fetch-Site: same-origin\r\n",
                body.len(),
                self.host
            );
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end);
        let status = head.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0);
        let mut answer = Answer { status, head, body: Vec::new() };
        if let Some(length) = answer.header("content-length").and_then(|n| n.parse::<usize>().ok()) {
            while self.buffer.len() < length {
                self.fill().await?;
            }
            answer.body = self.buffer.drain(..length).collect();
        } else if answer.header("transfer-encoding").is_some() {
            answer.body = self.chunks().await?;
        }
        Ok(answer)
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(at) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                    break at;
                }
                self.fill().await?;
            };
            let size = std::str::from_utf8(&self.buffer[..line])
                .ok()
                .and_then(|text| usize::from_str_radix(text.trim(), 16).ok())
                .ok_or(io::ErrorKind::InvalidData)?;
            while self.buffer.len() < line + 2 + size + 2 {
                self.fill().await?;
            }
            body.extend_from_slice(&self.buffer[line + 2..line + 2 + size]);
            self.buffer.drain(..line + 2 + size + 2);
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.buffer.len() > ANSWER_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let count = self.stream.read(&mut self.piece).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&self.piece[..count]);
        Ok(())
    }
}
