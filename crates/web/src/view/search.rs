//! The search: what was asked, and the messages in which it stands.

use maud::{Markup, html};
use words::{ConversationId, MessageId, Time};

use super::{
    conversation,
    folder::Folder,
    icon,
    people::Department,
    shell::{self, Shell},
    time::{Telling, time},
};
use crate::language::Texts;

/// A page of hits.
pub struct Search {
    /// What was asked, as typed.
    pub query: String,
    /// The hits, newest first; none if nothing was asked.
    pub hits: Vec<Hit>,
    /// The place of the next page.
    pub older: Option<String>,
}

/// A message in which it stands.
pub struct Hit {
    /// Its conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// The contact's name or address.
    pub contact: String,
    /// The conversation's subject.
    pub subject: String,
    /// The text of the message; the excerpt around what was asked is found here.
    pub text: String,
    /// When it was written.
    pub at: Time,
    /// It is a note.
    pub note: bool,
    /// The folder that its conversation belongs to.
    pub status: Folder,
    /// The department of its conversation.
    pub department: Department,
}

/// Characters of an excerpt, and of these before the first thing found.
const EXCERPT_CHARS_MAX: usize = 220;
const EXCERPT_BEFORE_CHARS: usize = 60;

/// The page at `/search`.
pub fn page(shell: &Shell, search: &Search) -> Markup {
    let t = shell.head.texts;
    let sought = sought(&search.query);
    let content = html! {
        div.search {
            header.page-head {
                button.button-quiet.rail-open type="button" popovertarget="rail" aria-label=(t.get("rail-label")) { (icon::MENU) }
                h1 { (t.get("search-title")) }
            }
            form.search-form action="/search" role="search" {
                (icon::SEARCH)
                input type="search" name="q" value=(search.query) aria-label=(t.get("search-title")) autofocus
                    placeholder=(t.get("search-hint")) autocomplete="off" data-hotkey="/";
                button.button.button-main type="submit" { (t.get("search-title")) }
            }
            @if search.query.trim().is_empty() {
                div.search-help { h2 { (t.get("search-help-title")) } ul {
                    li { (t.get("search-help-words")) } li { (t.get("search-help-phrase")) } li { (t.get("search-help-where")) }
                } }
            } @else if search.hits.is_empty() {
                div.empty { (icon::SEARCH) h2 { (t.get("search-none-title")) } p { (t.get("search-none-text")) } }
            }
            ol.hits role="list" { @for hit in &search.hits { (self::hit(t, hit, &sought)) } }
            @if let Some(cursor) = &search.older {
                nav.pages aria-label=(t.get("pages-label")) {
                    a.button href={ "/search?q=" (encoded(&search.query)) "&cursor=" (cursor) } rel="next" { (t.get("pages-older")) }
                }
            }
        }
    };
    let title = if search.query.is_empty() { t.get("search-title") } else { &search.query };
    shell::page(shell, title, &content)
}

fn hit(t: &Texts, hit: &Hit, sought: &[String]) -> Markup {
    let (from_start, excerpt) = excerpt(&hit.text, sought);
    html! {
        li.hit {
            a href={ "/conversations/" (hit.conversation) "#message-" (hit.message) } {
                div.hit-head {
                    strong { (marked(&hit.contact, sought)) }
                    span.hit-subject { @if hit.subject.is_empty() { (t.get("no-subject")) } @else { (marked(&hit.subject, sought)) } }
                    (time(t, hit.at, Telling::Short))
                }
                p.hit-text { @if !from_start { "… " } (marked(excerpt, sought)) }
                p.hit-about {
                    @if hit.note { span.note-label { (icon::STICKY_NOTE) (t.get("note")) } " · " }
                    (t.get(conversation::state_key(hit.status))) " · " (hit.department.name)
                }
            }
        }
    }
}

/// The words of a question, folded as for looking.
fn sought(query: &str) -> Vec<String> {
    query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Where words of a text begin and end, in bytes.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let (mut rest, mut before) = (text, 0);
    std::iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        let length = rest[start..].find(|c: char| !c.is_alphanumeric());
        let end = length.map_or(rest.len(), |length| start + length);
        let found = (before + start, before + end);
        (rest, before) = (&rest[end..], found.1);
        Some(found)
    })
}

fn is_sought(word: &str, sought: &[String]) -> bool {
    let word = word.to_lowercase();
    sought.iter().any(|one| word.starts_with(one.as_str()))
}

/// The piece of a text around the first word that was sought, and whether it is its beginning.
fn excerpt<'a>(text: &'a str, sought: &[String]) -> (bool, &'a str) {
    let found =
        words(text).find(|(start, end)| is_sought(&text[*start..*end], sought)).map_or(0, |(start, _)| start);
    let start = text[..found].char_indices().rev().nth(EXCERPT_BEFORE_CHARS).map_or(0, |(at, _)| at);
    // Not in the middle of a word.
    let start =
        if start == 0 { 0 } else { text[start..found].find(' ').map_or(found, |space| start + space + 1) };
    let rest = &text[start..];
    let end = rest.char_indices().nth(EXCERPT_CHARS_MAX).map_or(rest.len(), |(at, _)| at);
    (start == 0, rest[..end].trim())
}

/// A text with what was sought marked in it.
fn marked(text: &str, sought: &[String]) -> Markup {
    let mut at = 0;
    html! {
        @for (start, end) in words(text).filter(|(start, end)| is_sought(&text[*start..*end], sought)) {
            (&text[std::mem::replace(&mut at, end)..start]) mark { (&text[start..end]) }
        }
        (&text[at..])
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_begin_so_are_marked_whole() {
        let page = marked("Gaflen er skæv, <gaffel> 20817", &sought("gaf 20817")).into_string();
        assert_eq!(page, "<mark>Gaflen</mark> er skæv, &lt;<mark>gaffel</mark>&gt; <mark>20817</mark>");
        assert_eq!(marked("nothing", &sought("  ")).into_string(), "nothing");
    }

    #[test]
    fn the_excerpt_stands_around_the_first_word_found() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let (from_start, piece) = excerpt(&text, &sought("NEEDLE"));
        assert!(
            !from_start && piece.contains("needle") && piece.chars().count() <= EXCERPT_CHARS_MAX,
            "{piece}"
        );
        assert_eq!(excerpt("øæå short", &sought("none")), (true, "øæå short"));
        assert_eq!(excerpt("", &sought("x")), (true, ""));
    }
}
