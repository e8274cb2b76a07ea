//! The composer: an answer or a note, docked below the letters.
//!
//! Without script it is two text areas; with script the editor comes when one starts to write, drafts are kept as
//! one types, and files are sent as they are chosen.

use maud::{Markup, html};
use words::{ConversationId, FileId, MessageId};

use super::letter;
use crate::{language::Texts, view::icon};

/// What is being written in a conversation by the one who looks.
#[derive(Default)]
pub struct Composer {
    /// To whom the answer goes, as the agent may edit it: addresses separated by commas.
    pub to: String,
    /// Who gets a copy.
    pub cc: String,
    /// Who else the newest letter went to: one press puts them in copy.
    pub others: Vec<String>,
    /// The address that the answer comes from, with the department's name: shown, not edited.
    pub from: String,
    /// The draft of the answer as HTML, or empty.
    pub answer_html: String,
    /// The same as plain text, for those without script.
    pub answer_text: String,
    /// The draft of the note, as plain text.
    pub note_text: String,
    /// Files of the draft.
    pub files: Vec<DraftFile>,
    /// The department's signature as plain text, shown below the answer; the server adds it on sending.
    pub signature: String,
    /// The newest message that the page shows: sending stops if there is a newer one.
    pub seen: Option<MessageId>,
    /// Sending stopped because this many messages came in while one wrote.
    pub news: u32,
    /// What is wrong with what was sent, if something is: one sentence.
    pub error: Option<String>,
    /// The note is in front.
    pub note_first: bool,
}

