//! The list of conversations and the page that holds it, beside the conversation that is open.

use maud::{Markup, html};
use words::{ConversationId, Time};

use super::{
    folder::{Filter, Folder},
    icon,
    people::{self, Agent, Department, Tag, grouped},
    room::Room,
    shell::{self, Shell},
    time::{Telling, time},
};
use crate::language::Texts;

/// A list of conversations: one page of it.
pub struct List {
    /// What it is narrowed to.
    pub filter: Filter,
    /// The name of the department or tag that it is narrowed to.
    pub narrowed: Option<String>,
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub total: u64,
    /// The place of the page before this one, if there is one: the value of `cursor=`.
    pub newer: Option<String>,
    /// The place of the next page, if there is one.
    pub older: Option<String>,
    /// What many can be given at once.
    pub choices: Choices,
}

/// What a conversation can be given.
#[derive(Default)]
pub struct Choices {
    /// Agents who may have it.
    pub agents: Vec<Agent>,
    /// Departments that it may go to.
    pub departments: Vec<Department>,
    /// Tags that it may bear.
    pub tags: Vec<Tag>,
}

/// A conversation in a list.
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own on the row")]
pub struct Row {
    /// Which.
    pub id: ConversationId,
    /// Who wrote: the contact's name, or the address where there is none.
    pub contact: String,
    /// The mail's subject; may be empty.
    pub subject: String,
    /// The first words of the last message.
    pub snippet: String,
    /// How many messages it has.
    pub messages: u32,
    /// Since when the contact waits for us, or when the last thing happened if nobody waits.
    pub since: Time,
    /// The contact waits for an answer.
    pub waits: bool,
    /// The one who looks has not seen its newest message.
    pub unread: bool,
    /// Some message brought files.
    pub files: bool,
    /// The newest answer could not be delivered.
    pub bounced: bool,
    /// The one who looks has begun to write something in it.
    pub draft: bool,
    /// Who wrote has proved nothing, or a spam filter marked it.
    pub suspect: bool,
    /// The folder that it belongs to: open, snoozed, closed or spam.
    pub status: Folder,
    /// Who has it.
    pub assignee: Option<Agent>,
    /// Its department.
    pub department: Department,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// By what lists are sorted, newest first: microseconds.
    pub order: i64,
}

/// At how many tags a row stops.
const ROW_TAGS_MAX: usize = 2;
/// About how much a row is.
const ROW_BYTES: usize = 1_000;
/// How much of the first words a row has.
const SNIPPET_CHARS_MAX: usize = 90;

/// The page of a list with nothing opened beside it.
pub fn page(shell: &Shell, list: &List) -> Markup {
    let pane = nothing_open(shell.head.texts, list);
    beside(shell, list, &title(shell.head.texts, list), &pane)
}

/// The page of a list with this in the pane beside it.
pub(super) fn beside(shell: &Shell, list: &List, title: &str, pane: &Markup) -> Markup {
    let t = shell.head.texts;
    let content = html! { (Room(list.rows.len() * ROW_BYTES + pane.0.len() + 8_000)) div.panes { (self::list(t, list)) (frame(pane)) } };
    shell::page(shell, title, &content)
}

/// The pane of the open conversation: links to conversations change only this. The whole answer to a request that
/// bears `Turbo-Frame: pane`.
pub(super) fn frame(pane: &Markup) -> Markup {
    html! { turbo-frame #pane data-turbo-action="advance" { (pane) } }
}

/// The empty pane, as the answer to a request that bears `Turbo-Frame: pane` and goes back to the list.
pub fn nothing_open_frame(t: &Texts, list: &List) -> Markup {
    frame(&nothing_open(t, list))
}

fn title(t: &Texts, list: &List) -> String {
    list.narrowed.clone().unwrap_or_else(|| t.get(list.filter.folder.title()).to_owned())
}

/// The pane of the list.
pub fn list(t: &Texts, list: &List) -> Markup {
    let filter = &list.filter;
    let query = filter.query();
    html! {
        (Room(list.rows.len() * ROW_BYTES + 8_000))
        section.list aria-labelledby="list-title" data-controller="list" data-list-me-target="me" {
            header.list-head {
                button.button-quiet.rail-open type="button" popovertarget="rail" aria-label=(t.get("rail-label")) { (icon::MENU) }
                h1 #list-title { (title(t, list)) }
                span.list-total title=(t.get("list-total")) data-total-of=[counted_as(filter)] {
                    @if list.total > 0 { (grouped(t, list.total)) }
                }
                form.list-next method="post" action={ "/conversations/next?" (query) } data-turbo-frame="pane" {
                    button.button type="submit" data-hotkey="." title=(t.get("next-hint")) {
                        (icon::FAST_FORWARD) span { (t.get("next-take")) }
                    }
                }
            }
            (bulk_bar(t, list, &query))
            button.list-new type="button" hidden data-list-target="news" data-action="list#top"
                data-one=(t.with("list-new", &[("count", 1.into())]))
                data-many=(t.with("list-new", &[("count", 99.into())])) {}
            @if list.rows.is_empty() { (empty(t, list)) }
            // Its links change the pane; the frame itself never changes.
            turbo-frame #list-rows target="pane" {
            ol #rows.rows role="list" data-list-target="rows" data-folder=(filter.folder.name())
                data-department=[filter.department] data-tag=[filter.tag] data-query=(query)
                data-first=[list.newer.is_none().then_some("")] {
                @for row in &list.rows { (self::row(t, row, &query)) }
            }
            }
            @if list.newer.is_some() || list.older.is_some() { (pages(t, list, &query)) }
        }
    }
}

