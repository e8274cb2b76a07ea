//! SHA-256 hashes of entries, nodes and facts, and the salts that keep a fact from being guessed.

use std::fmt;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 32;

/// A SHA-256 hash; in text its base64 (RFC 4648 part 4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; HASH_BYTES]);

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hash")]
pub struct HashError;

impl Hash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// The hash of an entry as a leaf: SHA-256(0x00, entry) (RFC 6962 part 2.1).
    pub fn of_entry(entry: &[u8]) -> Self {
        tlog_tiles::record_hash(entry).into()
    }
}

impl From<tlog_tiles::Hash> for Hash {
    fn from(hash: tlog_tiles::Hash) -> Self {
        Self(hash.0)
    }
}

impl From<Hash> for tlog_tiles::Hash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl std::str::FromStr for Hash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

/// Random bytes that are hashed with a fact. They are kept beside the log and never in it: once they are
/// erased, nobody can tell any more, by trying, of what an entry's hash was.
#[derive(Clone)]
pub struct Salt([u8; SALT_BYTES]);

impl Salt {
    /// The salt with these random bytes.
    pub const fn from_bytes(bytes: [u8; SALT_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be kept beside the log.
    pub const fn bytes(&self) -> &[u8; SALT_BYTES] {
        &self.0
    }

    /// What an entry says of a fact: SHA-256(salt, fact).
    pub fn hash(&self, fact: &[u8]) -> Hash {
        Hash(Sha256::new().chain_update(self.0).chain_update(fact).finalize().into())
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = Hash::of_entry(b"x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(hash.to_string().trim_end_matches('=').parse::<Hash>(), Err(HashError));
    }

    #[test]
    fn another_salt_gives_another_hash() {
        let (one, other) = (Salt::from_bytes([1; 32]), Salt::from_bytes([2; 32]));
        assert_eq!(one.hash(b"a letter"), one.clone().hash(b"a letter"));
        assert_ne!(one.hash(b"a letter"), other.hash(b"a letter"));
        assert_ne!(one.hash(b"a letter"), one.hash(b"another"));
        assert_eq!(format!("{one:?}"), "Salt(…)");
    }
}
