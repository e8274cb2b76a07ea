//! Hostile HTML: what is left is parsed again, as a browser would, and judged piece by piece.

use crate::fixtures;
use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
};
use letter::{Pictures, clean_composed, clean_html};
use std::cell::RefCell;

/// What must never come out, from what browsers run, load, send or are led astray by; not a copy of what
/// the program lets through.
const ELEMENTS_NEVER: &[&str] = &[
    "applet",
    "area",
    "audio",
    "base",
    "basefont",
    "bgsound",
    "body",
    "button",
    "canvas",
    "datalist",
    "dialog",
    "embed",
    "fieldset",
    "form",
    "frame",
    "frameset",
    "head",
    "html",
    "iframe",
    "image",
    "input",
    "isindex",
    "keygen",
    "label",
    "link",
    "listing",
    "map",
    "marquee",
    "math",
    "menuitem",
    "meta",
    "meter",
    "nextid",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "optgroup",
    "option",
    "output",
    "param",
    "picture",
    "plaintext",
    "portal",
    "progress",
    "script",
    "search",
    "select",
    "slot",
    "source",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "track",
    "video",
    "xml",
    "xmp",
];
const ATTRIBUTES_NEVER: &[&str] = &[
    "accesskey",
    "action",
    "archive",
    "attributionsrc",
    "autofocus",
    "background",
    "cite",
    "class",
    "classid",
    "code",
    "codebase",
    "content",
    "contenteditable",
    "data",
    "download",
    "draggable",
    "dynsrc",
    "for",
    "form",
    "formaction",
    "http-equiv",
    "id",
    "imagesrcset",
    "inert",
    "is",
    "ismap",
    "itemprop",
    "longdesc",
    "lowsrc",
    "manifest",
    "method",
    "name",
    "nonce",
    "part",
    "ping",
    "popover",
    "popovertarget",
    "poster",
    "profile",
    "slot",
    "srcdoc",
    "srcset",
    "tabindex",
    "usemap",
];

#[derive(Default)]
struct Judge {
    faults: RefCell<Vec<String>>,
}

impl TokenSink for Judge {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                // Names with a hyphen or a colon are elements that a page defines, or of another language.
                if ELEMENTS_NEVER.contains(&&*tag.name) || tag.name.contains(['-', ':']) {
                    self.faults.borrow_mut().push(format!("element {}", tag.name));
                }
                for attribute in &tag.attrs {
                    let (name, value) = (&*attribute.name.local, &*attribute.value);
                    if let Some(fault) = fault(name, value) {
                        self.faults.borrow_mut().push(fault);
                    }
                }
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => {
                self.faults.borrow_mut().push("comment or doctype".into());
            }
            _ => (),
        }
        TokenSinkResult::Continue
    }
}

fn fault(name: &str, value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|s| lower.starts_with(s));
    let good = match name {
        "href" => begins(&["http://", "https://", "mailto:", "tel:"]) && !value.contains(char::is_control),
        "src" => begins(&[
            "data:image/png;",
            "data:image/jpeg;",
            "data:image/jpg;",
            "data:image/gif;",
            "data:image/webp;",
            "/inline/",
        ]),
        "style" => !["url", "expression", "import", "\\", "/*", "position", "behavior", "binding", "<", "@"]
            .iter()
            .any(|b| lower.contains(b)),
        "target" => value == "_blank",
        "data-quote" | "data-remote-src" => true,
        // Every handler begins so; the others with a hyphen or a colon are read by scripts or by XML.
        _ => !name.starts_with("on") && !name.contains(['-', ':']) && !ATTRIBUTES_NEVER.contains(&name),
    };
    (!good).then(|| format!("{name}={value}"))
}

