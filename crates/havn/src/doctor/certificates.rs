//! Certificates: whether they can be used and fit the key, and how long they hold.

use rustls_pki_types::{CertificateDer, pem::PemObject};
use words::{Clock, Time};
use x509_parser::parse_x509_certificate;

use super::Findings;
use crate::{
    config::{CertificateFiles, Config},
    serve::{MAIL, read_certificate},
};

/// A certificate that ends sooner should have been renewed.
const DAYS_MIN: i64 = 14;
const DAY_SECONDS: i64 = 86_400;

/// Looks at the certificates of pages and mail.
pub fn examine(config: &Config, findings: &mut Findings) {
    match &config.web.certificate {
        Some(files) => one("the pages' certificate", files, findings),
        None if config.web.proxies.is_empty() && config.base.as_str() != "localhost" => {
            findings.bad(
                "the pages have neither a certificate nor a proxy in front: passwords would go in the clear",
            );
        }
        None => {}
    }
    match &config.mail.certificate {
        Some(files) if config.web.certificate.as_ref() == Some(files) => {}
        Some(files) => one("the mail server's certificate", files, findings),
        None => findings.odd("mail comes in without TLS: [mail] names no certificate"),
    }
}

fn one(what: &str, files: &CertificateFiles, findings: &mut Findings) {
    if let Err(error) = read_certificate(files, MAIL) {
        findings.bad(&error.to_string());
        return;
    }
    let Some(ends) = CertificateDer::from_pem_file(&files.certificate).ok().and_then(|der| ends_at(&der))
    else {
        findings.bad(&format!("{what} does not say when it ends"));
        return;
    };
    let days = (ends.seconds() - Clock::System.now().seconds()) / DAY_SECONDS;
    let sentence = format!("{what} holds for {days} more days");
    match days {
        ..0 => findings.bad(&format!("{what} has ended")),
        0..DAYS_MIN => findings.bad(&sentence),
        _ => findings.good(&sentence),
    }
}

fn ends_at(der: &[u8]) -> Option<Time> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    Some(Time::from_seconds(certificate.validity().not_after.timestamp()))
}
