//! The desk's handle on the door: asks for connections and look-ups, by number, all on one channel.

use crate::{
    CONNECT_SECONDS_MAX, Connection, DialError, LookupError, RecordType, Records,
    channel::Channel,
    wire::{Answer, Generation, Request},
};
use register::Ask;
use std::{
    collections::HashMap,
    io,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, oneshot, watch},
    time::timeout,
};
use words::Host;

/// How many requests wait at the door at once; more wait here.
const REQUESTS_AT_ONCE_MAX: usize = 256;

/// How long the desk waits for the door, which itself tries several addresses.
const DOOR_WAIT: Duration = Duration::from_secs(4 * CONNECT_SECONDS_MAX);

/// The way to the door. Clones share it; the door is told when the last one is dropped.
#[derive(Clone)]
pub struct Egress {
    inner: Arc<Inner>,
}

struct Inner {
    desk: Arc<Desk>,
    reader: tokio::task::JoinHandle<()>,
}

/// What the handle and its reading task share.
struct Desk {
    channel: Channel,
    /// Set by the reading task alone; none until the first door has said hello, or when it is gone.
    generation: watch::Sender<Option<Generation>>,
    waiting: Mutex<HashMap<u64, Waiting>>,
    next_id: AtomicU64,
    room: Semaphore,
}

enum Waiting {
    Dial(Generation, oneshot::Sender<Result<Connection, DialError>>),
    Lookup(Generation, oneshot::Sender<Result<Records, LookupError>>),
}

impl Egress {
    /// Takes the desk's end of a channel to a door. Must be called within a runtime.
    pub fn on(end: OwnedFd) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            channel: Channel::new(end)?,
            generation: watch::Sender::new(None),
            waiting: Mutex::default(),
            // Far from those of a desk before this one, whose answers may still lie in the channel.
            next_id: AtomicU64::new(crate::random_number()),
            room: Semaphore::new(REQUESTS_AT_ONCE_MAX),
        });
        let reader = tokio::spawn(read_answers(desk.clone()));
        Ok(Self { inner: Arc::new(Inner { desk, reader }) })
    }

    /// Asks the door for a connection. The register decides; the door resolves the name, checks every
    /// address, writes its intent and dials.
    pub async fn dial(&self, ask: Ask) -> Result<Connection, DialError> {
        let desk = &self.inner.desk;
        desk.ask(|generation, id, done| {
            (Waiting::Dial(generation, done), Request::Dial { id, generation, ask })
        })
        .await
        .unwrap_or(Err(DialError::NoDoor))
    }

    /// Asks the door for the records of a name. `name` may have a last dot and any case.
    pub async fn lookup(&self, name: &str, kind: RecordType) -> Result<Records, LookupError> {
        let name: Host = name.parse().map_err(|_| LookupError::BadName)?;
        let desk = &self.inner.desk;
        desk.ask(|generation, id, done| {
            (Waiting::Lookup(generation, done), Request::Lookup { id, generation, name, kind })
        })
        .await
        .unwrap_or(Err(LookupError::NoDoor))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Desk {
    /// Sends what `build` makes of generation, number and place to answer, and waits for the answer;
    /// none if there is no door that answers in time.
    async fn ask<T>(
        &self,
        build: impl FnOnce(Generation, u64, oneshot::Sender<T>) -> (Waiting, Request),
    ) -> Option<T> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let _forget = Forget { desk: self, id };
        let answer = async {
            let _room = self.room.acquire().await.ok()?;
            let generation = (*self.generation.subscribe().wait_for(Option::is_some).await.ok()?)?;
            let (done, answer) = oneshot::channel();
            let (waiting, request) = build(generation, id, done);
            self.waiting().insert(id, waiting);
            // A new door may have come between the reading of its number and the line above.
            let living = *self.generation.borrow();
            if living == Some(generation) {
                self.channel.send(&request, &[]).await.ok()?;
            } else {
                self.fail_all_but(living);
            }
            answer.await.ok()
        };
        timeout(DOOR_WAIT, answer).await.ok().flatten()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the door that answers from now on.
    fn greet(&self, generation: Generation) {
        self.generation.send_replace(Some(generation));
        self.fail_all_but(Some(generation));
    }

    fn fail_all_but(&self, living: Option<Generation>) {
        let lost = |waiting: &Waiting| match waiting {
            Waiting::Dial(generation, _) | Waiting::Lookup(generation, _) => Some(*generation) != living,
        };
        for (_, waiting) in self.waiting().extract_if(|_, waiting| lost(waiting)) {
            // Whoever asked may have given up: then nobody hears it.
            match waiting {
                Waiting::Dial(_, done) => drop(done.send(Err(DialError::DoorRestarted))),
                Waiting::Lookup(_, done) => drop(done.send(Err(LookupError::DoorRestarted))),
            }
        }
    }

    fn take(&self, answer: Answer, descriptors: Vec<OwnedFd>) {
        match answer {
            Answer::Hello { generation } => self.greet(generation),
            // An answer that nobody waits for is dropped, and its lifeline with it.
            Answer::Dialled { id, result } => {
                if let Some(Waiting::Dial(_, done)) = self.waiting().remove(&id) {
                    drop(done.send(result.and_then(|()| connection(descriptors))));
                }
            }
            Answer::Found { id, result } => {
                if let Some(Waiting::Lookup(_, done)) = self.waiting().remove(&id) {
                    drop(done.send(result));
                }
            }
        }
    }
}

fn connection(descriptors: Vec<OwnedFd>) -> Result<Connection, DialError> {
    let [socket, lifeline] = <[OwnedFd; 2]>::try_from(descriptors).map_err(|_| DialError::NoDoor)?;
    Connection::new(socket, lifeline).map_err(|_| DialError::Unreachable)
}

/// Takes a request off the list when its caller is done or has given up.
struct Forget<'a> {
    desk: &'a Desk,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.desk.waiting().remove(&self.id);
    }
}

/// Reads what the door says until it is gone for good.
async fn read_answers(desk: Arc<Desk>) {
    if let Err(error) = desk.channel.send(&Request::Greeting, &[]).await {
        tracing::error!(%error, "the door cannot be reached");
    }
    loop {
        match desk.channel.receive::<Answer>().await {
            Ok(Some((answer, descriptors))) => desk.take(answer, descriptors),
            Ok(None) => break,
            Err(error) => tracing::error!(%error, "an answer of the door cannot be read"),
        }
    }
    tracing::error!("the door is gone");
    desk.generation.send_replace(None);
    desk.waiting().clear();
}
