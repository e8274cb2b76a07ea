//! What a name server says, also when it lies, and what the door makes of it.

use crate::{
    desk::{Desk, desk, is_outcome, relay},
    name_server::{NameServer, Say, Script, a, aaaa, cname, mx, txt},
};
use egress::{DialError, LookupError, Record, RecordType};
use evidence::Flow;
use hickory_proto::{op::ResponseCode, rr};
use register::{OperatorFile, PermitRefusal, Resolver};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use words::Purpose;

/// The cases of the corpus that are about connections and names. The others are about what a web client
/// does, and there is none yet.
const CASES: &[&str] = &[
    "a-public-then-loopback",
    "two-answers",
    "aaaa-loopback",
    "aaaa-mapped",
    "cname-internal",
    "cname-chain-20",
    "nxdomain",
    "slow-dns",
    "port",
    "upper-and-dot",
    "punycode",
];
const OF_A_WEB_CLIENT: &[&str] = &[
    "redirect-302",
    "redirect-scheme",
    "redirect-loop",
    "huge-answer",
    "slow-body",
    "gzip-bomb",
    "cert-other-name",
];

/// A server of the outside at a named address, a name server that speaks by `script`, and a door.
struct World {
    desk: Desk,
    names: NameServer,
    server: TcpListener,
    port: u16,
}

impl World {
    /// 127.0.0.1 stands for the public address of the corpus: the operator's file names it, with one port.
    async fn with(script: impl Fn(&str, rr::RecordType, u64) -> Say + Send + Sync + 'static) -> Self {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let names = NameServer::start(Box::new(script) as Script).await;
        let register = OperatorFile {
            private: vec![address],
            resolvers: Resolver::Servers(vec![names.address]),
            database: None,
        };
        Self { desk: desk(register), names, server, port: address.port() }
    }

    async fn dial(&self, host: &str) -> Result<SocketAddr, DialError> {
        self.desk.egress.dial(relay(host, self.port)).await.map(|connection| connection.peer().unwrap())
    }

