//! The key of one account's store. The access door unwraps it; nobody else sees it.

use std::fmt;
use zeroize::Zeroizing;

/// 256 bits that open an account's database and files.
#[derive(Clone)]
pub struct AccountKey(Zeroizing<[u8; 32]>);

impl AccountKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be wrapped under the region's key.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The raw-key form of SQLCipher (`x'…'`), which needs no key derivation.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        use fmt::Write;
        let mut text = Zeroizing::new(String::with_capacity(68));
        text.push_str("x'");
        for byte in self.0.iter() {
            write!(text, "{byte:02x}").expect("a String takes every text");
        }
        text.push('\'');
        text
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(…)")
    }
}
