//! Mail in: the server's listeners and what is picked up elsewhere, wired to the directory and to the desk.

use std::{net::TcpListener, sync::Arc};

use mail::{
    Names, Reception,
    guard::Limits,
    pickup::{Collector, Means, Waits},
    session::Protocol,
};
use tokio::{sync::watch, task::JoinSet};
use words::Clock;

use super::{http, trust};
use crate::{Result, config::Config, doors::Doors};

/// Serves the SMTP and LMTP listeners.
pub fn serve(
    config: &Config,
    doors: &Doors,
    names: Arc<Names>,
    certificate: mail::Certificate,
    [smtp, lmtp]: [Vec<TcpListener>; 2],
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Result<()> {
    let host = config.mail.name.to_string();
    let reception = Reception::new(doors.accounts.clone(), names, host.clone(), Clock::System);
    let server = mail::Server::new(mail::Settings {
        host,
        mail_bytes_max: config.limits.mail_bytes_max,
        held_bytes_max: config.limits.held_mail_bytes_max,
        limits: Limits {
            connections_max: config.limits.mail_connections_max,
            connections_per_address_max: config.limits.mail_connections_per_address_max,
            ..Limits::default()
        },
        waits: mail::Waits::default(),
        certificate,
        recipients: reception.recipients(),
        intake: reception.intake(),
    });
    for (listeners, protocol) in [(smtp, Protocol::Smtp), (lmtp, Protocol::Lmtp)] {
        for listener in listeners {
            tasks.spawn(Arc::clone(&server).serve(http::listener(listener)?, protocol, stop.clone()));
        }
    }
    Ok(())
}

/// Picks mail up for the mailboxes whose mail lies at other servers.
pub fn collector(config: &Config, doors: &Doors, names: Arc<Names>) -> Arc<Collector> {
    let clock = Clock::System;
    let host = config.mail.name.to_string();
    let reception = Reception::new(doors.accounts.clone(), names, host, clock.clone());
    Collector::new(Means::new(
        doors.accounts.clone(),
        reception,
        doors.egress.clone(),
        trust::client(),
        clock,
        [config.limits.mail_bytes_max, config.limits.held_mail_bytes_max],
        Waits::default(),
    ))
}
