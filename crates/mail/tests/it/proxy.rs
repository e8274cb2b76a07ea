//! A way to a server that breaks where a test says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
};

use crate::world::connect;

/// Where each connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    Never,
    /// After so many bytes of answers.
    AfterBytes(usize),
    /// After so many whole lines of answers.
    AfterLines(usize),
    /// Before the so-manieth command reaches the server.
    BeforeCommand(usize),
    /// Right after it.
    AfterCommand(usize),
    /// In an answer that holds these words.
    When(&'static str),
}

pub struct Proxy {
    pub address: SocketAddr,
    cut: Arc<Mutex<Cut>>,
    open: watch::Sender<usize>,
}

impl Proxy {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, open) = (Arc::new(Mutex::new(Cut::Never)), watch::Sender::new(0));
        let (now, count) = (Arc::clone(&cut), open.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (cut, count) = (*now.lock().unwrap(), count.clone());
                count.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    join(client, connect(server).await, cut).await;
                    count.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { address, cut, open }
    }

    /// Cuts the connections that begin from now on.
    pub fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = cut;
    }

    pub async fn until_nobody_is_connected(&self) {
        self.open.subscribe().wait_for(|open| *open == 0).await.unwrap();
    }
}

/// Carries bytes both ways until one side ends or the cut is due.
async fn join(client: TcpStream, server: TcpStream, cut: Cut) {
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = commands(from_client, to_server, cut) => {}
        () = answers(from_server, to_client, cut) => {}
    }
}

async fn commands(from: OwnedReadHalf, mut to: OwnedWriteHalf, cut: Cut) {
    let mut from = BufReader::new(from);
    let mut count = 0;
    loop {
        let mut line = Vec::new();
        if from.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return;
        }
        count += 1;
        if cut == Cut::BeforeCommand(count) {
            return;
        }
        if to.write_all(&line).await.is_err() || cut == Cut::AfterCommand(count) {
            return;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, cut: Cut) {
    let (mut bytes, mut lines, mut last) = (0, 0, String::new());
    let mut piece = vec![0; 4096];
    loop {
        let Ok(count @ 1..) = from.read(&mut piece).await else { return };
        let mut carried = Vec::with_capacity(count);
        for byte in &piece[..count] {
            if cut == Cut::AfterBytes(bytes) || cut == Cut::AfterLines(lines) {
                let _ = to.write_all(&carried).await;
                return;
            }
            if let Cut::When(words) = cut {
                last.push(char::from(*byte));
                if last.ends_with(words) {
                    let _ = to.write_all(&carried).await;
                    return;
                }
            }
            bytes += 1;
            lines += usize::from(*byte == b'\n');
            carried.push(*byte);
        }
        if to.write_all(&carried).await.is_err() {
            return;
        }
    }
}