fn faults(html: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(Judge::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.faults.take()
}

fn assert_tame(payload: &str) {
    let pictures = Pictures { inline: &|id| Some(format!("/inline/{id}")) };
    for html in [clean_html(payload, &pictures).html, clean_composed(payload), letter::html_of_text(payload)]
    {
        let faults = faults(&html);
        assert!(faults.is_empty(), "{payload}\n -> {html}\n{faults:?}");
        // Cleaned again, by the same rules, nothing changes what a browser makes of it.
        let again = clean_html(&html, &pictures).html;
        assert!(self::faults(&again).is_empty(), "{payload}\n -> {again}");
    }
}

#[test]
fn sanitiser_cases_are_tame() {
    let cases: serde_json::Value =
        serde_json::from_slice(&fixtures::bytes("hostile-html/dompurify-expect.json")).unwrap();
    let cases = cases.as_array().unwrap();
    for case in cases {
        assert_tame(case["payload"].as_str().unwrap());
    }
    println!("{} sanitiser cases are tame", cases.len());
}

#[test]
fn payloads_are_tame() {
    let list = fixtures::bytes("hostile-html/xss-payload-list.txt");
    let list = String::from_utf8_lossy(&list);
    for payload in list.lines() {
        assert_tame(payload);
    }
    // In places where a mail could put them.
    for payload in list.lines().step_by(7) {
        assert_tame(&format!("<table><tr><td>{payload}"));
        assert_tame(&format!(
            "<a href=\"{payload}\">x</a><img src='{payload}' alt=\"{payload}\"><div style=\"{payload}\">"
        ));
    }
    println!("{} payloads are tame", list.lines().count());
}

#[test]
fn pictures_come_from_the_letter_or_not_at_all() {
    let pictures = Pictures { inline: &|id| (id == "a@b").then(|| "/inline/1?x=\"".to_owned()) };
    let html = "<img src='cid:a@b'><img src=cid:none><img src=' ht\ntps://x.dk/p.png'><img src=//y.dk/q>\
        <img srcset='z 1x' src='data:image/svg+xml,<svg>'><img src='data:image/png;base64,AAAA'><td background=http://z>\
        text src=\"inline:0\"";
    let clean = clean_html(html, &pictures);
    assert_eq!(clean.blocked_remote, 2);
    assert_eq!(
        clean.html,
        "<img src=\"/inline/1?x=&quot;\"><img><img data-remote-src=\"https://x.dk/p.png\"><img data-remote-src=\"https://y.dk/q\">\
        <img><img src=\"data:image/png;base64,AAAA\">text src=\"/inline/1?x=&quot;\""
    );
}

#[test]
fn real_mail_keeps_its_looks() {
    let html = "<html><head><style>p{color:red}</style></head><body bgcolor=white><table width=600 cellpadding=0><tr>\
        <td style='padding: 4px; position: absolute' bgcolor=\"#fff\"><font face=Arial color=red>Hej</font>\
        <a href=\"https://x.dk/?a=1&amp;b=2\" onclick=x>k</a></table></body></html>";
    assert_eq!(
        clean_html(html, &Pictures::NONE).html,
        "<table width=\"600\" cellpadding=\"0\"><tbody><tr><td style=\"padding:4px\" bgcolor=\"#fff\">\
        <font face=\"Arial\" color=\"red\">Hej</font>\
        <a href=\"https://x.dk/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">k</a></td></tr></tbody></table>"
    );
}

#[test]
fn bombs_of_html_stay_small() {
    for html in [
        "<div>".repeat(40_000),
        "<b><i><font color=red><p>".repeat(40_000),
        "<font x=1>x<p><font y=2>".repeat(20_000),
        "<table><tr><td>".repeat(20_000),
        "<a href=".repeat(20_000),
        "<p style=\"".to_owned() + &"color:red;".repeat(40_000) + "\">x",
        "<!--".repeat(100_000),
        "<svg><style>".repeat(40_000),
        "&".repeat(300_000),
        "<li>".repeat(100_000),
    ] {
        let clean = clean_html(&html, &Pictures::NONE);
        assert!(clean.html.len() <= 8 * html.len().min(letter::limits::HTML_BYTES_MAX), "{}", &html[..20]);
        let deepest = clean.html.split("</").map(|part| part.matches('<').count()).max().unwrap_or_default();
        assert!(deepest <= 200_000, "{}", &html[..20]);
        let _ = letter::text_of_html(&html);
    }
}
