//! Quotes of cleaned HTML put behind a fold.

/// How a fold begins and ends. The page styles it; it works without script.
const BEGIN: &str = "<details class=\"quote\"><summary>…</summary>";
const END: &str = "</details>";
/// Folds of one letter.
const FOLDS_MAX: usize = 200;

/// Wraps what a letter quotes in `<details class="quote">`. Takes the HTML of
/// [`clean_html`](crate::clean_html) (every element closed in its order, quotes marked) and loses none of
/// it. A letter that is nothing but a quote stays open.
pub fn fold_html(clean: &str) -> String {
    let folds = folds(clean);
    let all_quoted =
        folds.iter().fold(clean.to_owned(), |rest, (start, end)| rest.replacen(&clean[*start..*end], "", 1));
    if folds.is_empty() || !has_content(&all_quoted) {
        return clean.to_owned();
    }
    let mut out = String::with_capacity(clean.len() + folds.len() * 60);
    let mut at = 0;
    for (start, end) in folds {
        out.push_str(&clean[at..start]);
        out.push_str(BEGIN);
        out.push_str(&clean[start..end]);
        out.push_str(END);
        at = end;
    }
    out.push_str(&clean[at..]);
    out
}

/// An element that is open: where it began, and what it is.
struct Open<'a> {
    name: &'a str,
    start: usize,
    mark: Mark,
    /// Something readable stands in it already.
    content: bool,
    /// From here to its end everything is quoted.
    rest: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Quote,
    Intro,
    Rest,
}

/// The outermost quoted stretches, in order, each of whole elements.
fn folds(html: &str) -> Vec<(usize, usize)> {
    let root = Open { name: "", start: 0, mark: Mark::None, content: false, rest: None };
    let mut open = vec![root];
    let mut folds: Vec<(usize, usize)> = Vec::new();
    let mut intro = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &html.as_bytes()[at..]) {
        see_text(&mut open, &html[at..at + found], &mut intro);
        let start = at + found;
        let end = memchr::memchr(b'>', &html.as_bytes()[start..]).map_or(html.len(), |n| start + n + 1);
        let tag = &html[start..end];
        at = end;
        if tag.starts_with("</") {
            close(&mut open, &mut folds, &mut intro, start, end);
        } else {
            begin(&mut open, tag, start, &mut intro);
        }
    }
    see_text(&mut open, &html[at..], &mut intro);
    if let Some(start) = open[0].rest {
        add(&mut folds, start, html.len());
    }
    folds
}

fn see_text(open: &mut [Open<'_>], text: &str, intro: &mut Option<usize>) {
    if text.trim().is_empty() || text.trim() == "&nbsp;" {
        return;
    }
    for element in open.iter_mut() {
        element.content = true;
    }
    if !open.iter().any(|o| matches!(o.mark, Mark::Intro | Mark::Quote)) {
        *intro = None;
    }
}

fn begin<'a>(open: &mut Vec<Open<'a>>, tag: &'a str, start: usize, intro: &mut Option<usize>) {
    let name = tag[1..].split([' ', '>']).next().unwrap_or_default();
    if matches!(name, "br" | "wbr" | "col") {
        return;
    }
    if matches!(name, "img" | "hr") {
        // Attributes of a cleaned mark: a ruled line may begin the rest.
        if mark(name, tag) == Mark::Rest {
            mark_rest(open, start);
        } else if name == "img" {
            see_text(open, "x", intro);
        }
        return;
    }
    let mark = mark(name, tag);
    if mark == Mark::Rest {
        mark_rest(open, start);
    }
    if mark == Mark::Intro {
        *intro = Some(start);
    }
    open.push(Open { name, start, mark, content: false, rest: None });
}

/// Everything from here on is quoted. If nothing stands before it in its element, from the element on, and
/// so on outwards.
fn mark_rest(open: &mut [Open<'_>], start: usize) {
    let mut from = start;
    for at in (0..open.len()).rev() {
        if at == 0 || open[at].content || matches!(open[at].name, "td" | "th") {
            if open[at].rest.is_none() {
                open[at].rest = Some(from);
            }
            return;
        }
        from = open[at].start;
    }
}

fn close(
    open: &mut Vec<Open<'_>>,
    folds: &mut Vec<(usize, usize)>,
    intro: &mut Option<usize>,
    start: usize,
    end: usize,
) {
    if open.len() < 2 {
        return;
    }
    let Some(closed) = open.pop() else { return };
    if let Some(rest) = closed.rest {
        add(folds, rest, start);
    }
    if closed.mark == Mark::Quote {
        add(folds, intro.take().filter(|i| *i < closed.start).unwrap_or(closed.start), end);
    }
}

/// Adds a fold; those within it are part of it. One that would reach only half over another is left out.
fn add(folds: &mut Vec<(usize, usize)>, start: usize, end: usize) {
    while folds.last().is_some_and(|(s, e)| *s >= start && *e <= end) {
        folds.pop();
    }
    if folds.len() < FOLDS_MAX && start < end && folds.last().is_none_or(|(_, e)| *e <= start) {
        folds.push((start, end));
    }
}

fn mark(name: &str, tag: &str) -> Mark {
    let value = tag.split_once("data-quote=\"").and_then(|(_, v)| v.split_once('"')).map_or("", |(v, _)| v);
    match value {
        "quote" => Mark::Quote,
        "intro" => Mark::Intro,
        "rest" => Mark::Rest,
        _ if name == "blockquote" => Mark::Quote,
        _ => Mark::None,
    }
}

/// There is something to read besides tags.
fn has_content(html: &str) -> bool {
    html.contains("<img") || !crate::text_of_html(html).trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pictures, clean_html};

    fn folded(html: &str) -> String {
        let clean = clean_html(html, &Pictures::NONE).html;
        let folded = fold_html(&clean);
        assert_eq!(folded.replace(BEGIN, "").replace(END, ""), clean, "nothing is lost");
        let shown = folded.replace(BEGIN, "[").replace(END, "]");
        crate::text_of_html(&shown).replace('\n', " ").replace("> ", "")
    }

    #[test]
    fn each_program_folds() {
        for (html, shown) in [
            (
                "<div dir=ltr>Yes</div><br><div class=gmail_quote><div class=gmail_attr>On x wrote:<br></div><blockquote class=gmail_quote>old</blockquote></div>",
                "Yes [ On x wrote: old ]",
            ),
            (
                "<p>Yes</p><div class=moz-cite-prefix>On x wrote:</div><blockquote type=cite>old</blockquote><p>sig</p>",
                "Yes  [ On x wrote: old ]  sig",
            ),
            (
                "<div><p>Yes</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt'><p>From: a</p></div></div><p>old</p></div>",
                "Yes  [ From: a  old  ]",
            ),
            ("<p>Yes</p><hr id=stopSpelling><div>From: a</div>", "Yes  [  From: a ]"),
            ("<div id=appendonsend></div><p>old</p>", "old"),
            ("<blockquote>only</blockquote>", "only"),
            ("<p>no quote</p>", "no quote"),
        ] {
            assert_eq!(
                folded(html).split_whitespace().collect::<Vec<_>>(),
                shown.split_whitespace().collect::<Vec<_>>(),
                "{html}"
            );
        }
    }
}
