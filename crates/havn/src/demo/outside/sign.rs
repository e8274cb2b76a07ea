//! The outside world's DKIM key: all its domains sign with it, so that checks pass as in real life.

use std::{collections::BTreeMap, path::Path};

use mail::domain::{KeyKind, make_key};
use mail_auth::{common::crypto::Ed25519Key, common::headers::HeaderWriter, dkim::DkimSigner};

use crate::{Error, Result};

/// The selector under which the key lies.
pub const SELECTOR: &str = "demo";
/// Records that the demo's accounts publish, by name, in the demo's folder.
pub const ZONE_FILE: &str = "zone.json";
/// The key, with its record, in the demo's folder.
const KEY_FILE: &str = "outside.json";

const HEADERS: [&str; 8] =
    ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type"];

/// Signs mails of the outside world.
pub struct Signer {
    private_key: Vec<u8>,
    /// The record to publish.
    pub record: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct KeyFile {
    private_key: Vec<u8>,
    record: String,
}

impl Signer {
    /// The key of this demo, made at its first start.
    pub fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(KEY_FILE);
        let failed = |source| Error::File { path: path.clone(), source };
        if let Ok(bytes) = std::fs::read(&path) {
            let KeyFile { private_key, record } =
                serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?;
            return Ok(Self { private_key, record });
        }
        let made = make_key(KeyKind::Ed25519).map_err(|error| failed(std::io::Error::other(error)))?;
        let file = KeyFile { private_key: made.private_key.clone(), record: made.record.clone() };
        let bytes = serde_json::to_vec(&file).map_err(|error| failed(error.into()))?;
        std::fs::write(&path, bytes).map_err(failed)?;
        Ok(Self { private_key: made.private_key, record: made.record })
    }

    /// The mail with a signature of `domain` before it; as it is if it cannot be signed.
    pub fn sign(&self, raw: Vec<u8>, domain: &str) -> Vec<u8> {
        let Ok(key) = Ed25519Key::from_pkcs8_maybe_unchecked_der(&self.private_key) else { return raw };
        let signed = DkimSigner::from_key(key).domain(domain).selector(SELECTOR).headers(HEADERS).sign(&raw);
        let Ok(signature) = signed else { return raw };
        let mut out = Vec::new();
        signature.write_header(&mut out);
        out.extend(raw);
        out
    }
}

/// The records that the demo's accounts publish.
pub fn zone(dir: &Path) -> BTreeMap<String, String> {
    std::fs::read(dir.join(ZONE_FILE))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}
