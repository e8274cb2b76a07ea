//! The keys by which we know our own Message-IDs again.

use sha2::{Digest, Sha256};
use store::Read;

use crate::Result;

/// The account's reply keys: the newest signs, all verify.
pub(crate) fn reply_keys(read: &Read<'_>) -> Result<letter::ReplyKeys> {
    let keys = read.reply_keys()?.into_iter().map(|key| (key.key_id, key.secret));
    Ok(letter::ReplyKeys::new(read.account(), keys))
}

/// The key by which a Message-ID is found.
pub(crate) fn message_id_key(message_id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"havn message-id v1\0");
    hash.update(message_id.as_bytes());
    hash.finalize().into()
}
