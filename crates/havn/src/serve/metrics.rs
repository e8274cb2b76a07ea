//! The metrics listener: whether Havn lives, whether it is ready, and its figures.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;

use crate::doors::Doors;

/// How often old figures are folded.
const FOLD_EVERY: Duration = Duration::from_secs(10);
/// How long asking control data may take.
const READY_WAIT: Duration = Duration::from_secs(2);
/// From a fraction of a millisecond to a slow page.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

struct Seen {
    handle: PrometheusHandle,
    doors: Doors,
    stop: watch::Receiver<bool>,
}

/// Begins to count. To be called once in a process, inside the runtime.
pub fn begin() -> Option<PrometheusHandle> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS).ok()?;
    let handle = builder.install_recorder().ok()?;
    let folding = handle.clone();
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(FOLD_EVERY);
        loop {
            tick.tick().await;
            folding.run_upkeep();
        }
    });
    Some(handle)
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router(handle: PrometheusHandle, doors: Doors, stop: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(figures))
        .with_state(Arc::new(Seen { handle, doors, stop }))
}

/// Ready: not about to stop, and control data answer.
async fn readyz(State(seen): State<Arc<Seen>>) -> (StatusCode, &'static str) {
    if *seen.stop.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let asked = seen.doors.control.run(|control| control.active_accounts().map(|_| ()));
    match tokio::time::timeout(READY_WAIT, asked).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "control data do not answer\n"),
    }
}

async fn figures(State(seen): State<Arc<Seen>>) -> String {
    metrics::gauge!("havn_stores_open")
        .set(f64::from(u32::try_from(seen.doors.stores.count()).unwrap_or(u32::MAX)));
    seen.handle.render()
}
