//! Checkpoints: what a log is at a size, signed (C2SP tlog-checkpoint as a C2SP signed-note).

use std::{fmt, time::Duration};

use data_encoding::BASE64;
use signed_note::{Note, StandardSigner, StandardVerifier, VerificationError, VerifierList};
use words::{AccountId, Host, Time};

use crate::Hash;

/// How often an account's checkpoint goes into the operator's log at most.
pub const CHECKPOINT_EVERY: Duration = Duration::from_mins(1);
/// The longest signed checkpoint that is read.
pub const CHECKPOINT_BYTES_MAX: usize = 16 * 1024;
/// The kind of key in a signed note: Ed25519.
const ED25519: u8 = 1;

/// Which log: the first line of its checkpoints, and the name of its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The log of an operator.
    pub fn operator(host: &Host) -> Self {
        Self(format!("{}/log", host.as_str()))
    }

    /// The log of an account of this operator.
    pub fn account(host: &Host, account: AccountId) -> Self {
        Self(format!("{}/accounts/{account}", host.as_str()))
    }

    /// No log, but the name of the key by which an operator signs the register.
    pub fn register(host: &Host) -> Self {
        Self(format!("{}/register", host.as_str()))
    }

    /// Whose log this is, if it is that of an account of the operator with this log.
    pub fn account_of(&self, operator: &Self) -> Option<AccountId> {
        let host = operator.0.strip_suffix("/log")?;
        self.0.strip_prefix(host)?.strip_prefix("/accounts/")?.parse().ok()
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Origin {
    type Err = CheckpointError;
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let is_one = signed_note::is_key_name_valid(text) && !text.contains(char::is_control);
        if is_one { Ok(Self(text.to_owned())) } else { Err(CheckpointError::Unreadable) }
    }
}

/// Why a checkpoint is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// No checkpoint at all, or no key.
    #[error("the checkpoint or the key cannot be read")]
    Unreadable,
    /// A checkpoint of another log.
    #[error("the checkpoint is one of another log: {0}")]
    WrongOrigin(Origin),
    /// Not signed by this key.
    #[error("the checkpoint is not signed by this key")]
    WrongKey,
    /// The signature of this key is not one of these lines.
    #[error("the checkpoint is not what was signed")]
    Altered,
}

/// The secret key by which an operator signs checkpoints.
pub struct LogKey(ed25519_dalek::SigningKey);

impl LogKey {
    /// The key of these 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// By which others check what it signed.
    pub fn public(&self) -> LogPublicKey {
        LogPublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        ed25519_dalek::Signer::sign(&self.0, bytes).to_bytes()
    }

    fn signer(&self, origin: &Origin) -> StandardSigner {
        let secret = [[ED25519].as_slice(), self.0.to_bytes().as_slice()].concat();
        let id = self.public().id(origin);
        let text = format!("PRIVATE+KEY+{origin}+{id:08x}+{}", BASE64.encode(&secret));
        StandardSigner::new(&text).expect("the name of a log is one of a key")
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogKey(…)")
    }
}

/// The public key of an operator's logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPublicKey(ed25519_dalek::VerifyingKey);

impl LogPublicKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        ed25519_dalek::VerifyingKey::from_bytes(bytes).ok().map(Self)
    }

    /// Its bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The key as text for one log (C2SP signed-note, `vkey`): origin, id and key, joined by `+`.
    pub fn text(self, origin: &Origin) -> String {
        signed_note::new_ed25519_verifier_key(origin.as_str(), &self.0)
    }

    /// Reads a key and the log that it is for.
    pub fn read(text: &str) -> Result<(Origin, Self), CheckpointError> {
        let wrong = CheckpointError::Unreadable;
        let text = text.trim();
        StandardVerifier::new(text).map_err(|_| wrong.clone())?;
        let mut parts = text.splitn(3, '+');
        let (origin, key) = (parts.next().ok_or_else(|| wrong.clone())?, parts.nth(1));
        let key = BASE64.decode(key.unwrap_or_default().as_bytes()).map_err(|_| wrong.clone())?;
        let bytes = key.get(1..).and_then(|key| key.try_into().ok()).ok_or_else(|| wrong.clone())?;
        Ok((origin.parse()?, Self::from_bytes(bytes).ok_or(wrong)?))
    }

    pub(crate) fn verifying_key(&self) -> &ed25519_dalek::VerifyingKey {
        &self.0
    }

    fn id(self, origin: &Origin) -> u32 {
        signed_note::key_id(origin.as_str(), &[[ED25519].as_slice(), self.0.as_bytes()].concat())
    }

    fn verifier(self, origin: &Origin) -> StandardVerifier {
        StandardVerifier::new(&self.text(origin)).expect("the name of a log is one of a key")
    }
}

/// What a log is at a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// How many entries it has.
    pub size: u64,
    /// The root hash of their tree.
    pub root: Hash,
}

impl Checkpoint {
    /// Signs it: the text that is shown, kept and sent.
    pub fn sign(&self, key: &LogKey) -> String {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        let signed = Note::new(text.as_bytes(), &[]).and_then(|mut note| {
            note.add_sigs(&[&key.signer(&self.origin)])?;
            Ok(note.to_bytes())
        });
        String::from_utf8(signed.expect("three short lines are a note")).expect("a note is a text")
    }