/// A file of a draft.
pub struct DraftFile {
    /// Which.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The composer; the answer to a sent form replaces it, empty, or with what was typed and what is wrong with it.
pub fn composer(t: &Texts, id: ConversationId, composer: &Composer) -> Markup {
    html! {
        section.composer id={ "composer-" (id) } aria-label=(t.get("composer-label")) data-controller="composer"
            data-composer-draft-value={ "/conversations/" (id) "/draft" } {
            div.composer-tabs {
                (tab("answer", t.get("answer"), "r", !composer.note_first))
                (tab("note", t.get("note"), "n", composer.note_first))
                span.spring {}
                span.composer-from { (t.get("answer-from")) " " (composer.from) }
                span.composer-state role="status" data-composer-target="state" data-saved=(t.get("draft-saved"))
                    data-failed=(t.get("draft-failed")) {}
            }
            @if let Some(error) = &composer.error {
                p.composer-banner.is-bad role="alert" { (icon::CIRCLE_ALERT) span { (error) } }
            }
            p.composer-banner.is-wait role="alert" data-composer-target="news" hidden[composer.news == 0] {
                (icon::MAIL_OPEN) span { (t.get("composer-news")) }
                button.button-link type="button" data-action="composer#read" { (t.get("composer-read")) }
            }
            (answer(t, id, composer))
            (note(t, id, composer))
        }
    }
}

fn tab(name: &str, title: &str, hotkey: &str, first: bool) -> Markup {
    html! {
        label.composer-tab.{ "for-" (name) } {
            input type="radio" name="composer-tab" value=(name) checked[first] data-composer-target="tab"
                data-action="click->composer#turn" data-hotkey=(hotkey);
            span { (title) } kbd { (hotkey) }
        }
    }
}

fn seen(composer: &Composer) -> Markup {
    html! { @if let Some(seen) = composer.seen { input type="hidden" name="seen" value=(seen) data-composer-target="seen"; } }
}

fn answer(t: &Texts, id: ConversationId, composer: &Composer) -> Markup {
    html! {
        form.composer-form.is-answer method="post" action={ "/conversations/" (id) "/replies" } enctype="multipart/form-data"
            data-composer-target="form" data-kind="answer" data-action="submit->composer#send" {
            (seen(composer))
            div.composer-to {
                label for="composer-to" { (t.get("letter-to")) }
                input #composer-to type="text" name="to" value=(composer.to) required autocomplete="off" spellcheck="false"
                    data-action="composer#write";
                details.composer-cc open[!composer.cc.is_empty()] {
                    summary { (t.get("letter-cc")) }
                    input type="text" name="cc" value=(composer.cc) autocomplete="off" spellcheck="false"
                        aria-label=(t.get("letter-cc")) data-action="composer#write";
                }
                @if !composer.others.is_empty() { (answer_all(t, &composer.others)) }
            }
            input #{ "answer-html-" (id) } type="hidden" name="html" value=(composer.answer_html) data-composer-target="html";
            textarea.composer-text name="text" rows="3" aria-label=(t.get("answer-text")) placeholder=(t.get("answer-hint"))
                data-composer-target="text" data-action="focus->composer#start input->composer#write" { (composer.answer_text) }
            @if !composer.signature.is_empty() { p.composer-signature { (composer.signature) } }
            ul.draft-files id={ "draft-files-" (id) } role="list" data-composer-target="files" {
                @for file in &composer.files { (draft_file(t, &path(id), file)) }
            }
            (composer_foot(t, &id.to_string(), &path(id), &html! {
                button.button type="submit" name="close" value="yes" { span { (t.get("send-and-close")) } }
            }, &html! {}))
        }
    }
}

/// The others of the letter that is answered, by address; without script they are there to be read.
fn answer_all(t: &Texts, others: &[String]) -> Markup {
    let addresses = others.join(", ");
    html! {
        p.composer-others {
            button.button-link type="button" data-action="composer#all" data-others=(addresses) data-needs-script {
                (icon::USERS_ROUND) (t.get("answer-all"))
            }
            span.composer-others-who title=(addresses) { (t.get("answer-all-who")) " " (addresses) }
        }
    }
}

fn path(id: ConversationId) -> String {
    format!("/conversations/{id}")
}

/// What stands below a letter that is being written at `path`: sending, files, the buttons of the editor.
/// `key` keeps the ids of several apart.
pub fn composer_foot(t: &Texts, key: &str, path: &str, beside: &Markup, behind: &Markup) -> Markup {
    html! {
        div.composer-foot {
            button.button.button-main type="submit" data-composer-target="submit" {
                (icon::SEND) span { (t.get("send")) } kbd { "Ctrl ⏎" }
            }
            (beside)
            label.button-quiet title=(t.get("attach")) {
                (icon::PAPERCLIP) span.unseen { (t.get("attach")) }
                input.unseen type="file" name="files" multiple data-controller="upload" data-action="upload#send"
                    data-upload-url-value={ (path) "/draft/files" }
                    data-upload-list-value={ "draft-files-" (key) } data-upload-failed-value=(t.get("upload-failed"));
            }
            (toolbar(t, key))
            (behind)
        }
    }
}

fn note(t: &Texts, id: ConversationId, composer: &Composer) -> Markup {
    html! {
        form.composer-form.is-note method="post" action={ "/conversations/" (id) "/notes" }
            data-composer-target="form" data-kind="note" data-action="submit->composer#send" {
            (seen(composer))
            textarea.composer-text name="text" rows="3" aria-label=(t.get("note-text")) placeholder=(t.get("note-hint"))
                data-composer-target="text" data-action="input->composer#write" { (composer.note_text) }
            div.composer-foot {
                button.button.button-note type="submit" data-composer-target="submit" {
                    (icon::STICKY_NOTE) span { (t.get("note-save")) } kbd { "Ctrl ⏎" }
                }
                span.spring {}
                span.composer-from { (icon::LOCK) (t.get("note-only-agents")) }
            }
        }
    }
}

/// The buttons of the editor; the script shows them when it puts the editor in.
fn toolbar(t: &Texts, key: &str) -> Markup {
    let buttons = [
        ("bold", icon::BOLD, "format-bold"),
        ("italic", icon::ITALIC, "format-italic"),
        ("bullet", icon::LIST, "format-list"),
        ("number", icon::LIST_ORDERED, "format-numbers"),
        ("quote", icon::TEXT_QUOTE, "format-quote"),
    ];
    html! {
        trix-toolbar #{ "toolbar-" (key) } role="toolbar" aria-label=(t.get("format")) hidden {
            @for (attribute, icon, name) in buttons {
                button.button-quiet type="button" data-trix-attribute=(attribute) aria-label=(t.get(name)) title=(t.get(name)) { (icon) }
            }
            button.button-quiet type="button" data-trix-attribute="href" data-trix-action="link"
                aria-label=(t.get("format-link")) title=(t.get("format-link")) { (icon::LINK) }
            div.composer-link data-trix-dialogs {
                div data-trix-dialog="href" data-trix-dialog-attribute="href" {
                    input.input type="url" name="href" form="none" placeholder="https://" aria-label=(t.get("format-address"))
                        required disabled data-trix-input;
                    button.button type="button" data-trix-method="setAttribute" { (t.get("format-link")) }
                    button.button-quiet type="button" data-trix-method="removeAttribute" { (t.get("format-unlink")) }
                }
            }
        }
    }
}

/// A file of the draft at `path`: the answer to an upload appends it to `draft-files-{conversation}`.
pub fn draft_file(t: &Texts, path: &str, file: &DraftFile) -> Markup {
    html! {
        li.draft-file id={ "draft-file-" (file.id) } {
            input type="hidden" name="file" value=(file.id);
            (letter::file_icon(&file.media_type))
            span.file-name { (file.name) } span.file-about { (letter::size(file.bytes)) }
            button.button-quiet type="submit" formaction={ (path) "/draft/files/" (file.id) "?method=delete" }
                formnovalidate aria-label=(t.with("draft-file-remove", &[("name", file.name.as_str().into())])) { (icon::X) }
        }
    }
}

/// What is shown after sending: ten seconds to take it back. Goes into `toasts`, and stays while one goes on to
/// another conversation.
pub fn sent_toast(t: &Texts, id: MessageId, seconds: u32) -> Markup {
    html! {
        div.toast.toast-undo #{ "sent-" (id) } data-controller="toast" data-toast-seconds-value=(seconds) {
            (icon::CHECK) span { (t.get("sent")) }
            form method="post" action={ "/replies/" (id) "/undo" } {
                button.button-link type="submit" data-hotkey="z" { (t.get("undo")) kbd { "z" } }
            }
            span.toast-seconds data-toast-target="seconds" aria-hidden="true" { (seconds) }
        }
    }
}
