//! An open conversation: what it is, what was written and done in it, the composer, the contact.

mod composer;
mod contact;
mod entry;
mod head;
mod letter;

use maud::{Markup, html};
use words::{ConversationId, MessageId, Time};

pub(super) use composer::composer_foot;
pub use composer::{Composer, DraftFile, composer, draft_file, sent_toast};
pub(super) use contact::state_key;
pub use contact::{Contact, OtherConversation};
pub use entry::{Change, Event, Note};
pub use head::{Presence, head, presence, tags_menu};
pub use letter::{
    Authentication, Body, Check, Correspondent, Delivery, DeliveryState, File, Letter, Mark, Outcome, Split,
    deliveries, plain_letter_text,
};

use super::{
    inbox::{self, Choices, List},
    people::{Agent, Department, Tag},
    shell::Shell,
};
use crate::{language::Texts, stream};

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Somebody has to do something.
    Open,
    /// Put off until then.
    Snoozed(Time),
    /// Done.
    Closed,
    /// Taken for spam.
    Spam,
}

/// An open conversation and all that stands in it.
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// The mail's subject; may be empty.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// Who has it.
    pub assignee: Option<Agent>,
    /// Its department.
    pub department: Department,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// What it can be given.
    pub choices: Choices,
    /// Who else looks at it or writes in it.
    pub others: Vec<Presence>,
    /// The letter with which the one who looks has just begun it, and for how many seconds it can be taken back.
    pub just_begun: Option<(MessageId, u32)>,
    /// Messages and events, oldest first.
    pub entries: Vec<Entry>,
    /// How many older entries are not in `entries` (a conversation of thousands is read in pieces).
    pub earlier: u64,
    /// The place of the piece before this one, the value of `before=`.
    pub earlier_cursor: Option<String>,
    /// The one who wrote.
    pub contact: Contact,
    /// What is being written.
    pub composer: Composer,
    /// The query of the list from which it was opened, without `?`; back leads there.
    pub list_query: String,
}

/// One thing that stands in a conversation.
pub enum Entry {
    /// A mail, in or out.
    Letter(Box<Letter>),
    /// A note among agents.
    Note(Note),
    /// Something done.
    Event(Event),
}

/// The whole page, with the list beside it.
pub fn page(shell: &Shell, list: &List, conversation: &Conversation) -> Markup {
    let t = shell.head.texts;
    inbox::beside(shell, list, subject(t, conversation), &pane(t, conversation))
}

/// The answer to a request that bears `Turbo-Frame: pane`.
pub fn frame(t: &Texts, conversation: &Conversation) -> Markup {
    inbox::frame(&pane(t, conversation))
}

fn subject<'a>(t: &'a Texts, conversation: &'a Conversation) -> &'a str {
    if conversation.subject.is_empty() { t.get("no-subject") } else { &conversation.subject }
}

fn pane(t: &Texts, conversation: &Conversation) -> Markup {
    let id = conversation.id;
    html! {
        article.conversation id={ "conversation-" (id) } data-controller="conversation presence"
            data-conversation-title-value=(subject(t, conversation)) data-conversation-row-value={ "row-" (id) }
            data-presence-url-value={ "/conversations/" (id) "/presence" } {
            (head(t, conversation))
            div.conversation-body {
                div.conversation-main {
                    div.messages tabindex="0" role="region" aria-label=(t.get("messages-label")) data-conversation-target="scroller" {
                        @if let Some(cursor) = &conversation.earlier_cursor {
                            a.earlier href={ "/conversations/" (id) "?" (conversation.list_query) "&before=" (cursor) } {
                                (t.with("earlier", &[("count", conversation.earlier.into())]))
                            }
                        }
                        ol.entries id={ "messages-" (id) } role="list" {
                            @for entry in &conversation.entries { (self::entry(t, entry)) }
                        }
                    }
                    (composer(t, id, &conversation.composer))
                }
                (contact::panel(t, &conversation.contact, conversation.id))
            }
        }
        @if let Some((letter, seconds)) = conversation.just_begun {
            (stream::append("toasts", &sent_toast(t, letter, seconds)))
        }
    }
}

/// One entry, as it stands in the page and as a live event appends or replaces it.
pub fn entry(t: &Texts, entry: &Entry) -> Markup {
    match entry {
        Entry::Letter(letter) => letter::letter(t, letter),
        Entry::Note(note) => entry::note(t, note),
        Entry::Event(event) => entry::event(t, event),
    }
}
