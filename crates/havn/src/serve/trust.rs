//! Whom TLS trusts on the way out.

use std::sync::Arc;

/// The certificate authorities that browsers trust.
pub fn client() -> Arc<rustls::ClientConfig> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the versions that rustls holds safe")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}
