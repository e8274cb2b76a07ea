//! Why a mailbox could not be looked at: which cause each is, and what the other server said.

use super::line::{Broken, Failed};
use crate::reply::Rejection;
use desk::PickupFault;
use egress::DialError;

/// Why a mailbox could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", cause.name())]
pub struct Fault {
    /// The cause.
    pub cause: PickupFault,
    /// What the other server said; may be empty.
    pub reply: String,
}

impl From<PickupFault> for Fault {
    fn from(cause: PickupFault) -> Self {
        Self { cause, reply: String::new() }
    }
}

impl From<&DialError> for Fault {
    fn from(error: &DialError) -> Self {
        match error {
            DialError::Refused(_) => PickupFault::NotPermitted,
            DialError::Name(why) if why.is_temporary() => PickupFault::NoAnswer,
            DialError::Name(_) => PickupFault::NoSuchName,
            DialError::NobodyListens => PickupFault::NobodyListens,
            DialError::NoAnswer => PickupFault::NoAnswer,
            DialError::Unreachable => PickupFault::Unreachable,
            _ => PickupFault::NoWayOut,
        }
        .into()
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Lost => PickupFault::Lost,
            Broken::TooSlow => PickupFault::NoAnswer,
            Broken::NotImap => PickupFault::NotImap,
            Broken::TooMuch => PickupFault::TooMuch,
            Broken::Tls => PickupFault::Tls,
        }
        .into()
    }
}

impl From<Failed> for Fault {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Broken(broken) => broken.into(),
            Failed::Said(reply) => Self { cause: PickupFault::Refused, reply },
        }
    }
}

impl From<Rejection> for Fault {
    fn from(_: Rejection) -> Self {
        PickupFault::Store.into()
    }
}

impl From<access::Error> for Fault {
    fn from(error: access::Error) -> Self {
        tracing::error!(%error, "the store of a pickup does not open");
        PickupFault::Store.into()
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        tracing::error!(%error, "a pickup's store does not answer");
        PickupFault::Store.into()
    }
}

/// What was said in answer to this step is about this.
pub(super) fn about(cause: PickupFault) -> impl Fn(Failed) -> Fault {
    move |failed| match failed {
        Failed::Said(reply) => Fault { cause, reply },
        Failed::Broken(broken) => broken.into(),
    }
}
