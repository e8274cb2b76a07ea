//! What is around every page of the desk: head, rail, offline bar, toasts, the list of keys.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use words::Role;

use super::{
    beginning,
    folder::{Filter, Folder},
    icon::{self, Icon},
    people::{self, Agent, Department, Tag},
    room::Room,
};
use crate::{assets, language::Texts};

/// About how much stands around the content of a page.
const AROUND_BYTES: usize = 14_000;

/// Light or dark, as the one who looks has chosen (cookie `theme`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The theme that the cookie names.
    pub fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What every page has, with and without log-in.
pub struct Head {
    /// The language of the page.
    pub texts: &'static Texts,
    /// Light or dark.
    pub theme: Theme,
    /// The nonce of `style-src`, one per log-in session (Turbo and the editor bring style elements of their own).
    pub nonce: String,
    /// The account's name.
    pub account: String,
}

/// What every page of the desk has besides.
pub struct Shell {
    /// What every page has.
    pub head: Head,
    /// The one who looks.
    pub me: Agent,
    /// What they may.
    pub role: Role,
    /// The rail.
    pub rail: Rail,
    /// The number of the last event that the page shows: live events go on after it.
    pub live_after: i64,
    /// What was just done, for a page loaded whole after a form (without script).
    pub notice: Option<Notice>,
}

/// The rail: where one can go, and how much waits there.
pub struct Rail {
    /// Where one is.
    pub here: Here,
    /// Open conversations that the one who looks may see.
    pub open: u64,
    /// Of these, theirs.
    pub mine: u64,
    /// Of these, nobody's.
    pub unassigned: u64,
    /// Put off until later.
    pub snoozed: u64,
    /// Unread in spam.
    pub spam: u64,
    /// The departments that they may see, with what is open in each.
    pub departments: Vec<(Department, u64)>,
    /// The tags of the account.
    pub tags: Vec<Tag>,
}

/// Where in the desk a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// In a list of conversations, or in one opened from it.
    List(Filter),
    /// Where a conversation is begun.
    Beginning,
    /// In the search.
    Search,
    /// In the settings of the account.
    Settings,
    /// At one's own profile.
    Me,
    /// Where there is nothing.
    Nowhere,
}

/// One line about what was just done.
pub struct Notice {
    /// How it went.
    pub kind: NoticeKind,
    /// What happened.
    pub text: String,
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// It was done.
    Done,
    /// It was not.
    Failed,
}

/// A whole page of the desk.
pub fn page(shell: &Shell, title: &str, content: &Markup) -> Markup {
    let t = shell.head.texts;
    let body = html! {
        (Room(content.0.len() + AROUND_BYTES))
        a.skip href="#main" { (t.get("skip-to-content")) }
        (rail(shell))
        main #main.main tabindex="-1" { (content) }
        div #toasts.toasts role="status" aria-live="polite" {
            @if let Some(notice) = &shell.notice { (toast(t, notice)) }
        }
        div #offline.offline role="alert" hidden data-live-target="offline" {
            (icon::WIFI_OFF) span { (t.get("live-offline")) }
        }
        (keys(t))
        (palette(t))
        (confirmation(t))
    };
    document(
        &shell.head,
        title,
        Some(shell.live_after),
        &html! {
            (Room(body.0.len() + 512))
            body.desk data-controller="hotkeys live" data-live-after-value=(shell.live_after)
                data-live-url-value="/live" data-live-me-value=(shell.me.id) { (body) }
        },
    )
}

/// A whole page without rail: log-in, invitation, errors before log-in.
pub fn plain_page(head: &Head, title: &str, content: &Markup) -> Markup {
    let t = head.texts;
    document(
        head,
        title,
        None,
        &html! {
            body.entrance {
                main.entrance-main #main {
                    p.entrance-brand { (MARK) span { (head.account) } }
                    (content)
                }
                footer.entrance-foot { (t.get("made-with")) }
            }
        },
    )
}

fn document(head: &Head, title: &str, live: Option<i64>, body: &Markup) -> Markup {
    html! {
        (Room(body.0.len() + AROUND_BYTES))
        (DOCTYPE)
        html lang=(head.texts.language().tag()) data-theme=(head.theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                title { (title) " · " (head.account) }
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                // To open a conversation marks it as read: hovering must not.
                meta name="turbo-prefetch" content="false";
                meta name="csp-nonce" content=(head.nonce);
                @if live.is_some() { meta name="havn-editor" content=(assets::path("editor.js")); }
                @if live.is_none() { meta name="turbo-visit-control" content="reload"; }
                link rel="icon" href=(assets::path("mark.svg")) type="image/svg+xml";
                link rel="preload" href=(assets::path("inter-latin-wght-normal.woff2")) as="font" type="font/woff2" crossorigin;
                link rel="stylesheet" href=(assets::path("app.css")) data-turbo-track="reload";
                script type="module" src=(assets::path("app.js")) data-turbo-track="reload" {}
            }
            (body)
        }
    }
}

