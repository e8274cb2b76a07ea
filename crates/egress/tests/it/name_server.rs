//! A name server on loopback that says what a test tells it to.

use hickory_proto::{
    op::{Message, MessageType, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME, MX, TXT},
    },
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
};

/// What the server does with a question.
pub enum Say {
    /// These records of the name asked for, with this time to live; none is "no such record".
    Records(u32, Vec<RData>),
    /// These records, of these names.
    All(Vec<(String, RData)>),
    /// This code and nothing else.
    Code(ResponseCode),
    /// Over UDP only that the answer is too long for it.
    TooLong(Vec<RData>),
    /// First a forged answer with this record, which bears another number, then a true one.
    Forged(Box<RData>, Box<RData>),
    /// Nothing.
    Nothing,
}

/// Gets name (in lower case, without last dot), type, and how many questions of this type came before.
pub type Script = Box<dyn Fn(&str, RecordType, u64) -> Say + Send + Sync>;

pub struct NameServer {
    pub address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    questions: AtomicU64,
    of_a: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

impl NameServer {
    pub async fn start(script: Script) -> Self {
        let (udp, tcp) = sockets().await;
        let address = udp.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let script = Arc::new(script);
        tokio::spawn(serve_udp(udp, script.clone(), counts.clone()));
        tokio::spawn(serve_tcp(tcp, script, counts.clone()));
        Self { address, counts }
    }

    /// How many questions came.
    pub fn questions(&self) -> u64 {
        self.counts.questions.load(Ordering::SeqCst)
    }

    /// Payload bytes that came and that were sent.
    pub fn bytes(&self) -> (u64, u64) {
        (self.counts.bytes_in.load(Ordering::SeqCst), self.counts.bytes_out.load(Ordering::SeqCst))
    }
}

/// A port that is free for both. Another test may have taken the one for TCP: then the next is tried.
async fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        match TcpListener::bind(udp.local_addr().unwrap()).await {
            Ok(tcp) => return (udp, tcp),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a server of the outside, which is no part of Havn")]
async fn serve_udp(socket: UdpSocket, script: Arc<Script>, counts: Arc<Counts>) {
    let mut bytes = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
        counts.bytes_in.fetch_add(length as u64, Ordering::SeqCst);
        for answer in answers(&bytes[..length], &script, &counts, true) {
            counts.bytes_out.fetch_add(answer.len() as u64, Ordering::SeqCst);
            socket.send_to(&answer, from).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, script: Arc<Script>, counts: Arc<Counts>) {
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        let length = socket.read_u16().await.unwrap();
        let mut bytes = vec![0; length.into()];
        socket.read_exact(&mut bytes).await.unwrap();
        counts.bytes_in.fetch_add(2 + u64::from(length), Ordering::SeqCst);
        for answer in answers(&bytes, &script, &counts, false) {
            counts.bytes_out.fetch_add(2 + answer.len() as u64, Ordering::SeqCst);
            socket.write_u16(answer.len().try_into().unwrap()).await.unwrap();
            socket.write_all(&answer).await.unwrap();
        }
    }
}

fn answers(bytes: &[u8], script: &Script, counts: &Counts, is_udp: bool) -> Vec<Vec<u8>> {
    let question = Message::from_vec(bytes).unwrap();
    assert!(question.metadata.recursion_desired);
    let asked = &question.queries[0];
    let name = asked.name().to_ascii().trim_end_matches('.').to_lowercase();
    counts.questions.fetch_add(1, Ordering::SeqCst);
    let before =
        if asked.query_type() == RecordType::A { counts.of_a.fetch_add(1, Ordering::SeqCst) } else { 0 };
    let empty = answer_to(&question, asked);
    let with = |ttl, records: Vec<(Name, RData)>| {
        let mut message = empty.clone();
        for (name, data) in records {
            message.add_answer(Record::from_rdata(name, ttl, data));
        }
        message
    };
    let of_asked = |ttl, records: Vec<RData>| {
        with(ttl, records.into_iter().map(|data| (asked.name().clone(), data)).collect())
    };
    let messages = match script(&name, asked.query_type(), before) {
        Say::Records(ttl, records) => vec![of_asked(ttl, records)],
        Say::All(records) => {
            vec![with(60, records.into_iter().map(|(of, data)| (fqdn(&of), data)).collect())]
        }
        Say::Code(code) => {
            let mut message = empty.clone();
            message.metadata.response_code = code;
            vec![message]
        }
        Say::TooLong(_) if is_udp => {
            let mut message = empty.clone();
            message.metadata.truncation = true;
            vec![message]
        }
        Say::TooLong(records) => vec![of_asked(60, records)],
        Say::Forged(forged, honest) => {
            let mut forged = of_asked(60, vec![*forged]);
            forged.metadata.id ^= 1;
            vec![forged, of_asked(60, vec![*honest])]
        }
        Say::Nothing => Vec::new(),
    };
    messages.iter().map(|message| message.to_vec().unwrap()).collect()
}

fn answer_to(question: &Message, asked: &Query) -> Message {
    let mut message = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    message.add_query(asked.clone());
    message
}

fn fqdn(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

pub fn a(text: &str) -> RData {
    RData::A(A(text.parse().unwrap()))
}

pub fn aaaa(text: &str) -> RData {
    RData::AAAA(AAAA(text.parse().unwrap()))
}

pub fn cname(text: &str) -> RData {
    RData::CNAME(CNAME(fqdn(text)))
}

pub fn mx(preference: u16, exchange: &str) -> RData {
    RData::MX(MX::new(preference, fqdn(exchange)))
}

pub fn txt(pieces: &[&str]) -> RData {
    RData::TXT(TXT::new(pieces.iter().map(|piece| (*piece).to_owned()).collect()))
}
