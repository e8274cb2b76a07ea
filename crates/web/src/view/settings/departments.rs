//! Departments: names, what stands in From, signatures.

use maud::{Markup, html};

use super::{Section, part, remove, save};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        icon,
        people::Department,
        shell::Shell,
    },
};

/// The page of departments.
pub struct Departments {
    /// Those that there are.
    pub departments: Vec<DepartmentLine>,
    /// A new one, as typed before.
    pub new: DepartmentFields,
    /// What is wrong with the new one.
    pub flaws: Flaws,
}

/// A department.
pub struct DepartmentLine {
    /// Which, and its name among agents.
    pub department: Department,
    /// What can be set.
    pub fields: DepartmentFields,
    /// The addresses that belong to it.
    pub mailboxes: Vec<String>,
    /// It holds nothing and is not the last: it can be removed.
    pub can_go: bool,
    /// What is wrong with what was sent for it; it stands open then.
    pub flaws: Flaws,
}

/// What can be set of a department.
#[derive(Debug, Clone, Default)]
pub struct DepartmentFields {
    /// Its name among agents.
    pub name: String,
    /// What contacts see in From.
    pub from_name: String,
    /// Its signature, as plain text.
    pub signature: String,
}

/// The page at `/settings/departments`.
pub fn departments(shell: &Shell, page: &Departments) -> Markup {
    let t = shell.head.texts;
    let content = html! {
        ul.lines role="list" { @for line in &page.departments { (self::line(t, line)) } }
        (part(t.get("department-new-title"), t.get("department-new-about"), &html! {
            form.form method="post" action="/settings/departments" {
                (fields(t, "new-", &page.new, &page.flaws))
                div.buttons { button.button.button-main type="submit" { (icon::PLUS) (t.get("department-add")) } }
            }
        }))
    };
    super::page(shell, Section::Departments, t.get("settings-departments-about"), &content)
}

fn line(t: &Texts, line: &DepartmentLine) -> Markup {
    let action = format!("/settings/departments/{}", line.department.id);
    let lost = t.with("department-lost", &[("name", line.department.name.as_str().into())]);
    html! {
        li.line-item id={ "department-" (line.department.id) } {
            details open[!line.flaws.0.is_empty()] {
                summary.line-head {
                    (icon::USERS_ROUND)
                    span.line-name { (line.department.name) }
                    span.line-about { @if line.mailboxes.is_empty() { (t.get("department-no-mailbox")) } @else { (line.mailboxes.join(", ")) } }
                    (icon::CHEVRON_DOWN)
                }
                div.line-body {
                    form.form method="post" action=(action) {
                        (fields(t, &format!("{}-", line.department.id), &line.fields, &line.flaws))
                        (save(t))
                    }
                    @if line.can_go { (remove(t, &action, &line.department.name, &lost)) }
                }
            }
        }
    }
}

fn fields(t: &Texts, prefix: &str, fields: &DepartmentFields, flaws: &Flaws) -> Markup {
    let name = Line {
        name: "name",
        label: t.get("department-name"),
        hint: t.get("department-name-hint"),
        value: &fields.name,
        required: true,
        ..Line::default()
    };
    let from = Line {
        name: "from_name",
        label: t.get("department-from"),
        hint: t.get("department-from-hint"),
        value: &fields.from_name,
        ..Line::default()
    };
    let signature = Line {
        name: "signature",
        label: t.get("signature"),
        hint: t.get("signature-hint"),
        value: &fields.signature,
        ..Line::default()
    };
    html! {
        (form::whole_flaw(flaws))
        div.fields { (form::line(prefix, &name, flaws)) (form::line(prefix, &from, flaws)) }
        (form::area(prefix, &signature, flaws))
    }
}
