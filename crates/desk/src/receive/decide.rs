//! The decision: plain facts in, a plan out.

use letter::{Automatic, Join};
use store::Status;
use words::ConversationId;

/// What is known when a mail comes to one department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The same mail lies at this mailbox.
    pub duplicate: bool,
    /// The conversation that it names (by our token or by a reference), and whether it may join it.
    pub named: Option<(ConversationId, Join)>,
    /// Whether a machine wrote it.
    pub automatic: Automatic,
    /// A spam filter before us marked it.
    pub spam: bool,
    /// An admin takes it in from an old mailbox.
    pub imported: bool,
}

/// What to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Keep what there is.
    Duplicate,
    /// Add it to a conversation.
    Join {
        /// The conversation.
        conversation: ConversationId,
        /// Somebody vouches for its sender.
        verified: bool,
        /// It opens a closed or snoozed conversation, and its sender waits for an answer.
        opens: bool,
    },
    /// Begin a conversation.
    Start(Start),
}

/// How a conversation begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Where it stands.
    pub status: Status,
    /// Its sender waits for an answer.
    pub waits: bool,
    /// The conversation that it names and may not join.
    pub apart: Option<Apart>,
}

/// A conversation that a mail names and may not join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The conversation.
    pub from: ConversationId,
    /// Why.
    pub reason: letter::NoJoin,
}

/// Decides over a mail at one department. The rules, in order:
///
/// 1. The same mail at the same mailbox is kept once.
/// 2. It joins the conversation that it names, if it may (hardening rule 3, [`letter::may_join`]).
///    An automatic answer, a list mail or the like joins too, and opens nothing.
/// 3. Everything else begins a conversation, linked to the one that it names. What a spam filter
///    marked begins as spam. After an automatic answer, a list mail or the like nobody waits. (A
///    machine's notice, from a web form say, may well want an answer.)
/// 4. What an admin takes in from an old mailbox is closed, and nobody waits.
pub fn decide(facts: &Facts) -> Plan {
    if facts.duplicate {
        return Plan::Duplicate;
    }
    let wants_answer =
        matches!(facts.automatic, Automatic::None | Automatic::Generated) && !facts.spam && !facts.imported;
    match &facts.named {
        Some((conversation, Join::Yes { verified })) => {
            Plan::Join { conversation: *conversation, verified: *verified, opens: wants_answer }
        }
        named => Plan::Start(Start {
            status: match (facts.spam, facts.imported) {
                (true, _) => Status::Spam,
                (false, true) => Status::Closed,
                (false, false) => Status::Open,
            },
            waits: wants_answer,
            apart: named.as_ref().and_then(|(from, join)| match join {
                Join::No(reason) => Some(Apart { from: *from, reason: *reason }),
                Join::Yes { .. } => None,
            }),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use letter::NoJoin;
    use words::Time;

    fn facts() -> Facts {
        Facts { duplicate: false, named: None, automatic: Automatic::None, spam: false, imported: false }
    }

    #[test]
    fn each_case_has_its_plan() {
        let id = ConversationId::new(Time::from_seconds(1));
        let joins = |verified| Some((id, Join::Yes { verified }));
        let start = |status, waits, apart| Plan::Start(Start { status, waits, apart });
        let cases = [
            ("new", facts(), start(Status::Open, true, None)),
            ("twice", Facts { duplicate: true, named: joins(true), ..facts() }, Plan::Duplicate),
            (
                "answer",
                Facts { named: joins(true), ..facts() },
                Plan::Join { conversation: id, verified: true, opens: true },
            ),
            (
                "vacation",
                Facts { named: joins(true), automatic: Automatic::AutoReply, ..facts() },
                Plan::Join { conversation: id, verified: true, opens: false },
            ),
            ("spam", Facts { spam: true, ..facts() }, start(Status::Spam, false, None)),
            ("old", Facts { imported: true, ..facts() }, start(Status::Closed, false, None)),
            ("list", Facts { automatic: Automatic::List, ..facts() }, start(Status::Open, false, None)),
            (
                "stranger",
                Facts { named: Some((id, Join::No(NoJoin::NotAParticipant))), ..facts() },
                start(Status::Open, true, Some(Apart { from: id, reason: NoJoin::NotAParticipant })),
            ),
        ];
        for (name, facts, plan) in cases {
            assert_eq!(decide(&facts), plan, "{name}");
        }
    }
}
