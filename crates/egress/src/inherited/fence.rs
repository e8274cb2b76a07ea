//! The fence: what seccomp cannot see. A filter of system calls knows no paths, so it cannot keep a
//! process from writing into `/proc/<other>/mem` of another one of the same user, which may dial.
//! Landlock can: who is inside it reaches into nobody outside.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, PathFdError, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// Puts this thread, and all that it starts, behind the fence, as far as the kernel knows it (Linux 5.19;
/// for connections 6.7, for signals and abstract sockets 6.12). Without it the seal holds all the same,
/// but other processes of the same user are within reach: the log says so.
pub(super) fn fence() {
    match put_up() {
        // Partly: the kernel knows fences, but none yet for connections or signals, which the seal refuses
        // or which reach nobody's memory.
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => {}
        Ok(RulesetStatus::NotEnforced) => tracing::warn!("this kernel has no fence between processes"),
        Err(error) => tracing::warn!(%error, "the desk is not fenced off from other processes"),
    }
}

#[derive(Debug, thiserror::Error)]
enum FenceError {
    #[error(transparent)]
    Rules(#[from] RulesetError),
    #[error(transparent)]
    Root(#[from] PathFdError),
}

/// No program is started, nobody dialled, nobody outside is signalled. One rule gives something back:
/// every fence forbids to move a file from one folder to another unless it says otherwise, and the
/// store does so with each file that it keeps.
fn put_up() -> Result<RulesetStatus, FenceError> {
    let status = Ruleset::default()
        // Older kernels know no way to permit it again: better no fence there.
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::Refer)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::Execute)?
        .handle_access(AccessNet::ConnectTcp)?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .add_rule(PathBeneath::new(PathFd::new("/")?, AccessFs::Refer))?
        .restrict_self()?;
    Ok(status.ruleset)
}
