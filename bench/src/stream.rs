//! An open page: an event stream that notes when what it waits for arrives.

use std::{io, time::Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use crate::http::{Client, connect};

/// Opens an event stream as the page of `client` does, and sends each mark that it sees, with the time.
pub async fn open(
    client: &Client,
    url: &str,
    path: &str,
    marks: mpsc::UnboundedSender<(usize, Instant)>,
) -> io::Result<()> {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let port = host.rsplit(':').next().unwrap_or("80");
    let mut stream = connect(&format!("127.0.0.1:{port}")).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nAccept: text/event-stream\r\n\r\n",
        client.cookie
    );
    stream.write_all(request.as_bytes()).await?;
    let mut first = [0_u8; 1_024];
    let count = stream.read(&mut first).await?;
    if !first[..count].starts_with(b"HTTP/1.1 200") {
        return Err(io::Error::other("the stream was refused"));
    }
    tokio::spawn(follow(stream, marks));
    Ok(())
}

/// The mark in a mail's subject: `mark<number>end`.
pub fn mark(number: usize) -> String {
    format!("mark{number}end")
}

async fn follow(mut stream: TcpStream, marks: mpsc::UnboundedSender<(usize, Instant)>) {
    let mut newest = None;
    let mut text = Vec::new();
    let mut piece = vec![0_u8; 16 * 1024];
    while let Ok(count) = stream.read(&mut piece).await {
        if count == 0 {
            return;
        }
        let now = Instant::now();
        text.extend_from_slice(&piece[..count]);
        while let Some((number, end)) = next_mark(&text) {
            text.drain(..end);
            if newest.is_none_or(|newest| number > newest) {
                newest = Some(number);
                if marks.send((number, now)).is_err() {
                    return;
                }
            }
        }
        let keep = text.len().saturating_sub(64);
        text.drain(..keep);
    }
}

fn next_mark(text: &[u8]) -> Option<(usize, usize)> {
    let start = text.windows(4).position(|four| four == b"mark")?;
    let rest = &text[start + 4..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && rest[digits..].starts_with(b"end") {
        let number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        return Some((number, start + 4 + digits + 3));
    }
    if rest.len() < 16 {
        return None;
    }
    next_mark(rest).map(|(number, end)| (number, end + start + 4))
}