/// The count of the rail that counts the same conversations: when it changes, so does the total.
fn counted_as(filter: &Filter) -> Option<String> {
    match (filter.folder, filter.department, filter.tag) {
        (Folder::Open, Some(department), None) => Some(format!("count-department-{department}")),
        (Folder::Closed, ..) | (_, Some(_), _) | (.., Some(_)) => None,
        (folder, None, None) => Some(format!("count-{}", folder.name())),
    }
}

fn pages(t: &Texts, list: &List, query: &str) -> Markup {
    html! {
        nav.pages aria-label=(t.get("pages-label")) {
            @if let Some(cursor) = &list.newer {
                a.button href={ "/conversations?" (query) "&cursor=" (cursor) } rel="prev" { (t.get("pages-newer")) }
            }
            @if let Some(cursor) = &list.older {
                a.button href={ "/conversations?" (query) "&cursor=" (cursor) } rel="next" { (t.get("pages-older")) }
            }
        }
    }
}

/// A row of the page. `query` is what the list is narrowed to, so that a conversation opened from it can go back
/// there.
fn row(t: &Texts, row: &Row, query: &str) -> Markup {
    html! {
        (Room(ROW_BYTES))
        li.row id={ "row-" (row.id) } data-unread[row.unread] data-order=(row.order) { (inside(t, row, query)) }
    }
}

/// A row as a live event brings it, in `<turbo-stream action="row" target="row-…">`: it says besides where it
/// belongs, for each open list decides by its own filter whether it shows it.
pub fn live_row(t: &Texts, row: &Row) -> Markup {
    html! {
        li.row id={ "row-" (row.id) } data-unread[row.unread] data-order=(row.order) data-status=(row.status.name())
            data-department=(row.department.id) data-assignee=[row.assignee.as_ref().map(|agent| agent.id)]
            data-tags=[tag_ids(&row.tags)] { (inside(t, row, "")) }
    }
}

fn inside(t: &Texts, row: &Row, query: &str) -> Markup {
    html! {
        (Room(ROW_BYTES))
        input type="checkbox" name="conversation" value=(row.id) form="bulk" aria-label=(t.get("row-select"));
        a href={ "/conversations/" (row.id) "?" (query) } data-turbo-frame="pane" {
            span {
                span.row-who {
                    @if row.unread { span.unseen { (t.get("row-unread")) } " " }
                    (row.contact)
                    @if row.messages > 1 { " " span.row-count { (row.messages) } }
                }
                span.row-when data-waits[row.waits] {
                    (time(t, row.since, Telling::Short))
                }
            }
            span {
                @if row.bounced { (sign(t, icon::MAIL_X, "is-bad", "row-bounced")) }
                @if row.suspect { (sign(t, icon::SHIELD_X, "is-wait", "row-suspect")) }
                @if row.draft { (sign(t, icon::PENCIL, "is-draft", "row-draft")) }
                span.row-what {
                    span.row-subject { @if row.subject.is_empty() { (t.get("no-subject")) } @else { (row.subject) } }
                    " " (beginning(&row.snippet))
                }
                @for tag in row.tags.iter().take(ROW_TAGS_MAX) { (people::tag(tag)) }
                @if row.tags.len() > ROW_TAGS_MAX { span.tag { "+" (row.tags.len() - ROW_TAGS_MAX) } }
                @if row.files { (sign(t, icon::PAPERCLIP, "is-quiet", "row-files")) }
                @if let Some(agent) = &row.assignee { (people::initials(agent, true)) }
            }
        }
    }
}

/// A small sign on a row; those who do not see it are told.
fn sign(t: &Texts, icon: icon::Icon, class: &str, key: &str) -> Markup {
    html! { span.row-mark.(class) title=(t.get(key)) { (icon) span.unseen { (t.get(key)) } } }
}

