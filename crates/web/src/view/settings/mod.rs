//! The settings of an account: one page per subject, all built alike.
//!
//! A form whose answer is a page (what is shown only once, how a test went) bears `data-turbo="false"`: Turbo takes
//! redirects and refusals only.

mod account;
mod agents;
mod departments;
mod domains;
mod evidence;
mod mailboxes;
mod pickup;
mod recipients;
mod relay;
mod tags;
mod tokens;

use maud::{Markup, html};

pub use account::{Account, account};
pub use agents::{AgentFields, AgentLine, AgentState, Agents, Link, agents};
pub use departments::{DepartmentFields, DepartmentLine, Departments, departments};
pub use domains::{Domain, Domains, Record, domains};
pub use evidence::{Evidence, SignedLog, evidence};
pub use mailboxes::{Mailbox, Mailboxes, mailboxes};
pub use pickup::{LeftMail, Pickup, PickupProblem, PickupState, PickupTest, pickup};
pub use recipients::{Recipient, Recipients, Stand, recipients};
pub use relay::{Relay, RelayTest, relay};
pub use tags::{TagLine, Tags, tags};
pub use tokens::{Token, TokenFields, Tokens, tokens};

use super::{
    icon::{self, Icon},
    shell::{self, Shell},
};
use crate::language::Texts;

/// The pages of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Account,
    Departments,
    Mailboxes,
    Relay,
    Domains,
    Tags,
    Agents,
    Tokens,
    Recipients,
    Evidence,
}

impl Section {
    const ALL: [Self; 10] = [
        Self::Account,
        Self::Agents,
        Self::Departments,
        Self::Mailboxes,
        Self::Relay,
        Self::Domains,
        Self::Tags,
        Self::Tokens,
        Self::Recipients,
        Self::Evidence,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Account => "/settings/account",
            Self::Departments => "/settings/departments",
            Self::Mailboxes => "/settings/mailboxes",
            Self::Relay => "/settings/relay",
            Self::Domains => "/settings/domains",
            Self::Tags => "/settings/tags",
            Self::Agents => "/settings/agents",
            Self::Tokens => "/settings/tokens",
            Self::Recipients => "/settings/sub-processors",
            Self::Evidence => "/settings/evidence",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Account => "settings-account",
            Self::Departments => "settings-departments",
            Self::Mailboxes => "settings-mailboxes",
            Self::Relay => "settings-relay",
            Self::Domains => "settings-domains",
            Self::Tags => "settings-tags",
            Self::Agents => "settings-agents",
            Self::Tokens => "settings-tokens",
            Self::Recipients => "trust-mine-title",
            Self::Evidence => "settings-evidence",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Account => icon::SETTINGS,
            Self::Departments => icon::USERS_ROUND,
            Self::Mailboxes => icon::MAILBOX,
            Self::Relay => icon::SERVER,
            Self::Domains => icon::STAMP,
            Self::Tags => icon::TAG,
            Self::Agents => icon::USER_ROUND,
            Self::Tokens => icon::KEY_ROUND,
            Self::Recipients => icon::BUILDING_2,
            Self::Evidence => icon::HISTORY,
        }
    }
}

/// A page of the settings: the list of them beside, one sentence about it above.
fn page(shell: &Shell, here: Section, about: &str, content: &Markup) -> Markup {
    let t = shell.head.texts;
    let opens_rail = html! {
        button.button-quiet.rail-open type="button" popovertarget="rail" aria-label=(t.get("rail-label")) { (icon::MENU) }
    };
    // Who may only read one page of these has no list of them.
    let may_set_up = shell.role.may_set_up();
    let whole = html! {
        div.settings.is-alone[!may_set_up] {
            @if may_set_up {
                nav.settings-nav aria-label=(t.get("settings-title")) {
                    h2 { (opens_rail) (t.get("settings-title")) }
                    ul role="list" { @for section in Section::ALL {
                        li { a.rail-link href=(section.path()) aria-current=[(section == here).then_some("page")] {
                            (section.icon()) span { (t.get(section.title())) }
                        } }
                    } }
                }
            }
            div.settings-page {
                header.settings-head { h1 { @if !may_set_up { (opens_rail) } (t.get(here.title())) } p { (about) } }
                (content)
            }
        }
    };
    shell::page(shell, t.get(here.title()), &whole)
}

/// A part of a page with a heading of its own.
pub(super) fn part(title: &str, about: &str, content: &Markup) -> Markup {
    html! {
        section.part {
            header { h2 { (title) } @if !about.is_empty() { p { (about) } } }
            div.part-body { (content) }
        }
    }
}

/// A button that removes something, and says first what will be lost.
fn remove(t: &Texts, action: &str, name: &str, lost: &str) -> Markup {
    let label = t.with("remove-named", &[("name", name.into())]);
    html! {
        form method="post" action={ (action) "?method=delete" } data-turbo-confirm=(lost) {
            button.button-quiet type="submit" aria-label=(label) title=(label) { (icon::TRASH_2) }
        }
    }
}

fn save(t: &Texts) -> Markup {
    html! { div.buttons { button.button.button-main type="submit" { (t.get("save")) } } }
}

/// An empty table says what will be here.
fn nothing_yet(text: &str) -> Markup {
    html! { p.nothing-yet { (text) } }
}
