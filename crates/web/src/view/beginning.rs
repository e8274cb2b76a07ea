//! The page on which a conversation is begun: from which mailbox, to whom, what about, and the letter.

use maud::{Markup, html};
use words::MailboxId;

use super::{
    conversation::{DraftFile, composer_foot, draft_file},
    form::{Flaws, whole_flaw},
    icon,
    inbox::{self, List},
    shell::Shell,
};
use crate::language::Texts;

/// Where the page lies; its draft and the draft's files lie below it.
pub const PATH: &str = "/conversations/new";
/// The list of the draft's files.
pub const FILES: &str = "draft-files-new";
/// How long a subject may be.
const SUBJECT_CHARS_MAX: usize = 500;

/// A mailbox that one may write from.
pub struct From {
    /// Which.
    pub id: MailboxId,
    /// The name of its department.
    pub department: String,
    /// Its address.
    pub address: String,
}

/// A letter that begins a conversation, as it is being written.
pub struct Beginning {
    /// The mailboxes that it may come from.
    pub from: Vec<From>,
    /// The one that was chosen.
    pub mailbox: Option<MailboxId>,
    /// To whom, as typed.
    pub to: String,
    /// Who gets a copy, as typed.
    pub cc: String,
    /// What about.
    pub subject: String,
    /// What is written, as HTML.
    pub html: String,
    /// The same as plain text, for those without script.
    pub text: String,
    /// Files that go along.
    pub files: Vec<DraftFile>,
    /// The one who writes may set the account up.
    pub may_set_up: bool,
    /// The query of the list beside it, without `?`.
    pub list_query: String,
    /// What is wrong with what was sent.
    pub flaws: Flaws,
}

/// The whole page, with the list beside it.
pub fn page(shell: &Shell, list: &List, beginning: &Beginning) -> Markup {
    let t = shell.head.texts;
    inbox::beside(shell, list, t.get("begin-title"), &pane(t, beginning))
}

/// The answer to a request that bears `Turbo-Frame: pane`.
pub fn frame(t: &Texts, beginning: &Beginning) -> Markup {
    inbox::frame(&pane(t, beginning))
}

fn pane(t: &Texts, beginning: &Beginning) -> Markup {
    html! {
        article.conversation.beginning {
            header.conversation-head {
                div.conversation-title {
                    a.button-quiet.back href={ "/conversations?" (beginning.list_query) } data-turbo-frame="pane"
                        data-hotkey="u" aria-label=(t.get("back")) { (icon::ARROW_LEFT) }
                    h1 { (t.get("begin-title")) }
                }
            }
            @if beginning.from.is_empty() { (no_mailbox(t, beginning)) } @else { (letter(t, beginning)) }
        }
    }
}

/// Nobody can write before there is an address to write from.
fn no_mailbox(t: &Texts, beginning: &Beginning) -> Markup {
    html! {
        div.empty {
            (icon::MAILBOX) h2 { (t.get("begin-none-title")) }
            @if beginning.may_set_up {
                p { (t.get("begin-none-admin")) }
                p { a.button href="/settings/mailboxes" data-turbo-frame="_top" { (icon::PLUS) (t.get("settings-mailboxes")) } }
            } @else {
                p { (t.get("begin-none-text")) }
            }
        }
    }
}

fn letter(t: &Texts, beginning: &Beginning) -> Markup {
    let flaws = &beginning.flaws;
    html! {
        section.composer #composer-new data-begun aria-label=(t.get("begin-title")) data-controller="composer"
            data-composer-draft-value={ (PATH) "/draft" } {
            input type="radio" name="composer-tab" value="answer" checked hidden data-composer-target="tab";
            (whole_flaw(flaws))
            p hidden data-composer-target="news" {}
            form.composer-form.is-answer method="post" action={ "/conversations?" (beginning.list_query) }
                enctype="multipart/form-data" data-composer-target="form" data-kind="answer"
                data-action="submit->composer#send" {
                // Return in a line presses the first button: it shall not be one that takes a file away.
                button.unseen type="submit" tabindex="-1" aria-hidden="true" {}
                div.beginning-lines {
                    (from(t, beginning))
                    (line(t, "to", &beginning.to, flaws, Some("begin-to-hint")))
                    (line(t, "cc", &beginning.cc, flaws, None))
                    (line(t, "subject", &beginning.subject, flaws, None))
                }
                input #answer-html-new type="hidden" name="html" value=(beginning.html) data-composer-target="html";
                textarea.composer-text name="text" rows="8" aria-label=(t.get("begin-text")) placeholder=(t.get("begin-hint"))
                    aria-invalid[flaws.names("text")] aria-describedby=[flaws.names("text").then_some("begin-text-flaw")]
                    data-composer-target="text" data-action="focus->composer#start input->composer#write" { (beginning.text) }
                (wrong("text", flaws))
                (wrong("files", flaws))
                ul.draft-files #(FILES) role="list" data-composer-target="files" {
                    @for file in &beginning.files { (draft_file(t, PATH, file)) }
                }
                (composer_foot(t, "new", PATH, &html! {}, &html! {
                    span.spring {}
                    span.composer-state role="status" data-composer-target="state" data-saved=(t.get("draft-saved"))
                        data-failed=(t.get("draft-failed")) {}
                    button.button-quiet type="submit" form="begin-discard" title=(t.get("begin-discard")) {
                        (icon::TRASH_2) span.unseen { (t.get("begin-discard")) }
                    }
                }))
            }
            form #begin-discard method="post" action={ (PATH) "/draft?method=delete" } data-turbo-frame="_top"
                data-turbo-confirm=(t.get("begin-discard-lost")) {}
        }
    }
}

fn from(t: &Texts, beginning: &Beginning) -> Markup {
    html! {
        div.beginning-line {
            label for="begin-mailbox" { (t.get("answer-from")) }
            select #begin-mailbox name="mailbox" aria-invalid[beginning.flaws.names("mailbox")] data-action="composer#write" {
                @for from in &beginning.from {
                    option value=(from.id) selected[beginning.mailbox == Some(from.id)] {
                        (from.department) " <" (from.address) ">"
                    }
                }
            }
            (wrong("mailbox", &beginning.flaws))
        }
    }
}

fn line(t: &Texts, name: &str, value: &str, flaws: &Flaws, hint: Option<&str>) -> Markup {
    let (label, limit) = match name {
        "to" => (t.get("letter-to"), None),
        "cc" => (t.get("letter-cc"), None),
        _ => (t.get("begin-subject"), Some(SUBJECT_CHARS_MAX)),
    };
    let id = format!("begin-{name}");
    let flawed = flaws.names(name);
    // Where one goes on: at the first flaw, else at the first empty line.
    let first = flaws.0.first().map_or(name == "to" && value.is_empty(), |(first, _)| first == name);
    html! {
        div.beginning-line {
            label for=(id) { (label) }
            input id=(id) type="text" name=(name) value=(value) required[name != "cc"] maxlength=[limit] autocomplete="off"
                spellcheck=(name == "subject") placeholder=[hint.map(|hint| t.get(hint))] aria-invalid[flawed]
                aria-describedby=[flawed.then(|| format!("{id}-flaw"))] autofocus[first] data-action="composer#write";
            (wrong(name, flaws))
        }
    }
}

fn wrong(name: &str, flaws: &Flaws) -> Markup {
    html! {
        @if let Some(flaw) = flaws.of(name) {
            p.wrong id={ "begin-" (name) "-flaw" } { (icon::CIRCLE_ALERT) span { (flaw) } }
        }
    }
}
