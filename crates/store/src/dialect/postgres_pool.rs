//! The connections to PostgreSQL: few, shared by all accounts, made over streams that the door
//! handed out.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio_postgres::Client;

use crate::{Error, Result, dialect::postgres::Session};

/// Connections at once if nobody says otherwise; more units of work wait for one.
pub const CONNECTIONS_MAX: usize = 16;
/// How long a unit of work waits for a connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(20);

/// Makes a connection over a stream that the door handed out: the client, and the work that drives
/// it (to be spawned, ends with the connection).
pub type Connector = Arc<dyn Fn() -> BoxFuture<'static, Result<(Client, BoxFuture<'static, ()>)>> + Send + Sync>;

/// The connections of this process to one PostgreSQL.
pub struct Pool {
    connector: Connector,
    runtime: Handle,
    connections_max: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Session>,
    open: usize,
}

/// Gives its place in the pool back unless the session comes back whole.
pub(crate) struct Pooled<'p> {
    pool: &'p Pool,
    session: Option<Session>,
}

impl std::ops::Deref for Pooled<'_> {
    type Target = Session;
    fn deref(&self) -> &Session {
        self.session.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        if self.session.is_some() {
            self.pool.lock().open -= 1;
            self.pool.returned.notify_one();
        }
    }
}

impl Pool {
    /// Connects to nothing yet.
    pub fn new(connector: Connector, runtime: Handle, connections_max: usize) -> Self {
        Self { connector, runtime, connections_max, state: Mutex::default(), returned: Condvar::new() }
    }

    /// A connection, made if none is idle. Waits if all are in use. For blocking threads.
    pub(crate) fn take(&self) -> Result<Pooled<'_>> {
        let mut state = self.lock();
        loop {
            while let Some(session) = state.idle.pop() {
                if !session.is_closed() {
                    return Ok(Pooled { pool: self, session: Some(session) });
                }
                state.open -= 1;
            }
            if state.open < self.connections_max {
                state.open += 1;
                break;
            }
            let (next, wait) =
                self.returned.wait_timeout(state, CONNECTION_WAIT).unwrap_or_else(PoisonError::into_inner);
            if wait.timed_out() {
                return Err(Error::Busy);
            }
            state = next;
        }
        drop(state);
        self.connect().inspect_err(|_| {
            self.lock().open -= 1;
            self.returned.notify_one();
        })
    }

    pub(crate) fn give_back(&self, mut pooled: Pooled<'_>) {
        if pooled.is_closed() {
            return;
        }
        if let Some(session) = pooled.session.take() {
            self.lock().idle.push(session);
            self.returned.notify_one();
        }
    }

    fn connect(&self) -> Result<Pooled<'_>> {
        let (client, driver) = self.runtime.block_on((self.connector)())?;
        self.runtime.spawn(driver);
        Ok(Pooled { pool: self, session: Some(Session::new(client, self.runtime.clone())) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
