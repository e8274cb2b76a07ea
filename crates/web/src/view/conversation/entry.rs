//! What stands between the letters: notes among agents, and what was done.

use maud::{Markup, PreEscaped, html};
use words::{ConversationId, MessageId, Time};

use super::letter::{self, File};
use crate::{
    language::Texts,
    view::{
        icon::{self, Icon},
        people::{self, Agent},
        time::{Telling, time},
    },
};

/// A note among agents; contacts never see it.
pub struct Note {
    /// Which.
    pub id: MessageId,
    /// Who wrote it.
    pub by: Agent,
    /// When.
    pub at: Time,
    /// What, as HTML that the sanitiser has passed: it is written into the page as it is.
    pub html: String,
    /// Files with it.
    pub files: Vec<File>,
}

/// Something done, as a thin line.
pub struct Event {
    /// The number of the event in the account.
    pub number: i64,
    /// Who did it: an agent's or a token's name, or Havn itself.
    pub by: String,
    /// When.
    pub at: Time,
    /// What.
    pub change: Change,
}

/// What can be done with a conversation.
pub enum Change {
    /// It was assigned to this agent.
    Assigned(String),
    /// It was given back to nobody.
    Unassigned,
    /// It was moved to this department.
    Moved(String),
    /// It got this tag.
    Tagged(String),
    /// It lost this tag.
    Untagged(String),
    /// It was closed.
    Closed,
    /// It was opened again, by an agent or by a new mail.
    Reopened,
    /// It was put off until then.
    Snoozed(Time),
    /// Its time had come.
    Woke,
    /// It was taken for spam.
    Spam,
    /// It was no spam after all.
    NotSpam,
    /// An answer was taken back before it left.
    Undone,
    /// The same mail came to another department too, where it is this conversation.
    AlsoReceived(String, ConversationId),
    /// It may belong to an earlier conversation, but could not prove it.
    Linked(ConversationId),
}

pub(super) fn note(t: &Texts, note: &Note) -> Markup {
    html! {
        li.message.note id={ "message-" (note.id) } {
            div.message-head {
                (people::initials(&note.by, false))
                strong.message-from { (note.by.name) }
                span.note-label { (icon::STICKY_NOTE) (t.get("note-label")) }
                span.message-when { (time(t, note.at, Telling::Long)) }
            }
            div.letter-text { (PreEscaped(&note.html)) }
            (letter::files(t, &note.files))
        }
    }
}

pub(super) fn event(t: &Texts, event: &Event) -> Markup {
    let (icon, text) = said(t, event);
    html! {
        li.event id={ "event-" (event.number) } {
            (icon) span { (text) } (time(t, event.at, Telling::Short))
        }
    }
}

fn said(t: &Texts, event: &Event) -> (Icon, Markup) {
    let plain = |key| {
        let text = t.with(key, &[("who", event.by.as_str().into())]);
        html! { (text) }
    };
    let named = |key, name: &'static str, value: &str| {
        let text = t.with(key, &[("who", event.by.as_str().into()), (name, value.into())]);
        html! { (text) }
    };
    match &event.change {
        Change::Assigned(agent) => (icon::USER_PLUS, named("event-assigned", "agent", agent)),
        Change::Unassigned => (icon::USER_MINUS, plain("event-unassigned")),
        Change::Moved(department) => (icon::USERS_ROUND, named("event-moved", "department", department)),
        Change::Tagged(tag) => (icon::TAG, named("event-tagged", "tag", tag)),
        Change::Untagged(tag) => (icon::TAG, named("event-untagged", "tag", tag)),
        Change::Closed => (icon::CIRCLE_CHECK, plain("event-closed")),
        Change::Reopened => (icon::ROTATE_CCW, plain("event-reopened")),
        Change::Snoozed(until) => {
            (icon::ALARM_CLOCK, html! { (plain("event-snoozed")) " " (time(t, *until, Telling::Long)) })
        }
        Change::Woke => (icon::ALARM_CLOCK, plain("event-woke")),
        Change::Spam => (icon::OCTAGON_ALERT, plain("event-spam")),
        Change::NotSpam => (icon::INBOX, plain("event-not-spam")),
        Change::Undone => (icon::UNDO_2, plain("event-undone")),
        Change::AlsoReceived(department, other) => (
            icon::FORWARD,
            html! {
                a href={ "/conversations/" (other) } {
                    (t.with("event-also-received", &[("department", department.as_str().into())]))
                }
            },
        ),
        Change::Linked(other) => {
            (icon::LINK, html! { a href={ "/conversations/" (other) } { (t.get("event-linked")) } })
        }
    }
}
