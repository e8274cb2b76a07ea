//! Ids: UUIDv7, one type per kind of thing, so that one is never taken for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

use crate::Time;

/// A text that should be an id and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id (UUIDv7, RFC 9562 part 5.7): it sorts by the time it was made.
            pub fn new(now: Time) -> Self {
                Self(uuid_v7(now))
            }

            /// The id with this value, as read from a store.
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }

            /// The value, as written to a store.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Reads the hyphenated form only, so that each thing has one address.
            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.len() != 36 {
                    return Err(IdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    )*};
}

id! {
    /// One customer of the operator.
    AccountId;
    /// An act outside the store, which is announced before it and told of after it.
    ActId;
    /// A person of the account who answers.
    AgentId;
    /// A file that came with a message.
    AttachmentId;
    /// A person who writes to the account.
    ContactId;
    /// A run of messages about one matter.
    ConversationId;
    /// A message on its way out to one or more recipients.
    DeliveryId;
    /// A group of agents with its own mailboxes and signature.
    DepartmentId;
    /// A mail domain that the account signs for.
    DomainId;
    /// An answer or note that is still being written.
    DraftId;
    /// A stored file.
    FileId;
    /// An invitation to become an agent.
    InvitationId;
    /// An address at which an account receives mail.
    MailboxId;
    /// A letter or a note.
    MessageId;
    /// A log-in of an agent in one browser.
    SessionId;
    /// A word that agents put on conversations.
    TagId;
    /// A key to the API.
    TokenId;
}

fn uuid_v7(now: Time) -> Uuid {
    let mut random = [0_u8; 10];
    crate::secret::fill_random(&mut random);
    let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let id = ConversationId::new(Time::from_micros(1_700_000_000_000_000));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn has_one_spelling() {
        let id = MessageId::new(Time::from_micros(1)).to_string();
        assert_eq!(id.replace('-', "").parse::<MessageId>(), Err(IdError));
        assert_eq!(format!("{{{id}}}").parse::<MessageId>(), Err(IdError));
    }

    #[test]
    fn later_ids_sort_later() {
        let early = MessageId::new(Time::from_micros(1_000_000));
        let late = MessageId::new(Time::from_micros(1_001_000));
        assert!(early < late);
    }
}
