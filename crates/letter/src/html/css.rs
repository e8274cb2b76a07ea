//! Inline styles by an allow-list of properties and of values: looks, never place over others, and
//! nothing that loads.

/// Bytes of one style attribute.
const STYLE_BYTES_MAX: usize = 4_000;

/// Properties that mails need to look as they should. Nothing of position, content, behaviour, animation,
/// filters or backgrounds that load.
const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

/// Functions of values.
const FUNCTIONS: &[&str] = &["rgb", "rgba", "hsl", "hsla"];

/// The declarations that are allowed. Whatever a reader of CSS could take in two ways is left out whole.
pub(super) fn clean(style: &str) -> String {
    let mut out = String::new();
    if style.len() > STYLE_BYTES_MAX {
        return out;
    }
    for declaration in style.split(';') {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let (property, value) = (property.trim().to_ascii_lowercase(), value.trim());
        if PROPERTIES.binary_search(&property.as_str()).is_ok() && is_plain(value) && fits(&property, value) {
            if !out.is_empty() {
                out.push(';');
            }
            out.push_str(&property);
            out.push(':');
            out.push_str(value);
        }
    }
    out
}

/// Words, numbers, colours, quoted names of fonts. No escapes, no comments, no functions but colours.
fn is_plain(value: &str) -> bool {
    let good = |c: char| {
        c.is_alphanumeric()
            || matches!(c, ' ' | '#' | '.' | ',' | '%' | '(' | ')' | '+' | '-' | '\'' | '"' | '!' | '/' | '_')
    };
    let paired = |c: char| value.matches(c).count().is_multiple_of(2);
    if value.is_empty()
        || !value.chars().all(good)
        || value.contains("//")
        || value.contains("/*")
        || !paired('\'')
        || !paired('"')
    {
        return false;
    }
    value.matches('(').count() == value.matches(')').count()
        && value.match_indices('(').all(|(at, _)| {
            let name: String = value[..at]
                .chars()
                .rev()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                .collect();
            let name: String = name.chars().rev().collect();
            FUNCTIONS.contains(&name.to_ascii_lowercase().as_str())
        })
}

/// Values that would take a letter out of its place.
fn fits(property: &str, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    match property {
        "display" => {
            ["block", "inline", "inline-block", "none", "table", "table-row", "table-cell", "list-item"]
                .contains(&lower.trim_end_matches("!important").trim())
        }
        _ if property.starts_with("margin") => !lower.contains('-'),
        "text-indent" => !lower.contains('-'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(PROPERTIES.is_sorted());
    }

    #[test]
    fn looks_stay_and_tricks_go() {
        for (style, kept) in [
            ("color: red; FONT-SIZE:12px", "color:red;font-size:12px"),
            ("font-family: 'Segoe UI', Arial", "font-family:'Segoe UI', Arial"),
            ("background: #fff url(http://x/y)", ""),
            ("background:RGB(1, 2, 3)", "background:RGB(1, 2, 3)"),
            ("position:fixed;top:0", ""),
            ("width:expression(alert(1))", ""),
            ("color:r\\65 d", ""),
            ("color:red/**/", ""),
            ("margin-left:-9999px", ""),
            ("display:flex;display:none", "display:none"),
            ("behavior:url(#x);-moz-binding:url(x)", ""),
            ("font-family:'a;b';color:red", "color:red"),
            ("@import 'x'", ""),
            ("background:image-set('x' 1x)", ""),
        ] {
            assert_eq!(clean(style), kept, "{style}");
        }
    }
}
