//! What kinds of acts the logs tell of, and by which names an entry refers to things: closed sets.

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$one])* $variant,)*
        }

        impl $name {
            /// All that there are, in their order in an entry.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in an entry.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// What has this name.
            pub fn of(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

named! {
    /// What kind of act an entry tells of.
    Kind {
        /// A conversation began.
        ConversationStarted = "conversation.started",
        /// A conversation was given to somebody or to nobody.
        ConversationAssigned = "conversation.assigned",
        /// A conversation moved to another department.
        ConversationMoved = "conversation.moved",
        /// The tags of a conversation changed.
        ConversationTagged = "conversation.tagged",
        /// A conversation was closed.
        ConversationClosed = "conversation.closed",
        /// A conversation was opened again.
        ConversationReopened = "conversation.reopened",
        /// A conversation was put off.
        ConversationSnoozed = "conversation.snoozed",
        /// A conversation was marked as spam.
        ConversationSpam = "conversation.spam",
        /// A letter came.
        MessageReceived = "message.received",
        /// A letter was written.
        MessageAnswered = "message.answered",
        /// A letter was taken back.
        MessageTakenBack = "message.taken-back",
        /// A note was written.
        MessageNoted = "message.noted",
        /// A delivery changed its state.
        MessageDelivery = "message.delivery",
        /// The account's settings changed.
        AccountSettings = "account.settings",
        /// An account's key was unwrapped.
        AccountOpened = "account.opened",
        /// A checkpoint of an account's log, in the log of the operator.
        AccountCheckpoint = "account.checkpoint",
        /// Service data of the account was copied for it.
        AccountExported = "account.exported",
        /// What was held of a person was erased.
        ContactErased = "contact.erased",
        /// The account wrote an instruction down, or withdrew it.
        Instruction = "account.instruction",
        /// The account and the operator signed an agreement.
        Agreement = "account.agreement",
        /// The account objected, or took an objection back.
        Objection = "account.objection",
        /// The account let staff look, or ended it.
        Grant = "access.grant",
        /// Staff looked.
        Look = "access.look",
        /// A connection left by the door, or was refused.
        Flow = "egress.flow",
        /// The register changed.
        Register = "register.changed",
        /// A notice of change was sent, arrived or bounced.
        Notice = "register.notice",
        /// A home was given, moved or ended.
        Home = "fleet.home",
    }
}

named! {
    /// By which name an entry refers to a thing. The order here is that in an entry.
    RefName {
        /// The account.
        Account = "account",
        /// The conversation.
        Conversation = "conversation",
        /// The message.
        Message = "message",
        /// The contact.
        Contact = "contact",
        /// The number of the account's event that tells pages of the same act.
        Event = "event",
        /// The entry of the register.
        Entry = "entry",
        /// The version of the register.
        Version = "version",
        /// The grant.
        Grant = "grant",
        /// The instruction.
        Instruction = "instruction",
        /// The agreement.
        Agreement = "agreement",
        /// The objection.
        Objection = "objection",
        /// The notice.
        Notice = "notice",
        /// The purpose of a connection.
        Purpose = "purpose",
        /// The host at the other end; never a person's.
        Host = "host",
        /// The data centre.
        DataCentre = "data-centre",
        /// What became of it, or what was done: a word of Havn.
        State = "state",
        /// Bytes that left.
        BytesOut = "bytes-out",
        /// Bytes that came.
        BytesIn = "bytes-in",
        /// How many entries a log has.
        Size = "size",
    }
}

named! {
    /// What an entry gives the hash of. All but the root are salted.
    HashName {
        /// The root of a log: of hashes already, so it has no salt.
        Root = "root",
        /// A letter as it came or left.
        Letter = "letter",
        /// A document.
        Document = "document",
        /// The value that was set.
        Value = "value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        assert!(Kind::ALL.iter().all(|kind| Kind::of(kind.name()) == Some(*kind)));
        assert!(RefName::ALL.iter().all(|name| RefName::of(name.name()) == Some(*name)));
        assert!(HashName::ALL.iter().all(|name| HashName::of(name.name()) == Some(*name)));
        assert_eq!(Kind::of("conversation.eaten"), None);
    }
}
