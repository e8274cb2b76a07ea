//! The keys that sign. They lie beside the region keys: `register.key`, which only what changes the register
//! reads, and `log.key`, by which whoever writes the logs signs what they are. Their public keys lie beside
//! the operator's file.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use evidence::{LogKey, LogPublicKey, Origin};

use crate::{Error, Result, config::Config};

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyFile {
    /// Signs the rules that the door reads.
    Register,
    /// Signs the operator's log and those of the accounts.
    Log,
}

impl KeyFile {
    fn secret(self, config: &Config) -> PathBuf {
        config.keys.join(match self {
            Self::Register => "register.key",
            Self::Log => "log.key",
        })
    }

    /// Where its public key lies.
    pub(crate) fn public(self, config: &Config) -> PathBuf {
        match self {
            Self::Register => config.rules_place().key,
            Self::Log => config.log_public(),
        }
    }

    /// What is signed, as the key's name says it.
    fn origin(self, config: &Config) -> Origin {
        match self {
            Self::Register => Origin::register(&config.base),
            Self::Log => Origin::operator(&config.base),
        }
    }
}

/// A key that signs.
pub(crate) struct SigningKey {
    pub(crate) key: LogKey,
    pub(crate) origin: Origin,
}

impl SigningKey {
    /// Reads the key; makes it if there never was one. One that went missing is not replaced: what others
    /// kept of it would be worth nothing.
    pub(crate) fn open(config: &Config, file: KeyFile) -> Result<Self> {
        let public = public_key(&file.public(config))?;
        let key = match Self::read(config, file)? {
            Some(key) => key,
            None if public.is_some() => return Err(missing(config, file)),
            None => Self::make(config, file)?,
        };
        if public.is_some_and(|public| public != key.key.public()) {
            return Err(missing(config, file));
        }
        Ok(key)
    }

    /// The key of the logs, with its public key laid where others find it.
    pub(crate) fn of_logs(config: &Config) -> Result<Self> {
        let key = Self::open(config, KeyFile::Log)?;
        key.lay_public(config, KeyFile::Log)?;
        Ok(key)
    }

    /// Reads the key, if there is one.
    pub(crate) fn read(config: &Config, file: KeyFile) -> Result<Option<Self>> {
        let path = file.secret(config);
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
        Ok(Some(Self { key: LogKey::from_seed(&seed), origin: file.origin(config) }))
    }

    fn make(config: &Config, file: KeyFile) -> Result<Self> {
        let path = file.secret(config);
        let seed: [u8; 32] = words::Secret::random("").hash().bytes().to_owned();
        write_new(&path, &hex(&seed)).map_err(|source| Error::File { path: path.clone(), source })?;
        // Another process may have been faster: what lies there is the key.
        let key = Self::read(config, file)?;
        key.ok_or_else(|| Error::File { path, source: io::ErrorKind::NotFound.into() })
    }

    /// Lays the public key where others find it, unless it lies there.
    pub(crate) fn lay_public(&self, config: &Config, file: KeyFile) -> Result<()> {
        let (path, public) = (file.public(config), self.key.public().text(&self.origin));
        if fs::read_to_string(&path).is_ok_and(|there| there.trim() == public) {
            return Ok(());
        }
        lay(&path, &format!("{public}\n"))
    }
}

/// Writes a file whole, in place of the one before. It holds no service data, and the door may run as
/// another user.
pub(crate) fn lay(path: &Path, text: &str) -> Result<()> {
    let written = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        let beside = path.with_extension("new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| Error::File { path: path.to_owned(), source })
}

/// Writes a secret whole, unless there is one.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}

/// The public key that lies there, whatever it is named.
fn public_key(path: &Path) -> Result<Option<LogPublicKey>> {
    match fs::read_to_string(path) {
        Ok(text) => match LogPublicKey::read(&text) {
            Ok((_, key)) => Ok(Some(key)),
            Err(_) => Err(Error::Told(format!("{} is no public key", path.display()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { path: path.to_owned(), source }),
    }
}

fn missing(config: &Config, file: KeyFile) -> Error {
    let (secret, public) = (file.secret(config), file.public(config));
    let (secret, public) = (secret.display(), public.display());
    Error::Told(format!(
        "{secret} is missing, or not the key of {public}: put it back. If it is lost, take {public} away: a new key begins, and whoever checks needs to be told"
    ))
}

fn hex(bytes: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}
