//! The page of one mail on the letter host: the sanitised HTML, a quiet ground, and one fixed script.
//!
//! The second of the two walls around foreign HTML (the first is the sanitiser): the page stands in a frame of an
//! opaque origin on a host without cookies, under a policy that lets this one script run and nothing else.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use words::Language;

/// The script: it posts the height of the page to the one who frames it, and does nothing else.
const SCRIPT: &str = include_str!("../../assets/src/frame.js");
/// What a mail looks like that says nothing about it itself. A mail's own styles come after and win.
const STYLE: &str = include_str!("../../assets/src/frame.css");

static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| hash(STYLE));

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("'sha256-{}'", data_encoding::BASE64.encode(&digest))
}

/// The source expression of the script for `script-src` of the letter host: `'sha256-…'`.
pub fn letter_script_hash() -> &'static str {
    &SCRIPT_HASH
}

/// The source expression of our own style element for `style-src` of the letter host, if inline styles of mails
/// are not let in by `'unsafe-inline'` anyway.
pub fn letter_style_hash() -> &'static str {
    &STYLE_HASH
}

/// The whole page of a letter. `html` is written as it is: the sanitiser must have passed it.
pub fn letter_page(language: Language, html: &str) -> String {
    let mut page = String::with_capacity(html.len() + STYLE.len() + SCRIPT.len() + 256);
    page.push_str("<!doctype html><html lang=\"");
    page.push_str(language.tag());
    page.push_str("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    page.push_str("<meta name=\"color-scheme\" content=\"light only\"><title>Letter</title>");
    page.push_str("<base target=\"_blank\"><style>");
    page.push_str(STYLE);
    page.push_str("</style></head><body>");
    page.push_str(html);
    page.push_str("<script>");
    page.push_str(SCRIPT);
    page.push_str("</script></body></html>");
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_bears_the_very_script_that_the_policy_lets_run() {
        let page = letter_page(Language::En, "<p>Hello</p>");
        let (_, after) = page.split_once("<script>").expect("a script");
        let (script, _) = after.split_once("</script>").expect("its end");
        assert_eq!(hash(script), letter_script_hash());
        assert!(letter_script_hash().starts_with("'sha256-") && letter_script_hash().ends_with("='"));
    }

    #[test]
    fn the_script_says_one_number_and_nothing_else() {
        assert_eq!(SCRIPT.matches("postMessage").count(), 1);
        for never in ["fetch", "XMLHttp", "location", "cookie", "import", "eval", "innerHTML"] {
            assert!(!SCRIPT.contains(never), "{never}");
        }
    }
}
