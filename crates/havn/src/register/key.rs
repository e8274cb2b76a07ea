//! The key that signs the register and the operator's log: it lies beside the region keys, and only what
//! changes the register reads it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::PathBuf,
};

use evidence::{LogKey, Origin};

use crate::{Error, Result, config::Config};

/// The key's file in the folder of keys.
const FILE_NAME: &str = "register.key";

/// The key, and the log that it signs.
pub(crate) struct RegisterKey {
    pub(crate) key: LogKey,
    pub(crate) origin: Origin,
}

impl RegisterKey {
    /// Reads the key; makes it if there is none.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        match Self::read(config)? {
            Some(key) => Ok(key),
            None => Self::make(config),
        }
    }

    /// Reads the key, if there is one.
    pub(crate) fn read(config: &Config) -> Result<Option<Self>> {
        let path = path(config);
        let failed = |source| Error::File { path: path.clone(), source };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mode = fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.display();
            return Err(Error::Told(format!("{path} can be read by others (mode {mode:o}); make it 600")));
        }
        let seed = bytes(text.trim())
            .ok_or_else(|| Error::Told(format!("{} is no key: 64 hexadecimal digits", path.display())))?;
        Ok(Some(Self { key: LogKey::from_seed(&seed), origin: Origin::operator(&config.base) }))
    }

    fn make(config: &Config) -> Result<Self> {
        let path = path(config);
        let seed: [u8; 32] = words::Secret::random("").hash().bytes().to_owned();
        let made = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(&config.keys)?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            writeln!(file, "{}", hex(&seed))?;
            file.sync_all()?;
            File::open(&config.keys)?.sync_all()
        };
        made().map_err(|source| Error::File { path: path.clone(), source })?;
        Ok(Self { key: LogKey::from_seed(&seed), origin: Origin::operator(&config.base) })
    }

    /// The public key as text, as others check by it.
    pub(crate) fn public(&self) -> String {
        self.key.public().text(&self.origin)
    }
}

fn path(config: &Config) -> PathBuf {
    config.keys.join(FILE_NAME)
}

fn hex(bytes: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}