/// The mark of Havn: an H whose bar is a wave.
pub const MARK: PreEscaped<&str> = PreEscaped(
    r#"<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M9.5 7.5v17M22.5 7.5v17M9.5 17c2.2-2.6 4.3-2.6 6.5 0s4.3 2.6 6.5 0"/></svg>"#,
);

fn rail(shell: &Shell) -> Markup {
    let (t, rail) = (shell.head.texts, &shell.rail);
    html! {
        nav #rail.rail popover aria-label=(t.get("rail-label")) {
            div.rail-top { (brand(&shell.head.account)) }
            a.rail-new href={ (beginning::PATH) @if let Here::List(filter) = rail.here { "?" (filter.query()) } } data-hotkey="c"
                aria-current=[current(rail.here == Here::Beginning)] title=(t.get("begin-title")) {
                (icon::PLUS) span { (t.get("begin-title")) } kbd { "c" }
            }
            a.rail-search href="/search" data-hotkey="/" aria-current=[current(rail.here == Here::Search)]
                title=(t.get("search-title")) {
                (icon::SEARCH) span { (t.get("search-title")) } kbd { "/" }
            }
            ul.rail-list role="list" {
                (folder(t, rail, Folder::Open, icon::INBOX, Some(("count-open", rail.open))))
                (folder(t, rail, Folder::Mine, icon::USER_ROUND, Some(("count-mine", rail.mine))))
                (folder(t, rail, Folder::Unassigned, icon::CIRCLE_USER, Some(("count-unassigned", rail.unassigned))))
                (folder(t, rail, Folder::Snoozed, icon::ALARM_CLOCK, Some(("count-snoozed", rail.snoozed))))
                (folder(t, rail, Folder::Closed, icon::CIRCLE_CHECK, None))
                (folder(t, rail, Folder::Spam, icon::OCTAGON_ALERT, Some(("count-spam", rail.spam))))
            }
            (places(t, rail.here, &rail.departments, &rail.tags))
            (rail_foot(shell))
        }
    }
}

/// The account's name above the rail; a live event replaces it by its id.
pub fn brand(account: &str) -> Markup {
    html! {
        a #rail-brand.rail-brand href="/conversations" title=(account) { (MARK) span.rail-name { (account) } }
    }
}

/// What admins add to the rail: departments, with what is open in each, and tags. A live event replaces
/// them by their id; the page knows itself which of them it is at.
pub fn places(t: &Texts, here: Here, departments: &[(Department, u64)], tags: &[Tag]) -> Markup {
    html! {
        div #rail-places.rail-places {
            @if !departments.is_empty() {
                h2.rail-heading { (t.get("rail-departments")) }
                ul.rail-list role="list" {
                    @for (department, open) in departments { (department_link(here, department, *open)) }
                }
            }
            @if !tags.is_empty() {
                h2.rail-heading { (t.get("rail-tags")) }
                ul.rail-list.rail-tags role="list" {
                    @for tag in tags { (tag_link(here, tag)) }
                }
            }
        }
    }
}

fn current(here: bool) -> Option<&'static str> {
    here.then_some("page")
}

fn folder(t: &Texts, rail: &Rail, folder: Folder, icon: Icon, count: Option<(&str, u64)>) -> Markup {
    let filter = Filter::folder(folder);
    let hotkey = match folder {
        Folder::Open => "g i",
        Folder::Mine => "g m",
        Folder::Unassigned => "g u",
        Folder::Snoozed => "g s",
        Folder::Closed => "g c",
        Folder::Spam => "g x",
    };
    html! {
        li {
            a.rail-link href={ "/conversations?" (filter.query()) } title=(t.get(folder.title())) data-hotkey=(hotkey)
                aria-current=[current(rail.here == Here::List(filter))] {
                (icon) span { (t.get(folder.title())) }
                @if let Some((id, count)) = count { (self::count(id, count)) }
            }
        }
    }
}

/// A count of the rail; a live event replaces it by its id.
pub fn count(id: &str, count: u64) -> Markup {
    html! { span.count id=(id) { @if count > 0 { (count) } } }
}

fn department_link(here: Here, department: &Department, open: u64) -> Markup {
    let filter = Filter { department: Some(department.id), ..Filter::folder(Folder::Open) };
    html! {
        li {
            a.rail-link href={ "/conversations?" (filter.query()) } title=(department.name)
                aria-current=[current(here == Here::List(filter))] {
                (icon::USERS_ROUND) span { (department.name) }
                span.count id={ "count-department-" (department.id) } { @if open > 0 { (open) } }
            }
        }
    }
}

fn tag_link(here: Here, tag: &Tag) -> Markup {
    let filter = Filter { tag: Some(tag.id), ..Filter::folder(Folder::Open) };
    html! {
        li {
            a.rail-link href={ "/conversations?" (filter.query()) } title=(tag.name)
                aria-current=[current(here == Here::List(filter))] {
                (people::tag_dot(tag)) span { (tag.name) }
            }
        }
    }
}

