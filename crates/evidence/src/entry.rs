//! An entry of a log: who did what, when and to what, as canonical bytes. No service data: ids, numbers,
//! words of Havn and salted hashes only.

use std::{collections::BTreeMap, fmt::Write};

use serde::Deserialize;
use uuid::Uuid;
use words::{AccountId, ActId, Principal, Time};

use crate::{Checkpoint, Hash, HashName, Kind, RefName};

/// The longest entry: its length stands in a bundle as 16 bits (C2SP tlog-tiles).
pub const ENTRY_BYTES_MAX: usize = 65_535;
/// The longest word in an entry: that of a host name.
pub const WORD_BYTES_MAX: usize = 253;
/// The form of entries that this program writes and reads.
const FORM: u64 = 1;
/// Room for an entry with a few references, so that writing one allocates once.
const ENTRY_BYTES_USUAL: usize = 320;

/// Why bytes are no entry, or a text no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not of this form, or longer than [`ENTRY_BYTES_MAX`].
    #[error("not an entry of this form")]
    Form,
    /// A kind or name that this program does not know.
    #[error("an entry of a kind that this program does not know")]
    Unknown,
    /// The same could be written otherwise, and only one way is right.
    #[error("an entry that is not written in the one right way")]
    NotCanonical,
    /// A text with other letters than a word may have.
    #[error("not a word that may stand in an entry")]
    NotAWord,
}

/// A word in an entry: lower-case letters, digits, `.`, `-` and `_` only, so that no address and no
/// sentence fits into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word(String);

impl Word {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Word {
    type Err = EntryError;
    fn from_str(text: &str) -> Result<Self, EntryError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
        // What looks like an id is one.
        let is_word =
            (1..=WORD_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed) && id(text).is_err();
        if is_word { Ok(Self(text.to_owned())) } else { Err(EntryError::NotAWord) }
    }
}

/// To what an entry refers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ref {
    /// A thing with an id.
    Id(Uuid),
    /// A number or a count.
    Number(u64),
    /// A word of Havn, or a host.
    Word(Word),
}

impl From<u64> for Ref {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Word> for Ref {
    fn from(word: Word) -> Self {
        Self::Word(word)
    }
}

impl From<Uuid> for Ref {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

/// How an act ended that was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It was done.
    Done,
    /// It was not done.
    Failed,
    /// Whoever began it did not come to tell.
    Unknown,
}

impl Ending {
    const ALL: [Self; 3] = [Self::Done, Self::Failed, Self::Unknown];

    /// The name in an entry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether an act is told of whole, or before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It is done: its entry was committed with it.
    Act,
    /// It is about to be done outside the store.
    Intent(ActId),
    /// It is over.
    Outcome(ActId, Ending),
}

/// What is to be told: an entry without its number, time and principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    kind: Kind,
    stage: Stage,
    refs: BTreeMap<RefName, Ref>,
    hashes: BTreeMap<HashName, Hash>,
}

impl Act {
    /// An act that is committed with its entry.
    pub fn new(kind: Kind) -> Self {
        Self { kind, stage: Stage::Act, refs: BTreeMap::new(), hashes: BTreeMap::new() }
    }

    /// An act outside, before it is done.
    pub fn intent(kind: Kind, id: ActId) -> Self {
        Self { stage: Stage::Intent(id), ..Self::new(kind) }
    }

    /// An act outside, after it.
    pub fn outcome(kind: Kind, id: ActId, ending: Ending) -> Self {
        Self { stage: Stage::Outcome(id, ending), ..Self::new(kind) }
    }

    /// That an account's log had this checkpoint: told in the log of the operator.
    pub fn of_checkpoint(account: AccountId, checkpoint: &Checkpoint) -> Self {
        Self::new(Kind::AccountCheckpoint)
            .about(RefName::Account, account.uuid())
            .about(RefName::Size, checkpoint.size)
            .with_hash(HashName::Root, checkpoint.root)
    }

    /// Refers to a thing.
    pub fn about(mut self, name: RefName, thing: impl Into<Ref>) -> Self {
        self.refs.insert(name, thing.into());
        self
    }

    /// Refers to a thing, if there is one.
    pub fn about_any(self, name: RefName, thing: Option<impl Into<Ref>>) -> Self {
        match thing {
            Some(thing) => self.about(name, thing),
            None => self,
        }
    }

    /// Gives a hash, made with a salt that is kept elsewhere.
    pub fn with_hash(mut self, name: HashName, hash: Hash) -> Self {
        self.hashes.insert(name, hash);
        self
    }

