//! The flow record of one connection, and the signed spool in which the door process keeps it.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use words::{AccountId, Host, Purpose, Time};

/// Which way the counted bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From Havn.
    Out,
    /// To Havn.
    In,
}

/// What the door did: first the intent, later the outcome with the kernel's counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Flow {
    /// A permitted connection that is about to be dialled.
    Intent {
        /// Number of the connection, unique in the spool.
        connection: u64,
        /// For which account.
        account: Option<AccountId>,
        /// What for.
        purpose: Purpose,
        /// To which host, as asked.
        host: Host,
        /// To which address and port.
        address: String,
        /// On which ground.
        basis: String,
    },
    /// A connection that is over.
    Outcome {
        /// Number of the connection.
        connection: u64,
        /// Payload bytes that left, as the kernel counted them (`bytes_sent` less `bytes_retrans`).
        bytes_out: u64,
        /// Payload bytes that came (`bytes_received`).
        bytes_in: u64,
        /// Why it ended, if not as usual.
        error: Option<String>,
    },
    /// A request that the door refused.
    Refused {
        /// For which account.
        account: Option<AccountId>,
        /// What for.
        purpose: Purpose,
        /// To which host.
        host: Host,
        /// To which port.
        port: u16,
        /// The reason.
        reason: String,
    },
}

/// One signed line of the spool: each signs the one before it by its hash, so that none can be
/// taken out, put in or altered without notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpoolLine {
    /// Rises by one from line to line.
    pub number: u64,
    /// When it was written, by the door's clock: a note, not the order.
    pub at: Time,
    /// What the door did.
    pub flow: Flow,
    /// SHA-256 of the line before (base64 in JSON by its bytes), zeros for the first.
    pub before: Vec<u8>,
    /// Ed25519 over all of the above.
    pub signature: Vec<u8>,
}

/// Why a spool is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    /// A line is no line.
    #[error("line {0} of the spool cannot be read")]
    Unreadable(u64),
    /// A line is missing or out of order.
    #[error("line {0} of the spool is missing or out of order")]
    OutOfOrder(u64),
    /// A line was altered.
    #[error("line {0} of the spool was altered")]
    Altered(u64),
}

/// The key of the door process, with the place in the spool at which it writes.
pub struct SpoolKey {
    key: SigningKey,
    number: u64,
    before: [u8; 32],
}

impl SpoolKey {
    /// Goes on after what `reader` has read; at the start for a new reader.
    pub fn resume(seed: &[u8; 32], reader: &SpoolReader) -> Self {
        Self { key: SigningKey::from_bytes(seed), number: reader.number, before: reader.before }
    }

    /// The public key that belongs to a seed.
    pub fn public_of(seed: &[u8; 32]) -> [u8; 32] {
        SigningKey::from_bytes(seed).verifying_key().to_bytes()
    }

    /// The number of the next line.
    pub fn next_number(&self) -> u64 {
        self.number
    }

    /// The public key, by which others check the spool.
    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The next line, as the JSON text to append (with its line end).
    pub fn line(&mut self, at: Time, flow: Flow) -> String {
        let mut line =
            SpoolLine { number: self.number, at, flow, before: self.before.to_vec(), signature: Vec::new() };
        line.signature = self.key.sign(&signed_bytes(&line)).to_bytes().to_vec();
        let mut text = serde_json::to_string(&line).expect("a flow is always JSON");
        self.number += 1;
        self.before = Sha256::digest(text.as_bytes()).into();
        text.push('\n');
        text
    }
}

/// Reads a spool and believes nothing that is not signed and in order.
pub struct SpoolReader {
    key: VerifyingKey,
    number: u64,
    before: [u8; 32],
}

impl SpoolReader {
    /// At the start of a spool written under `public`.
    pub fn new(public: &[u8; 32]) -> Option<Self> {
        Some(Self { key: VerifyingKey::from_bytes(public).ok()?, number: 0, before: [0; 32] })
    }

    /// Before the line `first`, when those before it are not kept any more: its number and the hash of
    /// the line before it are believed because they are signed. [`Self::read`] it next.
    pub fn from_first_kept(public: &[u8; 32], first: &str) -> Result<Self, SpoolError> {
        let line: SpoolLine = serde_json::from_str(first).map_err(|_| SpoolError::Unreadable(0))?;
        let before = line.before.as_slice().try_into().map_err(|_| SpoolError::Unreadable(line.number))?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| SpoolError::Altered(line.number))?;
        let mut reader = Self { key, number: line.number, before };
        reader.read(first)?;
        Ok(Self { key, number: line.number, before })
    }

    /// Checks the next line (without its line end).
    pub fn read(&mut self, text: &str) -> Result<SpoolLine, SpoolError> {
        let number = self.number;
        let line: SpoolLine = serde_json::from_str(text).map_err(|_| SpoolError::Unreadable(number))?;
        if line.number != number || line.before != self.before {
            return Err(SpoolError::OutOfOrder(number));
        }
        let signature = Signature::from_slice(&line.signature).map_err(|_| SpoolError::Altered(number))?;
        self.key.verify(&signed_bytes(&line), &signature).map_err(|_| SpoolError::Altered(number))?;
        self.number += 1;
        self.before = Sha256::digest(text.as_bytes()).into();
        Ok(line)
    }
}

fn signed_bytes(line: &SpoolLine) -> Vec<u8> {
    let unsigned = SpoolLine { signature: Vec::new(), ..line.clone() };
    let mut bytes = b"havn spool line v1\n".to_vec();
    bytes.extend(serde_json::to_vec(&unsigned).expect("a flow is always JSON"));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(seed: [u8; 32], count: u64) -> (Vec<String>, [u8; 32]) {
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let mut key = SpoolKey::resume(&seed, &SpoolReader::new(&public).unwrap());
        let lines = (0..count)
            .map(|n| {
                let flow = Flow::Outcome { connection: n, bytes_out: 10 * n, bytes_in: 3, error: None };
                key.line(Time::from_seconds(5), flow).trim_end().to_owned()
            })
            .collect();
        (lines, public)
    }

    fn verify(lines: &[String], public: &[u8; 32]) -> Result<(), SpoolError> {
        let mut reader = SpoolReader::new(public).unwrap();
        lines.iter().try_for_each(|line| reader.read(line).map(|_| ()))
    }

    #[test]
    fn whole_is_believed_and_nothing_else() {
        let (lines, public) = spool([7; 32], 5);
        assert_eq!(verify(&lines, &public), Ok(()));

        let mut without = lines.clone();
        without.remove(2);
        assert_eq!(verify(&without, &public), Err(SpoolError::OutOfOrder(2)));

        let mut altered = lines.clone();
        altered[3] = altered[3].replace("\"bytes_out\":30", "\"bytes_out\":31");
        assert_eq!(verify(&altered, &public), Err(SpoolError::Altered(3)));

        let (_, stranger) = spool([8; 32], 1);
        assert_eq!(verify(&lines, &stranger), Err(SpoolError::Altered(0)));
    }

    #[test]
    fn goes_on_where_it_was() {
        let (mut lines, public) = spool([7; 32], 2);
        let mut reader = SpoolReader::new(&public).unwrap();
        for line in &lines {
            reader.read(line).unwrap();
        }
        let mut key = SpoolKey::resume(&[7; 32], &reader);
        let flow = Flow::Outcome { connection: 9, bytes_out: 1, bytes_in: 1, error: None };
        lines.push(key.line(Time::from_seconds(9), flow).trim_end().to_owned());
        assert_eq!(verify(&lines, &public), Ok(()));
    }
}
