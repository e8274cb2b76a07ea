//! The refused targets of the corpus: however they are written, nobody is ever dialled.

use crate::desk::{desk, relay};
use egress::DialError;
use register::{OperatorFile, Resolver};
use tokio::net::{TcpListener, UdpSocket};
use words::Host;

pub const TARGETS: &str = include_str!("../../../../fixtures/egress/targets.tsv");

/// The hosts that a target may be taken for: the text itself, and the host of the text as a URL.
pub fn hosts(target: &str) -> Vec<Host> {
    let as_url = url::Url::parse(target).ok().and_then(|url| Some(url.host_str()?.to_owned()));
    [Some(target.to_owned()), as_url].into_iter().flatten().filter_map(|text| text.parse().ok()).collect()
}

#[tokio::test]
async fn none_is_dialled_or_even_looked_up() {
    // Somebody listens wherever a loopback target could arrive, and at the name server.
    let v4 = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = v4.local_addr().unwrap().port();
    let v6 = TcpListener::bind(("::1", port)).await.unwrap();
    let name_server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let desk = desk(OperatorFile {
        private: Vec::new(),
        resolvers: Resolver::Servers(vec![name_server.local_addr().unwrap()]),
        database: None,
    });

    let mut refused_by_the_door = 0;
    for line in TARGETS.lines().skip(1) {
        let target: String = serde_json::from_str(line.split_once('\t').unwrap().1).unwrap();
        for host in hosts(&target) {
            let answer = desk.egress.dial(relay(host.as_str(), port)).await;
            assert!(matches!(answer, Err(DialError::Refused(_))), "{target:?} as {host}: {answer:?}");
            refused_by_the_door += 1;
        }
    }
    assert!(refused_by_the_door > 50, "most targets reach the door: {refused_by_the_door}");
    let flows = desk.flows(|_| true).await;
    assert!(flows.iter().all(|flow| matches!(flow, evidence::Flow::Refused { .. })));
    assert_eq!(flows.len(), refused_by_the_door);

    let nothing = |result: std::io::Result<_>| result.unwrap_err().kind() == std::io::ErrorKind::WouldBlock;
    assert!(nothing(v4.into_std().unwrap().accept().map(drop)));
    assert!(nothing(v6.into_std().unwrap().accept().map(drop)));
    assert!(nothing(name_server.try_recv(&mut [0; 1]).map(drop)));
}
