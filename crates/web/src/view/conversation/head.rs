//! The head of a conversation: subject, state, who has it, what can be done with it.

use maud::{Markup, html};
use words::ConversationId;

use super::{Conversation, Status};
use crate::{
    language::Texts,
    view::{
        icon,
        people::{self, Agent, Tag},
        time::{Telling, time},
    },
};

/// An agent who has the conversation open now.
pub struct Presence {
    /// Who.
    pub agent: Agent,
    /// They write in it.
    pub writes: bool,
}

/// The head; live events replace it as a whole when status, assignee, department or tags change.
pub fn head(t: &Texts, conversation: &Conversation) -> Markup {
    let id = conversation.id;
    html! {
        header.conversation-head id={ "head-" (id) } {
            div.conversation-title {
                a.button-quiet.back href={ "/conversations?" (conversation.list_query) } data-turbo-frame="pane"
                    data-hotkey="u" aria-label=(t.get("back")) { (icon::ARROW_LEFT) }
                h1 title=(super::subject(t, conversation)) { (super::subject(t, conversation)) }
                (presence(t, id, &conversation.others))
            }
            div.conversation-actions {
                (status_chip(t, conversation.status))
                (assign_menu(t, conversation))
                @if conversation.choices.departments.len() > 1 { (department_menu(t, conversation)) }
                (tags_menu(t, id, &conversation.tags, &conversation.choices.tags))
                span.spring {}
                @if conversation.status == Status::Open { (snooze_menu(t, id)) }
                (more_menu(t, conversation))
                (close_or_reopen(t, conversation))
                button.button-quiet.contact-toggle type="button" popovertarget="contact" data-action="conversation#contact"
                    aria-label=(t.get("contact-panel")) title=(t.get("contact-panel")) { (icon::PANEL_RIGHT) }
            }
        }
    }
}

fn status_chip(t: &Texts, status: Status) -> Markup {
    match status {
        Status::Open => html! {},
        Status::Snoozed(until) => html! {
            span.chip.is-wait { (icon::ALARM_CLOCK) (t.get("status-snoozed")) " " (time(t, until, Telling::Long)) }
        },
        Status::Closed => html! { span.chip.is-ok { (icon::CIRCLE_CHECK) (t.get("status-closed")) } },
        Status::Spam => html! { span.chip.is-bad { (icon::OCTAGON_ALERT) (t.get("status-spam")) } },
    }
}

/// Who else is here; live events replace it.
pub fn presence(t: &Texts, id: ConversationId, others: &[Presence]) -> Markup {
    html! {
        div.presence id={ "presence-" (id) } role="status" {
            @for other in others {
                span.presence-one data-writes[other.writes] {
                    (people::initials(&other.agent, false))
                    @if other.writes {
                        (t.with("presence-writes", &[("agent", other.agent.name.as_str().into())]))
                    } @else {
                        (t.with("presence-looks", &[("agent", other.agent.name.as_str().into())]))
                    }
                }
            }
        }
    }
}

fn assign_menu(t: &Texts, conversation: &Conversation) -> Markup {
    let action = format!("/conversations/{}/assignment", conversation.id);
    html! {
        details.menu data-controller="menu" {
            summary.button data-hotkey="a" title=(t.get("assign")) {
                @if let Some(agent) = &conversation.assignee {
                    (people::initials(agent, false)) span { (agent.name) }
                } @else {
                    (icon::USER_PLUS) span { (t.get("assign")) }
                }
                (icon::CHEVRON_DOWN)
            }
            div.menu-sheet {
                form method="post" action=(action) {
                    @for agent in &conversation.choices.agents {
                        @let has_it = conversation.assignee.as_ref() == Some(agent);
                        button.menu-item type="submit" name="agent" value=(agent.id) aria-pressed=(has_it) {
                            (people::initials(agent, false)) span { (agent.name) }
                            @if has_it { (icon::CHECK) }
                        }
                    }
                }
                @if conversation.assignee.is_some() {
                    form method="post" action={ (action) "?method=delete" } {
                        button.menu-item type="submit" { (icon::USER_MINUS) span { (t.get("assign-nobody")) } }
                    }
                }
            }
        }
    }
}

