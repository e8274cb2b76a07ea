//! The desk process: takes what the supervisor gave, seals itself, opens the doors, serves.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use egress::{Egress, Inherited};
use mail::delivery::{Courier, Means};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use words::Clock;

use super::{
    HttpLimits, HttpServer, Running, certificate, checkpoints, checkpoints::Signer, housekeeping, http,
    mail_in, metrics, pages, runtime, trust,
};
use crate::{
    Error, Result,
    command::Child,
    config::Config,
    doors::{Doors, Part},
    log,
    signing::SigningKey,
};

/// How long the work that is under way may take at the end.
const END_WAIT: Duration = Duration::from_secs(8);
/// Connections of whoever reads the figures.
const METRICS_CONNECTIONS_MAX: usize = 50;

/// Is the desk until asked to end.
pub fn run(dir: &Path, how: &Child) -> Result<ExitCode> {
    let mut inherited = Inherited::for_desk()?;
    log::begin(how.log_format, how.log_level);
    // Three descriptors an open account, one a connection.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).map_err(std::io::Error::from)?;
    egress::seal()?;
    let config = Config::read(dir)?;
    runtime()?.block_on(serve(&config, &mut inherited))
}

async fn serve(config: &Config, inherited: &mut Inherited) -> Result<ExitCode> {
    let figures = metrics::begin();
    let egress = Egress::on(inherited.channel.try_clone()?)?;
    let clock = Clock::System;
    let signer = Signer::new(SigningKey::of_logs(config)?, config.base.clone());
    let doors = Doors::open(config, egress, Part::Serve, &clock).await?;
    let (stopper, stop) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let names = Arc::new(mail::Names::through(doors.egress.clone()));
    let running = listen(config, inherited, &doors, &names, &stop, figures, &mut tasks)?;

    let idle = Duration::from_secs(config.limits.idle_store_seconds);
    tasks.spawn(housekeeping::keep(doors.clone(), idle, clock.clone(), stop.clone()));
    tasks.spawn(checkpoints::keep(doors.clone(), signer, clock.clone(), stop.clone()));
    let collector = mail_in::collector(config, &doors, Arc::clone(&names));
    tasks.spawn(collector.run(doors.stores.news(), stop.clone()));
    let courier = Courier::new(Means {
        accounts: doors.accounts.clone(),
        egress: doors.egress.clone(),
        names,
        tls: trust::client(),
        roots: Arc::new(trust::roots()),
        hello: config.mail.name.to_string(),
        clock,
    });
    tasks.spawn(courier.run(doors.stores.news(), stop));

    let said_at = config.running();
    running.write(&said_at).map_err(|source| Error::File { path: said_at.clone(), source })?;
    tracing::info!(starts = inherited.starts, "ready");
    asked_to_end().await?;
    tracing::info!("ending");
    Running::end(&said_at).map_err(|source| Error::File { path: said_at, source })?;
    stopper.send_replace(true);
    if timeout(END_WAIT, async { while tasks.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!("not everything ended in time");
        tasks.abort_all();
    }
    doors.fleet.release().await?;
    let stores = Arc::clone(&doors.stores);
    drop(doors);
    // Folds logs back and closes files.
    tokio::task::spawn_blocking(move || stores.close_idle(Duration::ZERO))
        .await
        .map_err(|_| store::Error::Panicked)?;
    Ok(ExitCode::SUCCESS)
}

/// Serves the listening sockets that the supervisor opened, and tells where they are.
fn listen(
    config: &Config,
    inherited: &mut Inherited,
    doors: &Doors,
    names: &Arc<mail::Names>,
    stop: &watch::Receiver<bool>,
    figures: Option<metrics_exporter_prometheus::PrometheusHandle>,
    tasks: &mut JoinSet<()>,
) -> Result<Running> {
    let listeners = |inherited: &mut Inherited, what: &str, count: usize| -> Result<Vec<TcpListener>> {
        (0..count).map(|number| given(inherited, what, number)).collect()
    };
    let web = listeners(inherited, "web", config.web.listen.len())?;
    let smtp = listeners(inherited, "smtp", config.mail.smtp.len())?;
    let lmtp = listeners(inherited, "lmtp", config.mail.lmtp.len())?;
    let figures_at = given(inherited, "metrics", 0)?;
    let running = Running {
        pid: std::process::id(),
        web: addresses(&web)?,
        smtp: addresses(&smtp)?,
        lmtp: addresses(&lmtp)?,
        metrics: figures_at.local_addr()?,
    };

    let limits = HttpLimits {
        connections_max: config.limits.web_connections_max,
        per_address_max: config.limits.web_connections_per_address_max,
        proxies: config.web.proxies.clone(),
    };
    let router = pages::router(config, doors, names, &running);
    let server = HttpServer::new(router, limits);
    let tls = certificate::follow(config.web.certificate.clone(), certificate::WEB)?;
    for listener in web {
        tasks.spawn(server.clone().serve(http::listener(listener)?, tls.clone(), stop.clone()));
    }

    let certificate = certificate::follow(config.mail.certificate.clone(), certificate::MAIL)?;
    mail_in::serve(config, doors, Arc::clone(names), certificate, [smtp, lmtp], stop, tasks)?;

    if let Some(figures) = figures {
        let router = metrics::router(figures, doors.clone(), stop.clone());
        let limits = HttpLimits {
            connections_max: METRICS_CONNECTIONS_MAX,
            per_address_max: METRICS_CONNECTIONS_MAX,
            proxies: Vec::new(),
        };
        let plain = watch::channel(None).1;
        tasks.spawn(HttpServer::new(router, limits).serve(http::listener(figures_at)?, plain, stop.clone()));
    }
    Ok(running)
}

/// A listening socket that the supervisor opened by the operator's file.
fn given(inherited: &mut Inherited, what: &str, number: usize) -> Result<TcpListener> {
    let name = format!("{what}.{number}");
    inherited.listener(&name).ok_or_else(|| {
        std::io::Error::other(format!("the supervisor gave no socket {name}; start Havn again")).into()
    })
}

fn addresses(listeners: &[TcpListener]) -> std::io::Result<Vec<SocketAddr>> {
    listeners.iter().map(TcpListener::local_addr).collect()
}

async fn asked_to_end() -> std::io::Result<()> {
    let (mut end, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = end.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(())
}