    /// Nobody came to the server.
    fn nobody_came(self) {
        let came = self.server.into_std().unwrap().accept();
        assert_eq!(came.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// Addresses of both families, each with no time to live.
fn addresses(v4: &'static [&str], v6: &'static [&str]) -> impl Fn(&str, rr::RecordType, u64) -> Say {
    move |_, kind, _| match kind {
        rr::RecordType::A => Say::Records(0, v4.iter().map(|text| a(text)).collect()),
        rr::RecordType::AAAA => Say::Records(0, v6.iter().map(|text| aaaa(text)).collect()),
        _ => Say::Nothing,
    }
}

#[test]
fn each_case_of_the_corpus_has_a_test_or_its_reason() {
    let text = include_str!("../../../../fixtures/egress/names.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    let names: Vec<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert!(names.iter().all(|name| CASES.contains(name) || OF_A_WEB_CLIENT.contains(name)), "{names:?}");
    assert_eq!(names.len(), CASES.len() + OF_A_WEB_CLIENT.len());
}

#[tokio::test]
async fn a_public_then_loopback() {
    let world = World::with(|_, kind, before| match (kind, before) {
        (rr::RecordType::A, 0) => Say::Records(0, vec![a("127.0.0.1")]),
        (rr::RecordType::A, _) => Say::Records(0, vec![a("127.0.0.2")]),
        _ => Say::Records(0, vec![]),
    })
    .await;
    assert_eq!(world.dial("turncoat.example").await, Ok(world.server.local_addr().unwrap()));
    assert_eq!(
        world.names.questions(),
        2,
        "one for each family: resolved once, and that is what was dialled"
    );
    let refused = DialError::Refused(PermitRefusal::PrivateAddress("127.0.0.2".parse().unwrap()));
    assert_eq!(world.dial("turncoat.example").await, Err(refused));
}

#[tokio::test]
async fn one_bad_address_refuses_the_name() {
    let cases: [(&'static [&str], &'static [&str], &str); 3] = [
        (&["127.0.0.1", "10.0.0.1"], &[], "10.0.0.1"),
        (&["127.0.0.1"], &["::1"], "::1"),
        (&["127.0.0.1"], &["::ffff:127.0.0.1"], "::ffff:127.0.0.1"),
    ];
    for (v4, v6, bad) in cases {
        let world = World::with(addresses(v4, v6)).await;
        let refused = DialError::Refused(PermitRefusal::PrivateAddress(bad.parse().unwrap()));
        assert_eq!(world.dial("two-faces.example").await, Err(refused));
        world.nobody_came();
    }
}

#[tokio::test]
async fn cname_internal() {
    let world = World::with(|name, kind, _| match (name, kind) {
        ("outside.example", _) => Say::All(vec![
            ("outside.example".into(), cname("localhost")),
            ("localhost".into(), a("127.0.0.1")),
        ]),
        _ => Say::Records(0, vec![a("127.0.0.1")]),
    })
    .await;
    let refused = DialError::Refused(PermitRefusal::InsideName("localhost".parse().unwrap()));
    assert_eq!(world.dial("outside.example").await, Err(refused));
    world.nobody_came();
}

#[tokio::test]
async fn cname_chain_20() {
    let in_one_answer = World::with(|_, _, _| {
        let link = |n: u32| (format!("n{n}.example"), cname(&format!("n{}.example", n + 1)));
        let mut records: Vec<_> = (0..20).map(link).collect();
        records.push(("n20.example".into(), a("127.0.0.1")));
        Say::All(records)
    })
    .await;
    let one_by_one = World::with(|name, _, _| {
        let n: u32 = name[1..].split('.').next().unwrap().parse().unwrap();
        Say::Records(
            0,
            if n < 20 { vec![cname(&format!("n{}.example", n + 1))] } else { vec![a("127.0.0.1")] },
        )
    })
    .await;
    for world in [in_one_answer, one_by_one] {
        assert_eq!(world.dial("n0.example").await, Err(DialError::Name(LookupError::ChainTooLong)));
        assert!(world.names.questions() < 20);
        world.nobody_came();
    }
}

#[tokio::test]
async fn a_short_chain_over_several_answers_is_followed() {
    let world = World::with(|name, kind, _| match (name, kind) {
        ("mail.example", _) => Say::Records(60, vec![cname("host.example")]),
        (_, rr::RecordType::A) => Say::Records(60, vec![a("127.0.0.1")]),
        _ => Say::Records(60, vec![]),
    })
    .await;
    assert!(world.dial("mail.example").await.is_ok());
}

#[tokio::test]
async fn nxdomain() {
    let world = World::with(|_, _, _| Say::Code(ResponseCode::NXDomain)).await;
    assert_eq!(world.dial("nobody.example").await, Err(DialError::Name(LookupError::NoSuchName)));
    assert!(!LookupError::NoSuchName.is_temporary());
}

#[tokio::test]
async fn slow_dns() {
    let world = World::with(|_, _, _| Say::Nothing).await;
    assert_eq!(world.dial("slow.example").await, Err(DialError::Name(LookupError::NoAnswer)));
    assert!(LookupError::NoAnswer.is_temporary());
}

#[tokio::test]
async fn port() {
    let world = World::with(addresses(&["127.0.0.1"], &[])).await;
    let answer = world.desk.egress.dial(relay("relay.example", world.port ^ 1)).await;
    assert!(matches!(answer, Err(DialError::Refused(PermitRefusal::PrivateAddress(_)))), "{answer:?}");
    world.nobody_came();
}

#[tokio::test]
async fn upper_and_dot_and_punycode() {
    let world = World::with(|name, kind, _| match (name, kind) {
        ("example.org" | "xn--ble-xla.example", rr::RecordType::A) => Say::Records(60, vec![a("127.0.0.1")]),
        ("example.org" | "xn--ble-xla.example", _) => Say::Records(60, vec![]),
        _ => Say::Code(ResponseCode::NXDomain),
    })
    .await;
    for host in ["EXAMPLE.org.", "example.org", "æble.example", "Æble.example", "xn--ble-xla.example"] {
        assert!(world.dial(host).await.is_ok(), "{host}");
    }
    assert_eq!(world.names.questions(), 4, "two names, two families: the rest is known");
    let confusable = world.dial("\u{430}eble.example").await;
    assert_eq!(confusable, Err(DialError::Name(LookupError::NoSuchName)));
}

#[tokio::test]
async fn records_of_each_type() {
    let world = World::with(|name, kind, _| match (name, kind) {
        ("example.org", rr::RecordType::MX) => Say::Records(300, vec![mx(10, "mx1.example.org"), mx(0, ".")]),
        ("s._domainkey.example.org", rr::RecordType::TXT) => {
            Say::Records(300, vec![txt(&["v=DKIM1; ", "p=abc"])])
        }
        _ => Say::Records(300, vec![]),
    })
    .await;
    let egress = &world.desk.egress;
    let found = egress.lookup("Example.ORG.", RecordType::Mx).await.unwrap();
    let exchange = |preference, exchange: &str| Record::Mx { preference, exchange: exchange.into() };
    assert_eq!(found.records, [exchange(10, "mx1.example.org"), exchange(0, "")]);
    assert_eq!(found.ttl_seconds, 300);
    let found = egress.lookup("s._domainkey.example.org", RecordType::Txt).await.unwrap();
    assert_eq!(found.records, [Record::Txt("v=DKIM1; p=abc".into())]);
    assert_eq!(egress.lookup("example.org", RecordType::Txt).await, Err(LookupError::NoRecords));
    assert_eq!(egress.lookup("no name", RecordType::Txt).await, Err(LookupError::BadName));
}

#[tokio::test]
async fn a_long_answer_comes_over_tcp() {
    let world = World::with(|_, _, _| Say::TooLong(vec![txt(&["x"; 200]), txt(&["y"])])).await;
    let found = world.desk.egress.lookup("long.example", RecordType::Txt).await.unwrap();
    assert_eq!(found.records, [Record::Txt("x".repeat(200)), Record::Txt("y".into())]);
}

#[tokio::test]
async fn a_forged_answer_is_passed_over() {
    let world = World::with(|_, _, _| forged()).await;
    let found = world.desk.egress.lookup("forged.example", RecordType::Txt).await.unwrap();
    assert_eq!(found.records, [Record::Txt("honest".into())]);
}

#[tokio::test]
async fn the_next_server_is_asked_when_one_fails() {
    let failing = NameServer::start(Box::new(|_, _, _| Say::Code(ResponseCode::ServFail))).await;
    let good = NameServer::start(Box::new(|_, _, _| Say::Records(60, vec![txt(&["good"])]))).await;
    let resolvers = Resolver::Servers(vec![failing.address, good.address]);
    let desk = desk(OperatorFile { private: Vec::new(), resolvers, database: None });
    let found = desk.egress.lookup("example.org", RecordType::Txt).await.unwrap();
    assert_eq!(found.records, [Record::Txt("good".into())]);

    let resolvers = Resolver::Servers(vec![failing.address]);
    let desk = crate::desk::desk(OperatorFile { private: Vec::new(), resolvers, database: None });
    let failed = desk.egress.lookup("example.org", RecordType::Txt).await;
    assert_eq!(failed, Err(LookupError::ServerFailed(2)));
}

#[tokio::test]
async fn without_a_name_server_every_look_up_says_so_at_once() {
    let desk = desk(OperatorFile::default());
    assert_eq!(desk.egress.lookup("example.org", RecordType::Txt).await, Err(LookupError::NoResolver));
    let dialled = desk.egress.dial(relay("example.org", 25)).await.unwrap_err();
    assert_eq!(dialled, DialError::Name(LookupError::NoResolver));
}

#[tokio::test]
async fn what_went_to_a_name_server_is_one_flow_with_the_sums() {
    let world = World::with(|name, _, _| match name {
        "long.example" => Say::TooLong(vec![txt(&["x"; 300])]),
        "forged.example" => forged(),
        _ => Say::Records(60, vec![txt(&["short"])]),
    })
    .await;
    for name in ["a.example", "b.example", "long.example", "forged.example"] {
        world.desk.egress.lookup(name, RecordType::Txt).await.unwrap();
    }
    let World { desk: Desk { egress, spool }, names, .. } = world;
    drop(egress);
    let flows = crate::desk::flows(spool.path(), |flows| flows.iter().any(is_outcome)).await;
    let (came, sent) = names.bytes();
    assert!(
        matches!(&flows[..], [
            Flow::Intent { connection: 0, purpose: Purpose::NameLookup, account: None, address, .. },
            Flow::Outcome { connection: 0, bytes_out, bytes_in, error: None },
        ] if *address == names.address.to_string() && (*bytes_out, *bytes_in) == (came, sent)),
        "{flows:?} {came} {sent}"
    );
}

fn forged() -> Say {
    Say::Forged(Box::new(txt(&["forged"])), Box::new(txt(&["honest"])))
}
