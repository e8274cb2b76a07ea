//! The relay of the experiments: takes every mail and counts it by its Message-ID.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// How often each Message-ID came.
type Taken = Arc<Mutex<HashMap<String, usize>>>;

pub struct Sink {
    pub address: String,
    taken: Taken,
}

impl Sink {
    /// Listens on a free port of the loopback.
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let taken = Taken::default();
        let all = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taken = Arc::clone(&all);
                tokio::spawn(async move {
                    let _ = talk(stream, &taken).await;
                });
            }
        });
        Ok(Self { address, taken })
    }

    /// How often each Message-ID came.
    pub fn taken(&self) -> HashMap<String, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn talk(stream: TcpStream, taken: &Taken) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match line.get(..4).map(str::to_ascii_uppercase).as_deref() {
            Some("EHLO") => b"250-sink\r\n250 PIPELINING\r\n",
            Some("DATA") => {
                stream.write_all(b"354 go on\r\n").await?;
                let id = read_mail(&mut stream).await?;
                *taken.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default() += 1;
                b"250 taken\r\n"
            }
            Some("QUIT") => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// Reads a mail to its end and gives its Message-ID.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let (mut line, mut id) = (Vec::new(), String::new());
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(id);
        }
        let text = String::from_utf8_lossy(&line);
        if id.is_empty() && text.to_ascii_lowercase().starts_with("message-id:") {
            id = text[11..].trim().trim_matches(['<', '>']).to_owned();
        }
    }
}
