//! Certificates from files, read again when they change.

use std::{os::unix::fs::MetadataExt, path::PathBuf, sync::Arc, time::Duration};

use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::sync::watch;

use crate::config::CertificateFiles;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file is not there or no PEM.
    #[error("the certificate file {path} cannot be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// Certificate and key do not fit.
    #[error("certificate {path} cannot be used: {source}")]
    Unfit {
        /// The certificate.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// What a listener may agree on with its clients (RFC 7301).
pub type Protocols = &'static [&'static [u8]];
/// Of pages.
pub const WEB: Protocols = &[b"h2", b"http/1.1"];
/// Of mail: nothing to agree on.
pub const MAIL: Protocols = &[];

/// Reads the files, and again whenever they change; a change for the worse is told and not taken.
pub fn follow(
    files: Option<CertificateFiles>,
    protocols: Protocols,
) -> Result<watch::Receiver<Option<Arc<ServerConfig>>>, CertificateError> {
    let Some(files) = files else { return Ok(watch::channel(None).1) };
    // Asked before the files are read: what comes between is a change.
    let mut in_use = stamps(&files);
    let (sender, receiver) = watch::channel(Some(Arc::new(read(&files, protocols)?)));
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        let mut refused = String::new();
        while !sender.is_closed() {
            tick.tick().await;
            let now = stamps(&files);
            if now == in_use {
                continue;
            }
            match read(&files, protocols) {
                Ok(config) => {
                    tracing::info!("a new certificate is in use");
                    sender.send_replace(Some(Arc::new(config)));
                    in_use = now;
                    refused.clear();
                }
                // Half of it may not be written yet: it is looked at again, and told once.
                Err(error) if error.to_string() == refused => {}
                Err(error) => {
                    refused = error.to_string();
                    tracing::error!(%error, "the certificate changed; the new one is not used, the old one stays");
                }
            }
        }
    });
    Ok(receiver)
}

/// Certificate and key as rustls takes them.
pub fn read(files: &CertificateFiles, protocols: Protocols) -> Result<ServerConfig, CertificateError> {
    let unreadable = |path: &PathBuf| {
        let path = path.clone();
        move |source| CertificateError::Unreadable { path, source }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(unreadable(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    let unfit = |source| CertificateError::Unfit { path: files.certificate.clone(), source };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

/// By what one sees that a file was written or replaced.
#[derive(PartialEq, Eq)]
struct Stamp {
    file: u64,
    size: u64,
    changed: (i64, i64),
}

fn stamps(files: &CertificateFiles) -> [Option<Stamp>; 2] {
    [&files.certificate, &files.key].map(|path| {
        let found = path.metadata().ok()?;
        Some(Stamp { file: found.ino(), size: found.size(), changed: (found.ctime(), found.ctime_nsec()) })
    })
}
