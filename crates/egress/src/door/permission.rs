//! The one call of the decision over a permit, with all that it is decided by.

use std::sync::Arc;

use register::{Ask, OperatorFile, Permit, PermitRefusal, Rulebook};
use tokio::sync::watch;
use words::Clock;

use super::book::{Book, RulesPlace};

/// What the door decides by: the operator's file, the signed register, the time.
pub(super) struct Permission {
    pub(super) file: OperatorFile,
    book: Book,
    clock: Clock,
}

impl Permission {
    pub(super) fn new(file: OperatorFile, rules: Option<RulesPlace>, clock: Clock) -> Self {
        Self { file, book: Book::open(rules), clock }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that makes a Permit: the door")]
    pub(super) fn permit(&self, ask: &Ask) -> Result<Permit, PermitRefusal> {
        register::permit(&self.file, &self.book.current(), ask.clone(), self.clock.now())
    }

    /// Tells of each new register.
    pub(super) fn changes(&self) -> watch::Receiver<Arc<Rulebook>> {
        self.book.changes()
    }

    /// Keeps the register up to date. Never ends.
    pub(super) async fn follow(&self) {
        self.book.follow().await;
    }
}
