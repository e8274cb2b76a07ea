//! Fault points: places at which a test lets the whole process die (hardening experiment F2).

/// A place in the way of a mail at which power may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// A file is written and not yet synced.
    FileWritten,
    /// A file and its name are durable; the row that names it is not written.
    FileSynced,
    /// A batch has run and is not committed.
    BeforeCommit,
    /// A batch is durable; nobody has been told.
    AfterCommit,
    /// The relay has taken a mail; our row does not say so.
    AfterRelay,
    /// An account's checkpoint is kept in its store; the operator's log does not tell of it.
    CheckpointKept,
    /// The operator's log tells of an account's checkpoint, and is not signed.
    CheckpointNoted,
    /// A migration has run and is not committed.
    InMigration,
}

impl FaultPoint {
    /// All that there are.
    pub const ALL: [Self; 8] = [
        Self::FileWritten,
        Self::FileSynced,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::AfterRelay,
        Self::CheckpointKept,
        Self::CheckpointNoted,
        Self::InMigration,
    ];

    /// The name in `HAVN_DIE_AT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FileWritten => "file-written",
            Self::FileSynced => "file-synced",
            Self::BeforeCommit => "before-commit",
            Self::AfterCommit => "after-commit",
            Self::AfterRelay => "after-relay",
            Self::CheckpointKept => "checkpoint-kept",
            Self::CheckpointNoted => "checkpoint-noted",
            Self::InMigration => "in-migration",
        }
    }

    /// Dies here if the environment says `HAVN_DIE_AT=<name>:<n>` and this is the n-th time. Nothing in
    /// a release build.
    #[inline]
    pub fn pass(self) {
        #[cfg(debug_assertions)]
        armed::pass(self);
    }
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    };

    use super::FaultPoint;

    static ARMED: LazyLock<Option<(FaultPoint, AtomicI64)>> = LazyLock::new(|| {
        let said = std::env::var("HAVN_DIE_AT").ok()?;
        let (name, times) = said.split_once(':')?;
        let point = FaultPoint::ALL.into_iter().find(|point| point.name() == name)?;
        Some((point, AtomicI64::new(times.parse().ok()?)))
    });

    pub(super) fn pass(point: FaultPoint) {
        if let Some((armed, left)) = &*ARMED
            && *armed == point
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            // As a loss of power: no destructor, no flush, no good-bye.
            std::process::abort();
        }
    }
}
