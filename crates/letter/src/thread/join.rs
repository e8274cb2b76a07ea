//! Who may join a conversation by mail.

use serde::{Deserialize, Serialize};

/// What is known of a mail that names a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact of the rule")]
pub struct JoinFacts {
    /// It names it by our signed token.
    pub token: bool,
    /// It carries valid tokens of two or more conversations.
    pub two_tokens: bool,
    /// It refers to a mail of it.
    pub reference: bool,
    /// Its From takes part in the conversation.
    pub takes_part: bool,
    /// Its From is vouched for by its domain (aligned DKIM or SPF).
    pub authenticated: bool,
    /// An admin takes it in from an old mailbox.
    pub imported: bool,
}

/// Whether a mail joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It does.
    Yes {
        /// Its sender is vouched for; else the reader is told.
        verified: bool,
    },
    /// It does not, and begins a conversation of its own.
    No(NoJoin),
}

/// Why a mail does not join the conversation that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoJoin {
    /// It carries tokens of several conversations.
    TwoTokens,
    /// Its sender takes no part.
    NotAParticipant,
    /// It has no token of ours, and nobody vouches for its sender.
    NotAuthenticated,
    /// It names nothing of the conversation.
    NothingNamed,
}

impl NoJoin {
    /// The name in rows and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwoTokens => "two-tokens",
            Self::NotAParticipant => "not-a-participant",
            Self::NotAuthenticated => "not-authenticated",
            Self::NothingNamed => "nothing-named",
        }
    }
}

/// Decides whether a mail joins the conversation that it names. The rules, in order:
///
/// 1. An import by an admin threads by token or reference alone.
/// 2. Tokens of two conversations: none of them.
/// 3. A From that takes no part never joins.
/// 4. Our token joins; the reader is told if nobody vouches for the sender.
/// 5. A reference joins only with a From that is vouched for.
///
/// Subject, body and Reply-To are no facts here.
pub fn may_join(facts: &JoinFacts) -> Join {
    let named = facts.token || facts.reference;
    if facts.imported {
        return if named { Join::Yes { verified: true } } else { Join::No(NoJoin::NothingNamed) };
    }
    if facts.two_tokens {
        return Join::No(NoJoin::TwoTokens);
    }
    if !named {
        return Join::No(NoJoin::NothingNamed);
    }
    if !facts.takes_part {
        return Join::No(NoJoin::NotAParticipant);
    }
    if facts.token || facts.authenticated {
        return Join::Yes { verified: facts.authenticated };
    }
    Join::No(NoJoin::NotAuthenticated)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 64 mails that there can be, against the rule in its own words (hardening rule 3).
    #[test]
    fn nobody_else_joins() {
        for bits in 0..64_u8 {
            let is = |bit: u8| bits & (1 << bit) != 0;
            let facts = JoinFacts {
                token: is(0),
                two_tokens: is(1),
                reference: is(2),
                takes_part: is(3),
                authenticated: is(4),
                imported: is(5),
            };
            let by_token = facts.token && facts.takes_part;
            let by_reference = facts.reference && facts.takes_part && facts.authenticated;
            let by_mail = !facts.two_tokens && (by_token || by_reference);
            let by_import = facts.imported && (facts.token || facts.reference);
            let expected = if facts.imported { by_import } else { by_mail };
            let joined = may_join(&facts);
            assert_eq!(matches!(joined, Join::Yes { .. }), expected, "{facts:?}");
            if let (Join::Yes { verified }, false) = (joined, facts.imported) {
                assert_eq!(verified, facts.authenticated, "{facts:?}");
            }
        }
    }
}
