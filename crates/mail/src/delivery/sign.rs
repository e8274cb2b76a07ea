//! Signs what goes out (DKIM, RFC 6376; Ed25519: RFC 8463).

use mail_auth::{
    common::{
        crypto::{DkimKey, Ed25519Key, RsaKey, Sha256},
        headers::HeaderWriter,
    },
    dkim::DkimSigner,
};
use rustls::pki_types::PrivateKeyDer;

/// Signed once for each time that they occur and once more, so that none can be added.
const OVERSIGNED: [&str; 8] =
    ["From", "Subject", "Date", "To", "Cc", "Reply-To", "Content-Type", "Message-ID"];
/// Signed as often as they occur, and as absent if they do not. None that mailing lists add is among them.
const SIGNED: [&str; 5] =
    ["In-Reply-To", "References", "MIME-Version", "Content-Transfer-Encoding", "Auto-Submitted"];

/// A key that cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the domain's key cannot sign")]
pub struct KeyError;

/// The mail with a signature of the domain before it. The body is signed to its end: never `l=`.
pub(crate) fn signed(raw: &[u8], domain: &store::Domain) -> Result<Vec<u8>, KeyError> {
    let headers = OVERSIGNED.into_iter().chain(OVERSIGNED).chain(SIGNED);
    let signer = DkimSigner::from_key(key(&domain.private_key)?)
        .domain(domain.name.as_str())
        .selector(domain.selector.as_str())
        .headers(headers);
    let signature = signer.sign(raw).map_err(|_| KeyError)?;
    let mut out = Vec::with_capacity(raw.len() + 1_024);
    signature.write_header(&mut out);
    out.extend_from_slice(raw);
    Ok(out)
}

/// A key as it is kept: PKCS#8, of RSA or Ed25519.
pub(crate) fn key(pkcs8: &[u8]) -> Result<DkimKey, KeyError> {
    if let Ok(key) = Ed25519Key::from_pkcs8_maybe_unchecked_der(pkcs8) {
        return Ok(key.into());
    }
    let key = PrivateKeyDer::Pkcs8(pkcs8.to_vec().into());
    RsaKey::<Sha256>::from_key_der(key).map(Into::into).map_err(|_| KeyError)
}
