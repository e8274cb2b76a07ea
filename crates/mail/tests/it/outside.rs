//! Other people's part of the internet, on addresses of the loopback that this test has for itself: name
//! server, mail servers at port 25, hosts of policies at port 443.

use crate::name_server::{NameServer, Say, a};
use hickory_proto::{
    op::ResponseCode,
    rr::{RData, RecordType},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use register::{OperatorFile, Resolver};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::{
    collections::HashMap,
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use testkit::{Identity, Sink, SinkTls};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// Addresses of a net, from 1 on, that may be dialled.
const ADDRESSES: u8 = 9;

type Zone = HashMap<(String, RecordType), Vec<RData>>;

/// What is outside of Havn.
pub struct Outside {
    net: [u8; 2],
    zone: Arc<Mutex<Zone>>,
    silent: Arc<Mutex<bool>>,
    authority: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
    names: NameServer,
}

/// How good a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Good,
    Expired,
    OfNobody,
}

impl Outside {
    /// None, and the reason printed, where ports below 1024 are not ours to listen at.
    pub async fn begin() -> Option<Self> {
        let net = free_net().await?;
        let zone: Arc<Mutex<Zone>> = Arc::default();
        let silent = Arc::new(Mutex::new(false));
        let (asked, is_silent) = (Arc::clone(&zone), Arc::clone(&silent));
        let names = NameServer::start(Box::new(move |name, kind, _| {
            let zone = asked.lock().unwrap();
            if *is_silent.lock().unwrap() {
                return Say::Code(ResponseCode::ServFail);
            }
            match zone.get(&(name.to_owned(), kind)) {
                Some(records) => Say::Records(0, records.clone()),
                None if zone.keys().any(|(known, _)| known == name) => Say::Records(0, Vec::new()),
                None => Say::Code(ResponseCode::NXDomain),
            }
        }))
        .await;
        let (authority, root) = authority();
        Some(Self { net, zone, silent, authority, root, names })
    }

    pub fn address(&self, number: u8) -> Ipv4Addr {
        let [one, two] = self.net;
        Ipv4Addr::new(127, one, two, number)
    }

    /// The operator's file of a Havn that may reach all this.
    pub fn file(&self) -> OperatorFile {
        let of = |port| (1..=ADDRESSES).map(move |number| (number, port));
        let private = of(25).chain(of(443)).map(|(number, port)| (self.address(number), port).into());
        OperatorFile {
            private: private.collect(),
            resolvers: Resolver::Servers(vec![self.names.address]),
            ..OperatorFile::default()
        }
    }

    /// Whom a Havn trusts that trusts the certificates of here.
    pub fn roots(&self) -> rustls::RootCertStore {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        roots
    }

    pub fn set(&self, name: &str, records: Vec<RData>) {
        self.answer(name, records[0].record_type(), records);
    }

    /// Answers a question with records that may be of another type: of a name that points to a name.
    pub fn answer(&self, name: &str, kind: RecordType, records: Vec<RData>) {
        self.zone.lock().unwrap().insert((name.to_owned(), kind), records);
    }

    pub fn unset(&self, name: &str, kind: RecordType) {
        self.zone.lock().unwrap().remove(&(name.to_owned(), kind));
    }

    /// From now on the name server does not know.
    pub fn fall_silent(&self) {
        *self.silent.lock().unwrap() = true;
    }

    pub fn identity(&self, name: &str, proof: Proof) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if proof == Proof::Expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 12, 31);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match proof {
            Proof::OfNobody => params.self_signed(&key).unwrap(),
            Proof::Good | Proof::Expired => params.signed_by(&key, &self.authority).unwrap(),
        };
        Identity {
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        }
    }

    /// A mail server of this name, whose certificate bears `proves`.
    pub async fn exchanger(&self, number: u8, name: &str, tls: SinkTls, proves: (&str, Proof)) -> Sink {
        self.set(name, vec![a(&self.address(number).to_string())]);
        let at: SocketAddr = (self.address(number), 25).into();
        Sink::at(at, tls, self.identity(proves.0, proves.1)).await
    }

    /// A mail server of this name without TLS.
    pub async fn plain(&self, number: u8, name: &str) -> Sink {
        self.exchanger(number, name, SinkTls::None, (name, Proof::Good)).await
    }

    /// Where a domain keeps its policy.
    pub async fn policy_host(&self, number: u8, domain: &str, proof: Proof) -> PolicyHost {
        let name = format!("mta-sts.{domain}");
        self.set(&name, vec![a(&self.address(number).to_string())]);
        PolicyHost::begin((self.address(number), 443).into(), self.identity(&name, proof)).await
    }
}

/// A host that answers each request with the same bytes.
pub struct PolicyHost {
    answer: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
}

impl PolicyHost {
    async fn begin(at: SocketAddr, identity: Identity) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate], identity.key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(at).await.unwrap();
        let host = Self { answer: Arc::default(), requests: Arc::default() };
        let (answer, requests) = (Arc::clone(&host.answer), Arc::clone(&host.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read_buf(&mut request).await {
                        Ok(count) if count > 0 => {}
                        _ => break,
                    }
                }
                let asked = String::from_utf8_lossy(&request).into_owned();
                assert!(asked.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\n"), "{asked}");
                requests.fetch_add(1, Ordering::SeqCst);
                let answer = answer.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        host
    }

    /// Answers with this policy.
    pub fn says(&self, policy: &str) {
        self.answers("200 OK", "text/plain; charset=utf-8", policy);
    }

    pub fn answers(&self, status: &str, media_type: &str, text: &str) {
        let length = text.len();
        *self.answer.lock().unwrap() = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nLocation: https://mta-sts.kunde.example/x\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{text}"
        );
    }

    /// How often it was asked.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn authority() -> (Issuer<'static, KeyPair>, CertificateDer<'static>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().der().clone();
    (Issuer::new(params, key), root)
}

/// The middle of addresses `127.x.y.n` at which nobody listens.
async fn free_net() -> Option<[u8; 2]> {
    loop {
        let number: [u8; 2] = *uuid_bytes().first_chunk()?;
        let net = [number[0] % 180 + 64, number[1]];
        match TcpListener::bind((Ipv4Addr::new(127, net[0], net[1], 1), 25)).await {
            Ok(_) => return Some(net),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                eprintln!("skipped: only root may listen at port 25, and mail servers listen nowhere else");
                return None;
            }
            Err(_) => {}
        }
    }
}

/// Bytes that differ from one test to the next.
fn uuid_bytes() -> [u8; 4] {
    getrandom::u32().expect("the system gives random bytes").to_be_bytes()
}