fn rail_foot(shell: &Shell) -> Markup {
    let (t, here) = (shell.head.texts, shell.rail.here);
    html! {
        div.rail-foot {
            @if shell.role.may_set_up() {
                a.rail-link href="/settings/account" title=(t.get("settings-title")) data-hotkey="g ,"
                    aria-current=[current(here == Here::Settings)] {
                    (icon::SETTINGS) span { (t.get("settings-title")) }
                }
            }
            details.menu.rail-me data-controller="menu" {
                summary.rail-link title=(shell.me.name) {
                    (people::initials(&shell.me, false)) span { (shell.me.name) }
                }
                div.menu-sheet.menu-up {
                    a.menu-item href="/me" { (icon::USER_ROUND) (t.get("me-title")) }
                    a.menu-item href="/settings/sub-processors" { (icon::BUILDING_2) (t.get("trust-mine-title")) }
                    button.menu-item type="button" data-controller="theme" data-action="theme#next" data-needs-script {
                        (icon::SUN_MOON) span data-theme-target="name" data-system=(t.get("theme-system"))
                            data-light=(t.get("theme-light")) data-dark=(t.get("theme-dark")) { (t.get("theme-system")) }
                    }
                    button.menu-item type="button" data-hotkey="?" command="show-modal" commandfor="keys" data-needs-script {
                        (icon::KEYBOARD) (t.get("keys-title")) kbd { "?" }
                    }
                    form method="post" action="/logout" data-turbo="false" {
                        button.menu-item type="submit" { (icon::LOG_OUT) (t.get("log-out")) }
                    }
                }
            }
        }
    }
}

/// A toast: what was just done, gone after a while.
pub fn toast(t: &Texts, notice: &Notice) -> Markup {
    let (class, icon) = match notice.kind {
        NoticeKind::Done => ("toast", icon::CHECK),
        NoticeKind::Failed => ("toast toast-bad", icon::CIRCLE_ALERT),
    };
    html! {
        div class=(class) data-controller="toast" data-turbo-temporary {
            (icon) span { (notice.text) }
            button.toast-close type="button" aria-label=(t.get("dismiss")) data-action="toast#close" { (icon::X) }
        }
    }
}

fn keys(t: &Texts) -> Markup {
    let groups: [(&str, &[(&str, &str)]); 3] = [
        (
            "keys-move",
            &[
                ("j k", "key-move"),
                ("Enter", "key-open"),
                ("u", "key-back"),
                (".", "key-next"),
                ("x", "key-select"),
                ("/", "key-search"),
                ("g i", "key-inbox"),
            ],
        ),
        (
            "keys-answer",
            &[
                ("c", "key-begin"),
                ("r", "key-answer"),
                ("n", "key-note"),
                ("Ctrl Enter", "key-send"),
                ("z", "key-undo"),
            ],
        ),
        (
            "keys-order",
            &[
                ("a", "key-assign"),
                ("d", "key-department"),
                ("t", "key-tag"),
                ("s", "key-snooze"),
                ("e", "key-close"),
                ("Ctrl K", "key-palette"),
                ("?", "key-keys"),
            ],
        ),
    ];
    html! {
        dialog #keys.dialog.keys aria-labelledby="keys-title" closedby="any" {
            header.dialog-head {
                h2 #keys-title { (t.get("keys-title")) }
                (close_button(t, "keys"))
            }
            div.keys-groups {
                @for (title, lines) in groups {
                    section {
                        h3 { (t.get(title)) }
                        dl { @for (keys, says) in lines {
                            dt { @for key in keys.split(' ') { kbd { (key) } } }
                            dd { (t.get(says)) }
                        } }
                    }
                }
            }
        }
    }
}

fn close_button(t: &Texts, dialog: &str) -> Markup {
    html! {
        form method="dialog" data-turbo="false" {
            button.button-quiet aria-label=(t.get("close-dialog")) command="close" commandfor=(dialog) { (icon::X) }
        }
    }
}

fn palette(t: &Texts) -> Markup {
    html! {
        dialog #palette.dialog.palette data-controller="palette" aria-label=(t.get("palette-title")) closedby="any" {
            input.palette-input type="text" role="combobox" aria-expanded="true" aria-controls="palette-list"
                aria-label=(t.get("palette-title")) placeholder=(t.get("palette-hint")) autocomplete="off"
                data-palette-target="input" data-action="palette#filter keydown->palette#key";
            ul #palette-list.palette-list role="listbox" aria-label=(t.get("palette-title")) data-palette-target="list"
                data-action="click->palette#choose" data-search=(t.get("palette-search")) {}
        }
    }
}

fn confirmation(t: &Texts) -> Markup {
    html! {
        dialog #confirmation.dialog.confirmation aria-labelledby="confirmation-text" {
            form method="dialog" data-turbo="false" {
                p #confirmation-text {}
                div.buttons {
                    button.button value="no" { (t.get("cancel")) }
                    button.button.button-bad value="yes" { (t.get("confirm")) }
                }
            }
        }
    }
}
