//! Ports, relays and names: what one reaches from here, by the door.

use std::net::{SocketAddr, TcpListener};

use control::Account;
use egress::{DialError, RecordType};
use register::{Ask, Basis};
use store::Relay;
use words::Purpose;

use super::Findings;
use crate::{config::Config, doors::Doors, serve::Running};

/// Whether Havn listens, or could.
pub fn examine(config: &Config, running: Option<&Running>, findings: &mut Findings) {
    if let Some(running) = running {
        let listening = [&running.web, &running.smtp, &running.lmtp].map(|addresses| addresses.len());
        findings.good(&format!(
            "Havn runs as process {}, and listens at {} places",
            running.pid,
            listening.iter().sum::<usize>()
        ));
        return;
    }
    let all = [&config.web.listen, &config.mail.smtp, &config.mail.lmtp].into_iter().flatten();
    for address in all.chain([&config.metrics]) {
        match can_listen(*address) {
            Ok(()) => findings.good(&format!("{address} is free to listen at")),
            Err(error) => findings.bad(&format!("Havn cannot listen at {address}: {error}")),
        }
    }
}

fn can_listen(address: SocketAddr) -> std::io::Result<()> {
    TcpListener::bind(address).map(drop)
}

/// Whether the door reaches an account's relay.
pub async fn relay(doors: &Doors, account: &Account, relay: &Relay, findings: &mut Findings) {
    let ask = Ask {
        account: Some(account.id),
        purpose: Purpose::MailRelay,
        host: relay.host.clone(),
        port: relay.port,
        basis: Basis::Instruction,
    };
    let place = format!("the relay of account {} ({}:{})", account.slug, relay.host, relay.port);
    match doors.egress.dial(ask).await {
        Ok(_connection) => findings.good(&format!("{place} can be reached")),
        Err(error @ DialError::Refused(_)) => findings.bad(&format!("{place} may not be dialled: {error}")),
        Err(error) => findings.bad(&format!("{place} cannot be reached: {error}")),
    }
}

/// Whether our own names can be found.
pub async fn names(config: &Config, doors: &Doors, findings: &mut Findings) {
    if config.base.as_str() == "localhost" {
        return;
    }
    let wanted = [
        (format!("doctor.{}", config.base), "the hosts of the accounts"),
        (config.mail.name.to_string(), "the mail server's own name"),
    ];
    for (name, what) in wanted {
        let four = doors.egress.lookup(&name, RecordType::A).await;
        let six = doors.egress.lookup(&name, RecordType::Aaaa).await;
        match (four, six) {
            (Err(egress::LookupError::NoResolver), _) => {
                findings.odd(
                    "no name server is named in [egress]: mail is not checked, and no name was looked up",
                );
                return;
            }
            (Err(error), Err(_)) => findings.bad(&format!("{name}, {what}, leads nowhere: {error}")),
            _ => findings.good(&format!("{name}, {what}, can be found")),
        }
    }
}
