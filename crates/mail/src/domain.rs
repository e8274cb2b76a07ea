//! Keys of the domains that an account signs for, and the records that tell the world of them (DKIM, RFC
//! 6376 part 3.6).

use crate::{
    delivery::{KeyError, key},
    names::{Answer, LOOKUP_WAIT, Names},
};
use data_encoding::BASE64;
use egress::{Record, RecordType};
use mail_auth::common::crypto::{DkimKey, Ed25519Key};
use rsa::{
    RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey},
};
use tokio::time::Instant;
use words::Host;

/// Bits of an RSA key: what receivers take, and fits a record (RFC 8301 part 3.2).
const RSA_BITS: usize = 2_048;

/// Which kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with 2,048 bits: everybody can check it.
    Rsa,
    /// Ed25519 (RFC 8463): short, but not everybody can check it.
    Ed25519,
}

/// A key that was made for a domain.
pub struct Key {
    /// PKCS#8.
    pub private_key: Vec<u8>,
    /// The text of the record to publish.
    pub record: String,
}

/// Makes a key. RSA takes a good part of a second: for a blocking thread.
pub fn make_key(kind: KeyKind) -> Result<Key, KeyError> {
    let private_key = match kind {
        KeyKind::Rsa => {
            let made = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).map_err(|_| KeyError)?;
            made.to_pkcs8_der().map_err(|_| KeyError)?.as_bytes().to_vec()
        }
        KeyKind::Ed25519 => Ed25519Key::generate_pkcs8().map_err(|_| KeyError)?,
    };
    let record = record(&private_key)?;
    Ok(Key { private_key, record })
}

/// The record that belongs to a private key.
fn record(private_key: &[u8]) -> Result<String, KeyError> {
    match key(private_key)? {
        DkimKey::Ed25519(key) => Ok(format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(&key.public_key()))),
        DkimKey::Rsa(_) => {
            let key = RsaPrivateKey::from_pkcs8_der(private_key).map_err(|_| KeyError)?;
            let public = key.to_public_key().to_public_key_der().map_err(|_| KeyError)?;
            Ok(format!("v=DKIM1; k=rsa; p={}", BASE64.encode(public.as_bytes())))
        }
    }
}

/// The name at which the record is to lie.
pub fn record_name(domain: &Host, selector: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// What was found where the record is to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The record, with the right key.
    Found,
    /// No record.
    Missing,
    /// A record with another key.
    Different,
    /// There was nobody to ask, or no answer.
    NotChecked,
}

impl Found {
    /// The name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
            Self::Different => "different",
            Self::NotChecked => "not-checked",
        }
    }
}

/// Looks for a domain's record.
pub async fn check_record(names: &Names, domain: &store::Domain) -> Found {
    if names.has_nobody_to_ask() {
        return Found::NotChecked;
    }
    let name = record_name(&domain.name, &domain.selector);
    let answer = names.find_anew(RecordType::Txt, &name, Instant::now() + LOOKUP_WAIT).await;
    if names.has_nobody_to_ask() {
        return Found::NotChecked;
    }
    let records = match answer {
        Answer::Failed => return Found::NotChecked,
        Answer::Nothing => return Found::Missing,
        Answer::Found(records) => records,
    };
    let ours = public_part(&domain.record);
    let texts =
        records.iter().filter_map(|record| if let Record::Txt(text) = record { Some(text) } else { None });
    let keys: Vec<String> = texts.filter_map(|text| public_part(text)).collect();
    match keys.as_slice() {
        [] => Found::Missing,
        keys if ours.is_some_and(|ours| keys.contains(&ours)) => Found::Found,
        _ => Found::Different,
    }
}

/// The value of `p=`, without the blanks that editors of zones put in.
fn public_part(record: &str) -> Option<String> {
    let value = record.split(';').find_map(|part| part.trim().strip_prefix("p="))?;
    Some(value.chars().filter(|c| !c.is_whitespace()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use egress::{LookupError, Records};
    use words::{DomainId, Time};

    fn domain(record: &str) -> store::Domain {
        store::Domain {
            id: DomainId::new(Time::from_seconds(1)),
            name: "example.dk".parse().unwrap(),
            selector: "havn1".into(),
            private_key: Vec::new(),
            record: record.into(),
            checked_at: None,
            check_result: None,
            created_at: Time::from_seconds(1),
        }
    }

    fn answering(answer: Result<Vec<&'static str>, LookupError>) -> Names {
        Names::new(Box::new(move |name, _| {
            assert_eq!(name, "havn1._domainkey.example.dk");
            let answer = answer.clone().map(|texts| Records {
                records: texts.into_iter().map(|text| Record::Txt(text.into())).collect(),
                ttl_seconds: 60,
            });
            Box::pin(std::future::ready(answer))
        }))
    }

    #[tokio::test]
    async fn records_are_compared_by_their_key() {
        let ours = "v=DKIM1; k=rsa; p=AAAA";
        for (answer, found) in [
            (Ok(vec!["v=DKIM1;k=rsa;  p=AA AA"]), Found::Found),
            (Ok(vec!["other", "p=AAAA"]), Found::Found),
            (Ok(vec!["v=DKIM1; p=BBBB"]), Found::Different),
            (Ok(vec!["other"]), Found::Missing),
            (Err(LookupError::NoSuchName), Found::Missing),
            (Err(LookupError::NoAnswer), Found::NotChecked),
            (Err(LookupError::NoResolver), Found::NotChecked),
        ] {
            assert_eq!(check_record(&answering(answer.clone()), &domain(ours)).await, found, "{answer:?}");
        }
    }

    #[test]
    fn keys_have_their_records() {
        let ed = make_key(KeyKind::Ed25519).unwrap();
        assert!(ed.record.starts_with("v=DKIM1; k=ed25519; p=") && ed.record.len() == 66);
        let rsa = make_key(KeyKind::Rsa).unwrap();
        assert!(rsa.record.starts_with("v=DKIM1; k=rsa; p=MIIBIjAN"), "{}", rsa.record);
        assert!(key(b"no key").is_err());
    }
}
