//! What the agent's editor sends: text with little markup.

use super::tidy::{Tame, tame};
use crate::limits::HTML_BYTES_MAX;
use ammonia::Builder;
use std::{collections::HashMap, sync::LazyLock};

const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "u",
    "ul",
];

/// Cleans what the editor sends. Pictures and files are not in it: they are uploads.
pub fn clean_composed(html: &str) -> String {
    let mut end = html.len().min(HTML_BYTES_MAX);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let mut attribute = |element: &str, name: &str, value: &str| {
        let link = element == "a" && name == "href";
        link.then(|| ("href".to_owned(), value.trim().to_owned()))
    };
    let tamed = tame(&html[..end], &mut Tame { elements: ELEMENTS, attribute: &mut attribute });
    CLEANER.clean(&tamed).to_string()
}

/// The same as plain text, for the part of a mail that has no markup: links in brackets behind their
/// words, quotes with `> `.
pub fn text_of_composed(html: &str) -> String {
    super::text::with_links(&clean_composed(html))
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().copied().collect())
        .tag_attributes(HashMap::from([("a", ["href"].into_iter().collect())]))
        .url_schemes(["http", "https", "mailto", "tel"].into_iter().collect())
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    builder
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_little_that_an_editor_makes() {
        let html = "<div>Hi <strong>you</strong><br><a href=\"https://x.dk\">here</a><a href=\"javascript:x\">no</a></div>\
            <ul><li>a</li></ul><figure><img src=x onerror=y></figure><blockquote>q</blockquote>";
        assert_eq!(
            clean_composed(html),
            "<div>Hi <strong>you</strong><br><a href=\"https://x.dk\" rel=\"noopener noreferrer\">here</a>\
            <a rel=\"noopener noreferrer\">no</a></div><ul><li>a</li></ul><blockquote>q</blockquote>"
        );
        assert_eq!(text_of_composed(html), "Hi you\nhere (https://x.dk)no\n\n- a\n\n> q");
        assert_eq!(text_of_composed("<a href=\"https://x.dk/\">https://x.dk/</a>"), "https://x.dk/");
    }
}
