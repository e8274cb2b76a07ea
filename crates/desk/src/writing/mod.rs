//! What agents write: answers, notes and first letters, and how they are taken back.

mod acknowledge;
mod answer;
mod draft;
mod draft_file;
mod first_draft;
mod note;
mod outgoing;
mod recipients;
mod start;
mod take_back;

pub use answer::{Answer, answer};
pub use draft::{discard_draft, save_draft};
pub use draft_file::{add_draft_files, remove_draft_file};
pub use first_draft::{
    Typed, add_first_draft_files, discard_first_draft, remove_first_draft_file, save_first_draft,
};
pub use note::{Note, note};
pub use outgoing::{Body, UNDO_SECONDS};
pub use start::{FirstLetter, start};
pub use take_back::take_back;

pub(crate) use acknowledge::acknowledge;

use store::DraftFile;

/// Files of one letter at most.
pub const FILES_MAX: usize = 50;
/// Bytes of all files of one letter at most: what most servers take, base64 and all.
pub const FILES_BYTES_MAX: i64 = 18 * 1024 * 1024;
/// Characters of one letter at most, with its mark-up.
pub const BODY_CHARS_MAX: usize = 500_000;

/// A stored file that goes with a letter or lies at a note.
pub type File = DraftFile;
