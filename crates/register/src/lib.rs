//! Who may: the register of sub-processors, and the decisions of the three doors, as pure functions over
//! plain values.
//!
//! The register is its history ([`Change`], [`Register::replay`]); `findings` says what a reader would
//! stumble over; [`Document`] is it as a file. A right is a value with private fields and one maker here:
//! [`Permit`] for bytes to a host, [`Lease`] for an account in a place, [`Access`] for a person or task
//! that looks. The makers are called in one place each: `egress`, `fleet`, `access`; clippy and the tidy
//! test hold that.

mod access;
mod account;
mod address;
mod change;
mod difference;
mod document;
mod entry;
mod findings;
mod history;
mod lease;
mod operator;
mod period;
mod permit;
mod snapshot;
mod state;

pub use access::{Access, AccessRefusal, Departments, Rights, Scope, access};
pub use account::{
    AccountTerms, Authorisation, NotInForce, OBJECTION_DAYS_DEFAULT, Objection, Standing, Terms,
};
pub use address::is_public_name;
pub use change::{Change, Recorded};
pub use difference::{Difference, differences};
pub use document::{Document, DocumentFault, FORMAT, record};
pub use entry::{
    Answer, Certificate, CertificateKind, CertificateStatus, Claim, Contact, Country, Decision, Diligence,
    DiligenceFile, Duty, DutyRecord, Endpoint, EndpointError, Entry, EntryId, Heading, HostPattern,
    Mechanism, PlaceUse, Relation, Site, Successor, SupervisionPoint, Transfer, WordError, is_inside,
};
pub use findings::{Code, Finding, Observed, check};
pub use history::{ChangeRefusal, Held, Register, day};
pub use lease::{Home, Lease, LeaseRefusal, lease};
pub use operator::Operator;
pub use period::{Calendar, Period, ends_at};
pub use permit::{
    Ask, Asked, Basis, OperatorFile, Permit, PermitRefusal, Resolver, Rulebook, explain, may_dial, permit,
};
pub use snapshot::{EntryRule, Rules, Snapshot};
pub use state::{State, StepRefusal, step, unbound, without_mechanism};
