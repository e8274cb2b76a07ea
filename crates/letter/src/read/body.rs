//! Which parts are the text that a person reads, and which are files.

use crate::{
    Mark,
    decode::{self, Decoded},
    html::{html_of_text, text_of_html},
    limits::{HTML_BYTES_MAX, TEXT_BYTES_MAX},
    read::{
        flowed,
        split::{Part, Split},
    },
};

/// The body, and the numbers of the parts that are files.
#[derive(Default)]
pub(crate) struct Body {
    pub text: String,
    pub html: Option<String>,
    pub files: Vec<usize>,
    pub marks: Vec<Mark>,
}

/// A stretch of the body: text, HTML, or both as alternatives of each other.
struct Block {
    alternative: Option<usize>,
    text: String,
    html: String,
}

/// Chooses and decodes.
pub(crate) fn read(raw: &[u8], split: &Split) -> Body {
    let mut body = Body::default();
    let mut blocks: Vec<Block> = Vec::new();
    for (number, part) in split.parts.iter().enumerate().filter(|(_, p)| !p.holds) {
        let alternative = alternative_of(split, number);
        match shown_as(split, number, alternative.is_some(), blocks.is_empty()) {
            None => body.files.push(number),
            Some(As::Text) => {
                let text = body.decode_text(raw, part);
                add(&mut blocks, alternative, &text, "");
            }
            Some(As::Html) => {
                if part.body.len() > HTML_BYTES_MAX {
                    body.files.push(number);
                }
                let html = body.decode_html(raw, part);
                add(&mut blocks, alternative, "", &html);
            }
        }
    }
    body.join(&blocks);
    body
}

enum As {
    Text,
    Html,
}

/// How a part is shown in the body, if it is no file. A text with a name is a file unless the mail has
/// nothing else to say.
fn shown_as(split: &Split, number: usize, alternative: bool, first: bool) -> Option<As> {
    let part = &split.parts[number];
    let as_what = match part.mime.media_type.as_str() {
        "text/html" | "application/xhtml+xml" => As::Html,
        "" | "text" | "text/plain" | "text/enriched" | "text/richtext" => As::Text,
        multipart if multipart.starts_with("multipart/") => As::Text,
        _ => return None,
    };
    let alone = split.parts.len() == 1;
    let nothing_else = first && no_other_text(split, number);
    let named = part.mime.name.is_some() && !alternative && !alone && !nothing_else;
    let within_page = part.mime.content_id.is_some() && !first_of_related(split, number);
    let shown = !named && !within_page && (!part.mime.attachment || alone && part.mime.name.is_none());
    shown.then_some(as_what)
}

fn no_other_text(split: &Split, number: usize) -> bool {
    let is_text = |p: &Part| {
        !p.holds
            && !p.mime.attachment
            && p.mime.name.is_none()
            && matches!(p.mime.media_type.as_str(), "" | "text/plain" | "text/html")
    };
    !split.parts[number].mime.attachment && !split.parts.iter().any(is_text)
}

/// Not in a multipart/related, or its page itself.
fn first_of_related(split: &Split, number: usize) -> bool {
    let Some(parent) = split.parts[number].parent else { return true };
    split.parts[parent].mime.media_type != "multipart/related" || number == parent + 1
}

/// The outermost multipart/alternative around a part.
fn alternative_of(split: &Split, number: usize) -> Option<usize> {
    let up = |&n: &usize| split.parts[n].parent;
    std::iter::successors(split.parts[number].parent, up)
        .filter(|&n| split.parts[n].mime.media_type == "multipart/alternative")
        .last()
}

fn add(blocks: &mut Vec<Block>, alternative: Option<usize>, text: &str, html: &str) {
    let same = |b: &&mut Block| alternative.is_some() && b.alternative == alternative;
    if let Some(block) = blocks.last_mut().filter(same) {
        if !block.text.is_empty() && !text.is_empty() {
            block.text.push('\n');
        }
        block.text.push_str(text);
        block.html.push_str(html);
        return;
    }
    blocks.push(Block { alternative, text: text.to_owned(), html: html.to_owned() });
}

impl Body {
    fn decode_text(&mut self, raw: &[u8], part: &Part) -> String {
        let bytes = part.mime.encoding.decode(&raw[part.body.clone()], TEXT_BYTES_MAX);
        let text = self.decoded(&bytes, part.mime.charset.as_deref(), TEXT_BYTES_MAX);
        let text = text.replace("\r\n", "\n").replace(['\r', '\0'], "");
        if part.mime.media_type.ends_with("richtext") || part.mime.media_type.ends_with("enriched") {
            return text_of_html(&text.replace("\n\n", "<br>"));
        }
        if part.mime.flowed { flowed::unfolded(&text, part.mime.delete_space) } else { text }
    }

    fn decode_html(&mut self, raw: &[u8], part: &Part) -> String {
        let bytes = part.mime.encoding.decode(&raw[part.body.clone()], HTML_BYTES_MAX);
        let label = part.mime.charset.clone().or_else(|| charset_of_page(&bytes));
        self.decoded(&bytes, label.as_deref(), HTML_BYTES_MAX).replace('\0', "")
    }

    fn decoded(&mut self, bytes: &[u8], label: Option<&str>, bytes_max: usize) -> String {
        let Decoded { mut text, charset_known } = decode::text(bytes, label);
        if !charset_known {
            self.marks.push(Mark::UnknownCharset);
        }
        if bytes.len() >= bytes_max || text.len() > bytes_max {
            self.marks.push(Mark::TextCut);
            while text.len() > bytes_max {
                text.pop();
            }
        }
        text
    }

    /// Puts the blocks one after the other, as text and, if any is HTML, as HTML.
    fn join(&mut self, blocks: &[Block]) {
        for block in blocks {
            let derived =
                if block.text.trim().is_empty() { text_of_html(&block.html) } else { String::new() };
            let text = if derived.is_empty() { &block.text } else { &derived };
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            if self.text.len() + text.len() > TEXT_BYTES_MAX {
                self.marks.push(Mark::TextCut);
                break;
            }
            self.text.push_str(text);
        }
        if blocks.iter().all(|b| b.html.trim().is_empty()) {
            return;
        }
        let mut html = String::new();
        for block in blocks {
            if html.len() + block.html.len() + block.text.len() > HTML_BYTES_MAX {
                self.marks.push(Mark::TextCut);
                break;
            }
            if block.html.trim().is_empty() {
                html.push_str(&html_of_text(&block.text));
            } else {
                html.push_str(&block.html);
            }
        }
        self.html = Some(html);
    }
}

/// What a page says of its charset in its first kilobyte.
fn charset_of_page(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let at = start.find("charset=")? + "charset=".len();
    let name: String = start[at..]
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c))
        .collect();
    (!name.is_empty()).then_some(name)
}
