//! `havn import`: an old mailbox becomes conversations. It can be broken off and gone on with; what lay
//! here already is not doubled.

mod files;
mod mbox;
mod source;
mod summary;
mod take;

pub use take::import;
