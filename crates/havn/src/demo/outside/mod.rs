//! The demo's outside world: takes what Havn sends, shows it on a page of its own, answers as the
//! contact, writes a new mail now and then, and is the demo's name server. It is no part of Havn: a
//! process of its own, not sealed, that keeps all in memory.

mod letters;
mod names;
mod page;
mod send;
mod sign;
mod sink;
mod writer;

use std::{
    ffi::OsStr,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use rustix::process::{Signal, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};
use tokio::{
    net::{TcpListener, UdpSocket},
    signal::unix::{SignalKind, signal},
};

use super::child::Beside;
use crate::{Error, Result, serve::runtime};
pub use letters::Letters;
pub use sign::{Signer, ZONE_FILE};

/// Where the outside world listens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    /// It takes mail here.
    pub smtp: SocketAddr,
    /// It answers questions for names here.
    pub names: SocketAddr,
    /// Its page.
    pub page: SocketAddr,
}

/// The outside world as the demo sees it.
pub struct Outside {
    /// Where it listens.
    pub world: World,
    _process: Beside,
}

impl Outside {
    /// Starts it, and waits until it listens.
    pub fn start(dir: &Path) -> Result<Self> {
        let (process, line) = Beside::start(&[OsStr::new("outside")], dir)?;
        let world =
            serde_json::from_str(&line).map_err(|_| Error::Told("the outside world did not start".into()))?;
        Ok(Self { world, _process: process })
    }
}

/// Is the outside world until asked to end.
pub fn run(dir: &Path) -> Result<ExitCode> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(std::io::Error::from)?;
    runtime()?.block_on(live(dir))
}

async fn live(dir: &Path) -> Result<ExitCode> {
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let (smtp, page) = (TcpListener::bind(any).await?, TcpListener::bind(any).await?);
    let (udp, tcp) = on_one_port(any).await?;
    let world = World { smtp: smtp.local_addr()?, names: udp.local_addr()?, page: page.local_addr()? };
    let signer = Arc::new(Signer::take(dir)?);
    let letters = Arc::new(Letters::default());
    println!("{}", serde_json::to_string(&world).map_err(std::io::Error::from)?);

    let zone = Arc::new(names::Zone::new(dir, &signer));
    tokio::spawn(names::answer_datagrams(udp, Arc::clone(&zone)));
    tokio::spawn(names::answer_streams(tcp, zone));
    tokio::spawn(sink::serve(smtp, Arc::clone(&letters)));
    let post = send::Post::new(dir, signer);
    tokio::spawn(writer::write_now_and_then(post.clone()));
    tokio::spawn(async move { axum::serve(page, page::router(letters, post)).await });
    // Ctrl-C is for the demo, which then ends us.
    let (mut end, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    loop {
        tokio::select! {
            _ = end.recv() => return Ok(ExitCode::SUCCESS),
            _ = interrupted.recv() => {}
        }
    }
}

/// Name servers answer on both kinds of socket, at one number.
async fn on_one_port(any: SocketAddr) -> std::io::Result<(UdpSocket, TcpListener)> {
    const TRIES: usize = 20;
    for _ in 0..TRIES {
        let udp = UdpSocket::bind(any).await?;
        if let Ok(tcp) = TcpListener::bind(udp.local_addr()?).await {
            return Ok((udp, tcp));
        }
    }
    Err(std::io::ErrorKind::AddrInUse.into())
}
