//! Keys in the addresses of letters and files: the letter host has no cookies, so the address itself
//! says for which agent it was made and until when.
//!
//! `key=<end in seconds>-<agent>-<signature>`; the signature covers the path too, so a key opens one
//! letter or file and nothing else. The agent's sessions are asked for again when the key is used: it
//! opens nothing after they have logged out, nor what they may not see any more.
//!
//! What signs is derived from the account's own key, so that an open page's letters outlive the program,
//! and nothing lies anywhere by which addresses could be made.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use store::Store;
use words::{AgentId, Time};

/// For so long an address can be used, and up to an hour more.
pub const FILE_KEY_HOURS: i64 = 12;

/// What signs the addresses of one account.
pub struct FileKey<'a>(&'a [u8; 32]);

impl<'a> FileKey<'a> {
    /// That of the account of this store.
    pub fn of(store: &'a Store) -> Self {
        Self(store.files().address_key())
    }

    /// The value of `key=` with which an agent may get what lies at `path`.
    pub fn sign(&self, path: &str, agent: AgentId, now: Time) -> String {
        // Whole hours: the same letter has the same address for a while, so that a browser need not
        // load it again.
        let ends = (now.seconds().div_euclid(3600) + FILE_KEY_HOURS + 1).saturating_mul(3600);
        let signature = self.mac(path, agent, ends).finalize().into_bytes();
        let signature = data_encoding::BASE32_NOPAD.encode(&signature).to_lowercase();
        format!("{ends}-{}-{signature}", agent.uuid().simple())
    }

    /// Whose key this is, if it is one for `path` that has not ended.
    pub fn check(&self, path: &str, key: &str, now: Time) -> Option<AgentId> {
        let mut parts = key.splitn(3, '-');
        let (ends, agent, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let ends: i64 = ends.parse().ok()?;
        let agent: AgentId = hyphenated(agent)?.parse().ok()?;
        let signature = data_encoding::BASE32_NOPAD.decode(signature.to_uppercase().as_bytes()).ok()?;
        self.mac(path, agent, ends).verify_slice(&signature).ok()?;
        let last = now.after(Duration::from_hours(1)).seconds() + FILE_KEY_HOURS * 3600;
        (now.seconds()..=last).contains(&ends).then_some(agent)
    }

    fn mac(&self, path: &str, agent: AgentId, ends: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0).expect("HMAC takes keys of any length");
        mac.update(agent.uuid().as_bytes());
        mac.update(&ends.to_be_bytes());
        mac.update(path.as_bytes());
        mac
    }
}

fn hyphenated(simple: &str) -> Option<String> {
    let good = simple.len() == 32 && simple.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| [&simple[..8], &simple[8..12], &simple[12..16], &simple[16..20], &simple[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_one_path_for_one_agent_for_a_while() {
        let (key, now) = (FileKey(&[1; 32]), Time::from_seconds(1_800_000_000));
        let agent = AgentId::new(now);
        let signed = key.sign("/letters/1", agent, now);
        assert_eq!(key.check("/letters/1", &signed, now), Some(agent));
        assert_eq!(key.check("/letters/2", &signed, now), None);
        assert_eq!(FileKey(&[2; 32]).check("/letters/1", &signed, now), None);
        let later = now.after(Duration::from_hours(14));
        assert_eq!(key.check("/letters/1", &signed, later), None);
        let other = AgentId::new(now);
        let swapped = signed.replace(&agent.uuid().simple().to_string(), &other.uuid().simple().to_string());
        assert_eq!(key.check("/letters/1", &swapped, now), None);
        for bad in ["", "-", "--", "1-2-3", "9-é-x"] {
            assert_eq!(key.check("/letters/1", bad, now), None, "{bad}");
        }
    }
}
