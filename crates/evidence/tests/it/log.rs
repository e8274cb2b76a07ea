//! A log in memory.

use std::{collections::HashMap, convert::Infallible};

use evidence::{
    Act, Checkpoint, Edge, Entry, Export, Kind, LogKey, Origin, Proof, RefName, TileId, TreeError,
    prove_inclusion,
};
use uuid::Uuid;
use words::{AccountId, Host, Principal, Task, Time};

/// A log with the tiles that its store would hold.
#[derive(Default)]
pub struct Log {
    pub edge: Edge,
    pub entries: Vec<Vec<u8>>,
    stored: HashMap<(u8, u64), Vec<u8>>,
}

pub fn host() -> Host {
    "havn.example".parse().unwrap()
}

pub fn account() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001))
}

pub fn origin() -> Origin {
    Origin::account(&host(), account())
}

pub fn key() -> LogKey {
    LogKey::from_seed(&[7; 32])
}

/// An entry like those of the desk.
pub fn entry(number: u64) -> Vec<u8> {
    let act = Act::new(Kind::MessageReceived)
        .about(RefName::Conversation, Uuid::from_u128(u128::from(number) / 3))
        .about(RefName::Message, Uuid::from_u128(u128::from(number)))
        .about(RefName::Event, number + 1);
    numbered(number, act)
}

pub fn numbered(number: u64, act: Act) -> Vec<u8> {
    let at = Time::from_micros(1_764_000_000_000_000 + i64::try_from(number).unwrap() * 1_000_003);
    Entry { number, at, by: Principal::System(Task::Receive), act }.bytes()
}

impl Log {
    pub fn of(size: u64) -> Self {
        let mut log = Self::default();
        (0..size).for_each(|number| log.append(entry(number)));
        log
    }

    pub fn append(&mut self, entry: Vec<u8>) {
        for tile in self.edge.append(&entry) {
            self.stored.insert((tile.id.level, tile.id.position), tile.hashes);
        }
        self.entries.push(entry);
    }

    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// A tile as a store gives it: full ones and those above are stored, the lowest is made of entries.
    #[expect(clippy::unnecessary_wraps, reason = "as a store answers")]
    pub fn tile(&self, id: TileId) -> Result<Vec<u8>, Infallible> {
        let width = usize::from(id.width);
        if id.level > 0 || id.is_full() {
            return Ok(self.stored[&(id.level, id.position)][..width * 32].to_vec());
        }
        let first = usize::try_from(id.position).unwrap() * 256;
        let entries = &self.entries[first..first + width];
        Ok(entries.iter().flat_map(|entry| *evidence::Hash::of_entry(entry).bytes()).collect())
    }

    pub fn checkpoint_at(&self, size: u64) -> Checkpoint {
        let root = evidence::root(size, |tile| self.tile(tile)).unwrap();
        Checkpoint { origin: origin(), size, root }
    }

    pub fn signed_at(&self, size: u64) -> String {
        self.checkpoint_at(size).sign(&key())
    }

    pub fn signed(&self) -> String {
        self.signed_at(self.size())
    }

    pub fn prove(&self, number: u64, checkpoint: &Checkpoint, key: &LogKey) -> Proof {
        let hashes: Result<_, TreeError<Infallible>> =
            prove_inclusion(checkpoint.size, number, |tile| self.tile(tile));
        let entry = self.entries[usize::try_from(number).unwrap()].clone();
        Proof { entry, number, hashes: hashes.unwrap(), checkpoint: checkpoint.sign(key) }
    }
}

/// What is handed out of these entries under this checkpoint.
pub fn export<'a>(checkpoint: &'a str, entries: &'a [Vec<u8>]) -> Export<'a> {
    Export { checkpoint, entries: entries.iter().map(Vec::as_slice).collect() }
}
