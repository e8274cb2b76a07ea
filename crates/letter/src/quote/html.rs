//! Quotes of cleaned HTML put behind a fold.

use super::intro;

/// How a fold begins and ends. The page styles it; it works without script.
const BEGIN: &str = "<details class=\"quote\"><summary>…</summary>";
const END: &str = "</details>";
/// Folds of one letter.
const FOLDS_MAX: usize = 200;
/// Bytes of HTML before a quote in which its introduction is looked for.
const INTRO_BYTES_MAX: usize = 2_000;

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
    /// Where its last line with content begins, and the one before it.
    lines: [Option<usize>; 2],
    /// The last line is complete.
    ended: bool,
}

impl<'a> Open<'a> {
    fn new(name: &'a str, start: usize, mark: Mark) -> Self {
        Self { name, start, mark, content: false, rest: None, lines: [None, None], ended: false }
    }

    /// Something readable stands there, on the line that is open or on a new one.
    fn goes_on(&mut self, at: usize) {
        if self.lines[0].is_none() || self.ended {
            self.lines = [Some(at), self.lines[0]];
            self.ended = false;
        }
    }
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
    let mut open = vec![Open::new("", 0, Mark::None)];
    let mut folds: Vec<(usize, usize)> = Vec::new();
    let mut intro = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &html.as_bytes()[at..]) {
        see_text(&mut open, &html[at..at + found], at, &mut intro);
        let start = at + found;
        let end = memchr::memchr(b'>', &html.as_bytes()[start..]).map_or(html.len(), |n| start + n + 1);
        let tag = &html[start..end];
        at = end;
        if tag.starts_with("</") {
            close(&mut open, &mut folds, &mut intro, start, end);
        } else {
            begin(&mut open, tag, start, &mut intro);
            if let [.., around, quote] = open.as_slice()
                && quote.start == start
                && quote.mark == Mark::Quote
            {
                intro = intro.or_else(|| introduction(html, around, start));
            }
        }
    }
    see_text(&mut open, &html[at..], at, &mut intro);
    if let Some(start) = open[0].rest {
        add(&mut folds, start, html.len());
    }
    folds
}

/// Where the lines before a quote begin that say whom it quotes, in the words of [`intro`]: whole elements or
/// bare lines beside it.
fn introduction(html: &str, around: &Open<'_>, quote: usize) -> Option<usize> {
    around.lines.into_iter().flatten().find(|from| {
        if quote - from > INTRO_BYTES_MAX {
            return false;
        }
        let text = crate::text_of_html(&html[*from..quote]);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        !lines.is_empty() && intro::length(&lines) == Some(lines.len())
    })
}

fn see_text(open: &mut [Open<'_>], text: &str, at: usize, intro: &mut Option<usize>) {
    if text.trim().is_empty() || text.trim() == "&nbsp;" {
        return;
    }
    for element in open.iter_mut() {
        element.content = true;
    }
    if let Some(innermost) = open.last_mut() {
        innermost.goes_on(at);
    }
    if !open.iter().any(|o| matches!(o.mark, Mark::Intro | Mark::Quote)) {
        *intro = None;
    }
}

fn begin<'a>(open: &mut Vec<Open<'a>>, tag: &'a str, start: usize, intro: &mut Option<usize>) {
    let name = tag[1..].split([' ', '>']).next().unwrap_or_default();
    if matches!(name, "br" | "wbr" | "col") {
        if let Some(innermost) = open.last_mut().filter(|_| name == "br") {
            innermost.ended = true;
        }
        return;
    }
    if matches!(name, "img" | "hr") {
        // Attributes of a cleaned mark: a ruled line may begin the rest.
        if mark(name, tag) == Mark::Rest {
            mark_rest(open, start);
        } else if name == "img" {
            see_text(open, "x", start, intro);
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
    open.push(Open::new(name, start, mark));
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
    if let Some(around) = open.last_mut() {
        let own_line = !is_inline(closed.name);
        around.ended |= own_line;
        if closed.content {
            around.goes_on(closed.start);
        }
        around.ended |= own_line;
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

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "em"
            | "font"
            | "i"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "tt"
            | "u"
    )
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
            (
                "<p>Ja tak</p><p>Den 24. nov. 2026 kl. 14.05 skrev <b>Mette Holm</b> &lt;<a href='mailto:m@h.dk'>m@h.dk</a>&gt;:</p><blockquote>gammelt</blockquote>",
                "Ja tak  [ Den 24. nov. 2026 kl. 14.05 skrev Mette Holm <m@h.dk>:  gammelt ]",
            ),
            (
                "<div>Yes<br><br>On 24 Nov 2026, at 14:05, Ann (a@b.org)<br>wrote:<br><blockquote>old</blockquote></div>",
                "Yes [On 24 Nov 2026, at 14:05, Ann (a@b.org) wrote: old ]",
            ),
            (
                "<p>He said on 24 Nov 2026:</p><blockquote>a proverb</blockquote><p>And I agree.</p>",
                "He said on 24 Nov 2026:  [ a proverb ]  And I agree.",
            ),
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
