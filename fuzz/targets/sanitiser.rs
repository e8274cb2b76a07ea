//! Any text as HTML.
#![no_main]

use letter::{Pictures, clean_composed, clean_html, fold_html, html_of_text, text_of_html};

/// Signs of what must never come out: an element or attribute that runs or loads. Text is escaped, so a
/// `<` that stands here is a tag of ours.
const NEVER: &[&str] = &[
    "<script",
    "<style",
    "<iframe",
    "<object",
    "<embed",
    "<form",
    "<input",
    "<svg",
    "<math",
    "<link",
    "<meta",
    "<base",
    "<video",
    "<audio",
    "<template",
    " href=\"javascript",
    " href=\"data",
    " src=\"http",
    " src=\"//",
    " srcset=",
];

fn judge(html: &str) {
    let lower = html.to_lowercase();
    for sign in NEVER {
        // Within a value every quotation mark and every `<` is escaped, so only text may hold `src="`.
        let tag = lower.match_indices(sign).any(|(at, _)| sign.starts_with('<') || in_tag(&lower, at));
        assert!(!tag, "{sign} in {html}");
    }
}

fn in_tag(html: &str, at: usize) -> bool {
    html[..at].rfind('<') > html[..at].rfind('>')
}

libfuzzer_sys::fuzz_target!(|html: &str| {
    let pictures = Pictures { inline: &|id| (id.len() < 20).then(|| "/inline/1".to_owned()) };
    let clean = clean_html(html, &pictures);
    judge(&clean.html);
    judge(&clean_html(&clean.html, &pictures).html);
    judge(&clean_composed(html));
    judge(&html_of_text(html));
    let folded = fold_html(&clean.html);
    let unfolded =
        folded.replace("<details class=\"quote\"><summary>…</summary>", "").replace("</details>", "");
    assert_eq!(unfolded, clean.html);
    let _ = text_of_html(html);
});
