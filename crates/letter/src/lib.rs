//! A mail as a value: read, clean, fold, thread, compose. No IO, no async, no clock.

mod automatic;
mod bounce;
mod calendar;
mod clean;
mod compose;
mod decode;
mod encoded_word;
mod html;
mod letter;
pub mod limits;
mod quote;
mod read;
mod sender;
mod thread;
mod tnef;

pub use automatic::{Automatic, automatic};
pub use bounce::{Action, Bounce, Reason, Recipient, bounce};
pub use calendar::Appointment;
pub use clean::file_name;
pub use compose::{Outgoing, OutgoingFile, compose, smtp_safe};
pub use decode::Encoding;
pub use html::{
    CleanHtml, Pictures, clean_composed, clean_html, html_of_text, text_of_composed, text_of_html,
};
pub use letter::{Attachment, Kind, Letter, Machine, Mailbox, Mark, Place, PlaceError};
pub use quote::{Part, fold, fold_html, preview};
pub use read::LOOP_HEADER;
pub use sender::{SenderShown, sender_shown};
pub use thread::{Join, JoinFacts, NoJoin, ReplyKeys, may_join, tokens};
