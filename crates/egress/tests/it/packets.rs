//! The refused targets once more, seen from the wire: in a network of its own, with a way to everywhere,
//! not one packet leaves for any of them. Needs root, `unshare` and `ip`.

use crate::{
    desk::{Desk, desk, relay},
    name_server::{NameServer, Say, a, aaaa},
    targets::{TARGETS, hosts},
};
use egress::DialError;
use hickory_proto::rr::RecordType;
use register::{OperatorFile, Resolver};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, eth, recv, socket_with};
use std::{os::fd::OwnedFd, process::Command, time::Duration};

/// How often a name turns from a permitted address to a forbidden one.
const TURNS: usize = 200;

const TCP: u8 = 6;

#[test]
fn not_one_packet_leaves_for_a_refused_target() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a network of its own needs root");
        return;
    }
    // The loopback device leads everywhere: what is sent is seen on it, and nobody answers.
    let network = "ip link set lo up && ip addr add 192.0.2.2/32 dev lo && ip -6 addr add 2001:db8::2/128 dev lo \
        && ip route add default dev lo src 192.0.2.2 && ip -6 route add default dev lo && exec \"$@\"";
    let status = Command::new("unshare")
        .args(["--net", "sh", "-c", network, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["packets::in_a_network_of_its_own", "--exact", "--ignored", "--nocapture"])
        .env("EGRESS_TEST_NETWORK", "1")
        .status()
        .unwrap();
    assert!(status.success());
}

/// All packets of this network, with what protocol and to whom.
struct Wire {
    socket: OwnedFd,
}

impl Wire {
    fn tap() -> Self {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let all = Some(eth::ALL);
        Self { socket: socket_with(AddressFamily::PACKET, SocketType::DGRAM, flags, all).unwrap() }
    }

    /// The destinations of the TCP packets since the last look.
    fn tcp(&self) -> Vec<std::net::IpAddr> {
        let mut seen = Vec::new();
        let mut packet = [0; 128];
        while let Ok((_, length)) = recv(&self.socket, &mut packet[..], RecvFlags::TRUNC) {
            let packet = &packet[..length.min(128)];
            match packet.first().map(|byte| byte >> 4) {
                Some(4) if packet[9] == TCP => {
                    seen.push(<[u8; 4]>::try_from(&packet[16..20]).unwrap().into());
                }
                Some(6) if packet[6] == TCP => {
                    seen.push(<[u8; 16]>::try_from(&packet[24..40]).unwrap().into());
                }
                _ => {}
            }
        }
        seen
    }
}

#[tokio::test]
#[ignore = "run by not_one_packet_leaves_for_a_refused_target, in a network of its own"]
async fn in_a_network_of_its_own() {
    if std::env::var_os("EGRESS_TEST_NETWORK").is_none() {
        return;
    }
    let wire = Wire::tap();
    let names = NameServer::start(Box::new(|_, kind, before| match kind {
        RecordType::A if before.is_multiple_of(2) => Say::Records(0, vec![a("10.9.9.9")]),
        RecordType::A => Say::Records(0, vec![a("10.9.9.10")]),
        RecordType::AAAA => Say::Records(0, vec![aaaa("fd00::1")]),
        _ => Say::Nothing,
    }))
    .await;
    let Desk { egress, spool: _spool } = desk(OperatorFile {
        private: vec!["10.9.9.9:25".parse().unwrap(), "10.9.9.9:2525".parse().unwrap()],
        resolvers: Resolver::Servers(vec![names.address]),
        database: None,
    });

    for port in [25, 80, 587, 2525] {
        for line in TARGETS.lines().skip(1) {
            let target: String = serde_json::from_str(line.split_once('\t').unwrap().1).unwrap();
            for host in hosts(&target) {
                let answer = egress.dial(relay(host.as_str(), port)).await;
                assert!(matches!(answer, Err(DialError::Refused(_))), "{target:?}: {answer:?}");
            }
        }
    }
    // A name that is now permitted, now not; its IPv6 address never is.
    for _ in 0..TURNS {
        let answer = egress.dial(relay("turncoat.example", 25)).await;
        assert!(matches!(answer, Err(DialError::Refused(_))), "{answer:?}");
    }
    assert_eq!(wire.tcp(), Vec::<std::net::IpAddr>::new());

    // And the tap sees what does leave: a named address, from which nobody answers here.
    let dialling = tokio::spawn(async move { egress.dial(relay("10.9.9.9", 25)).await });
    let mut seen = wire.tcp();
    while seen.is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
        seen = wire.tcp();
    }
    assert!(seen.iter().all(|to| to.to_string() == "10.9.9.9"), "{seen:?}");
    dialling.abort();
}
