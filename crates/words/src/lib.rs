//! The words of Havn as types: ids, places, purposes, principals, time and chance.
//!
//! No IO and no async. Everything that enters Havn becomes one of these types at the edge, or ends there.

mod address;
mod fault;
mod id;
mod place;
mod principal;
mod purpose;
mod secret;
mod time;

pub use address::{AddressError, EmailAddress, Host, HostError, Slug, SlugError};
pub use fault::FaultPoint;
pub use id::{
    AccountId, ActId, AgentId, AttachmentId, ContactId, ConversationId, DeliveryId, DepartmentId, DomainId,
    DraftId, FileId, IdError, InvitationId, MailboxId, MessageId, SessionId, TagId, TokenId,
};
pub use place::{DataCentre, Language, PlaceError, Region};
pub use principal::{Principal, Role, Task};
pub use purpose::{Category, Purpose};
pub use secret::{Secret, SecretHash};
pub use time::{Clock, Time};