fn department_menu(t: &Texts, conversation: &Conversation) -> Markup {
    html! {
        details.menu data-controller="menu" {
            summary.button data-hotkey="d" title=(t.get("department")) {
                (icon::USERS_ROUND) span { (conversation.department.name) } (icon::CHEVRON_DOWN)
            }
            form.menu-sheet method="post" action={ "/conversations/" (conversation.id) "/department" } {
                @for department in &conversation.choices.departments {
                    @let here = department.id == conversation.department.id;
                    button.menu-item type="submit" name="department" value=(department.id) aria-pressed=(here) {
                        span { (department.name) }
                        @if here { (icon::CHECK) }
                    }
                }
            }
        }
    }
}

/// The tags and the menu that sets them: the form sends all that shall be on the conversation, and a new word.
pub fn tags_menu(t: &Texts, id: ConversationId, on: &[Tag], all: &[Tag]) -> Markup {
    html! {
        @for tag in on { (people::tag(tag)) }
        details.menu data-controller="menu" {
            summary.button data-hotkey="t" title=(t.get("tag")) {
                (icon::TAG) @if on.is_empty() { span { (t.get("tag")) } } @else { span.unseen { (t.get("tag")) } }
            }
            form.menu-sheet method="post" action={ "/conversations/" (id) "/tags" } {
                @for tag in all {
                    label.menu-item {
                        input type="checkbox" name="tag" value=(tag.id) checked[on.contains(tag)];
                        (people::tag_dot(tag)) span { (tag.name) }
                    }
                }
                input.menu-input type="text" name="new" maxlength="40" autocomplete="off"
                    aria-label=(t.get("tag-new")) placeholder=(t.get("tag-new"));
                button.button.button-main type="submit" { (t.get("tag-save")) }
            }
        }
    }
}

fn snooze_menu(t: &Texts, id: ConversationId) -> Markup {
    let choices =
        [("later-today", "snooze-later"), ("tomorrow", "snooze-tomorrow"), ("next-week", "snooze-week")];
    html! {
        details.menu.menu-end data-controller="menu" {
            summary.button data-hotkey="s" title=(t.get("snooze")) { (icon::ALARM_CLOCK) span.wide-only { (t.get("snooze")) } }
            form.menu-sheet method="post" action={ "/conversations/" (id) "/snooze" } {
                @for (value, key) in choices {
                    button.menu-item type="submit" name="until" value=(value) { span { (t.get(key)) } }
                }
            }
        }
    }
}

fn more_menu(t: &Texts, conversation: &Conversation) -> Markup {
    let (id, status) = (conversation.id, conversation.status);
    html! {
        details.menu.menu-end data-controller="menu" {
            summary.button.button-icon aria-label=(t.get("more")) title=(t.get("more")) { (icon::ELLIPSIS) }
            div.menu-sheet {
                @if matches!(status, Status::Snoozed(_)) {
                    form method="post" action={ "/conversations/" (id) "/snooze?method=delete" } {
                        button.menu-item type="submit" { (icon::ALARM_CLOCK) span { (t.get("snooze-end")) } }
                    }
                }
                @if status == Status::Spam {
                    form method="post" action={ "/conversations/" (id) "/spam?method=delete" } {
                        button.menu-item type="submit" { (icon::INBOX) span { (t.get("spam-not")) } }
                    }
                } @else {
                    form method="post" action={ "/conversations/" (id) "/spam" } {
                        button.menu-item type="submit" { (icon::OCTAGON_ALERT) span { (t.get("spam")) } }
                    }
                }
                button.menu-item type="button" data-controller="copy" data-action="copy#copy" data-needs-script
                    data-copy-path-value={ "/conversations/" (id) } data-copy-done-value=(t.get("copied")) {
                    (icon::LINK) span { (t.get("copy-link")) }
                }
            }
        }
    }
}

fn close_or_reopen(t: &Texts, conversation: &Conversation) -> Markup {
    let action = format!("/conversations/{}/closure", conversation.id);
    if conversation.status == Status::Closed {
        return html! {
            form method="post" action={ (action) "?method=delete" } {
                button.button type="submit" data-hotkey="e" { (icon::ROTATE_CCW) span { (t.get("reopen")) } }
            }
        };
    }
    html! {
        form method="post" action=(action) {
            button.button type="submit" data-hotkey="e" { (icon::CHECK) span { (t.get("close")) } }
        }
    }
}
