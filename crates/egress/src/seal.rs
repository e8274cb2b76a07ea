//! The seal: after it, this process can reach nobody but who was handed to it.
//!
//! A seccomp filter for all threads and everything they start. What it refuses fails with `EPERM`, so
//! that an attempt is an error that can be logged. Listening sockets are opened before: `accept` stays
//! possible, `socket` does not.

mod filter;

use seccompiler::BpfProgram;

/// The process could not be sealed; it must not go on as if it were.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The kernel does not take the filter.
    #[error("the process cannot be sealed: {0}")]
    Kernel(seccompiler::Error),
}

/// Seals this process, all its threads, for good. To be called after the listening sockets are bound
/// and before the first byte of a stranger is read.
pub fn seal() -> Result<(), SealError> {
    let program: BpfProgram = filter::program();
    seccompiler::apply_filter_all_threads(&program).map_err(SealError::Kernel)
}
