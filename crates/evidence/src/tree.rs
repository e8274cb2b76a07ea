//! The Merkle tree of a log (RFC 6962 part 2.1): how it grows, and what it proves.
//!
//! Of the tree only tiles are kept: [`Edge`] holds those that are not full yet and gives the others to
//! be stored; proofs ask for the tiles that they need.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use tlog_tiles::HashReader;

use crate::{Hash, TILE_WIDTH, TileId, hash::HASH_BYTES, tile::TILE_HEIGHT};

/// A tile to be stored, in place of a narrower one at the same level and position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Which.
    pub id: TileId,
    /// Its hashes, one after the other.
    pub hashes: Vec<u8>,
}

/// Why a proof could not be made, or an edge not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError<E> {
    /// The log has no such entry, or no such size.
    #[error("the log is not as long as that")]
    OutOfRange,
    /// A tile has not as many hashes as it must.
    #[error("{0} is damaged")]
    Damaged(TileId),
    /// A tile could not be read.
    #[error(transparent)]
    Tiles(E),
}

/// The right edge of a log: its tiles that are not full. All that is needed to append to it, and to tell
/// its root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// By level, the lowest first.
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of an empty log.
    pub const fn empty() -> Self {
        Self { size: 0, levels: Vec::new() }
    }

    /// The edge of a log of `size` entries, of its tiles.
    pub fn load<E>(
        size: u64,
        mut read: impl FnMut(TileId) -> Result<Vec<u8>, E>,
    ) -> Result<Self, TreeError<E>> {
        let mut levels = Vec::new();
        for level in 0_u8.. {
            let hashes = size.checked_shr(u32::from(TILE_HEIGHT) * u32::from(level)).unwrap_or(0);
            if hashes == 0 {
                break;
            }
            let tile = TileId::at(level, hashes / TILE_WIDTH, size);
            levels.push(tile.map_or(Ok(Vec::new()), |tile| {
                hashes_of(&read(tile).map_err(TreeError::Tiles)?, tile.width).ok_or(TreeError::Damaged(tile))
            })?);
        }
        Ok(Self { size, levels })
    }

    /// How many entries the log has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends an entry. Gives the tiles to store: none but for every 256th entry, which fills one and
    /// so lengthens one on the level above.
    pub fn append(&mut self, entry: &[u8]) -> Vec<Tile> {
        self.append_hash(Hash::of_entry(entry))
    }

    /// As [`Edge::append`], for an entry of which the hash is known.
    pub fn append_hash(&mut self, hash: Hash) -> Vec<Tile> {
        self.size += 1;
        let (mut stored, mut hash) = (Vec::new(), hash);
        for level in 0_u8.. {
            let index = usize::from(level);
            if self.levels.len() == index {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[index];
            hashes.push(hash);
            let is_full = hashes.len() as u64 == TILE_WIDTH;
            let bytes = (level > 0 || is_full).then(|| bytes_of(hashes));
            if let Some(hashes) = bytes {
                let position = ((self.size >> (TILE_HEIGHT * level)) - 1) / TILE_WIDTH;
                let width = u16::try_from(hashes.len() / HASH_BYTES).unwrap_or(u16::MAX);
                stored.push(Tile { id: TileId { level, position, width }, hashes });
            }
            if !is_full {
                break;
            }
            hash = root_of_full(hashes);
            hashes.clear();
        }
        stored
    }

    /// The root hash of the log.
    pub fn root(&self) -> Hash {
        tlog_tiles::tree_hash(self.size, &Nodes(self)).expect("the edge holds all that is asked").into()
    }

    /// The tile of this edge on a level, if anything is in it.
    pub fn tile(&self, level: u8) -> Option<Tile> {
        let hashes = self.levels.get(usize::from(level)).filter(|hashes| !hashes.is_empty())?;
        let position = (self.size >> (TILE_HEIGHT * level)) / TILE_WIDTH;
        Some(Tile { id: TileId::at(level, position, self.size)?, hashes: bytes_of(hashes) })
    }
}

fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.bytes()).collect()
}

fn hashes_of(bytes: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    let is_whole = rest.is_empty() && hashes.len() == usize::from(width);
    is_whole.then(|| hashes.iter().map(|hash| Hash::from_bytes(*hash)).collect())
}

/// The root of a subtree with as many hashes as a power of two.
fn root_of_full(hashes: &[Hash]) -> Hash {
    match hashes {
        [one] => *one,
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            tlog_tiles::node_hash(root_of_full(left).into(), root_of_full(right).into()).into()
        }
    }
}

/// Nodes of the tree, by their number, of the edge alone.
struct Nodes<'e>(&'e Edge);

