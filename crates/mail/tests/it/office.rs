//! A whole Havn with mail: its server on free ports, its courier, and a relay that a test directs.

use crate::{
    outside::Outside,
    world::{Client, connect},
};
use desk::writing::{Answer, Body, answer};
use egress::{Door, Egress, LookupError, Record, RecordType, Records};
use mail::{
    Names, Reception, Server, Settings, Waits,
    delivery::{Courier, Means},
    guard::Limits,
    session::Protocol,
};
use register::{Access, OperatorFile};
use rustls::RootCertStore;
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use store::{Conversation, Delivery, Filter, MailWay, Message, Relay, RelayTls, Store};
use testkit::{Havn, On, Sink, SinkTls, havn::Account};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use words::{Clock, ConversationId, MessageId, Secret, Time};

/// 2026-11-24 12:00 UTC.
pub const NOON: Time = Time::from_seconds(1_795_521_600);

/// A whole Havn with one account, *harbour*, whose owner is logged in.
pub struct Office {
    pub havn: Havn,
    pub account: Account,
    pub store: Store,
    pub owner: Access,
    pub sink: Sink,
    pub smtp: SocketAddr,
    pub egress: Egress,
    pub courier: Arc<Courier>,
    pub clock: Clock,
    pub spool: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

/// What name servers say, by name.
pub type Zone = HashMap<String, String>;

impl Office {
    pub async fn open(on: On) -> Self {
        Self::with(on, SinkTls::None, Zone::new()).await
    }

    /// With a relay spoken to in this way, and these TXT records in the world.
    pub async fn with(on: On, tls: SinkTls, zone: Zone) -> Self {
        Self::begin(on, Sink::with(tls).await, zone, None).await
    }

    /// That reaches this outside, and sends straight to its servers.
    pub async fn straight(on: On, outside: &Outside) -> Self {
        let office = Self::begin(on, Sink::start().await, Zone::new(), Some(outside)).await;
        desk::settings::set_mail_way(&office.store, &office.owner, MailWay::Straight).await.unwrap();
        office
    }

    async fn begin(on: On, sink: Sink, zone: Zone, outside: Option<&Outside>) -> Self {
        let clock = Clock::fixed(NOON);
        let havn = Havn::start_at(on, clock.clone()).await;
        let account = havn.account("harbour").await;
        let (store, owner, _) = havn.signed_in(account.id, &account.owner).await;
        let spool = tempfile::tempdir().unwrap();
        let mut file = outside.map_or_else(OperatorFile::default, Outside::file);
        file.private.push(sink.address);
        let egress = Door::in_process(file, None, spool.path()).unwrap();
        let (stop, stopped) = watch::channel(false);
        let smtp = serve(&havn, zone, stopped).await;
        let roots = outside.map_or_else(|| roots(&sink), Outside::roots);
        let courier = courier_that_trusts(&havn, &egress, roots);
        Self {
            havn,
            account,
            store,
            owner: owner.access,
            sink,
            smtp,
            egress,
            courier,
            clock,
            spool,
            _stop: stop,
        }
    }

    /// The relay that the account could set.
    pub fn relay(&self, tls: RelayTls) -> Relay {
        Relay {
            host: "127.0.0.1".parse().unwrap(),
            port: self.sink.address.port(),
            tls,
            username: None,
            password: None,
        }
    }

    pub async fn set_relay(&self, relay: Relay) {
        desk::settings::set_relay(&self.store, &self.owner, relay).await.unwrap();
    }

    pub async fn set_plain_relay(&self) {
        self.set_relay(self.relay(RelayTls::None)).await;
    }

    /// A client that has said hello.
    pub async fn client(&self) -> Client<TcpStream> {
        let mut client = Client::new(connect(self.smtp).await);
        assert!(client.reply().await.starts_with("220"));
        client.hello(Protocol::Smtp).await;
        client
    }

    /// Sends a mail from Mads to support by SMTP and gives the reply.
    pub async fn mail_in(&self, raw: &str) -> String {
        self.mail_in_from("mads@kunde.example", raw).await
    }

    pub async fn mail_in_from(&self, sender: &str, raw: &str) -> String {
        let mut client = self.client().await;
        assert!(client.say(&format!("MAIL FROM:<{sender}>")).await.starts_with("250"));
        assert!(client.say("RCPT TO:<support@harbour.example>").await.starts_with("250"));
        assert!(client.say("DATA").await.starts_with("354"));
        client.send(format!("{}\r\n.\r\n", raw.trim_start().replace('\n', "\r\n"))).await;
        client.reply().await
    }

    /// The conversation that Mads begins with a mail.
    pub async fn conversation(&self) -> Conversation {
        let reply = self.mail_in(&from_mads("1@kunde.example")).await;
        assert!(reply.starts_with("250"), "{reply}");
        self.conversations().await.remove(0)
    }

