//! Live events: every open page hears of what others do, by number, and resumes where it was.
//!
//! One feeder per account reads what was committed, once for all who see the same departments, renders
//! it once for each agent and language among them, and hands the finished bytes to their streams. A
//! stream that is behind, or that the feeder did not know yet, reads for itself.

mod feeder;
pub mod presence;
mod render;
mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use register::{Access, Departments};
use tokio::sync::{Notify, broadcast};
use words::{AgentId, ConversationId, DepartmentId, Language, Time};

pub use stream::live;

/// Batches that wait for a slow stream; then it reads for itself.
const BATCHES_WAITING_MAX: usize = 64;

/// Who sees the same things: those of the same departments.
pub(crate) type Class = u64;

/// For whom fragments are rendered.
pub(crate) type Reader = (Language, AgentId);

/// What a stream hears.
#[derive(Clone)]
pub(crate) enum Heard {
    /// Events were committed.
    Batch(Arc<Batch>),
    /// Somebody came to a conversation, left it, or writes in it.
    Presence(ConversationId, DepartmentId),
    /// The store cannot be read any more: browsers are to come again, and find it anew.
    Over,
}

/// Events of one class, rendered.
pub(crate) struct Batch {
    pub class: Class,
    /// The number of its last event.
    pub last: i64,
    /// The finished event of each reader that the feeder knew.
    pub rendered: HashMap<Reader, Bytes>,
}

/// The open streams of one account.
pub struct Hub {
    heard: broadcast::Sender<Heard>,
    known: Mutex<Known>,
    /// Wakes the feeder when a class is new to it.
    more: Arc<Notify>,
}

#[derive(Default)]
struct Known {
    feeds: bool,
    next_class: Class,
    classes: HashMap<Class, Listeners>,
}

/// The streams of one class.
struct Listeners {
    departments: Departments,
    /// Up to which event they were fed.
    last: i64,
    readers: HashMap<Reader, usize>,
    /// The newest access of each agent: any one that holds reads for all.
    accesses: HashMap<AgentId, Access>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            heard: broadcast::Sender::new(BATCHES_WAITING_MAX),
            known: Mutex::default(),
            more: Arc::new(Notify::new()),
        }
    }
}

impl Hub {
    /// Whether no stream is open.
    pub fn is_empty(&self) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).classes.is_empty()
    }

    /// How many streams are open.
    pub fn count(&self) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.classes.values().flat_map(|class| class.readers.values()).sum()
    }

    /// Tells those who may see the department that somebody came, left or writes.
    pub fn tell_presence(&self, conversation: ConversationId, department: DepartmentId) {
        // An error means that nobody listens.
        let _ = self.heard.send(Heard::Presence(conversation, department));
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Heard> {
        self.heard.subscribe()
    }

    /// Adds a stream that has shown all up to `last`. Tells its class, and whether a feeder is needed.
    pub(crate) fn join(&self, access: &Access, reader: Reader, last: i64) -> (Class, bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let departments = sorted(access.departments());
        let same = known.classes.iter().find(|(_, class)| class.departments == departments);
        let id = same.map(|(id, _)| *id);
        let id = id.unwrap_or_else(|| {
            known.next_class += 1;
            let id = known.next_class;
            let (readers, accesses) = (HashMap::new(), HashMap::new());
            known.classes.insert(id, Listeners { departments, last, readers, accesses });
            id
        });
        if let Some(class) = known.classes.get_mut(&id) {
            *class.readers.entry(reader).or_default() += 1;
            class.accesses.insert(reader.1, access.clone());
        }
        let starts = !std::mem::replace(&mut known.feeds, true);
        self.more.notify_one();
        (id, starts)
    }

    pub(crate) fn leave(&self, id: Class, reader: Reader) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(class) = known.classes.get_mut(&id) else { return };
        let left = class.readers.get(&reader).map_or(0, |count| count - 1);
        if left > 0 {
            class.readers.insert(reader, left);
            return;
        }
        class.readers.remove(&reader);
        if !class.readers.keys().any(|(_, agent)| *agent == reader.1) {
            class.accesses.remove(&reader.1);
        }
        if class.readers.is_empty() {
            known.classes.remove(&id);
            self.more.notify_one();
        }
    }

    /// What the feeder reads next: each class with an access that holds, its readers, and where it is.
    fn to_feed(&self, now: Time) -> Vec<(Class, Access, Vec<Reader>, i64)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let fed = known.classes.iter().filter_map(|(id, class)| {
            let access = class.accesses.values().find(|access| access.holds(now))?;
            Some((*id, access.clone(), class.readers.keys().copied().collect(), class.last))
        });
        fed.collect()
    }

    fn fed(&self, id: Class, last: i64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(class) = known.classes.get_mut(&id) {
            class.last = class.last.max(last);
        }
    }

    /// The feeder is gone, whatever the cause: the next stream starts another.
    fn unfed(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).feeds = false;
    }

    /// Ends feeding if nobody listens any more.
    fn stops(&self) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.classes.is_empty() {
            known.feeds = false;
        }
        !known.feeds
    }
}

fn sorted(departments: &Departments) -> Departments {
    match departments {
        Departments::All => Departments::All,
        Departments::Only(some) => {
            let mut some = some.clone();
            some.sort_unstable();
            Departments::Only(some)
        }
    }
}
