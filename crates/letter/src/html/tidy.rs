//! Before HTML is judged it is made tame: few elements, each closed in its order, never deep. Whatever
//! parser reads the result builds a small tree in linear time, however the mail was made.

use super::{
    of_text::escape,
    tag::{Token, Tokens},
};

/// Elements within each other. What lies deeper keeps its text.
const DEPTH_MAX: usize = 100;

/// Signs of one text that have to be escaped. A comment parts what has more, and is taken out in the end.
const ESCAPES_OF_ONE_TEXT_MAX: usize = 200;

/// Gives each attribute that stays, by element, name and decoded value.
pub(super) type Attribute<'a> = dyn FnMut(&str, &str, &str) -> Option<(String, String)> + 'a;

/// What becomes of the tags and attributes that a mail has.
pub(super) struct Tame<'a> {
    /// The elements that stay.
    pub elements: &'a [&'a str],
    /// Which attributes stay.
    pub attribute: &'a mut Attribute<'a>,
}

/// Elements that have no content.
pub(super) const VOID: [&str; 5] = ["br", "hr", "img", "wbr", "col"];
/// Elements that end an open paragraph.
const BLOCKS: [&str; 19] = [
    "address",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "ul",
];
/// Elements that only tables have, with `table` itself: no end tag of another element reaches over them.
const WALLS: [&str; 4] = ["table", "td", "th", "caption"];

/// The HTML, tame.
pub(super) fn tame(html: &str, rules: &mut Tame<'_>) -> String {
    let mut writer = Writer { out: String::with_capacity(html.len()), open: Vec::new() };
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => writer.text(text),
            Token::Start { name, attributes } => {
                if let Some(&element) = rules.elements.iter().find(|e| **e == name) {
                    writer.start(element, &attributes, rules.attribute);
                }
            }
            Token::End(name) => {
                if let Some(&element) = rules.elements.iter().find(|e| **e == name) {
                    writer.end(element);
                }
            }
        }
    }
    writer.close_to(0);
    writer.out
}

struct Writer<'a> {
    out: String,
    open: Vec<&'a str>,
}

impl<'a> Writer<'a> {
    fn text(&mut self, text: &str) {
        let mut escapes = 0;
        for c in text.chars() {
            // Signs that html5ever 0.40 escapes by searching the whole text again, each time.
            if matches!(c, '&' | '\u{80}'..='\u{bf}') {
                escapes += 1;
                if escapes % ESCAPES_OF_ONE_TEXT_MAX == 0 {
                    self.out.push_str("<!---->");
                }
            }
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\0' => (),
                c => self.out.push(c),
            }
        }
    }

    fn top(&self) -> &'a str {
        self.open.last().copied().unwrap_or_default()
    }

    fn start(&mut self, element: &'a str, attributes: &[(String, String)], attribute: &mut Attribute<'_>) {
        if !self.make_room(element) || self.open.len() >= DEPTH_MAX {
            return;
        }
        self.out.push('<');
        self.out.push_str(element);
        for (name, value) in attributes {
            if let Some((name, value)) = attribute(element, name, value) {
                self.out.push(' ');
                self.out.push_str(&name);
                self.out.push_str("=\"");
                escape(&value, &mut self.out);
                self.out.push('"');
            }
        }
        self.out.push('>');
        if !VOID.contains(&element) {
            self.open.push(element);
        }
    }

    /// Closes what the element ends. False if it has no place here.
    fn make_room(&mut self, element: &str) -> bool {
        match element {
            "tr" => self.close_within_table(&["table", "tbody", "thead", "tfoot"]),
            "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => self.close_within_table(&["table"]),
            "col" => matches!(self.top(), "table" | "colgroup"),
            "td" | "th" => self.make_room_for_cell(),
            _ if self.in_table_structure() => false,
            _ => {
                if BLOCKS.contains(&element) || element == "table" {
                    self.close_open(&["p"], &[]);
                }
                match element {
                    "li" => self.close_open(&["li"], &["ul", "ol"]),
                    "dt" | "dd" => self.close_open(&["dt", "dd"], &["dl"]),
                    "a" => self.close_open(&["a"], &[]),
                    _ => (),
                }
                true
            }
        }
    }

    fn in_table_structure(&self) -> bool {
        matches!(self.top(), "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup")
    }

    /// Closes up to the nearest of these in the table that we are in. False outside of tables.
    fn close_within_table(&mut self, to: &[&str]) -> bool {
        let table = self.open.iter().rposition(|o| *o == "table");
        let found =
            self.open.iter().rposition(|o| to.contains(o)).filter(|at| table.is_some_and(|t| *at >= t));
        if let Some(at) = found {
            self.close_to(at + 1);
        }
        found.is_some()
    }

    /// A cell needs a row; many mails leave it out.
    fn make_room_for_cell(&mut self) -> bool {
        if self.close_within_table(&["tr"]) {
            return true;
        }
        if self.open.len() + 1 >= DEPTH_MAX || !self.close_within_table(&["table", "tbody", "thead", "tfoot"])
        {
            return false;
        }
        self.out.push_str("<tr>");
        self.open.push("tr");
        true
    }

    /// Closes the nearest open one of these, unless a wall or one of `stops` lies between.
    fn close_open(&mut self, elements: &[&str], stops: &[&str]) {
        for at in (0..self.open.len()).rev() {
            let open = self.open[at];
            if elements.contains(&open) {
                return self.close_to(at);
            }
            if WALLS.contains(&open) || stops.contains(&open) {
                return;
            }
        }
    }

    fn end(&mut self, element: &str) {
        match element {
            "table" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => {
                let table = self.open.iter().rposition(|o| *o == "table").unwrap_or(0);
                if let Some(at) = self.open.iter().rposition(|o| *o == element).filter(|at| *at >= table) {
                    self.close_to(at);
                }
            }
            "br" | "p" if !self.open.contains(&element) && !self.in_table_structure() => {
                self.out.push_str("<br>");
            }
            _ => self.close_open(&[element], &[]),
        }
    }

    fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            if let Some(element) = self.open.pop() {
                self.out.push_str("</");
                self.out.push_str(element);
                self.out.push('>');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tamed(html: &str) -> String {
        let elements = ["p", "b", "a", "div", "table", "tbody", "tr", "td", "ul", "li", "br", "img"];
        tame(
            html,
            &mut Tame {
                elements: &elements,
                attribute: &mut |_, name, value| (name == "x").then(|| (name.to_owned(), value.to_owned())),
            },
        )
    }

    #[test]
    fn everything_closes_in_its_order() {
        for (html, tame) in [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<b><p>a</b>b</p>", "<b><p>a</p></b>b<br>"),
            ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            (
                "<table><td>a<td>b<tr><td>c</table>d",
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d",
            ),
            ("<table><b><tr><td><b>x</td></b>y", "<table><tr><td><b>x</b></td>y</tr></table>"),
            ("<tr><td>a", "a"),
            ("<div x='\"&lt;' onclick=y><script>z</script>", "<div x=\"&quot;&lt;\"></div>"),
            ("<br></br>1<2", "<br><br>1&lt;2"),
            ("<a>1<a>2</a>", "<a>1</a><a>2</a>"),
        ] {
            assert_eq!(tamed(html), tame, "{html}");
        }
    }

    #[test]
    fn depth_has_an_end() {
        let out = tamed(&"<div>".repeat(100_000));
        assert_eq!(out.matches("<div>").count(), DEPTH_MAX);
        let out = tamed(&"<table><tr><td>x".repeat(10_000));
        assert!(out.matches("<t").count() <= DEPTH_MAX && out.matches('x').count() == 10_000);
    }
}
