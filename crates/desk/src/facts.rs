//! What was found out about a message: kept with it, shown beside it.

use serde::{Deserialize, Serialize};

/// What was found out about a message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was found out")]
pub struct Facts {
    /// What was odd about the mail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<letter::Mark>,
    /// What the sender's domain says of the mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Whether a machine wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic: Option<letter::Automatic>,
    /// A spam filter before us marked it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub spam: bool,
    /// It joined by our token, but nobody vouches for its sender.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sender_not_verified: bool,
    /// Why it did not join the conversation that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_apart: Option<String>,
    /// The mailboxes at which the same mail came, if more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<String>,
    /// What the bounce says, if it is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bounced: Vec<Bounced>,
    /// Appointments of its calendar parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub appointments: Vec<letter::Appointment>,
    /// It has HTML, to be shown from the raw mail.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_html: bool,
    /// It was taken in from an old mailbox.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
}

impl Facts {
    /// Reads what is kept with a message; what an older program did not know is left at nothing.
    pub fn of(message: &store::Message) -> Self {
        serde_json::from_value(message.facts.clone()).unwrap_or_default()
    }

    /// Whether one should look twice before one acts on it.
    pub fn is_suspect(&self) -> bool {
        let dmarc = self.authentication.as_ref().map_or(Verdict::NotChecked, |found| found.dmarc);
        // Where nobody could be asked, that nobody vouches says nothing.
        let unproved = self.sender_not_verified && dmarc != Verdict::NotChecked;
        self.spam || unproved || dmarc == Verdict::Fail
    }

    /// As it is kept.
    pub fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("facts are always JSON")
    }
}

/// A recipient whom a letter did not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounced {
    /// The address.
    pub recipient: String,
    /// RFC 3463 status, if said.
    pub status: Option<String>,
    /// What the far server said.
    pub diagnostic: String,
    /// Whether it will never reach them.
    pub permanent: bool,
}

/// The outcome of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There was nobody to ask.
    #[default]
    NotChecked,
    /// The domain says nothing.
    None,
    /// It is theirs.
    Pass,
    /// It is not theirs.
    Fail,
    /// The domain says that it may not be theirs (SPF only).
    SoftFail,
    /// The domain does not want to say (SPF only).
    Neutral,
    /// The name server did not answer; asked again never.
    TemporaryError,
    /// What the domain says cannot be read.
    PermanentError,
}

/// One DKIM signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The domain that signed.
    pub domain: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What the sender's domain says of a mail (RFC 7208, 6376, 7489, 8617).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Authentication {
    /// SPF of the envelope's domain.
    pub spf: Verdict,
    /// The domain that SPF was asked of.
    pub spf_domain: String,
    /// Each signature.
    pub dkim: Vec<Signature>,
    /// DMARC of the From domain.
    pub dmarc: Verdict,
    /// The chain of those who passed it on.
    pub arc: Verdict,
    /// The From domain is vouched for: an aligned signature or envelope passed.
    pub aligned: bool,
}
