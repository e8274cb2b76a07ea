//! The signed part of our Message-IDs: it says which conversation a letter of ours is of, and that the
//! account itself has said so.
//!
//! One format: `h1.<key>.<conversation>.<chance>.<signature>@<domain>`, the parts in base32hex without
//! padding, the signature the first 128 bits of HMAC-SHA256 over account, key, conversation and chance.

use data_encoding::BASE32HEX_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use words::{AccountId, ConversationId, Secret};

const VERSION: &str = "h1";
const SIGNATURE_BYTES: usize = 16;
/// Of chance, so that each letter has a Message-ID of its own.
const CHANCE_CHARS: usize = 16;

/// The account's keys: the one with the highest number signs, all verify.
pub struct ReplyKeys {
    account: AccountId,
    keys: Vec<(i64, Vec<u8>)>,
}

/// Whether a Message-ID has our format, ours or another account's.
pub(super) fn looks_like(message_id: &str) -> bool {
    message_id.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("h1."))
}

impl ReplyKeys {
    /// The keys of an account, by number.
    pub fn new(account: AccountId, keys: impl IntoIterator<Item = (i64, Vec<u8>)>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_by_key(|(number, _)| -number);
        Self { account, keys }
    }

    /// A new Message-ID (without brackets) for a letter of the conversation.
    ///
    /// # Panics
    /// If the account has no key; every account is made with one.
    pub fn mint(&self, conversation: ConversationId, domain: &str) -> String {
        let (number, secret) = self.keys.first().expect("an account has a reply key");
        let chance = &Secret::random("").expose()[..CHANCE_CHARS].to_owned();
        let signature = self.sign(*number, secret, conversation, chance);
        let conversation = encode(conversation.uuid().as_bytes());
        format!("{VERSION}.{number}.{conversation}.{chance}.{}@{domain}", encode(&signature))
    }

    /// The conversation that a Message-ID of ours names; none if we have not made it for this account.
    pub fn verify(&self, message_id: &str) -> Option<ConversationId> {
        // Some servers write Message-IDs in capitals.
        let message_id = message_id.to_lowercase();
        let (local, _) = message_id.split_once('@')?;
        let mut parts = local.split('.');
        let (version, number) = (parts.next()?, parts.next()?.parse::<i64>().ok()?);
        let (conversation, chance, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if version != VERSION || parts.next().is_some() || chance.len() != CHANCE_CHARS {
            return None;
        }
        let conversation: [u8; 16] = decode(conversation)?.try_into().ok()?;
        let conversation = ConversationId::from_uuid(uuid::Uuid::from_bytes(conversation));
        let (_, secret) = self.keys.iter().find(|(key, _)| *key == number)?;
        let expected = self.sign(number, secret, conversation, chance);
        bool::from(decode(signature)?.ct_eq(&expected)).then_some(conversation)
    }

    fn sign(
        &self,
        number: i64,
        secret: &[u8],
        conversation: ConversationId,
        chance: &str,
    ) -> [u8; SIGNATURE_BYTES] {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length");
        mac.update(b"havn reply token h1\0");
        mac.update(self.account.uuid().as_bytes());
        mac.update(&number.to_be_bytes());
        mac.update(conversation.uuid().as_bytes());
        mac.update(chance.as_bytes());
        let whole = mac.finalize().into_bytes();
        let mut first = [0; SIGNATURE_BYTES];
        first.copy_from_slice(&whole[..SIGNATURE_BYTES]);
        first
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE32HEX_NOPAD.encode(bytes).to_lowercase()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE32HEX_NOPAD.decode(text.to_uppercase().as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use words::Time;

    fn keys(account: AccountId) -> ReplyKeys {
        ReplyKeys::new(account, [(1, vec![7; 32]), (2, vec![9; 32])])
    }

    fn ids() -> (AccountId, ConversationId) {
        (AccountId::new(Time::from_seconds(1)), ConversationId::new(Time::from_seconds(2)))
    }

    #[test]
    fn names_its_conversation() {
        let (account, conversation) = ids();
        let id = keys(account).mint(conversation, "example.dk");
        assert!(id.starts_with("h1.2.") && id.ends_with("@example.dk"), "{id}");
        assert_eq!(keys(account).verify(&id), Some(conversation));
        assert_eq!(keys(account).verify(&id.to_uppercase()), Some(conversation));
        assert_ne!(id, keys(account).mint(conversation, "example.dk"));
    }

    #[test]
    fn an_old_key_still_verifies_and_a_removed_one_does_not() {
        let (account, conversation) = ids();
        let old = ReplyKeys::new(account, [(1, vec![7; 32])]).mint(conversation, "example.dk");
        assert_eq!(keys(account).verify(&old), Some(conversation));
        assert_eq!(ReplyKeys::new(account, [(2, vec![9; 32])]).verify(&old), None);
    }

    #[test]
    fn another_account_has_not_said_it() {
        let (account, conversation) = ids();
        let id = keys(account).mint(conversation, "example.dk");
        assert_eq!(keys(AccountId::new(Time::from_seconds(3))).verify(&id), None);
    }

    proptest! {
        #[test]
        fn one_changed_character_is_enough(at in 3_usize..70, to in proptest::char::range('a', 'v')) {
            let (account, conversation) = ids();
            let id = keys(account).mint(conversation, "example.dk");
            let mut changed: Vec<char> = id.chars().collect();
            prop_assume!(at < id.find('@').unwrap() && changed[at] != to);
            changed[at] = to;
            let changed: String = changed.into_iter().collect();
            prop_assert_eq!(keys(account).verify(&changed), None);
        }

        #[test]
        fn never_panics(text in "\\PC{0,120}") {
            let (account, _) = ids();
            prop_assert_eq!(keys(account).verify(&text), None);
            prop_assert_eq!(keys(account).verify(&format!("h1.{text}@x")), None);
        }
    }
}
