//! What the tests share: a door in this process with its spool, and what one may ask of it.

use egress::{Door, Egress};
use evidence::Flow;
use register::{Ask, Basis, OperatorFile, Resolver};
use std::{net::SocketAddr, path::Path, time::Duration};
use tempfile::TempDir;
use words::{AccountId, Purpose, Time};

/// A door in this process, and the folder of its spool.
pub struct Desk {
    pub egress: Egress,
    pub spool: TempDir,
}

pub fn desk(register: OperatorFile) -> Desk {
    let spool = TempDir::new().unwrap();
    Desk { egress: Door::in_process(register, None, spool.path()).unwrap(), spool }
}

/// A register that lets these private addresses be dialled and names no name server.
pub fn naming(private: &[SocketAddr]) -> OperatorFile {
    OperatorFile { private: private.to_vec(), resolvers: Resolver::None, database: None }
}

/// What an account's relay needs.
pub fn relay(host: &str, port: u16) -> Ask {
    Ask {
        account: Some(AccountId::new(Time::from_seconds(1))),
        purpose: Purpose::MailRelay,
        host: host.parse().unwrap(),
        port,
        basis: Basis::Instruction,
    }
}

pub fn relay_at(address: SocketAddr) -> Ask {
    relay(&address.ip().to_string(), address.port())
}

pub fn is_outcome(flow: &Flow) -> bool {
    matches!(flow, Flow::Outcome { .. })
}

impl Desk {
    /// The flows in the spool, once `enough` says that they are all there.
    pub async fn flows(&self, enough: impl Fn(&[Flow]) -> bool) -> Vec<Flow> {
        flows(self.spool.path(), enough).await
    }

    /// The counts and the error of the one connection that is over.
    pub async fn outcome(&self) -> (u64, u64, Option<String>) {
        let flows = self.flows(|flows| flows.iter().any(is_outcome)).await;
        match flows.into_iter().find(is_outcome) {
            Some(Flow::Outcome { bytes_out, bytes_in, error, .. }) => (bytes_out, bytes_in, error),
            _ => unreachable!("an outcome was found"),
        }
    }
}

/// The flows in a spool, once `enough` says that they are all there.
pub async fn flows(spool: &Path, enough: impl Fn(&[Flow]) -> bool) -> Vec<Flow> {
    loop {
        let lines = egress::spool::read(spool).unwrap();
        let flows: Vec<Flow> = lines.into_iter().map(|line| line.flow).collect();
        if enough(&flows) {
            return flows;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
