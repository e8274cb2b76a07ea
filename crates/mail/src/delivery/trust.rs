//! How far a mail server's certificate is trusted: of a stranger's, whose encryption is better than none,
//! it is noted whether it holds; where the addressee's domain demands it, it must.

use std::sync::{Arc, OnceLock};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Makes settings of TLS for connections to mail exchangers.
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    /// None if there is no authority that could be trusted: then no certificate holds.
    verifier: Option<Arc<WebPkiServerVerifier>>,
}

/// Whether the certificate of one connection held; set in its handshake.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<OnceLock<bool>>);

impl Held {
    /// Whether it did. False before the handshake.
    pub(super) fn holds(&self) -> bool {
        self.0.get().copied().unwrap_or(false)
    }
}

impl Trust {
    pub(super) fn of(roots: Arc<RootCertStore>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().ok();
        Self { provider, verifier }
    }

    /// For one connection. With `demanded`, a certificate that does not hold ends the handshake.
    pub(super) fn connection(&self, demanded: bool) -> (Arc<ClientConfig>, Held) {
        let held = Held::default();
        let witness = Witness {
            verifier: self.verifier.clone(),
            provider: Arc::clone(&self.provider),
            demanded,
            held: held.clone(),
        };
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .expect("ring speaks the versions that rustls holds safe")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth();
        // A session that is gone on with shows no certificate, and so says nothing about it.
        config.resumption = Resumption::disabled();
        (Arc::new(config), held)
    }
}

/// Looks at a certificate, notes whether it holds, and insists on it only if that was demanded.
#[derive(Debug)]
struct Witness {
    verifier: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    demanded: bool,
    held: Held,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.verifier {
            Some(verifier) => verifier.verify_server_cert(certificate, between, name, ocsp, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        let _ = self.held.0.set(verified.is_ok());
        if self.demanded { verified } else { Ok(ServerCertVerified::assertion()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
