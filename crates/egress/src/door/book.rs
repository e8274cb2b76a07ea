//! The signed register, as the door reads it: by itself, again whenever the file is another.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use evidence::{LogPublicKey, open_text};
use register::{Rulebook, Rules, Snapshot};
use tokio::{sync::watch, time::sleep};

/// For which use the register is signed.
pub const RULES_USE: &str = "havn register v1";
/// How often the door looks whether the file is another: what is withdrawn closes within a second.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// The largest file of rules that is read.
const RULES_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Where the door finds the register.
#[derive(Debug, Clone)]
pub struct RulesPlace {
    /// The signed rules.
    pub rules: PathBuf,
    /// The public key by which they are signed. Without this file there is no register yet.
    pub key: PathBuf,
}

/// Why the rules are not believed.
#[derive(Debug, thiserror::Error)]
enum BookError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the file is too large")]
    TooLarge,
    #[error("the public key cannot be read")]
    Key,
    #[error("{0}")]
    Signature(#[from] evidence::SignedTextError),
    #[error("the rules cannot be read: {0}")]
    Rules(#[from] serde_json::Error),
    #[error("the rules are older than those that were read before")]
    RolledBack,
}

/// What tells a file from another.
type Stamp = Option<(u64, i64, i64, u64)>;

/// The register that is in force, and whoever wants to know when it changes.
pub(super) struct Book {
    place: Option<RulesPlace>,
    /// The files as they were before the first reading.
    first_seen: [Stamp; 2],
    current: watch::Sender<Arc<Rulebook>>,
}

impl Book {
    /// Reads the register for the first time.
    pub(super) fn open(place: Option<RulesPlace>) -> Self {
        let first_seen = place.as_ref().map(stamps).unwrap_or_default();
        let first = place.as_ref().map_or(Rulebook::NoneYet, |place| read(place, None));
        Self { place, first_seen, current: watch::Sender::new(Arc::new(first)) }
    }

    pub(super) fn current(&self) -> Arc<Rulebook> {
        self.current.borrow().clone()
    }

    /// Tells of each new register.
    pub(super) fn changes(&self) -> watch::Receiver<Arc<Rulebook>> {
        self.current.subscribe()
    }

    /// Reads the register again whenever its files are others. Never ends.
    pub(super) async fn follow(&self) {
        let Some(place) = &self.place else { return std::future::pending().await };
        let mut seen = self.first_seen;
        loop {
            sleep(LOOK_EVERY).await;
            let now = stamps(place);
            if now != seen {
                seen = now;
                let before = number(&self.current());
                self.current.send_replace(Arc::new(read(place, before)));
            }
        }
    }
}

fn stamps(place: &RulesPlace) -> [Stamp; 2] {
    [&place.rules, &place.key].map(|path| {
        let file = fs::metadata(path).ok()?;
        Some((file.ino(), file.mtime(), file.mtime_nsec(), file.size()))
    })
}

fn number(book: &Rulebook) -> Option<u64> {
    match book {
        Rulebook::Signed(snapshot) => Some(snapshot.number()),
        Rulebook::NoneYet | Rulebook::Unreadable => None,
    }
}

/// The register in these files, as a door would believe it that begins now.
pub fn read_rules(place: &RulesPlace) -> Rulebook {
    read(place, None)
}

/// Reads the register. One that is not to be believed shuts the door.
fn read(place: &RulesPlace, before: Option<u64>) -> Rulebook {
    match try_read(place, before) {
        Ok(book) => book,
        Err(error) => {
            tracing::error!(%error, "the register is not believed, and nobody is dialled");
            Rulebook::Unreadable
        }
    }
}

fn try_read(place: &RulesPlace, before: Option<u64>) -> Result<Rulebook, BookError> {
    let key = match fs::read_to_string(&place.key) {
        Ok(key) => key,
        // Once there was a register, its key does not go.
        Err(error) if error.kind() == io::ErrorKind::NotFound && before.is_none() => {
            return if place.rules.exists() { Err(BookError::Key) } else { Ok(Rulebook::NoneYet) };
        }
        Err(error) => return Err(error.into()),
    };
    let (_, key) = LogPublicKey::read(&key).map_err(|_| BookError::Key)?;
    let rules = rules(&place.rules, &key)?;
    if before.is_some_and(|before| rules.number < before) {
        return Err(BookError::RolledBack);
    }
    Ok(Rulebook::Signed(Box::new(Snapshot::new(rules))))
}

/// The rules in a file, if the key signed them.
fn rules(path: &Path, key: &LogPublicKey) -> Result<Rules, BookError> {
    if fs::metadata(path)?.len() > RULES_BYTES_MAX {
        return Err(BookError::TooLarge);
    }
    let signed = fs::read_to_string(path)?;
    Ok(serde_json::from_str(open_text(key, RULES_USE, &signed)?)?)
}
