//! Secrets: never shown by Debug, compared in constant time, stored only as hashes.

use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret text (a token, a password, a key) that Debug does not show and memory forgets.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text as a secret.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// A new token: `prefix`, then 256 random bits in base32 (lower case, no padding).
    pub fn random(prefix: &str) -> Self {
        let mut bytes = [0_u8; 32];
        fill_random(&mut bytes);
        let body = data_encoding::BASE32_NOPAD.encode(&bytes).to_lowercase();
        Self::new(format!("{prefix}{body}"))
    }

    /// The text itself, for the one moment in which it is needed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place. Fit for tokens of 256 random bits, not for passwords.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a random secret, as stored.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash with these bytes, as read from a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as written to a store.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// Fills with random bytes of the system.
pub(crate) fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system gives random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_shown() {
        let secret = Secret::new("hunter2".into());
        assert_eq!(format!("{secret:?}{:?}", secret.hash()), "Secret(…)SecretHash(…)");
    }

    #[test]
    fn random_ones_differ_and_hash_alike() {
        let (a, b) = (Secret::random("havn_"), Secret::random("havn_"));
        assert_ne!(a.expose(), b.expose());
        assert_eq!(a.expose().len(), "havn_".len() + 52);
        assert_eq!(a.hash(), a.clone().hash());
        assert!(a.hash() != b.hash());
    }
}
