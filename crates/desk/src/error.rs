//! Why a verb of the desk was refused or failed.

use words::{ConversationId, DepartmentId, MessageId, TagId};

/// Why a verb of the desk was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// There is none, or the access does not see it.
    #[error("there is no such conversation")]
    NoSuchConversation(ConversationId),
    /// There is none, or the access does not see it.
    #[error("there is no such message")]
    NoSuchMessage(MessageId),
    /// There is none, or the agent does not work there.
    #[error("there is no such department")]
    NoSuchDepartment(DepartmentId),
    /// There is none, or they cannot see the conversation.
    #[error("there is no such agent for this conversation")]
    NoSuchAgent,
    /// There is none.
    #[error("there is no such tag")]
    NoSuchTag(TagId),
    /// There is none.
    #[error("there is no such mailbox")]
    NoSuchMailbox,
    /// The access may only read, or may not set up.
    #[error("this is not allowed")]
    NotAllowed,
    /// A field does not hold what it must.
    #[error("{field}: {problem:?}")]
    Invalid {
        /// The field's name in the API and in forms.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The ten seconds are over.
    #[error("it has been sent already")]
    TooLate,
    /// Something came in while one wrote.
    #[error("something came in meanwhile")]
    NewerMessage {
        /// The number of the newest message.
        newest: i64,
    },
    /// Conversations or mailboxes still belong to it.
    #[error("it is still in use")]
    InUse,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Nothing is in it.
    Empty,
    /// Longer than so many characters or bytes.
    TooLong(usize),
    /// Not a mail address.
    NotAnAddress,
    /// Not a host name.
    NotAHost,
    /// Not one of the values that there are.
    Unknown,
    /// It exists already.
    Taken,
    /// Not in the future.
    Past,
    /// More than so many.
    TooMany(usize),
}

/// The result of a verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A field that does not hold what it must.
    pub const fn invalid(field: &'static str, problem: Problem) -> Self {
        Self::Invalid { field, problem }
    }
}

/// The text, trimmed, if it is neither empty nor longer than `chars_max`.
pub(crate) fn filled(field: &'static str, text: &str, chars_max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, Problem::Empty));
    }
    if text.chars().count() > chars_max {
        return Err(Error::invalid(field, Problem::TooLong(chars_max)));
    }
    Ok(text.chars().filter(|c| !c.is_control()).collect())
}
