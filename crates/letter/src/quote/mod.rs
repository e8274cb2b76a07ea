//! What of a letter is new, what it quotes, and what is a signature. Folding never loses a byte: the
//! parts together are the text.

mod html;
mod intro;
mod line;

pub use html::fold_html;

use line::{Kind, Line};

/// Lines that are looked at; what follows belongs to the last part.
const LINES_MAX: usize = 20_000;
/// Lines with text that a signature may have after `--`.
const SIGNATURE_LINES_MAX: usize = 25;
/// The same after another ruled line, or after the line of a telephone.
const LOOSE_SIGNATURE_LINES_MAX: usize = 12;

/// A stretch of a letter's text.
#[derive(Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// What its sender wrote now.
    Own(&'a str),
    /// What is quoted, with the line that says whom.
    Quoted(&'a str),
    /// A signature, a farewell of a telephone.
    Signature(&'a str),
}

impl<'a> Part<'a> {
    /// The text as it stands in the letter.
    pub fn text(&self) -> &'a str {
        let (Self::Own(text) | Self::Quoted(text) | Self::Signature(text)) = self;
        text
    }
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::Own(_) => "Own",
            Self::Quoted(_) => "Quoted",
            Self::Signature(_) => "Signature",
        };
        write!(f, "{name}({} bytes)", self.text().len())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Own,
    Quoted,
    Signature,
}

/// Parts a text. Together the parts are the text, byte for byte.
///
/// 1. a forwarded or original message (a ruled line that says so, or a block of From, Sent, To, Subject)
///    ends what is new, if something new stands before it; else only its head is quoted
/// 2. a line "On … wrote:" with text before it and no `>` after it ends what is new
/// 3. quoted lines that nothing new follows are quoted, with the line that introduces them
/// 4. quoted lines that something new follows stay (they are answered line by line), but a quote at the top
///    with its introduction is quoted
/// 5. what remains after `--`, another ruled line or the line of a telephone, and is short, is a signature
pub fn fold(text: &str) -> Vec<Part<'_>> {
    let lines = line::read(text, LINES_MAX);
    let mut labels = vec![Label::Own; lines.len()];
    let (new, texts) = look_ahead(&lines);
    label_quotes(&lines, &mut labels, &new);
    label_signature(&lines, &mut labels, &texts);
    parts(text, &lines, &labels)
}

/// Characters of a preview.
const PREVIEW_CHARS_MAX: usize = 160;
/// Bytes of a text in which its first words are looked for.
const PREVIEW_BYTES_MAX: usize = 8 * 1024;

/// The first words that the writer wrote now, on one line; the first words at all if all are quoted.
pub fn preview(text: &str) -> String {
    let mut end = text.len().min(PREVIEW_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let parts = fold(&text[..end]);
    let own: String = parts
        .iter()
        .filter(|part| matches!(part, Part::Own(_)))
        .flat_map(|part| part.text().lines())
        .filter(|line| !line.trim_start().starts_with('>'))
        .flat_map(|line| [line, " "])
        .collect();
    let words = crate::clean::line(&own, PREVIEW_CHARS_MAX);
    if words.is_empty() { crate::clean::line(&text[..end], PREVIEW_CHARS_MAX) } else { words }
}

fn label_quotes(lines: &[Line<'_>], labels: &mut [Label], new: &[bool]) {
    let mut before = false;
    let mut at = 0;
    while at < lines.len() {
        let Line { kind, length, .. } = lines[at];
        match kind {
            Kind::Original | Kind::Headers if before => {
                labels[at..].fill(Label::Quoted);
                return;
            }
            Kind::Original | Kind::Headers => labels[at..at + length].fill(Label::Quoted),
            Kind::Intro => {
                let after = at + length;
                let quote_end = end_of_quote(lines, after);
                let quoted = quote_end > after;
                if before && !quoted {
                    labels[at..].fill(Label::Quoted);
                    return;
                }
                labels[at..after].fill(Label::Quoted);
                if quoted && (!before || !new[quote_end]) {
                    labels[after..quote_end].fill(Label::Quoted);
                }
                at = quote_end;
                continue;
            }
            Kind::Quote => {
                let quote_end = end_of_quote(lines, at);
                if (before || lines[at].introduces) && !new[quote_end] {
                    labels[at..quote_end].fill(Label::Quoted);
                }
                at = quote_end;
                continue;
            }
            Kind::Text => before = true,
            _ => (),
        }
        at += length;
    }
}

/// For each line, whether something new stands from it on, before a signature; and how many lines of text.
fn look_ahead(lines: &[Line<'_>]) -> (Vec<bool>, Vec<usize>) {
    let (mut new, mut texts) = (vec![false; lines.len() + 1], vec![0; lines.len() + 1]);
    for (n, line) in lines.iter().enumerate().rev() {
        texts[n] = texts[n + 1] + usize::from(line.kind == Kind::Text);
        new[n] = match line.kind {
            Kind::Text => true,
            kind => new[n + 1] && signature_lines_max(kind).is_none_or(|most| texts[n] > most),
        };
    }
    (new, texts)
}

/// How many lines of text a signature may have that this line begins; none if it begins none.
fn signature_lines_max(kind: Kind) -> Option<usize> {
    match kind {
        Kind::SignatureRule => Some(SIGNATURE_LINES_MAX),
        Kind::Rule | Kind::Farewell => Some(LOOSE_SIGNATURE_LINES_MAX),
        _ => None,
    }
}

/// Where a run of quoted and empty lines ends; empty lines after its last quoted line are not part of it.
fn end_of_quote(lines: &[Line<'_>], from: usize) -> usize {
    let run = lines[from..].iter().take_while(|l| matches!(l.kind, Kind::Quote | Kind::Empty)).count();
    let last = lines[from..from + run].iter().rposition(|l| l.kind == Kind::Quote);
    last.map_or(from, |n| from + n + 1)
}

/// The last stretch of new text may end with a signature.
fn label_signature(lines: &[Line<'_>], labels: &mut [Label], texts: &[usize]) {
    let own_end = labels.iter().rposition(|l| *l == Label::Own).map_or(0, |n| n + 1);
    let own_start = labels[..own_end].iter().rposition(|l| *l != Label::Own).map_or(0, |n| n + 1);
    let begins = |at: &usize| {
        signature_lines_max(lines[*at].kind).is_some_and(|most| texts[*at] - texts[own_end] <= most)
    };
    if let Some(at) = (own_start..own_end).find(begins) {
        labels[at..own_end].fill(Label::Signature);
    }
}

/// Neighbouring lines of one label are one part; empty lines go with what stands before them.
fn parts<'a>(text: &'a str, lines: &[Line<'a>], labels: &[Label]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut add = |label: Label, stretch: &'a str| match (label, stretch) {
        (_, "") => (),
        (Label::Own, own) => parts.push(Part::Own(own)),
        (Label::Quoted, quoted) => parts.push(Part::Quoted(quoted)),
        (Label::Signature, signature) => parts.push(Part::Signature(signature)),
    };
    let (mut start, mut current) = (0, labels.first().copied().unwrap_or(Label::Own));
    for (line, &label) in lines.iter().zip(labels) {
        if label != current && line.kind != Kind::Empty {
            add(current, &text[start..line.start]);
            (start, current) = (line.start, label);
        }
    }
    add(current, &text[start..]);
    parts
}
