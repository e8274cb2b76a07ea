//! Whether a whole log is what was signed: nothing altered, removed, inserted or reordered since a
//! checkpoint that was kept; and if it is not, which of these.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{Checkpoint, CheckpointError, Edge, Export, Hash, LogPublicKey, Origin, entry::number_of};

/// What is wrong with a log. Numbers of entries begin with 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The checkpoint that came with it is not to be believed.
    #[error("{0}")]
    Checkpoint(CheckpointError),
    /// A checkpoint that was kept is none of this log.
    #[error("the checkpoint that was kept: {0}")]
    Kept(CheckpointError),
    /// The log is shorter than it was.
    #[error("the log was rolled back: it had {kept} entries and now has {size}")]
    RolledBack {
        /// How many entries were signed for.
        size: u64,
        /// How many there were in the checkpoint that was kept.
        kept: u64,
    },
    /// An old checkpoint is shown in place of a newer one.
    #[error("an old checkpoint of {size} entries is shown again: one of {kept} was kept")]
    Replayed {
        /// How many entries were signed for.
        size: u64,
        /// How many there were in the checkpoint that was kept.
        kept: u64,
    },
    /// Two histories were signed.
    #[error("the log was forked: what was signed at {size} entries is not how this log began")]
    Forked {
        /// The size at which they differ.
        size: u64,
    },
    /// An entry is missing.
    #[error("entry {number} was removed")]
    Removed {
        /// Which.
        number: u64,
    },
    /// There is an entry that was not there.
    #[error("an entry was inserted at {position}")]
    Inserted {
        /// Where.
        position: u64,
    },
    /// Entries are not in their order.
    #[error("entries were reordered from {position} on")]
    Reordered {
        /// The first that is out of place.
        position: u64,
    },
    /// The end is missing.
    #[error("the log was truncated: {size} entries were signed and {found} are there")]
    Truncated {
        /// How many there are.
        found: u64,
        /// How many there must be.
        size: u64,
    },
    /// Entries are not what was signed.
    #[error("an entry from {from} to before {to} was altered")]
    Altered {
        /// The first that may be.
        from: u64,
        /// Before this one.
        to: u64,
    },
    /// There are entries behind those that were signed.
    #[error("entries from {from} on are not signed for")]
    Unsigned {
        /// The first of them.
        from: u64,
    },
}

/// A log that is what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Up to how many entries it is also what was signed before, by the checkpoints that were kept.
    pub kept: Option<u64>,
}

/// Verifies a whole log of this origin under the operator's key, against the signed checkpoints that
/// were kept of it.
pub fn verify(
    export: &Export<'_>,
    origin: &Origin,
    key: &LogPublicKey,
    kept: &[&str],
) -> Result<Verified, Fault> {
    let now = Checkpoint::open(export.checkpoint, origin, key).map_err(Fault::Checkpoint)?;
    let kept = kept.iter().map(|text| Checkpoint::open(text, origin, key)).collect::<Result<Vec<_>, _>>();
    let kept = by_size(kept.map_err(Fault::Kept)?)?;
    let newest = kept.keys().next_back().copied();
    if let Some(kept) = newest.filter(|kept| *kept > now.size) {
        let has_more = export.entries.len() as u64 > now.size;
        let size = now.size;
        return Err(if has_more { Fault::Replayed { size, kept } } else { Fault::RolledBack { size, kept } });
    }
    check_places(&export.entries, now.size)?;
    let roots = roots(&export.entries, kept.keys().copied().chain([now.size]).collect());
    if roots.get(&now.size) != Some(&now.root) {
        return Err(altered(&roots, &kept, now.size));
    }
    if let Some((size, _)) = kept.iter().find(|(size, root)| roots.get(size) != Some(root)) {
        return Err(Fault::Forked { size: *size });
    }
    if export.entries.len() as u64 > now.size {
        return Err(Fault::Unsigned { from: now.size });
    }
    Ok(Verified { checkpoint: now, kept: newest })
}

/// The roots that were kept; two of one size are two histories.
fn by_size(kept: Vec<Checkpoint>) -> Result<BTreeMap<u64, Hash>, Fault> {
    let mut roots = BTreeMap::new();
    for Checkpoint { size, root, .. } in kept {
        if roots.insert(size, root).is_some_and(|other| other != root) {
            return Err(Fault::Forked { size });
        }
    }
    Ok(roots)
}

/// The roots of the log when it had these sizes.
fn roots(entries: &[&[u8]], sizes: BTreeSet<u64>) -> BTreeMap<u64, Hash> {
    let mut edge = Edge::empty();
    let mut entries = entries.iter();
    let mut roots = BTreeMap::new();
    for size in sizes {
        while edge.size() < size {
            let Some(entry) = entries.next() else { return roots };
            edge.append(entry);
        }
        roots.insert(size, edge.root());
    }
    roots
}

/// Between which checkpoints the log is not what was signed.
fn altered(roots: &BTreeMap<u64, Hash>, kept: &BTreeMap<u64, Hash>, size: u64) -> Fault {
    let wrong =
        kept.iter().find(|(size, root)| roots.get(size) != Some(root)).map_or(size, |(size, _)| *size);
    let from = kept.range(..wrong).next_back().map_or(0, |(size, _)| *size);
    Fault::Altered { from, to: wrong }
}

/// Whether each entry stands where its number says.
fn check_places(entries: &[&[u8]], size: u64) -> Result<(), Fault> {
    let signed = usize::try_from(size).unwrap_or(usize::MAX).min(entries.len());
    let misplaced = (0..).zip(&entries[..signed]).find(|(place, entry)| number_of(entry) != Some(*place));
    if let Some((place, _)) = misplaced {
        return Err(misplacement(entries, size, place));
    }
    let found = entries.len() as u64;
    if found < size { Err(Fault::Truncated { found, size }) } else { Ok(()) }
}

/// Why the entry at `place`, the first such, is not the one of this number.
fn misplacement(entries: &[&[u8]], size: u64, place: u64) -> Fault {
    let numbers: Vec<Option<u64>> = entries.iter().map(|entry| number_of(entry)).collect();
    let mut times: HashMap<u64, usize> = HashMap::new();
    for number in numbers.iter().flatten() {
        *times.entry(*number).or_default() += 1;
    }
    let at = |place: u64| usize::try_from(place).ok().and_then(|place| numbers.get(place).copied().flatten());
    let here = at(place);
    if !times.contains_key(&place) {
        let rest_is_in_place =
            at(place + 1) == Some(place + 1) || (place + 1 == size && entries.len() as u64 == size);
        return if rest_is_in_place {
            Fault::Altered { from: place, to: place + 1 }
        } else {
            Fault::Removed { number: place }
        };
    }
    let is_of_the_log = here.is_some_and(|number| number < size && times[&number] == 1);
    if is_of_the_log { Fault::Reordered { position: place } } else { Fault::Inserted { position: place } }
}
