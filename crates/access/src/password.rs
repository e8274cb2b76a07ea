//! Passwords: argon2id, few at a time, the same work for everybody who asks.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use words::{EmailAddress, Secret};

use crate::{Error, Result};

/// The shortest password.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// The longest password: more is no safer, only slower.
const PASSWORD_BYTES_MAX: usize = 1_024;
/// Memory of one hash (OWASP: 19 MiB, two passes, one lane).
const HASH_MEMORY_KIB: u32 = 19 * 1_024;
const HASH_PASSES: u32 = 2;
const HASH_LANES: u32 = 1;
/// Hashes at once, so that memory stays flat.
const HASHES_AT_ONCE_MAX: usize = 2;
/// Those who wait for their hash; more are told to come again.
const HASHES_WAITING_MAX: usize = 64;

/// A hash that no password has, of the very cost of ours: for addresses without a password.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cyBzYWx0IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is wrong with a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFlaw {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    #[error("it needs at least 10 characters")]
    Short,
    /// More than 1,024 bytes.
    #[error("it is too long")]
    Long,
    /// It is the address or the name.
    #[error("it is the address or the name")]
    Known,
}

/// Whether a new password will do: long enough, and not what everybody knows. No other rules (NIST
/// SP 800-63B part 3.1.1.2).
pub(crate) fn will_do(password: &Secret, address: &EmailAddress, name: &str) -> Result<()> {
    let text = password.expose();
    let flaw = if text.chars().count() < PASSWORD_CHARS_MIN {
        PasswordFlaw::Short
    } else if text.len() > PASSWORD_BYTES_MAX {
        PasswordFlaw::Long
    } else if [address.as_str(), address.local(), name]
        .map(str::to_lowercase)
        .contains(&text.trim().to_lowercase())
    {
        PasswordFlaw::Known
    } else {
        return Ok(());
    };
    Err(Error::Password(flaw))
}

/// Hashes passwords, few at a time.
#[derive(Clone)]
pub(crate) struct Passwords(Arc<Inner>);

struct Inner {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    done: AtomicU64,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            places: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX + HASHES_WAITING_MAX)),
            turns: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)),
            done: AtomicU64::new(0),
        }))
    }

    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String> {
        let password = password.clone();
        self.in_turn(move || {
            let hashed = argon2().hash_password(password.expose().as_bytes());
            hashed.map(|hash| hash.to_string()).map_err(|_| Error::Panicked)
        })
        .await?
    }

    /// Whether this is the password of the hash. One hash is computed, whatever is given: nobody
    /// learns from the time it takes whether there is a hash.
    pub(crate) async fn verify(&self, password: &Secret, hash: Option<String>) -> Result<bool> {
        let password = password.clone();
        self.in_turn(move || {
            let sane = password.expose().len() <= PASSWORD_BYTES_MAX;
            let text = hash.as_deref().filter(|_| sane).unwrap_or(NOBODYS_HASH);
            let bytes = if sane { password.expose().as_bytes() } else { &[] };
            PasswordHash::new(text).is_ok_and(|hash| argon2().verify_password(bytes, &hash).is_ok())
        })
        .await
    }

    /// How many hashes were computed since the start.
    pub(crate) fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        let turn = Arc::clone(&self.0.turns).acquire_owned().await.map_err(|_| Error::Panicked)?;
        let inner = Arc::clone(&self.0);
        // Place and turn go along: whoever gives up waiting does not make room before the work is done.
        let done = tokio::task::spawn_blocking(move || {
            let value = work();
            inner.done.fetch_add(1, Ordering::Relaxed);
            drop((place, turn));
            value
        });
        done.await.map_err(|_| Error::Panicked)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(HASH_MEMORY_KIB, HASH_PASSES, HASH_LANES, None);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("the constants above are in range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_costs_what_ours_does() {
        let ours = argon2().hash_password(b"correct horse battery").unwrap().to_string();
        let (nobodys, ours) = (PasswordHash::new(NOBODYS_HASH).unwrap(), PasswordHash::new(&ours).unwrap());
        assert_eq!(nobodys.algorithm, ours.algorithm);
        assert_eq!(nobodys.version, ours.version);
        assert_eq!(nobodys.params, ours.params);
        assert_eq!(nobodys.hash.unwrap().len(), ours.hash.unwrap().len());
    }

    #[test]
    fn each_flaw_has_its_reason() {
        let address: EmailAddress = "mette.holm@example.dk".parse().unwrap();
        let cases = [
            ("123456789", Err(PasswordFlaw::Short)),
            ("1234567890", Ok(())),
            ("æøåæøåæøåæ", Ok(())),
            ("Mette.Holm@Example.DK", Err(PasswordFlaw::Known)),
            ("mette.holm", Err(PasswordFlaw::Known)),
            ("Mette Holm", Err(PasswordFlaw::Known)),
            ("mette holm er her", Ok(())),
        ];
        for (password, expected) in cases {
            let found = match will_do(&Secret::new(password.into()), &address, "Mette Holm") {
                Ok(()) => Ok(()),
                Err(Error::Password(flaw)) => Err(flaw),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, expected, "{password}");
        }
        let long = Secret::new("x".repeat(1_025));
        assert!(matches!(will_do(&long, &address, ""), Err(Error::Password(PasswordFlaw::Long))));
    }
}
