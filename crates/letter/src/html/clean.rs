//! HTML of strangers made safe to show. Two steps, each of which alone lets nothing through that runs or
//! loads: the mail is made tame (few elements, known attributes, bounded), then a parser-based allow-list
//! judges the result.

use super::{
    css,
    quoted::marker,
    tidy::{Tame, tame},
};
use crate::limits::HTML_BYTES_MAX;
use ammonia::{Builder, UrlRelative};
use std::{borrow::Cow, collections::HashMap, fmt, fmt::Write as _, sync::LazyLock};

/// Bytes of a picture that lies in the mail's own HTML (`data:`).
const DATA_PICTURE_BYTES_MAX: usize = 500_000;
/// Bytes of an address.
const URL_BYTES_MAX: usize = 8_000;
/// What a picture of the mail is called between the two steps; the number is its place in a list.
const INLINE: &str = "inline:";

/// Elements that stay. None of them loads, runs, or takes input.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Attributes that any of them may have. All are numbers, colours or words.
const ATTRIBUTES: &[&str] = &[
    "align",
    "bgcolor",
    "border",
    "data-quote",
    "dir",
    "height",
    "lang",
    "style",
    "title",
    "valign",
    "width",
];

/// Attributes of one element.
const OWN_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("img", &["alt", "data-remote-src", "src"]),
    ("table", &["cellpadding", "cellspacing"]),
    ("td", &["colspan", "nowrap", "rowspan"]),
    ("th", &["colspan", "nowrap", "rowspan", "scope"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("font", &["color", "face", "size"]),
    ("ol", &["start", "type"]),
    ("ul", &["type"]),
    ("li", &["value"]),
];

/// Where the pictures of a letter come from.
pub struct Pictures<'a> {
    /// The address of the picture with that content id, if the letter has it.
    pub inline: &'a dyn Fn(&str) -> Option<String>,
}

impl Pictures<'_> {
    /// No pictures.
    pub const NONE: Pictures<'static> = Pictures { inline: &|_| None };
}

impl fmt::Debug for Pictures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pictures")
    }
}

/// HTML that is safe to show in the letter's frame.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CleanHtml {
    /// The HTML, a fragment.
    pub html: String,
    /// Pictures of other hosts that were not loaded; their addresses are in `data-remote-src`.
    pub blocked_remote: usize,
    /// It was too large; the end is missing.
    pub cut: bool,
}

impl fmt::Debug for CleanHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CleanHtml")
            .field("bytes", &self.html.len())
            .field("blocked_remote", &self.blocked_remote)
            .finish_non_exhaustive()
    }
}

/// Cleans the HTML of a letter. What is left has no script, no form, no frame, no style sheet, loads
/// nothing but pictures of the letter itself, and links only to http, https, mailto and tel.
pub fn clean_html(html: &str, pictures: &Pictures<'_>) -> CleanHtml {
    let (html, cut) = start(html);
    let mut blocked = 0;
    let mut inline: Vec<String> = Vec::new();
    let mut attribute = |element: &str, name: &str, value: &str| match (element, name) {
        ("img", "src") => picture(value, pictures, &mut inline, &mut blocked),
        // Only we write it.
        (_, "data-remote-src") => None,
        _ => kept(element, name, value),
    };
    let tamed = tame(html, &mut Tame { elements: ELEMENTS, attribute: &mut attribute });
    let cleaned = CLEANER.clean(&tamed).to_string();
    CleanHtml { html: with_pictures(cleaned, &inline), blocked_remote: blocked, cut }
}

/// The part of the HTML that is looked at, and whether it is not all.
fn start(html: &str) -> (&str, bool) {
    let mut end = html.len().min(HTML_BYTES_MAX);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    (&html[..end], end < html.len())
}

fn kept(element: &str, name: &str, value: &str) -> Option<(String, String)> {
    let own = || OWN_ATTRIBUTES.iter().any(|(e, names)| *e == element && names.contains(&name));
    if let Some(marker) = marker(element, name, value) {
        // A style that marks a quote is worth more as a mark.
        return Some(("data-quote".to_owned(), marker.value().to_owned()));
    }
    if !(ATTRIBUTES.contains(&name) || own()) || name == "data-quote" {
        return None;
    }
    let value = match name {
        "href" => link(value)?,
        "style" => Some(css::clean(value)).filter(|style| !style.is_empty())?,
        _ if value.len() > 500 => return None,
        _ => value.to_owned(),
    };
    Some((name.to_owned(), value))
}

