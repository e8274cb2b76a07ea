//! Who may: the decisions of the three doors, as pure functions over plain values.
//!
//! A right is a value with private fields and one maker here: [`Permit`] for bytes to a host,
//! [`Lease`] for an account in a place, [`Access`] for a person or task that looks. The makers are
//! called in one place each: `egress`, `fleet`, `access`; clippy and the tidy test hold that.

mod access;
mod lease;
mod permit;

pub use access::{Access, AccessRefusal, Departments, Rights, Scope, access};
pub use lease::{Home, Lease, LeaseRefusal, lease};
pub use permit::{Ask, Basis, Permit, PermitRefusal, Register, Resolver, is_public_name, may_dial, permit};
