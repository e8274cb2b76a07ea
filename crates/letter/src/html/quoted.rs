//! How mail programs mark what they quote in HTML. The cleaning keeps it as `data-quote`, so that
//! folding needs no classes of strangers.

/// What an element of a mail program holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// The quoted mail.
    Quote,
    /// The line before it.
    Intro,
    /// From here on everything is quoted.
    Rest,
    /// The sender's signature.
    Signature,
}

impl Marker {
    /// As the value of `data-quote`.
    pub fn value(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Intro => "intro",
            Self::Rest => "rest",
            Self::Signature => "signature",
        }
    }
}

/// By an attribute of an element.
pub(super) fn marker(element: &str, name: &str, value: &str) -> Option<Marker> {
    match name {
        "class" => value.split_ascii_whitespace().find_map(by_class),
        "id" => by_id(value),
        "type" if element == "blockquote" && value.eq_ignore_ascii_case("cite") => Some(Marker::Quote),
        "style" if element == "div" && is_outlook_rule(value) => Some(Marker::Rest),
        _ => None,
    }
}

fn by_class(class: &str) -> Option<Marker> {
    Some(match class {
        "gmail_quote" | "gmail_extra" | "yahoo_quoted" | "protonmail_quote" | "tutanota_quote"
        | "zmail_extra" | "mail-quote" | "WM_QUOTED" | "front-blockquote" | "mcntmcntquote" => Marker::Quote,
        "gmail_attr" | "moz-cite-prefix" | "mcntmcntcite" => Marker::Intro,
        "gmail_signature" | "moz-signature" | "Apple-signature" | "protonmail_signature_block" => {
            Marker::Signature
        }
        "OutlookMessageHeader" | "WordSection1-quote" => Marker::Rest,
        _ => return None,
    })
}

fn by_id(id: &str) -> Option<Marker> {
    // Outlook on the web puts `x_` before ids of what it shows.
    Some(match id.trim_start_matches("x_") {
        "divRplyFwdMsg"
        | "appendonsend"
        | "stopSpelling"
        | "mail-editor-reference-message-container"
        | "OLK_SRC_BODY_SECTION"
        | "replySplit"
        | "reply-intro" => Marker::Rest,
        "AppleMailSignature"
        | "Signature"
        | "signature"
        | "ms-outlook-mobile-signature"
        | "lineBreakAtBeginningOfSignature" => Marker::Signature,
        id if id.starts_with("yahoo_quoted")
            || id.starts_with("isForwardContent")
            || id.starts_with("isReplyContent") =>
        {
            Marker::Quote
        }
        _ => return None,
    })
}

/// The grey or blue line that Outlook draws above `From: … Sent: …`.
fn is_outlook_rule(style: &str) -> bool {
    let style = style.to_ascii_lowercase().replace(' ', "");
    style.contains("border:none;border-top:solid#e1e1e1")
        || style.contains("border:none;border-top:solid#b5c4df")
}