/// The first words: what there is room for in the widest list.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(SNIPPET_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

/// The ids of tags, separated by spaces, for the script that sorts live rows into lists.
fn tag_ids(tags: &[Tag]) -> Option<String> {
    let ids: Vec<String> = tags.iter().map(|tag| tag.id.to_string()).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// What can be done with many at once: one form, whose pressed button says what.
fn bulk_bar(t: &Texts, list: &List, query: &str) -> Markup {
    let choices = &list.choices;
    html! {
        form #bulk.bulk method="post" action={ "/conversations/bulk?" (query) } data-list-target="bulk" {
            span.bulk-count data-list-target="count" data-one=(t.with("bulk-selected", &[("count", 1.into())]))
                data-many=(t.with("bulk-selected", &[("count", 99.into())])) { (t.get("bulk-title")) }
            @if list.filter.folder == Folder::Closed {
                button.button type="submit" name="reopen" value="yes" data-hotkey="e" {
                    (icon::ROTATE_CCW) span { (t.get("reopen")) }
                }
            } @else {
                button.button type="submit" name="close" value="yes" data-hotkey="e" {
                    (icon::CHECK) span { (t.get("close")) }
                }
            }
            (bulk_menu(t.get("assign"), icon::USER_ROUND, "a", &html! {
                @for agent in &choices.agents {
                    button.menu-item name="agent" value=(agent.id) { (people::initials(agent, false)) (agent.name) }
                }
                button.menu-item name="agent" value="" { (icon::USER_MINUS) (t.get("assign-nobody")) }
            }))
            @if choices.departments.len() > 1 {
                (bulk_menu(t.get("department"), icon::USERS_ROUND, "d", &html! {
                    @for department in &choices.departments {
                        button.menu-item name="department" value=(department.id) { (department.name) }
                    }
                }))
            }
            @if !choices.tags.is_empty() {
                (bulk_menu(t.get("tag"), icon::TAG, "t", &html! {
                    @for tag in &choices.tags {
                        button.menu-item name="tag" value=(tag.id) { (people::tag_dot(tag)) (tag.name) }
                    }
                }))
            }
            @if list.filter.folder == Folder::Spam {
                button.button type="submit" name="spam" value="no" { (icon::INBOX) span { (t.get("spam-not")) } }
            } @else {
                button.button type="submit" name="spam" value="yes" { (icon::OCTAGON_ALERT) span { (t.get("spam")) } }
            }
            button.button-quiet type="reset" aria-label=(t.get("bulk-clear")) title=(t.get("bulk-clear")) { (icon::X) }
        }
    }
}

fn bulk_menu(name: &str, icon: icon::Icon, hotkey: &str, items: &Markup) -> Markup {
    html! {
        details.menu data-controller="menu" {
            summary.button data-hotkey=(hotkey) { (icon) span { (name) } }
            div.menu-sheet { (items) }
        }
    }
}

fn empty(t: &Texts, list: &List) -> Markup {
    let (icon, title, text) = match list.filter.folder {
        _ if list.narrowed.is_some() => (icon::INBOX, "empty-narrowed-title", "empty-narrowed-text"),
        Folder::Open => (icon::INBOX, "empty-open-title", "empty-open-text"),
        Folder::Mine => (icon::USER_ROUND, "empty-mine-title", "empty-mine-text"),
        Folder::Unassigned => (icon::CIRCLE_USER, "empty-unassigned-title", "empty-unassigned-text"),
        Folder::Snoozed => (icon::ALARM_CLOCK, "empty-snoozed-title", "empty-snoozed-text"),
        Folder::Closed => (icon::CIRCLE_CHECK, "empty-closed-title", "empty-closed-text"),
        Folder::Spam => (icon::OCTAGON_ALERT, "empty-spam-title", "empty-spam-text"),
    };
    html! {
        div.empty data-list-target="empty" { (icon) h2 { (t.get(title)) } p { (t.get(text)) } }
    }
}

fn nothing_open(t: &Texts, list: &List) -> Markup {
    html! {
        div.nothing-open {
            @if list.rows.is_empty() {
                p { (t.get("nothing-open-empty")) }
            } @else {
                p { (t.get("nothing-open")) }
                dl.nothing-keys {
                    dt { kbd { "j" } kbd { "k" } } dd { (t.get("key-move")) }
                    dt { kbd { "Enter" } } dd { (t.get("key-open")) }
                    dt { kbd { "." } } dd { (t.get("key-next")) }
                    dt { kbd { "?" } } dd { (t.get("keys-title")) }
                }
            }
        }
    }
}
