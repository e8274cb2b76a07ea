//! The demo's name server: every name under `example` takes mail here, and says so by SPF, DKIM and
//! DMARC; `bank.example` says that none of its mail comes from here. Other names do not exist.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hickory_proto::{
    op::{Message, MessageType, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, MX, TXT},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
    time::timeout,
};

use super::sign::{SELECTOR, Signer, zone};

/// The longest question.
const QUESTION_BYTES_MAX: usize = 4_096;
/// The longest answer in a datagram without more ado (RFC 1035 part 4.2.1).
const DATAGRAM_BYTES_MAX: usize = 512;
/// How long answers may be kept.
const TTL_SECONDS: u32 = 60;
const STREAM_WAIT: Duration = Duration::from_secs(10);
/// The domain in whose name the demo's swindlers write.
const GUARDED: &str = "bank.example";

/// What the name server knows.
pub struct Zone {
    dir: PathBuf,
    key_record: String,
}

/// What there is at a name.
#[derive(Debug, PartialEq)]
enum Found {
    /// There is no such name.
    NoSuchName,
    /// These, maybe none.
    Data(Vec<RData>),
}

impl Zone {
    /// The names of the demo in this folder.
    pub fn new(dir: &Path, signer: &Signer) -> Self {
        Self { dir: dir.to_owned(), key_record: signer.record.clone() }
    }

    fn find(&self, name: &str, kind: RecordType) -> Found {
        if kind == RecordType::TXT
            && let Some(record) = zone(&self.dir).get(name)
        {
            return Found::Data(vec![text(record)]);
        }
        if name != "example" && !name.ends_with(".example") {
            return Found::NoSuchName;
        }
        let first = name.split('.').next().unwrap_or_default();
        let guarded = name == GUARDED || name.ends_with(&format!(".{GUARDED}"));
        if first == SELECTOR && name.contains("._domainkey.") {
            return if guarded { Found::NoSuchName } else { only_text(kind, &self.key_record) };
        }
        if first == "_dmarc" {
            let policy = if guarded { "v=DMARC1; p=reject" } else { "v=DMARC1; p=quarantine" };
            return only_text(kind, policy);
        }
        if first.starts_with('_') || name.contains("._") {
            return Found::NoSuchName;
        }
        Found::Data(match kind {
            RecordType::A => vec![RData::A(A(Ipv4Addr::LOCALHOST))],
            RecordType::MX => Name::from_ascii(format!("mx.{name}."))
                .map(|exchange| vec![RData::MX(MX::new(10, exchange))])
                .unwrap_or_default(),
            RecordType::TXT if guarded => vec![text("v=spf1 -all")],
            RecordType::TXT => vec![text("v=spf1 ip4:127.0.0.0/8 -all")],
            _ => Vec::new(),
        })
    }

    /// The answer to a question; none to what is no question.
    fn answer(&self, question: &[u8]) -> Option<Message> {
        let asked = Message::from_vec(question).ok()?;
        let query = asked.queries.first()?;
        let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
        answer.metadata.message_type = MessageType::Response;
        answer.metadata.authoritative = true;
        answer.metadata.recursion_desired = asked.metadata.recursion_desired;
        answer.metadata.recursion_available = true;
        answer.add_query(query.clone());
        let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        match self.find(&name, query.query_type()) {
            Found::NoSuchName => answer.metadata.response_code = ResponseCode::NXDomain,
            Found::Data(data) => {
                answer.add_answers(
                    data.into_iter().map(|data| Record::from_rdata(query.name().clone(), TTL_SECONDS, data)),
                );
            }
        }
        Some(answer)
    }
}

fn only_text(kind: RecordType, words: &str) -> Found {
    Found::Data(if kind == RecordType::TXT { vec![text(words)] } else { Vec::new() })
}

/// A text record in pieces of 255 bytes.
fn text(words: &str) -> RData {
    const PIECE_BYTES_MAX: usize = 255;
    let pieces =
        words.as_bytes().chunks(PIECE_BYTES_MAX).map(|piece| String::from_utf8_lossy(piece).into_owned());
    RData::TXT(TXT::new(pieces.collect()))
}

/// Answers datagrams for ever.
pub async fn answer_datagrams(socket: UdpSocket, zone: Arc<Zone>) {
    let mut question = vec![0; QUESTION_BYTES_MAX];
    while let Ok((length, from)) = socket.recv_from(&mut question).await {
        let Some(answer) = zone.answer(&question[..length]) else { continue };
        let Ok(mut bytes) = answer.to_vec() else { continue };
        if bytes.len() > DATAGRAM_BYTES_MAX {
            let Ok(short) = answer.truncate().to_vec() else { continue };
            bytes = short;
        }
        reply(&socket, &bytes, from).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the demo's name server answers: it is no part of Havn")]
async fn reply(socket: &UdpSocket, bytes: &[u8], to: std::net::SocketAddr) {
    // Whoever asked asks again.
    let _ = socket.send_to(bytes, to).await;
}

/// Answers streams for ever.
pub async fn answer_streams(listener: TcpListener, zone: Arc<Zone>) {
    while let Ok((stream, _)) = listener.accept().await {
        let zone = Arc::clone(&zone);
        tokio::spawn(async move { timeout(STREAM_WAIT, answer_stream(stream, &zone)).await });
    }
}

async fn answer_stream(mut stream: TcpStream, zone: &Zone) -> std::io::Result<()> {
    loop {
        let mut question = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut question).await?;
        let answer = zone.answer(&question).and_then(|answer| answer.to_vec().ok());
        let answer = answer.ok_or(std::io::ErrorKind::InvalidData)?;
        let length = u16::try_from(answer.len()).map_err(std::io::Error::other)?;
        stream.write_u16(length).await?;
        stream.write_all(&answer).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_are() {
        let zone = Zone { dir: "/nowhere".into(), key_record: "v=DKIM1; p=x".into() };
        let words = |name: &str| match zone.find(name, RecordType::TXT) {
            Found::Data(data) => data.first().map(ToString::to_string),
            Found::NoSuchName => Some("none".into()),
        };
        let says = |name: &str, part: &str| assert!(words(name).unwrap_or_default().contains(part), "{name}");
        says("post.example", "127.0.0.0/8");
        says("demo._domainkey.post.example", "DKIM1");
        says("_dmarc.post.example", "quarantine");
        says("bank.example", "v=spf1 -all");
        says("demo._domainkey.bank.example", "none");
        says("example.com", "none");
        says("other._domainkey.post.example", "none");
        assert!(matches!(zone.find("post.example", RecordType::MX), Found::Data(data) if data.len() == 1));
        assert_eq!(zone.find("post.example", RecordType::AAAA), Found::Data(Vec::new()));
    }
}
