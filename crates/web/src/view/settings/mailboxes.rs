//! Mailboxes: the addresses at which the account receives mail.

use maud::{Markup, html};
use words::MailboxId;

use super::{Section, nothing_yet, part, remove};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        icon,
        people::Department,
        shell::Shell,
    },
};

/// The page of mailboxes.
pub struct Mailboxes {
    /// Those that there are.
    pub mailboxes: Vec<Mailbox>,
    /// Departments that they can belong to.
    pub departments: Vec<Department>,
    /// The new address as typed before.
    pub new_address: String,
    /// The host and port to which mail for them has to be delivered, as shown to the admin.
    pub deliver_to: String,
    /// What is wrong with the new one.
    pub flaws: Flaws,
}

/// A mailbox.
pub struct Mailbox {
    /// Which.
    pub id: MailboxId,
    /// Its address.
    pub address: String,
    /// The department in which its mail arrives.
    pub department: Department,
    /// From where its mail is collected, and whether that goes well; none: from nowhere.
    pub collects: Option<(String, bool)>,
}

/// The page at `/settings/mailboxes`.
pub fn mailboxes(shell: &Shell, page: &Mailboxes) -> Markup {
    let t = shell.head.texts;
    let address = Line {
        name: "address",
        label: t.get("mailbox-address"),
        kind: "email",
        value: &page.new_address,
        required: true,
        ..Line::default()
    };
    let choices: Vec<(String, &str)> =
        page.departments.iter().map(|one| (one.id.to_string(), one.name.as_str())).collect();
    let choices: Vec<(&str, &str)> = choices.iter().map(|(id, name)| (id.as_str(), *name)).collect();
    let department = Line { name: "department", label: t.get("department"), ..Line::default() };
    let content = html! {
        @if page.mailboxes.is_empty() {
            (nothing_yet(t.get("mailbox-none")))
        } @else {
            div.table-wrap { table.table {
                thead { tr { th { (t.get("mailbox-address")) } th { (t.get("department")) } th { span.unseen { (t.get("remove")) } } } }
                tbody { @for mailbox in &page.mailboxes { (row(t, mailbox, &choices)) } }
            } }
        }
        (part(t.get("mailbox-new-title"), "", &html! {
            form.form method="post" action="/settings/mailboxes" {
                (form::whole_flaw(&page.flaws))
                div.fields { (form::line("new-", &address, &page.flaws)) (form::choice("new-", &department, &choices, &page.flaws)) }
                div.buttons { button.button.button-main type="submit" { (icon::PLUS) (t.get("mailbox-add")) } }
            }
        }))
        (part(t.get("mailbox-deliver-title"), t.get("mailbox-deliver-about"), &html! { code.copyable { (page.deliver_to) } }))
    };
    super::page(shell, Section::Mailboxes, t.get("settings-mailboxes-about"), &content)
}

fn row(t: &Texts, mailbox: &Mailbox, choices: &[(&str, &str)]) -> Markup {
    let action = format!("/settings/mailboxes/{}", mailbox.id);
    let here = mailbox.department.id.to_string();
    let lost = t.with("mailbox-lost", &[("name", mailbox.address.as_str().into())]);
    html! {
        tr id={ "mailbox-" (mailbox.id) } {
            th scope="row" {
                span.address { (mailbox.address) }
                br;
                a.link href={ (action) "/pickup" } { (collects(t, mailbox)) }
            }
            td {
                form.inline-form method="post" action=(action) {
                    select.input name="department" aria-label=(t.get("department")) {
                        @for (id, name) in choices { option value=(id) selected[*id == here] { (name) } }
                    }
                    button.button type="submit" { (t.get("save")) }
                }
            }
            td.table-end { (remove(t, &action, &mailbox.address, &lost)) }
        }
    }
}

fn collects(t: &Texts, mailbox: &Mailbox) -> String {
    match &mailbox.collects {
        None => t.get("pickup-link").to_owned(),
        Some((host, true)) => t.with("pickup-link-set", &[("host", host.as_str().into())]).into_owned(),
        Some((host, false)) => t.with("pickup-link-wrong", &[("host", host.as_str().into())]).into_owned(),
    }
}
