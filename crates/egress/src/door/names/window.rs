//! The record of what passed between the door and one name server: an intent before the first question
//! of a window, and one outcome with the sums when it is over. A line for each question would be a
//! multiple of what the questions themselves are.

use crate::{
    LookupError,
    door::{dial, permission::Permission},
    spool::Spool,
};
use evidence::Flow;
use register::{Ask, Basis};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc, watch},
    time::sleep,
};
use words::Purpose;

/// How long a window is.
const WINDOW: Duration = Duration::from_secs(10);

/// The windows of one server, one open at a time.
pub(super) struct Windows {
    server: SocketAddr,
    permission: Arc<Permission>,
    spool: Spool,
    open: Arc<Mutex<Option<Use>>>,
    ending: watch::Sender<bool>,
    /// Each window that is not written yet holds a sender of it.
    unwritten: Mutex<Option<(mpsc::Sender<()>, mpsc::Receiver<()>)>>,
}

/// A place in a window: as long as it is held, the window is not counted.
#[derive(Clone)]
pub(super) struct Use {
    counts: Arc<Counts>,
    _held: mpsc::Sender<()>,
}

#[derive(Default)]
struct Counts {
    bytes_out: AtomicU64,
    bytes_in: AtomicU64,
}

impl Use {
    pub(super) fn sent(&self, bytes: usize) {
        self.counts.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.counts.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Windows {
    pub(super) fn new(server: SocketAddr, permission: Arc<Permission>, spool: Spool) -> Self {
        Self {
            server,
            permission,
            spool,
            open: Arc::default(),
            ending: watch::Sender::new(false),
            unwritten: Mutex::new(Some(mpsc::channel(1))),
        }
    }

    /// A place in the open window. If there is none, begins one: permitted, and its intent written.
    pub(super) async fn enter(&self) -> Result<Use, LookupError> {
        let mut open = self.open.lock().await;
        if let Some(place) = &*open {
            return Ok(place.clone());
        }
        let unwritten = self.unwritten.lock().await.as_ref().map(|(sender, _)| sender.clone());
        let unwritten = unwritten.ok_or(LookupError::NoAnswer)?;
        let ask = Ask {
            account: None,
            purpose: Purpose::NameLookup,
            host: self.server.ip().to_string().parse().map_err(|_| LookupError::BadName)?,
            port: self.server.port(),
            basis: Basis::Operator,
        };
        // The servers come from the same register, so there is no other answer; it is asked all the same.
        let permit = self.permission.permit(&ask).map_err(|_| LookupError::NoResolver)?;
        let intent = dial::intent(permit.ask(), self.server);
        let connection = self.spool.write(intent).await.map_err(|_| LookupError::NotRecorded)?;

        let (held, released) = mpsc::channel(1);
        let place = Use { counts: Arc::default(), _held: held };
        *open = Some(place.clone());
        let window = Window { connection, counts: place.counts.clone(), released, _unwritten: unwritten };
        tokio::spawn(window.close(self.open.clone(), self.ending.subscribe(), self.spool.clone()));
        Ok(place)
    }

    /// Closes the open window and returns when its outcome is written.
    pub(super) async fn end(&self) {
        self.ending.send_replace(true);
        if let Some((sender, mut unwritten)) = self.unwritten.lock().await.take() {
            drop(sender);
            unwritten.recv().await;
        }
    }
}

struct Window {
    connection: u64,
    counts: Arc<Counts>,
    released: mpsc::Receiver<()>,
    _unwritten: mpsc::Sender<()>,
}

impl Window {
    async fn close(mut self, open: Arc<Mutex<Option<Use>>>, mut ending: watch::Receiver<bool>, spool: Spool) {
        tokio::select! {
            () = sleep(WINDOW) => {}
            _ = ending.wait_for(|ending| *ending) => {}
        }
        open.lock().await.take();
        // Questions that are still under way belong to this window.
        self.released.recv().await;
        let outcome = Flow::Outcome {
            connection: self.connection,
            bytes_out: self.counts.bytes_out.load(Ordering::Relaxed),
            bytes_in: self.counts.bytes_in.load(Ordering::Relaxed),
            error: None,
        };
        if spool.write(outcome).await.is_err() {
            tracing::error!(connection = self.connection, "the outcome of look-ups could not be written");
        }
    }
}