    /// Reads a signed checkpoint of this log. Signatures of others (witnesses) are passed over.
    pub fn open(text: &str, origin: &Origin, key: &LogPublicKey) -> Result<Self, CheckpointError> {
        let note = note(text)?;
        let checkpoint = Self::of_note(&note)?;
        if checkpoint.origin != *origin {
            return Err(CheckpointError::WrongOrigin(checkpoint.origin));
        }
        let known = VerifierList::new(vec![Box::new(key.verifier(origin))]);
        match note.verify(&known) {
            Ok(_) => Ok(checkpoint),
            Err(
                signed_note::NoteError::UnverifiedNote
                | signed_note::NoteError::VerificationError(VerificationError::UnknownKey { .. }),
            ) => Err(CheckpointError::WrongKey),
            Err(_) => Err(CheckpointError::Altered),
        }
    }

    /// What a checkpoint says, whether it is true or not.
    pub fn read(text: &str) -> Result<Self, CheckpointError> {
        Self::of_note(&note(text)?)
    }

    fn of_note(note: &Note) -> Result<Self, CheckpointError> {
        let read =
            tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Unreadable)?;
        Ok(Self { origin: read.origin().parse()?, size: read.size(), root: (*read.hash()).into() })
    }
}

fn note(text: &str) -> Result<Note, CheckpointError> {
    if text.len() > CHECKPOINT_BYTES_MAX {
        return Err(CheckpointError::Unreadable);
    }
    Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Unreadable)
}

/// Whether an account's checkpoint is to go into the operator's log now: if the log has grown since
/// `last` (when, and how many entries it had), and at most once in [`CHECKPOINT_EVERY`]. A clock that
/// was set back does not make it wait.
pub fn checkpoint_is_due(last: Option<(Time, u64)>, size: u64, now: Time) -> bool {
    match last {
        None => size > 0,
        Some((at, logged)) => size > logged && (now < at || now.since(at) >= CHECKPOINT_EVERY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin::operator(&"havn.example".parse().unwrap())
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: origin(), size: 5, root: Hash::of_entry(b"x") }
    }

    #[test]
    fn is_believed_as_it_was_signed_and_not_otherwise() {
        let key = LogKey::from_seed(&[7; 32]);
        let text = checkpoint().sign(&key);
        let open = |text: &str| Checkpoint::open(text, &origin(), &key.public());
        assert_eq!(open(&text), Ok(checkpoint()));
        assert_eq!(open(&text.replace("\n5\n", "\n6\n")), Err(CheckpointError::Altered));
        assert_eq!(open(&text.replace("\n5\n", "\n05\n")), Err(CheckpointError::Unreadable));
        assert_eq!(open(&text[..text.len() - 1]), Err(CheckpointError::Unreadable));
        let stranger = LogKey::from_seed(&[8; 32]);
        assert_eq!(open(&checkpoint().sign(&stranger)), Err(CheckpointError::WrongKey));
        let other =
            Origin::account(&"havn.example".parse().unwrap(), AccountId::from_uuid(uuid::Uuid::nil()));
        let theirs = Checkpoint { origin: other.clone(), ..checkpoint() }.sign(&key);
        assert_eq!(open(&theirs), Err(CheckpointError::WrongOrigin(other)));
    }

    #[test]
    fn a_witness_may_sign_too() {
        let key = LogKey::from_seed(&[7; 32]);
        let witness = LogKey::from_seed(&[9; 32]);
        let both = format!(
            "{}{}",
            checkpoint().sign(&key),
            checkpoint().sign(&witness).rsplit_once("\n\n").unwrap().1
        );
        assert_eq!(Checkpoint::open(&both, &origin(), &key.public()), Ok(checkpoint()));
    }

    #[test]
    fn a_key_is_read_as_written() {
        let key = LogKey::from_seed(&[7; 32]).public();
        assert_eq!(LogPublicKey::read(&key.text(&origin())), Ok((origin(), key)));
        assert!(LogPublicKey::read("havn.example/log+00000000+AAAA").is_err());
        assert_eq!(LogPublicKey::from_bytes(&key.to_bytes()), Some(key));
    }

    #[test]
    fn an_operators_logs_are_known_by_their_names() {
        let (host, account) = ("havn.example".parse().unwrap(), AccountId::from_uuid(uuid::Uuid::nil()));
        let theirs = Origin::account(&host, account);
        assert_eq!(theirs.account_of(&origin()), Some(account));
        assert_eq!(origin().account_of(&origin()), None);
        assert_eq!(Origin::register(&host).account_of(&origin()), None);
        let elsewhere = Origin::account(&"havn.example.org".parse().unwrap(), account);
        assert_eq!(elsewhere.account_of(&origin()), None);
    }

    #[test]
    fn is_due_once_a_minute_if_the_log_grew() {
        let at = Time::from_seconds(1_000);
        let later = |seconds| at.after(Duration::from_secs(seconds));
        assert!(!checkpoint_is_due(None, 0, at));
        assert!(checkpoint_is_due(None, 1, at));
        assert!(!checkpoint_is_due(Some((at, 5)), 5, later(100)));
        assert!(!checkpoint_is_due(Some((at, 5)), 6, later(59)));
        assert!(checkpoint_is_due(Some((at, 5)), 6, later(60)));
        assert!(checkpoint_is_due(Some((at, 5)), 6, at.before(Duration::from_hours(1))));
    }
}
