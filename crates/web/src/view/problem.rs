//! Pages for what went wrong: what happened, what it means, and a way on.

use maud::{Markup, html};

use super::{
    icon, inbox,
    shell::{self, Head, Shell},
};
use crate::language::Texts;

/// What went wrong, in words.
pub struct Problem<'a> {
    /// The HTTP status: 403, 404, 422, 429, 500, 507, …
    pub status: u16,
    /// What happened.
    pub title: &'a str,
    /// What it means, and what one can do.
    pub text: &'a str,
}

/// For somebody who is not logged in, or when the rail cannot be read.
pub fn page(head: &Head, problem: &Problem<'_>) -> Markup {
    shell::plain_page(head, problem.title, &html! { section.entrance-card { (said(head.texts, problem)) } })
}

/// For an agent, with the rail.
pub fn desk_page(shell: &Shell, problem: &Problem<'_>) -> Markup {
    let content = html! {
        button.button-quiet.rail-open type="button" popovertarget="rail" aria-label=(shell.head.texts.get("rail-label")) {
            (icon::MENU)
        }
        div.problem-page { (said(shell.head.texts, problem)) }
    };
    shell::page(shell, problem.title, &content)
}

/// The answer to a request that bears `Turbo-Frame: pane`: without it the pane would say that content is missing.
pub fn frame(t: &Texts, problem: &Problem<'_>) -> Markup {
    inbox::frame(&html! { div.problem-page { (said(t, problem)) } })
}

fn said(t: &Texts, problem: &Problem<'_>) -> Markup {
    html! {
        div.problem {
            p.problem-status { (icon::TRIANGLE_ALERT) (problem.status) }
            h1 { (problem.title) }
            p { (problem.text) }
            p.buttons { a.button.button-main href="/conversations" data-turbo-frame="_top" { (t.get("error-way-on")) } }
        }
    }
}
