//! The connections to PostgreSQL: few, shared by all accounts, made over streams that the door
//! handed out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_postgres::Client;

use crate::{Result, dialect::postgres::Session, migrate};

/// Connections at once, if nobody says otherwise; more units of work wait for their turn.
pub const CONNECTIONS_MAX: usize = 16;

/// Makes a connection over a stream that the door handed out: the client, and the work that drives
/// it (to be spawned; it ends with the connection).
pub type Connector =
    Arc<dyn Fn() -> BoxFuture<'static, Result<(Client, BoxFuture<'static, ()>)>> + Send + Sync>;

/// The connections of this process to one PostgreSQL.
pub struct Pool {
    connector: Connector,
    runtime: Handle,
    turns: Semaphore,
    idle: Mutex<Vec<Session>>,
}

/// A session in use. It is closed when dropped, unless it is kept.
pub(crate) struct Taken<'p> {
    pool: &'p Pool,
    session: Session,
}

impl std::ops::Deref for Taken<'_> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Taken<'_> {
    /// Gives it back: it is in no transaction.
    pub(crate) fn keep(self) {
        self.pool.idle().push(self.session);
    }
}

impl Pool {
    /// Connects, refuses a role that is too powerful, and brings the schema up to date. Uses the
    /// runtime that this is called on.
    pub async fn open(connector: Connector, connections_max: usize) -> Result<Arc<Self>> {
        let runtime = Handle::current();
        let (client, driver) = connector().await?;
        runtime.spawn(driver);
        migrate::postgres(&client).await?;
        let idle = Mutex::new(vec![Session::new(client, runtime.clone())]);
        Ok(Arc::new(Self { connector, runtime, turns: Semaphore::new(connections_max), idle }))
    }

    /// Whoever takes a connection waits here for their turn first.
    pub(crate) fn turns(&self) -> &Semaphore {
        &self.turns
    }

    /// A connection, made if none is idle. For blocking threads.
    pub(crate) fn take(&self) -> Result<Taken<'_>> {
        loop {
            let idle = self.idle().pop();
            match idle {
                Some(session) if session.is_closed() => {}
                Some(session) => return Ok(Taken { pool: self, session }),
                None => return self.connect(),
            }
        }
    }

    fn connect(&self) -> Result<Taken<'_>> {
        let (client, driver) = self.runtime.block_on((self.connector)())?;
        self.runtime.spawn(driver);
        Ok(Taken { pool: self, session: Session::new(client, self.runtime.clone()) })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
