//! What happened: records that outsiders can check. No IO, no async, no clock.
//!
//! An [`Act`] becomes an [`Entry`] of a log; [`Edge`] appends its bytes to the log's tree; a
//! [`Checkpoint`] signs what the log is at a size; [`Proof`] shows that an entry is in it, and [`verify`]
//! that a whole log is what was signed. The formats are in `docs/evidence.md`.

mod checkpoint;
mod entry;
mod export;
mod flow;
mod hash;
mod intent;
mod kind;
mod proof;
mod signed;
mod tile;
mod told;
mod tree;
mod verify;

pub use checkpoint::{
    CHECKPOINT_BYTES_MAX, CHECKPOINT_EVERY, Checkpoint, CheckpointError, LogKey, LogPublicKey, Origin,
    checkpoint_is_due,
};
pub use entry::{Act, ENTRY_BYTES_MAX, Ending, Entry, EntryError, Ref, Stage, WORD_BYTES_MAX, Word};
pub use export::Export;
pub use flow::{Direction, Flow, SpoolError, SpoolKey, SpoolLine, SpoolReader};
pub use hash::{HASH_BYTES, Hash, HashError, SALT_BYTES, Salt};
pub use intent::unknown_outcomes;
pub use kind::{HashName, Kind, RefName};
pub use proof::{PROOF_BYTES_MAX, Proof, ProofError};
pub use signed::{SignedTextError, open_text, sign_text};
pub use tile::{BundleError, BundleId, PathError, TILE_WIDTH, TileId, read_bundle, write_bundle};
pub use told::{Told, ToldFault, told_by_operator};
pub use tree::{Edge, Tile, TreeError, continues, includes, prove_consistency, prove_inclusion, root};
pub use verify::{Fault, Verified, verify};
