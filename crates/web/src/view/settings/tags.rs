//! Tags: the words that agents put on conversations.

use maud::{Markup, html};

use super::{Section, nothing_yet, part, remove};
use crate::{
    language::Texts,
    view::{
        form::{self, Flaws, Line},
        icon,
        people::{self, HUES, Tag},
        shell::Shell,
    },
};

/// The page of tags.
pub struct Tags {
    /// Those that there are.
    pub tags: Vec<TagLine>,
    /// The new one as typed before.
    pub new_name: String,
    /// What is wrong with it.
    pub flaws: Flaws,
}

/// A tag.
pub struct TagLine {
    /// Which.
    pub tag: Tag,
    /// How many conversations bear it; not said if it is not known.
    pub conversations: Option<u64>,
    /// What is wrong with what was sent for it.
    pub flaws: Flaws,
}

/// The page at `/settings/tags`.
pub fn tags(shell: &Shell, page: &Tags) -> Markup {
    let t = shell.head.texts;
    let name = Line {
        name: "name",
        label: t.get("tag-name"),
        value: &page.new_name,
        required: true,
        ..Line::default()
    };
    let content = html! {
        @if page.tags.is_empty() { (nothing_yet(t.get("tag-none"))) }
        ul.lines role="list" { @for line in &page.tags { (self::line(t, line)) } }
        (part(t.get("tag-new-title"), "", &html! {
            form.form method="post" action="/settings/tags" {
                (form::line("new-", &name, &page.flaws))
                (colours(t, 0))
                div.buttons { button.button.button-main type="submit" { (icon::PLUS) (t.get("tag-add")) } }
            }
        }))
    };
    super::page(shell, Section::Tags, t.get("settings-tags-about"), &content)
}

fn line(t: &Texts, line: &TagLine) -> Markup {
    let action = format!("/settings/tags/{}", line.tag.id);
    let lost = t.with("tag-lost", &[("name", line.tag.name.as_str().into())]);
    let name = Line {
        name: "name",
        label: t.get("tag-name"),
        value: &line.tag.name,
        required: true,
        ..Line::default()
    };
    html! {
        li.line-item id={ "tag-" (line.tag.id) } {
            details open[!line.flaws.0.is_empty()] {
                summary.line-head {
                    (people::tag_dot(&line.tag)) span.line-name { (line.tag.name) }
                    span.line-about { @if let Some(count) = line.conversations { (t.with("tag-count", &[("count", count.into())])) } }
                    (icon::CHEVRON_DOWN)
                }
                div.line-body {
                    form.form method="post" action=(action) {
                        (form::line(&format!("{}-", line.tag.id), &name, &line.flaws))
                        (colours(t, line.tag.colour))
                        (super::save(t))
                    }
                    (remove(t, &action, &line.tag.name, &lost))
                }
            }
        }
    }
}

fn colours(t: &Texts, now: u8) -> Markup {
    html! {
        fieldset.colours {
            legend { (t.get("tag-colour")) }
            @for (colour, class) in (0..).zip(HUES) {
                label { input type="radio" name="colour" value=(colour) checked[colour == usize::from(now)]
                    aria-label=(t.with("tag-colour-number", &[("number", (colour + 1).into())])); span.tag-dot.(class) {} }
            }
        }
    }
}
