//! What name servers said, kept for as long as they allow. Asking goes through the door.

use egress::{Egress, LookupError, Record, RecordType, Records};
use futures::future::{BoxFuture, join_all};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// Names that are remembered at once.
const NAMES_MAX: usize = 4_096;
/// How long an answer is kept at least, so that one mail's checks agree with each other.
const KEPT_SECONDS_MIN: u64 = 30;
/// How long an answer is kept at most.
const KEPT_SECONDS_MAX: u64 = 3_600;
/// How long it is remembered that a name has no such record.
const NOTHING_SECONDS: u64 = 60;
/// How long it is remembered that a name server did not answer.
const FAILED_SECONDS: u64 = 10;
/// How long a look-up may take when somebody waits for nothing else.
pub(crate) const LOOKUP_WAIT: Duration = Duration::from_secs(10);
/// How long it is remembered that there is nobody to ask.
const NOBODY_SECONDS: u64 = 60;

/// Looks a name up.
pub type Lookup =
    Box<dyn Fn(String, RecordType) -> BoxFuture<'static, Result<Records, LookupError>> + Send + Sync>;

/// What is known of a name.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Found(Arc<[Record]>),
    /// There is no such name or record.
    Nothing,
    /// The name servers did not say.
    Failed,
}

/// The names that were looked up. One for the whole process.
pub struct Names {
    lookup: Lookup,
    known: Mutex<HashMap<(RecordType, String), Known>>,
    nobody_until: Mutex<Option<Instant>>,
}

struct Known {
    answer: Answer,
    until: Instant,
}

impl Names {
    /// Asks through the door.
    pub fn through(egress: Egress) -> Self {
        Self::new(Box::new(move |name, kind| {
            let egress = egress.clone();
            Box::pin(async move { egress.lookup(&name, kind).await })
        }))
    }

    /// Asks by this function.
    pub fn new(lookup: Lookup) -> Self {
        Self { lookup, known: Mutex::default(), nobody_until: Mutex::new(None) }
    }

    /// Whether it is known that there is no name server to ask.
    pub(crate) fn has_nobody_to_ask(&self) -> bool {
        lock(&self.nobody_until).is_some_and(|until| until > Instant::now())
    }

    /// What is known of a name, in lower case without its last dot.
    pub(crate) fn known(&self, kind: RecordType, name: &str) -> Option<Answer> {
        let known = lock(&self.known);
        // The key is owned; a mail asks for a dozen names at most.
        let found = known.get(&(kind, name.to_owned()))?;
        (found.until > Instant::now()).then(|| found.answer.clone())
    }

    /// Looks names up, all at once. What is not answered by the deadline is not known afterwards.
    pub(crate) async fn learn(&self, names: Vec<(RecordType, String)>, deadline: Instant) {
        let asked = names.into_iter().map(|(kind, name)| async move {
            let answer = timeout_at(deadline, (self.lookup)(name.clone(), kind)).await;
            self.remember(kind, name, answer.unwrap_or(Err(LookupError::NoAnswer)));
        });
        join_all(asked).await;
    }

    /// The records of a name as they are now, whatever is known.
    pub(crate) async fn find_anew(&self, kind: RecordType, name: &str, deadline: Instant) -> Answer {
        let name = name.trim_end_matches('.').to_lowercase();
        self.learn(vec![(kind, name.clone())], deadline).await;
        self.known(kind, &name).unwrap_or(Answer::Failed)
    }

    fn remember(&self, kind: RecordType, name: String, answer: Result<Records, LookupError>) {
        let now = Instant::now();
        let (answer, seconds) = match answer {
            Ok(records) => {
                let seconds = u64::from(records.ttl_seconds).clamp(KEPT_SECONDS_MIN, KEPT_SECONDS_MAX);
                (Answer::Found(records.records.into()), seconds)
            }
            Err(LookupError::NoResolver) => {
                *lock(&self.nobody_until) = Some(now + Duration::from_secs(NOBODY_SECONDS));
                (Answer::Nothing, FAILED_SECONDS)
            }
            Err(error) if error.is_temporary() => (Answer::Failed, FAILED_SECONDS),
            Err(_) => (Answer::Nothing, NOTHING_SECONDS),
        };
        let mut known = lock(&self.known);
        if known.len() >= NAMES_MAX {
            known.retain(|_, known| known.until > now);
        }
        if known.len() >= NAMES_MAX {
            known.clear();
        }
        known.insert((kind, name), Known { answer, until: now + Duration::from_secs(seconds) });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
