//! A text that was signed, with its signature below it: the rules that the door reads.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Verifier};

use crate::{LogKey, LogPublicKey};

/// A signed text that is not what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedTextError {
    /// There is no signature below it.
    #[error("the text bears no signature")]
    Unsigned,
    /// It is not what this key signed for this use.
    #[error("the text is not what was signed")]
    Altered,
}

/// What is signed: the use first, so that a text for one cannot be shown as one for another.
fn signed_bytes(used_as: &str, text: &str) -> Vec<u8> {
    format!("{used_as}\n{text}").into_bytes()
}

/// The text with its signature on a line of its own below it.
pub fn sign_text(key: &LogKey, used_as: &str, text: &str) -> String {
    let signature = key.sign_bytes(&signed_bytes(used_as, text));
    format!("{text}\n{}\n", BASE64.encode(&signature))
}

/// The text, if the key signed it for this use.
pub fn open_text<'t>(key: &LogPublicKey, used_as: &str, signed: &'t str) -> Result<&'t str, SignedTextError> {
    let (text, signature) = signed.trim_end().rsplit_once('\n').ok_or(SignedTextError::Unsigned)?;
    let signature = BASE64.decode(signature.as_bytes()).map_err(|_| SignedTextError::Unsigned)?;
    let signature = Signature::from_slice(&signature).map_err(|_| SignedTextError::Unsigned)?;
    key.verifying_key()
        .verify(&signed_bytes(used_as, text), &signature)
        .map_err(|_| SignedTextError::Altered)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_for_this_use_is_opened() {
        let key = LogKey::from_seed(&[7; 32]);
        let signed = sign_text(&key, "rules", "{\"a\":1}");
        assert_eq!(open_text(&key.public(), "rules", &signed), Ok("{\"a\":1}"));
        assert_eq!(open_text(&key.public(), "other", &signed), Err(SignedTextError::Altered));
        assert_eq!(
            open_text(&key.public(), "rules", &signed.replace("1}", "2}")),
            Err(SignedTextError::Altered)
        );
        let stranger = LogKey::from_seed(&[8; 32]).public();
        assert_eq!(open_text(&stranger, "rules", &signed), Err(SignedTextError::Altered));
        assert_eq!(open_text(&key.public(), "rules", "{\"a\":1}"), Err(SignedTextError::Unsigned));
    }
}
