//! Certificates: whether they can be used and fit the key, and how long they hold.

use rustls_pki_types::{CertificateDer, pem::PemObject};
use words::{Clock, Time};
use x509_parser::{extensions::GeneralName, parse_x509_certificate};

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
        Some(files) => one("the pages' certificate", files, &format!("*.{}", config.base), findings),
        None if config.web.proxies.is_empty() && config.base.as_str() != "localhost" => {
            findings.bad(
                "the pages have neither a certificate nor a proxy in front: passwords would go in the clear",
            );
        }
        None => {}
    }
    match &config.mail.certificate {
        Some(files) if config.web.certificate.as_ref() == Some(files) => {}
        Some(files) => one("the mail server's certificate", files, config.mail.name.as_str(), findings),
        None => findings.odd("mail comes in without TLS: [mail] names no certificate"),
    }
}

fn one(what: &str, files: &CertificateFiles, name: &str, findings: &mut Findings) {
    if let Err(error) = read_certificate(files, MAIL) {
        findings.bad(&error.to_string());
        return;
    }
    let der = CertificateDer::from_pem_file(&files.certificate).ok();
    let Some((names, ends)) = der.and_then(|der| names_and_end(&der)) else {
        findings.bad(&format!("{what} does not say when it ends"));
        return;
    };
    if !names.iter().any(|held| holds_for(held, name)) {
        findings.odd(&format!("{what} does not hold for {name}"));
    }
    let days = (ends.seconds() - Clock::System.now().seconds()) / DAY_SECONDS;
    let sentence = format!("{what} holds for {days} more days");
    match days {
        ..0 => findings.bad(&format!("{what} has ended")),
        0..DAYS_MIN => findings.bad(&sentence),
        _ => findings.good(&sentence),
    }
}

/// For which names it holds, and until when.
fn names_and_end(der: &[u8]) -> Option<(Vec<String>, Time)> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let names = certificate.subject_alternative_name().ok()?.map(|names| &names.value.general_names);
    let names = names.into_iter().flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    Some((names.collect(), Time::from_seconds(certificate.validity().not_after.timestamp())))
}

/// Whether a certificate for `held` is one for `name`: a star stands for one word.
fn holds_for(held: &str, name: &str) -> bool {
    let under = |name: &str| name.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
    held.eq_ignore_ascii_case(name) || (held.starts_with("*.") && under(held) == under(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_word() {
        for (held, name, holds) in [
            ("*.desk.example", "*.desk.example", true),
            ("*.Desk.example", "mx.desk.example", true),
            ("mx.desk.example", "mx.desk.example", true),
            ("desk.example", "*.desk.example", false),
            ("*.example", "*.desk.example", false),
        ] {
            assert_eq!(holds_for(held, name), holds, "{held} for {name}");
        }
    }
}
