//! The door: takes what the desk asks, decides by the register, dials, hands over, counts.

mod book;
mod count;
mod dial;
mod names;
mod permission;
mod process;
mod register_file;

pub use book::{RULES_USE, RulesPlace, read_rules};
pub use process::DoorProcessError;
pub use register_file::{RegisterFileError, operator_file};

use crate::{
    DialError, Egress, LookupError, RecordType, Records,
    channel::{self, Channel},
    spool::{Spool, SpoolReadError},
    wire::{Answer, Generation, Request},
};
use names::Names;
use permission::Permission;
use register::{Ask, OperatorFile};
use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};
use words::{Clock, Host};

/// How many requests the door works on at once.
const REQUESTS_AT_ONCE_MAX: usize = 256;

/// How many connections are open at once.
const CONNECTIONS_MAX: usize = 4096;

/// How long the door waits at its end for connections that are still open.
const END_WAIT: Duration = Duration::from_secs(35);

/// Why there is no door, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The record of what was done cannot be read or gone on with.
    #[error(transparent)]
    Spool(#[from] SpoolReadError),
    /// The record cannot be written any more; a new door may be luckier.
    #[error("the door cannot write its record any more")]
    SpoolClosed,
    /// Descriptors, threads or the channel.
    #[error("the door cannot run: {0}")]
    Io(#[from] io::Error),
}

/// The door with all that it decides by.
pub struct Door {
    permission: Arc<Permission>,
    names: Names,
    spool: Spool,
    generation: Generation,
    requests: Semaphore,
    connections: Arc<Semaphore>,
}

impl Door {
    /// A door that decides by the operator's file and the register, if it has a place, and writes to the
    /// spool in the folder `spool`.
    pub fn new(
        file: OperatorFile,
        rules: Option<RulesPlace>,
        spool: &Path,
        clock: Clock,
    ) -> Result<Self, DoorError> {
        let permission = Arc::new(Permission::new(file, rules, clock.clone()));
        let spool = Spool::open(spool, clock)?;
        Ok(Self {
            names: Names::new(&permission, &spool),
            permission,
            spool,
            generation: crate::random_number(),
            requests: Semaphore::new(REQUESTS_AT_ONCE_MAX),
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        })
    }

    /// A door in a thread of this process, for tests, debugging and single commands: the same code, but
    /// no kernel holds the rest of the process back. Must be called within a runtime; the thread ends
    /// when the handle and all connections are dropped.
    pub fn in_process(
        file: OperatorFile,
        rules: Option<RulesPlace>,
        spool: &Path,
    ) -> Result<Egress, DoorError> {
        let door = Self::new(file, rules, spool, Clock::System)?;
        let (desk_end, door_end) = channel::pair()?;
        tracing::warn!("the door runs in this process, which is not sealed");
        std::thread::Builder::new().name("door".into()).spawn(move || {
            if let Err(error) = door.run(door_end, std::future::pending()) {
                tracing::error!(%error, "the door ended");
            }
        })?;
        Ok(Egress::on(desk_end)?)
    }

    /// Serves the desk at the other end of `channel` until that is gone or `stop` is ready, then waits
    /// for the connections that are open, bounded, and counts them.
    pub fn run(self, channel: OwnedFd, stop: impl Future<Output = ()>) -> Result<(), DoorError> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(Arc::new(self).serve(channel, stop))
    }

    async fn serve(
        self: Arc<Self>,
        channel: OwnedFd,
        stop: impl Future<Output = ()>,
    ) -> Result<(), DoorError> {
        let channel = Arc::new(Channel::new(channel)?);
        let mut tasks = JoinSet::new();
        tokio::pin!(stop);
        let permission = self.permission.clone();
        let follow = permission.follow();
        tokio::pin!(follow);
        channel.send(&Answer::Hello { generation: self.generation }, &[]).await?;
        loop {
            let request = tokio::select! {
                request = channel.receive::<Request>() => request,
                () = self.spool.closed() => return Err(DoorError::SpoolClosed),
                () = &mut follow => continue,
                () = &mut stop => break,
            };
            match request {
                Ok(Some((request, _))) => drop(tasks.spawn(self.clone().answer(request, channel.clone()))),
                Ok(None) => break,
                Err(error) => tracing::error!(%error, "a request of the desk cannot be read"),
            }
            while tasks.try_join_next().is_some() {}
        }
        let all_done = async {
            while tasks.join_next().await.is_some() {}
            self.names.end().await;
        };
        if timeout(END_WAIT, all_done).await.is_err() {
            tracing::warn!(open = tasks.len(), "the door ends before its connections: they stay unknown");
        }
        Ok(())
    }

    /// Answers one request, and stays with the connection, if there is one, to its end.
    async fn answer(self: Arc<Self>, request: Request, channel: Arc<Channel>) {
        let sent = match request {
            Request::Greeting => channel.send(&Answer::Hello { generation: self.generation }, &[]).await,
            Request::Dial { id, generation, ask } if generation == self.generation => {
                self.clone().hand_out(id, ask, &channel).await
            }
            Request::Lookup { id, generation, name, kind } if generation == self.generation => {
                let result = self.look_up(&name, kind).await;
                channel.send(&Answer::Found { id, result }, &[]).await
            }
            // Asked of a door that is gone; the desk has heard my hello and counts it as failed.
            Request::Dial { .. } | Request::Lookup { .. } => Ok(()),
        };
        if let Err(error) = sent {
            tracing::error!(%error, "the desk cannot be answered");
        }
    }

    async fn look_up(&self, name: &Host, kind: RecordType) -> Result<Records, LookupError> {
        let _room = self.requests.try_acquire().map_err(|_| LookupError::TooMany)?;
        Ok(self.names.find(name, kind).await?.records)
    }

    async fn hand_out(self: Arc<Self>, id: u64, ask: Ask, channel: &Channel) -> io::Result<()> {
        let dialled = match self.requests.try_acquire() {
            Ok(_room) => self.dial(ask).await,
            Err(_) => Err(DialError::TooMany),
        };
        let answer = |result| Answer::Dialled { id, result };
        let (flow, desk_end) = match dialled {
            Ok(dialled) => dialled,
            Err(error) => return channel.send(&answer(Err(error)), &[]).await,
        };
        let sent = channel.send(&answer(Ok(())), &[flow.socket(), desk_end.as_fd()]).await;
        // Only the desk holds this end from here on: that it closes is the sign that the desk is done.
        drop(desk_end);
        flow.end(&self.spool, &self.permission).await;
        sent
    }
}
