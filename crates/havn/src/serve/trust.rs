//! Whom TLS trusts on the way out.

use std::{path::Path, sync::Arc};

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::CertificateError;

/// The certificate authorities that browsers trust.
pub fn roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// Trusts those that browsers trust.
pub fn client() -> Arc<ClientConfig> {
    trusting(roots())
}

/// The certificate authorities of a file (PEM), and nobody else.
pub fn client_of(file: &Path) -> Result<Arc<ClientConfig>, CertificateError> {
    let unreadable = |source| CertificateError::Unreadable { path: file.to_owned(), source };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
        let added = roots.add(certificate.map_err(unreadable)?);
        added.map_err(|source| CertificateError::Unfit { path: file.to_owned(), source })?;
    }
    Ok(trusting(roots))
}

fn trusting(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the versions that rustls holds safe")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}