    /// The conversation that somebody else begins with a mail.
    pub async fn conversation_with(&self, address: &str) -> Conversation {
        let (_, domain) = address.split_once('@').unwrap();
        let raw = from_mads(&format!("1@{domain}")).replace("mads@kunde.example", address);
        let before: Vec<ConversationId> = self.conversations().await.iter().map(|one| one.id).collect();
        assert!(self.mail_in_from(address, &raw).await.starts_with("250"));
        let now = self.conversations().await;
        now.into_iter().find(|one| !before.contains(&one.id)).unwrap()
    }

    pub async fn conversations(&self) -> Vec<Conversation> {
        let found =
            self.store.read(&self.owner, |read| read.conversations(&Filter::default(), None, 50)).await;
        found.unwrap()
    }

    pub async fn messages(&self, id: ConversationId) -> Vec<Message> {
        self.store.read(&self.owner, move |read| read.messages_after(id, 0, 50)).await.unwrap()
    }

    /// Answers, without time to take it back.
    pub async fn answer(&self, id: ConversationId, text: &str, cc: &[&str]) -> MessageId {
        let answer_ = Answer {
            body: Body::Text(text.into()),
            to: None,
            cc: cc.iter().map(|address| address.parse().unwrap()).collect(),
            files: Vec::new(),
            close: false,
            seen: None,
            undo: Duration::ZERO,
        };
        answer(&self.store, &self.owner, id, answer_, &self.clock).await.unwrap()
    }

    pub async fn deliver(&self) -> Option<Time> {
        self.courier.deliver_due(self.account.id).await.unwrap()
    }

    pub async fn message(&self, id: MessageId) -> Message {
        self.store.read(&self.owner, move |read| read.message(id)).await.unwrap().unwrap()
    }

    pub async fn deliveries(&self, id: MessageId) -> Vec<Delivery> {
        self.store.read(&self.owner, move |read| read.deliveries_of_message(id)).await.unwrap()
    }

    /// The states of a message's deliveries with what was said last.
    pub async fn states(&self, id: MessageId) -> Vec<(&'static str, String)> {
        let deliveries = self.deliveries(id).await;
        deliveries.into_iter().map(|delivery| (delivery.state.name(), delivery.last_reply)).collect()
    }
}

/// Another process on the same folder, with a courier of its own.
pub fn courier(havn: &Havn, egress: &Egress, sink: &Sink) -> Arc<Courier> {
    courier_that_trusts(havn, egress, roots(sink))
}

fn courier_that_trusts(havn: &Havn, egress: &Egress, roots: RootCertStore) -> Arc<Courier> {
    Courier::new(Means {
        accounts: havn.accounts.clone(),
        egress: egress.clone(),
        names: Arc::new(Names::through(egress.clone())),
        tls: trusting(roots.clone()),
        roots: Arc::new(roots),
        hello: "havn.example".into(),
        clock: havn.clock.clone(),
    })
}

/// The sink's certificate and no other.
pub fn roots(sink: &Sink) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(sink.certificate.clone()).unwrap();
    roots
}

pub fn trusting(roots: RootCertStore) -> Arc<rustls::ClientConfig> {
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    Arc::new(config)
}

pub fn names(zone: Zone) -> Names {
    Names::new(Box::new(move |name, kind| {
        let answer = match zone.get(&name) {
            _ if zone.is_empty() => Err(LookupError::NoResolver),
            Some(text) if kind == RecordType::Txt => {
                Ok(Records { records: vec![Record::Txt(text.clone())], ttl_seconds: 60 })
            }
            _ => Err(LookupError::NoSuchName),
        };
        Box::pin(std::future::ready(answer))
    }))
}

async fn serve(havn: &Havn, zone: Zone, stopped: watch::Receiver<bool>) -> SocketAddr {
    let names = Arc::new(names(zone));
    let reception = Reception::new(havn.accounts.clone(), names, "mx.example".into(), havn.clock.clone());
    let server = Server::new(Settings {
        host: "mx.example".into(),
        mail_bytes_max: 5_000_000,
        held_bytes_max: 50_000_000,
        limits: Limits::default(),
        waits: Waits { tarpit: Duration::ZERO, ..Waits::default() },
        certificate: watch::channel(None).1,
        recipients: reception.recipients(),
        intake: reception.intake(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server.serve(listener, Protocol::Smtp, stopped));
    address
}

pub fn from_mads(message_id: &str) -> String {
    format!(
        "From: Mads Holm <mads@kunde.example>\nTo: support@harbour.example\nSubject: My order\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0100\nMessage-ID: <{message_id}>\n\nWhere is order 4711?\n"
    )
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}
