//! Region keys: one file per region outside the data folder, under which the accounts' keys are
//! wrapped (XChaCha20-Poly1305, bound to account and region).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{DirBuilder, File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    AeadCore, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, OsRng, Payload},
};
use control::KeyMark;
use store::AccountKey;
use words::{AccountId, Region, Secret};
use zeroize::Zeroizing;

use crate::{Error, Result};

/// What a key file holds at most: 64 digits and a line end.
const FILE_BYTES_MAX: u64 = 128;
/// The first byte of a wrapped key: how it is wrapped.
const WRAPPED_VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

type KeyBytes = Zeroizing<[u8; 32]>;

/// The keys of the regions whose accounts this process may open.
pub struct RegionKeys(BTreeMap<Region, KeyBytes>);

impl RegionKeys {
    /// Reads the keys of these regions, `<folder>/<region>.key`. They must not lie in the data folder
    /// and be readable by nobody else. Nothing is written.
    pub fn load(folder: &Path, regions: &[Region], data: &Path) -> Result<Self> {
        let read = |region: &Region| Ok((region.clone(), read(&file(folder, region), data)?));
        Ok(Self(regions.iter().map(read).collect::<Result<_>>()?))
    }

    /// Makes the key of a region, once: a file that exists stays as it is, and that is an error.
    pub fn create(folder: &Path, region: &Region, data: &Path) -> Result<()> {
        let path = file(folder, region);
        if lies_in(&path, data) {
            return Err(Error::KeyInsideData { path });
        }
        let key: KeyBytes = Zeroizing::new(XChaCha20Poly1305::generate_key(&mut OsRng).into());
        write(&path, &hex(key.as_ref())).map_err(|source| Error::KeyUnreadable { path, source })
    }

    /// By what control data tell these keys from others.
    pub fn marks(&self) -> Vec<KeyMark> {
        let mark = |(region, key): (&Region, &KeyBytes)| {
            let text = format!("havn region key {region} {}", hex(key.as_ref()).as_str());
            KeyMark { region: region.clone(), mark: hex(&Secret::new(text).hash().bytes()[..16]).to_string() }
        };
        self.0.iter().map(mark).collect()
    }

    /// A new account's key, and the same wrapped.
    pub(crate) fn wrap_new(&self, account: AccountId, region: &Region) -> Result<Vec<u8>> {
        let key: KeyBytes = Zeroizing::new(XChaCha20Poly1305::generate_key(&mut OsRng).into());
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: key.as_ref(), aad: &bound_to(account, region) };
        let sealed = self.cipher(region)?.encrypt(&nonce, payload);
        let sealed = sealed.map_err(|_| Error::KeyDoesNotFit(region.clone()))?;
        Ok([&[WRAPPED_VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// The account's key.
    pub(crate) fn unwrap(&self, account: AccountId, region: &Region, wrapped: &[u8]) -> Result<AccountKey> {
        let cipher = self.cipher(region)?;
        let open = || {
            let (version, rest) = wrapped.split_first()?;
            let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
            let payload = Payload { msg: sealed, aad: &bound_to(account, region) };
            let opened = cipher.decrypt(XNonce::from_slice(nonce), payload).ok()?;
            let key = <[u8; 32]>::try_from(Zeroizing::new(opened).as_slice()).ok()?;
            (*version == WRAPPED_VERSION).then(|| AccountKey::from_bytes(key))
        };
        open().ok_or_else(|| Error::KeyDoesNotFit(region.clone()))
    }

    fn cipher(&self, region: &Region) -> Result<XChaCha20Poly1305> {
        let key = self.0.get(region).ok_or_else(|| Error::NoKeyOf(region.clone()))?;
        Ok(XChaCha20Poly1305::new(key.as_ref().into()))
    }
}

/// So that a wrapped key put beside another account, or moved to another region, does not open.
fn bound_to(account: AccountId, region: &Region) -> Vec<u8> {
    [b"havn account key ".as_slice(), account.uuid().as_bytes(), region.as_str().as_bytes()].concat()
}

fn file(folder: &Path, region: &Region) -> PathBuf {
    folder.join(format!("{region}.key"))
}

fn read(path: &Path, data: &Path) -> Result<KeyBytes> {
    let unreadable = |source| Error::KeyUnreadable { path: path.to_owned(), source };
    if lies_in(path, data) {
        return Err(Error::KeyInsideData { path: path.to_owned() });
    }
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::KeyOpenToOthers { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    bytes(text.trim()).ok_or_else(|| Error::KeyMalformed { path: path.to_owned() })
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Whether a file lies in the data folder, also by way of links.
fn lies_in(path: &Path, data: &Path) -> bool {
    let folder = path.parent().unwrap_or(path);
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    match (real(folder), real(data)) {
        (Ok(folder), Ok(data)) => folder.starts_with(data),
        _ => false,
    }
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String takes every text");
    }
    text
}

fn bytes(text: &str) -> Option<KeyBytes> {
    let mut key = Zeroizing::new([0_u8; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(key)
}
