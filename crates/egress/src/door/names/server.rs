//! One name server of the operator's file: asked over UDP, and over TCP when the answer is too long.

use super::{
    question::{Answer, Other, Question, UDP_ANSWER_BYTES_MAX},
    window::{Use, Windows},
};
use crate::{
    LookupError,
    door::{dial, permission::Permission},
    spool::Spool,
};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// How long a server may take.
const ANSWER_WAIT: Duration = Duration::from_millis(1500);

/// How many datagrams that are no answer to the question are read before the server counts as silent.
const STRANGERS_MAX: usize = 64;

pub(super) struct Server {
    address: SocketAddr,
    windows: Windows,
}

impl Server {
    pub(super) fn new(address: SocketAddr, permission: Arc<Permission>, spool: Spool) -> Self {
        Self { address, windows: Windows::new(address, permission, spool) }
    }

    pub(super) async fn ask(&self, question: &Question) -> Result<Answer, LookupError> {
        let counts = self.windows.enter().await?;
        let answer = match timeout(ANSWER_WAIT, self.ask_by_udp(question, &counts)).await {
            Ok(Ok(Err(Other::Truncated))) => timeout(ANSWER_WAIT, self.ask_by_tcp(question, &counts)).await,
            answer => answer,
        };
        match answer {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(Other::No(why)))) => Err(why),
            Ok(Ok(Err(Other::NotOurs | Other::Truncated))) => Err(LookupError::BadAnswer),
            Ok(Err(_)) | Err(_) => Err(LookupError::NoAnswer),
        }
    }

    pub(super) async fn end(&self) {
        self.windows.end().await;
    }

    /// A socket of its own for each question, so that its port is another one each time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the door asks the name servers that the operator's file names"
    )]
    async fn ask_by_udp(&self, question: &Question, counts: &Use) -> io::Result<Result<Answer, Other>> {
        let here = match self.address {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let socket = UdpSocket::bind(here).await?;
        socket.connect(self.address).await?;
        counts.sent(socket.send(question.bytes()).await?);
        let mut bytes = [0; UDP_ANSWER_BYTES_MAX as usize];
        for _ in 0..STRANGERS_MAX {
            let length = socket.recv(&mut bytes).await?;
            counts.received(length);
            match question.read(&bytes[..length]) {
                Err(Other::NotOurs) => {}
                answer => return Ok(answer),
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    async fn ask_by_tcp(&self, question: &Question, counts: &Use) -> io::Result<Result<Answer, Other>> {
        let socket = dial::connect(self.address).await.map_err(io::Error::other)?;
        let mut socket = TcpStream::from_std(socket)?;
        let length = u16::try_from(question.bytes().len()).map_err(io::Error::other)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend_from_slice(question.bytes());
        socket.write_all(&bytes).await?;
        counts.sent(bytes.len());
        let length = socket.read_u16().await?;
        let mut bytes = vec![0; length.into()];
        socket.read_exact(&mut bytes).await?;
        counts.received(2 + bytes.len());
        Ok(question.read(&bytes))
    }
}
