//! A mail as a value: what a person reads of it, and the facts that the desk decides by.

use crate::{calendar::Appointment, decode::Encoding};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range, str::FromStr};
use words::{EmailAddress, Time};

/// A mail, read. Nothing in it can be longer than [`limits`](crate::limits) say; what was left out is
/// still in the raw mail and said by a [`Mark`].
#[derive(Clone, Default, PartialEq)]
pub struct Letter {
    /// Without its brackets.
    pub message_id: Option<String>,
    /// Without their brackets, in order.
    pub in_reply_to: Vec<String>,
    /// Without their brackets, the oldest first. Of too many, the first and the newest stay.
    pub references: Vec<String>,
    /// What the sender's clock said; a note, never believed.
    pub date: Option<Time>,
    /// Mostly one. The sender is here and nowhere else (never Reply-To).
    pub from: Vec<Mailbox>,
    /// Who sent it for them, if that was another.
    pub sender: Option<Mailbox>,
    /// Where the sender wants answers.
    pub reply_to: Vec<Mailbox>,
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// One line, cleaned. Empty if there is none.
    pub subject: String,
    /// The body as text; from the HTML where the mail has no text. Lines end with LF.
    pub text: String,
    /// The body as HTML, as sent: hostile until [`clean_html`](crate::clean_html) has had it.
    pub html: Option<String>,
    /// In the order of the mail.
    pub attachments: Vec<Attachment>,
    /// Appointments of its calendar parts.
    pub appointments: Vec<Appointment>,
    /// What was odd.
    pub marks: Vec<Mark>,
    /// What machines say of themselves in the headers.
    pub machine: Machine,
}

/// Letters are service data, and Debug may reach a log.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("text_bytes", &self.text.len())
            .field("html_bytes", &self.html.as_ref().map(String::len))
            .field("attachments", &self.attachments.len())
            .field("marks", &self.marks)
            .finish_non_exhaustive()
    }
}

/// A person in a header.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mailbox {
    /// The name as shown, cleaned; empty if none was given.
    pub name: String,
    /// The address, if it is one that we could write to.
    pub address: Option<EmailAddress>,
    /// What stood there for the address, cleaned for showing. Equal to the address if that is good.
    pub shown: String,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(…)")
    }
}

/// A file that came with a letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Where its bytes are in the raw mail.
    pub place: Place,
    /// Cleaned for showing and for downloads ([`file_name`](crate::file_name)). Never empty.
    pub name: String,
    /// `type/subtype` as the sender says, in lower case: a claim, never what it is served as.
    pub media_type: String,
    /// Bytes when decoded.
    pub size: u64,
    /// Without its brackets.
    pub content_id: Option<String>,
    /// The HTML shows it (`cid:`): not listed among the files.
    pub inline: bool,
    /// What it is for a reader.
    pub kind: Kind,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("place", &self.place)
            .field("size", &self.size)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What an attachment is for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Any file.
    #[default]
    File,
    /// An invitation or a calendar.
    Calendar,
    /// A whole mail; [`Letter::read`] opens it.
    Letter,
    /// A winmail.dat that could not be opened.
    Tnef,
    /// A signature of OpenPGP or S/MIME.
    Signature,
    /// Encrypted for somebody else's program.
    Encrypted,
    /// A machine's report: delivery status, read receipt, abuse report.
    Report,
    /// The end of a mail of too many parts.
    Rest,
}

impl Kind {
    /// The name in rows and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Calendar => "calendar",
            Self::Letter => "letter",
            Self::Tnef => "tnef",
            Self::Signature => "signature",
            Self::Encrypted => "encrypted",
            Self::Report => "report",
            Self::Rest => "rest",
        }
    }
}

/// Where an attachment's bytes are in the raw mail: `start-end`, how they are encoded, and which file of
/// a winmail.dat. Its text form is stable, so that it can be kept: the raw mail never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    pub(crate) range: Range<usize>,
    pub(crate) encoding: Encoding,
    pub(crate) tnef: Option<usize>,
}

/// A text that is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a mail")]
pub struct PlaceError;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoding = match self.encoding {
            Encoding::Plain => "plain",
            Encoding::Base64 => "base64",
            Encoding::QuotedPrintable => "qp",
            Encoding::Uuencode => "uu",
        };
        write!(f, "{}-{}:{encoding}", self.range.start, self.range.end)?;
        self.tnef.map_or(Ok(()), |n| write!(f, "/{n}"))
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (range, how) = text.split_once(':').ok_or(PlaceError)?;
        let (start, end) = range.split_once('-').ok_or(PlaceError)?;
        let (encoding, tnef) = how.split_once('/').map_or((how, None), |(e, n)| (e, Some(n)));
        let number = |text: &str| text.parse::<usize>().map_err(|_| PlaceError);
        let encoding = match encoding {
            "plain" => Encoding::Plain,
            "base64" => Encoding::Base64,
            "qp" => Encoding::QuotedPrintable,
            "uu" => Encoding::Uuencode,
            _ => return Err(PlaceError),
        };
        Ok(Self { range: number(start)?..number(end)?, encoding, tnef: tnef.map(number).transpose()? })
    }
}

impl TryFrom<String> for Place {
    type Error = PlaceError;
    fn try_from(text: String) -> Result<Self, PlaceError> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

/// What was odd about a mail; said to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Could not be read at all; there is the raw mail.
    Unreadable,
    /// Its structure is broken; what could be read is shown.
    Broken,
    /// It is larger than what is read.
    TooLarge,
    /// Its headers are longer than what is read.
    HeadersCut,
    /// More addresses in one field than are kept.
    AddressesCut,
    /// More references than are kept.
    ReferencesCut,
    /// More parts than are taken apart.
    TooManyParts,
    /// Parts within parts, deeper than are taken apart.
    TooDeep,
    /// The text is longer than what is shown.
    TextCut,
    /// The charset is unknown or wrong; some characters may be others.
    UnknownCharset,
    /// A winmail.dat that could not be opened.
    TnefUnreadable,
    /// A winmail.dat whose files are shown in its place.
    TnefOpened,
    /// It is encrypted.
    Encrypted,
    /// The sender's name could be taken for another's (see [`sender_shown`](crate::sender_shown)).
    NameDeceives,
}

/// What machines say of themselves in the headers, as sent: claims that decide only whether a machine may
/// answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one header")]
pub struct Machine {
    /// `Auto-Submitted`, its first word in lower case.
    pub auto_submitted: Option<String>,
    /// `X-Autoreply`, `X-Autorespond`, `X-Autoreply-From`: present.
    pub autoreply: bool,
    /// `X-Auto-Response-Suppress`: present and not `None`.
    pub suppress: bool,
    /// `Precedence` in lower case.
    pub precedence: Option<String>,
    /// `List-Id`, `List-Post` or `List-Unsubscribe`.
    pub list: bool,
    /// `Feedback-ID`.
    pub feedback_id: bool,
    /// The values of our own `X-Havn-Loop`.
    pub loops: Vec<String>,
    /// How many `Received` there are.
    pub received: usize,
    /// A spam filter before us said yes.
    pub spam: bool,
    /// `Return-Path`, as the last server wrote it: `Some("")` for an empty one.
    pub return_path: Option<String>,
    /// The `report-type` of a multipart/report.
    pub report_type: Option<String>,
    /// From is a mailer daemon or postmaster.
    pub from_daemon: bool,
    /// `X-Failed-Recipients`.
    pub failed_recipients: Vec<EmailAddress>,
}