impl HashReader for Nodes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        indexes
            .iter()
            .map(|index| {
                let (level, number) = tlog_tiles::split_stored_hash_index(*index);
                let (tile, within) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
                let hashes = self.0.levels.get(usize::from(tile));
                // Of a node that is whole, all hashes below it within its tile are there.
                let start = usize::try_from((number << within) % TILE_WIDTH).unwrap_or(usize::MAX);
                let below = hashes.and_then(|hashes| hashes.get(start..start + (1 << within)));
                below.map(|below| root_of_full(below).into()).ok_or(tlog_tiles::Error::InvalidTile)
            })
            .collect()
    }
}

/// Nodes of the tree, by their number, of tiles that are read.
struct TiledNodes<F, E> {
    size: u64,
    read: RefCell<F>,
    failure: RefCell<Option<TreeError<E>>>,
}

impl<F: FnMut(TileId) -> Result<Vec<u8>, E>, E> TiledNodes<F, E> {
    fn read_nodes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, TreeError<E>> {
        let place = |index| {
            let tile = tlog_tiles::Tile::from_index(TILE_HEIGHT, index);
            TileId::at(tile.level(), tile.level_index(), self.size).ok_or(TreeError::OutOfRange)
        };
        let places = indexes.iter().map(|index| place(*index)).collect::<Result<Vec<_>, _>>()?;
        let mut tiles = HashMap::new();
        for id in places.iter().copied().collect::<BTreeSet<_>>() {
            let bytes = (self.read.borrow_mut())(id).map_err(TreeError::Tiles)?;
            if bytes.len() != usize::from(id.width) * HASH_BYTES {
                return Err(TreeError::Damaged(id));
            }
            tiles.insert(id, bytes);
        }
        let node = |(index, id): (&u64, &TileId)| {
            id.tile().hash_at_index(&tiles[id], *index).map_err(|_| TreeError::Damaged(*id))
        };
        indexes.iter().zip(&places).map(node).collect()
    }
}

impl<F: FnMut(TileId) -> Result<Vec<u8>, E>, E> HashReader for TiledNodes<F, E> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        self.read_nodes(indexes).map_err(|error| {
            self.failure.replace(Some(error));
            tlog_tiles::Error::InvalidTile
        })
    }
}

/// Asks the tree of a log of `size` entries.
fn ask<F: FnMut(TileId) -> Result<Vec<u8>, E>, E, T>(
    size: u64,
    read: F,
    question: impl FnOnce(&TiledNodes<F, E>) -> Result<T, tlog_tiles::Error>,
) -> Result<T, TreeError<E>> {
    let nodes = TiledNodes { size, read: RefCell::new(read), failure: RefCell::new(None) };
    let answer = question(&nodes);
    answer.map_err(|_| nodes.failure.take().unwrap_or(TreeError::OutOfRange))
}

/// The root of the log when it had `size` entries, of tiles as they were then (a wider one may be cut).
pub fn root<E>(size: u64, read: impl FnMut(TileId) -> Result<Vec<u8>, E>) -> Result<Hash, TreeError<E>> {
    ask(size, read, |nodes| tlog_tiles::tree_hash(size, nodes)).map(Hash::from)
}

/// Proves that entry `number` is in the log of `size` entries.
pub fn prove_inclusion<E>(
    size: u64,
    number: u64,
    read: impl FnMut(TileId) -> Result<Vec<u8>, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    let proof = ask(size, read, |nodes| tlog_tiles::prove_record(size, number, nodes))?;
    Ok(proof.into_iter().map(Hash::from).collect())
}

/// Whether a proof shows that the entry of this hash is at `number` in the log of this size and root.
pub fn includes(size: u64, root: Hash, number: u64, entry: Hash, proof: &[Hash]) -> bool {
    let proof = proof.iter().map(|hash| (*hash).into()).collect();
    tlog_tiles::check_record(&proof, size, root.into(), number, entry.into()).is_ok()
}

/// Proves that the log of `size` entries begins with that of `before` entries.
pub fn prove_consistency<E>(
    size: u64,
    before: u64,
    read: impl FnMut(TileId) -> Result<Vec<u8>, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    if before == 0 {
        return Ok(Vec::new());
    }
    let proof = ask(size, read, |nodes| tlog_tiles::prove_tree(size, before, nodes))?;
    Ok(proof.into_iter().map(Hash::from).collect())
}

/// Whether a proof shows that the log of size and root `now` begins with that of `before`.
pub fn continues(now: (u64, Hash), before: (u64, Hash), proof: &[Hash]) -> bool {
    if before.0 == 0 {
        return proof.is_empty() && before.1 == Edge::empty().root();
    }
    let proof = proof.iter().map(|hash| (*hash).into()).collect();
    tlog_tiles::check_tree(&proof, now.0, now.1.into(), before.0, before.1.into()).is_ok()
}
