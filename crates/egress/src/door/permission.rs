//! The one call of the decision over a permit.

use register::{Ask, Permit, PermitRefusal, Register};

#[expect(clippy::disallowed_methods, reason = "the one place that makes a Permit: the door")]
pub(super) fn permit(register: &Register, ask: &Ask) -> Result<Permit, PermitRefusal> {
    register::permit(register, ask.clone())
}
