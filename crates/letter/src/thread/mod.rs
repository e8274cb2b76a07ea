//! Threading: our signed Message-IDs, and who may join a conversation by mail.

mod join;
mod token;

pub use join::{Join, JoinFacts, NoJoin, may_join};
pub use token::ReplyKeys;

use crate::Letter;

/// Message-IDs that a mail names and that could be ours, the nearest first.
pub fn tokens(letter: &Letter) -> Vec<&str> {
    let named = letter.in_reply_to.iter().chain(letter.references.iter().rev());
    named.map(String::as_str).filter(|id| token::looks_like(id)).collect()
}
