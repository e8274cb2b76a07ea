//! An account's data: opened by lease, key and access; one schema and one set of queries for
//! encrypted SQLite and PostgreSQL; one writer per account.
//!
//! A unit of work is a synchronous closure over [`Read`] or [`Tx`]. Queries lie in one file per
//! table, are named by what is asked, and obey the scope of the [`register::Access`] they run under.

mod account;
mod account_key;
mod agent;
mod attachment;
mod backup;
mod batch;
mod check;
mod connection;
mod contact;
mod conversation;
mod delivery;
mod department;
mod dialect;
mod draft;
mod error;
mod event;
mod file;
mod files;
mod first_draft;
mod idempotency;
mod import;
mod invitation;
mod listing;
mod log;
mod mark;
mod message;
mod migrate;
mod raw;
mod reserve;
mod seal;
mod search;
mod session;
mod store;
mod stores;
mod tag;
mod token;
mod value;
mod writer;

pub use account::{Account, Domain, Relay, RelayTls, ReplyKey};
pub use account_key::AccountKey;
pub use agent::{AGENTS_MAX, Agent, Credentials, NewAgent};
pub use attachment::Attachment;
pub use backup::{BackedUp, backed_up_tables};
pub use check::{Checked, Problem};
pub use connection::{Counter, Read, Tx};
pub use contact::{Contact, ContactAddress, Participant, ParticipantRole};
pub use conversation::{Conversation, Count, Status};
pub use delivery::{Delivery, DeliveryState};
pub use department::{Department, Mailbox};
pub use dialect::postgres_pool::{CONNECTIONS_MAX, Connector, Pool as PostgresPool};
pub use draft::{Draft, DraftFile};
pub use error::{Error, Result};
pub use event::{Event, EventKind, NewEvent};
pub use file::FileRow;
pub use files::{FileHash, FileReader, FileWriter, Files, Stored};
pub use first_draft::FirstDraft;
pub use idempotency::{Asked, IDEMPOTENCY_KEPT};
pub use import::Import;
pub use invitation::Invitation;
pub use listing::{Assigned, Filter, ListPlace};
pub use log::{KEEPS_EVIDENCE, KeptCheckpoint};
pub use mark::{Mark, Marks};
pub use message::{Envelope, Known, Message, MessageKind, MessageState, Person};
pub use migrate::KNOWN as SCHEMA;
pub use raw::{PreparedRaw, Raw, RawPlace};
pub use search::{Query, Remembered, SearchFilter, SearchHit, SearchPage, Tokens, query, tokens};
pub use session::{NewSession, SESSIONS_PER_AGENT_MAX, Session};
pub use store::Store;
pub use stores::{Place, Stores};
pub use tag::Tag;
pub use token::{NewToken, TOKENS_MAX, Token, TokenScope};
pub use value::{Column, Row, Value};