/// What becomes of a picture: one of the letter, one within the HTML, one elsewhere that is not loaded.
fn picture(
    value: &str,
    pictures: &Pictures<'_>,
    inline: &mut Vec<String>,
    blocked: &mut usize,
) -> Option<(String, String)> {
    let url = bare(value);
    let scheme = |s: &str| url.get(..s.len()).is_some_and(|u| u.eq_ignore_ascii_case(s));
    if scheme("cid:") {
        inline.push((pictures.inline)(&url[4..])?);
        return Some(("src".to_owned(), format!("{INLINE}{}", inline.len() - 1)));
    }
    if is_data_picture(&url) {
        return Some(("src".to_owned(), url));
    }
    let url = if url.starts_with("//") { format!("https:{url}") } else { url };
    let remote = url.len() < URL_BYTES_MAX
        && ["http://", "https://"]
            .iter()
            .any(|s| url.get(..s.len()).is_some_and(|u| u.eq_ignore_ascii_case(s)));
    if !remote {
        return None;
    }
    *blocked += 1;
    Some(("data-remote-src".to_owned(), url))
}

/// A picture in the HTML itself, of a kind that cannot hold scripts.
fn is_data_picture(url: &str) -> bool {
    let kinds = [
        "data:image/png;base64,",
        "data:image/jpeg;base64,",
        "data:image/jpg;base64,",
        "data:image/gif;base64,",
        "data:image/webp;base64,",
    ];
    let lower = url.get(..30.min(url.len())).unwrap_or_default().to_ascii_lowercase();
    let kind = kinds.iter().find(|k| lower.starts_with(**k));
    kind.is_some_and(|k| {
        url.len() <= DATA_PICTURE_BYTES_MAX
            && url[k.len()..].bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    })
}

/// A link that may be followed.
fn link(value: &str) -> Option<String> {
    let url = bare(value);
    let allowed = ["http://", "https://", "mailto:", "tel:"];
    let fits = url.len() < URL_BYTES_MAX
        && allowed.iter().any(|s| url.get(..s.len()).is_some_and(|u| u.eq_ignore_ascii_case(s)));
    fits.then_some(url)
}

/// An address as browsers read it: blanks around it and control characters within it do not count.
fn bare(value: &str) -> String {
    value.trim_matches(|c: char| c <= ' ').chars().filter(|c| !c.is_control()).collect()
}

/// Puts the addresses of the letter's own pictures in. The cleaner escapes every quotation mark within a
/// value, so this text can only stand where it wrote an attribute, or in a text, where it means nothing.
fn with_pictures(html: String, inline: &[String]) -> String {
    if inline.is_empty() {
        return html;
    }
    let marker = format!(" src=\"{INLINE}");
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(at) = rest.find(&marker) {
        out.push_str(&rest[..at]);
        rest = &rest[at + marker.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(url) = rest[..digits].parse::<usize>().ok().and_then(|n| inline.get(n)) {
            let mut escaped = String::new();
            super::of_text::escape(url, &mut escaped);
            let _ = write!(out, " src=\"{escaped}");
        }
        rest = &rest[digits..];
    }
    out.push_str(rest);
    out
}

/// The judge of the second step, made once.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().copied().collect())
        .generic_attributes(ATTRIBUTES.iter().copied().collect())
        .tag_attributes(
            OWN_ATTRIBUTES
                .iter()
                .map(|(e, names)| (*e, names.iter().copied().collect()))
                .collect::<HashMap<_, _>>(),
        )
        .clean_content_tags(["script", "style"].into_iter().collect())
        .url_schemes(["http", "https", "mailto", "tel", "data", "inline"].into_iter().collect())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .set_tag_attribute_value("a", "target", "_blank")
        .strip_comments(true)
        .attribute_filter(judge);
    builder
});

fn judge<'v>(element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let fits = match (element, name) {
        ("a", "href") => link(value).is_some_and(|l| l == value),
        ("img", "src") => {
            is_data_picture(value)
                || value.strip_prefix(INLINE).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        }
        (_, "href" | "src") => false,
        (_, "style") => css::clean(value) == value,
        _ => true,
    };
    fits.then_some(Cow::Borrowed(value))
}
