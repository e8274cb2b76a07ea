//! The door obeys the signed register: what rests on an entry opens and shuts with it.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use egress::{DialError, Door, Egress, RULES_USE, RulesPlace};
use evidence::{Flow, LogKey, Origin, sign_text};
use hickory_proto::rr;
use register::{
    AccountTerms, Ask, Authorisation, Basis, Endpoint, EntryRule, OperatorFile, PermitRefusal, Resolver,
    Rules, Standing, State, Terms,
};
use tempfile::TempDir;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};
use words::{AccountId, Purpose, Time};

use crate::{
    desk::{flows, relay_at},
    name_server::{NameServer, Say},
};

/// What is withdrawn must be shut within a second; this is only so that a broken test ends.
const LONG: Duration = Duration::from_secs(20);

struct House {
    folder: TempDir,
    egress: Egress,
    voice: TcpListener,
    account: AccountId,
    _names: NameServer,
}

impl House {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let voice = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = voice.local_addr().unwrap();
        let names = NameServer::start(Box::new(loopback)).await;
        let file = OperatorFile {
            private: vec![address],
            resolvers: Resolver::Servers(vec![names.address]),
            database: None,
        };
        let account = AccountId::new(Time::from_seconds(1));
        sign(folder.path(), &rules(1, State::Active, account, address, Standing::default()));
        let egress =
            Door::in_process(file, Some(place(folder.path())), &folder.path().join("spool")).unwrap();
        Self { folder, egress, voice, account, _names: names }
    }

    fn address(&self) -> SocketAddr {
        self.voice.local_addr().unwrap()
    }

    fn ask(&self) -> Ask {
        Ask {
            account: Some(self.account),
            purpose: Purpose::Voice,
            host: "api.voice.example.com".parse().unwrap(),
            port: self.address().port(),
            basis: Basis::Entry,
        }
    }

    fn sign(&self, number: u64, state: State, standing: Standing) {
        sign(self.folder.path(), &rules(number, state, self.account, self.address(), standing));
    }

    /// The first refusal that comes.
    async fn refusal(&self) -> PermitRefusal {
        loop {
            match self.egress.dial(self.ask()).await {
                Ok(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(DialError::Refused(refusal)) => return refusal,
                Err(other) => panic!("{other}"),
            }
        }
    }

    async fn opens(&self) -> (egress::Connection, TcpStream) {
        loop {
            if let Ok(connection) = self.egress.dial(self.ask()).await {
                return (connection, self.voice.accept().await.unwrap().0);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Every name is this machine, which the operator's file names with one port.
fn loopback(_: &str, kind: rr::RecordType, _: u64) -> Say {
    match kind {
        rr::RecordType::A => Say::Records(0, vec![rr::RData::A(rr::rdata::A::new(127, 0, 0, 1))]),
        _ => Say::Records(0, Vec::new()),
    }
}

fn key() -> LogKey {
    LogKey::from_seed(&[7; 32])
}

fn place(folder: &Path) -> RulesPlace {
    RulesPlace { rules: folder.join("rules"), key: folder.join("register.pub") }
}

fn sign(folder: &Path, rules: &Rules) {
    let origin: Origin = "havn.example/log".parse().unwrap();
    fs::write(place(folder).key, key().public().text(&origin)).unwrap();
    let text = sign_text(&key(), RULES_USE, &serde_json::to_string(rules).unwrap());
    write(folder, &text);
}

/// As the console does: whole or not at all.
fn write(folder: &Path, text: &str) {
    fs::write(folder.join("new"), text).unwrap();
    fs::rename(folder.join("new"), place(folder).rules).unwrap();
}

fn rules(number: u64, state: State, account: AccountId, at: SocketAddr, standing: Standing) -> Rules {
    let id: register::EntryId = "voice".parse().unwrap();
    let terms = Terms {
        authorisation: Authorisation::General,
        objection_days: 30,
        region: "eu".parse().unwrap(),
        signed_at: Time::from_seconds(100),
    };
    Rules {
        number,
        made_at: Time::from_seconds(200),
        entries: vec![EntryRule {
            id: id.clone(),
            state,
            active_since: (state == State::Active).then(|| Time::from_seconds(50)),
            closes_at: None,
            serves: Vec::new(),
            purposes: vec![Purpose::Voice],
            categories: Purpose::Voice.carries().to_vec(),
            endpoints: vec![Endpoint {
                host: "api.voice.example.com".parse().unwrap(),
                port: at.port(),
                purposes: Vec::new(),
            }],
        }],
        accounts: vec![(account, AccountTerms { terms, standings: [(id, standing)].into() })],
    }
}

#[tokio::test]
async fn an_active_entry_opens_the_door_and_a_suspension_cuts_what_is_open() {
    let house = House::new().await;
    let (mut open, mut other) = house.opens().await;

    house.sign(2, State::Suspended, Standing::default());
    let mut rest = Vec::new();
    tokio::time::timeout(LONG, other.read_to_end(&mut rest)).await.unwrap().ok();
    assert!(rest.is_empty());
    assert!(matches!(open.read(&mut [0; 8]).await, Ok(0) | Err(_)), "the desk's end is dead as well");
    assert_eq!(house.refusal().await, PermitRefusal::Suspended("voice".parse().unwrap()));
    let cut = |flow: &Flow| matches!(flow, Flow::Outcome { error: Some(error), .. } if error.contains("cut off by the register"));
    flows(&house.folder.path().join("spool"), |flows| flows.iter().any(cut)).await;

    house.sign(3, State::Active, Standing::default());
    house.opens().await;
}

#[tokio::test]
async fn an_objection_shuts_it_for_the_account() {
    let house = House::new().await;
    drop(house.opens().await);
    let objection =
        register::Objection { at: Time::from_seconds(300), reason: "another country".into(), answer: None };
    house.sign(2, State::Active, Standing { objection: Some(objection), ..Standing::default() });
    assert_eq!(house.refusal().await, PermitRefusal::Objected("voice".parse().unwrap()));
}

#[tokio::test]
async fn a_register_that_is_not_what_was_signed_shuts_the_whole_door() {
    let house = House::new().await;
    let signed = fs::read_to_string(house.folder.path().join("rules")).unwrap();
    let stranger = LogKey::from_seed(&[8; 32]);
    let of_a_stranger = sign_text(&stranger, RULES_USE, signed.lines().next().unwrap());
    for wrong in [
        signed.replace("\"general\"", "\"specific\""),
        signed[..signed.len() / 2].to_owned(),
        String::new(),
        of_a_stranger,
    ] {
        drop(house.opens().await);
        write(house.folder.path(), &wrong);
        assert_eq!(house.refusal().await, PermitRefusal::NoRegister, "{wrong}");
        // The account's own instruction waits, too.
        let refused = house.egress.dial(relay_at(house.address())).await.unwrap_err();
        assert_eq!(refused, DialError::Refused(PermitRefusal::NoRegister));
        write(house.folder.path(), &signed);
    }
    drop(house.opens().await);
}

#[tokio::test]
async fn an_older_register_does_not_come_back() {
    let house = House::new().await;
    house.sign(5, State::Suspended, Standing::default());
    assert_eq!(house.refusal().await, PermitRefusal::Suspended("voice".parse().unwrap()));
    house.sign(4, State::Active, Standing::default());
    loop {
        match house.refusal().await {
            PermitRefusal::Suspended(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            refusal => return assert_eq!(refusal, PermitRefusal::NoRegister),
        }
    }
}