    /// What kind of act it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it is told of whole, or before and after.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// To what it refers by this name.
    pub fn reference(&self, name: RefName) -> Option<&Ref> {
        self.refs.get(&name)
    }

    /// All to which it refers.
    pub fn references(&self) -> impl Iterator<Item = (RefName, &Ref)> {
        self.refs.iter().map(|(name, thing)| (*name, thing))
    }

    /// The hash of this name.
    pub fn hash(&self, name: HashName) -> Option<Hash> {
        self.hashes.get(&name).copied()
    }

    /// All hashes that it gives.
    pub fn hashes(&self) -> impl Iterator<Item = (HashName, Hash)> {
        self.hashes.iter().map(|(name, hash)| (*name, *hash))
    }
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log: the first is 0.
    pub number: u64,
    /// When, by the clock of whoever wrote it: a note, not the order.
    pub at: Time,
    /// Who did it.
    pub by: Principal,
    /// What was done.
    pub act: Act,
}

impl Entry {
    /// The bytes of the entry: what is hashed. One line of JSON, its keys in a fixed order, without space.
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = String::with_capacity(ENTRY_BYTES_USUAL);
        // Writing to a text does not fail.
        let _ = self.write(&mut text);
        debug_assert!(text.len() <= ENTRY_BYTES_MAX, "each name stands once, and each value is short");
        text.into_bytes()
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let Act { kind, stage, refs, hashes } = &self.act;
        write!(out, r#"{{"v":{FORM},"number":{},"at":{},"kind":""#, self.number, self.at.micros())?;
        out.push_str(kind.name());
        match stage {
            Stage::Act => out.push_str(r#"","stage":"act"#),
            Stage::Intent(id) => write!(out, r#"","stage":"intent","act":"{id}"#)?,
            Stage::Outcome(id, ending) => {
                write!(out, r#"","stage":"outcome","act":"{id}","ending":"{}"#, ending.name())?;
            }
        }
        write!(out, r#"","by":"{}""#, self.by)?;
        let mut before = r#","refs":{"#;
        for (name, thing) in refs {
            write!(out, r#"{before}"{}":"#, name.name())?;
            match thing {
                Ref::Id(id) => write!(out, r#""{}""#, id.hyphenated())?,
                Ref::Number(number) => write!(out, "{number}")?,
                Ref::Word(word) => write!(out, r#""{}""#, word.0)?,
            }
            before = ",";
        }
        if !refs.is_empty() {
            out.push('}');
        }
        let mut before = r#","hashes":{"#;
        for (name, hash) in hashes {
            write!(out, r#"{before}"{}":"{hash}""#, name.name())?;
            before = ",";
        }
        if !hashes.is_empty() {
            out.push('}');
        }
        out.push('}');
        Ok(())
    }

    /// Reads an entry that is written in the one right way.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::Form);
        }
        let written: Written<'_> = serde_json::from_slice(bytes).map_err(|_| EntryError::Form)?;
        let entry = written.entry()?;
        if entry.bytes() == bytes { Ok(entry) } else { Err(EntryError::NotCanonical) }
    }
}

/// The number that an entry says it has, of whatever form and kind it is.
pub(crate) fn number_of(bytes: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        number: u64,
    }
    serde_json::from_slice::<Numbered>(bytes).ok().map(|entry| entry.number)
}

/// An entry as it stands in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    v: u64,
    number: u64,
    at: i64,
    kind: &'a str,
    stage: &'a str,
    act: Option<&'a str>,
    ending: Option<&'a str>,
    by: &'a str,
    #[serde(default, borrow)]
    refs: BTreeMap<&'a str, WrittenRef<'a>>,
    #[serde(default, borrow)]
    hashes: BTreeMap<&'a str, &'a str>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenRef<'a> {
    Number(u64),
    Text(&'a str),
}

impl Written<'_> {
    fn entry(&self) -> Result<Entry, EntryError> {
        if self.v != FORM {
            return Err(EntryError::Unknown);
        }
        let mut act =
            Act { stage: self.stage()?, ..Act::new(Kind::of(self.kind).ok_or(EntryError::Unknown)?) };
        for (name, thing) in &self.refs {
            let name = RefName::of(name).ok_or(EntryError::Unknown)?;
            let thing = match thing {
                WrittenRef::Number(number) => Ref::Number(*number),
                WrittenRef::Text(text) => id(text).map(Ref::Id).or_else(|_| text.parse().map(Ref::Word))?,
            };
            act.refs.insert(name, thing);
        }
        for (name, hash) in &self.hashes {
            let name = HashName::of(name).ok_or(EntryError::Unknown)?;
            act.hashes.insert(name, hash.parse().map_err(|_| EntryError::Form)?);
        }
        let by = self.by.parse().map_err(|_| EntryError::Unknown)?;
        Ok(Entry { number: self.number, at: Time::from_micros(self.at), by, act })
    }

    fn stage(&self) -> Result<Stage, EntryError> {
        let act = || self.act.ok_or(EntryError::Form)?.parse().map_err(|_| EntryError::Form);
        match (self.stage, self.act, self.ending) {
            ("act", None, None) => Ok(Stage::Act),
            ("intent", Some(_), None) => Ok(Stage::Intent(act()?)),
            ("outcome", Some(_), Some(ending)) => {
                let ending = Ending::ALL.into_iter().find(|one| one.name() == ending);
                Ok(Stage::Outcome(act()?, ending.ok_or(EntryError::Unknown)?))
            }
            ("act" | "intent" | "outcome", ..) => Err(EntryError::Form),
            _ => Err(EntryError::Unknown),
        }
    }
}

/// Reads the one spelling of an id.
fn id(text: &str) -> Result<Uuid, EntryError> {
    let is_spelt = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_spelt { Uuid::try_parse(text).map_err(|_| EntryError::Form) } else { Err(EntryError::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use words::Task;

    fn entry(act: Act) -> Entry {
        Entry {
            number: 17,
            at: Time::from_micros(1_764_053_065_000_001),
            by: Principal::System(Task::Receive),
            act,
        }
    }

    #[test]
    fn is_written_as_the_paper_says() {
        let act = Act::new(Kind::MessageReceived)
            .about(RefName::Event, 18)
            .about(RefName::Conversation, Uuid::from_u128(7))
            .with_hash(HashName::Letter, Hash::from_bytes([0; 32]));
        let text = String::from_utf8(entry(act.clone()).bytes()).unwrap();
        assert_eq!(
            text,
            r#"{"v":1,"number":17,"at":1764053065000001,"kind":"message.received","stage":"act","by":"system:receive","refs":{"conversation":"00000000-0000-0000-0000-000000000007","event":18},"hashes":{"letter":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#
        );
        assert_eq!(Entry::read(text.as_bytes()), Ok(entry(act)));
    }

    #[test]
    fn what_is_written_is_read() {
        let id = ActId::from_uuid(Uuid::from_u128(9));
        let host = || "hooks.example.com".parse::<Word>().unwrap();
        for act in [
            Act::new(Kind::AccountSettings),
            Act::intent(Kind::Flow, id).about(RefName::Host, host()),
            Act::outcome(Kind::Flow, id, Ending::Unknown).about(RefName::BytesOut, u64::MAX),
        ] {
            assert_eq!(Entry::read(&entry(act.clone()).bytes()), Ok(entry(act)));
        }
    }

    #[test]
    fn there_is_one_way_to_write_it() {
        let text = String::from_utf8(entry(Act::new(Kind::AccountSettings)).bytes()).unwrap();
        let read = |text: String| Entry::read(text.as_bytes());
        assert_eq!(read(text.replace("\":", "\": ")), Err(EntryError::NotCanonical));
        assert_eq!(read(format!("{text}\n")), Err(EntryError::NotCanonical));
        assert_eq!(read(text.replace('}', r#","refs":{}}"#)), Err(EntryError::NotCanonical));
        assert_eq!(read(text.replace('}', r#","more":1}"#)), Err(EntryError::Form));
        assert_eq!(read(text.replace("account.settings", "account.eaten")), Err(EntryError::Unknown));
        assert_eq!(read(text.replace(r#""v":1"#, r#""v":2"#)), Err(EntryError::Unknown));
        assert_eq!(read(text.replace("stage\":\"act", "stage\":\"intent")), Err(EntryError::Form));
        assert_eq!(read(String::new()), Err(EntryError::Form));
        assert_eq!(Entry::read(&vec![b' '; ENTRY_BYTES_MAX + 1]), Err(EntryError::Form));
    }

    #[test]
    fn no_address_and_no_sentence_is_a_word() {
        for text in
            ["ada@example.com", "Ada", "two words", "", "søren", "00000000-0000-0000-0000-000000000007"]
        {
            assert_eq!(text.parse::<Word>(), Err(EntryError::NotAWord), "{text}");
        }
        assert_eq!("x".repeat(254).parse::<Word>(), Err(EntryError::NotAWord));
        assert_eq!("eu-west.example_1".parse::<Word>().unwrap().as_str(), "eu-west.example_1");
    }
}
