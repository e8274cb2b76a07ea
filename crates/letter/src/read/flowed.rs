//! Text of `format=flowed` (RFC 3676): lines that end with a space go on in the next.

use std::fmt::Write as _;

/// Joins the lines that belong together. Quoted lines of the same depth are joined too.
pub(crate) fn unfolded(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|&b| b == b'>').count();
        let body = &line[depth..];
        let body = body.strip_prefix(' ').unwrap_or(body);
        let signature = body == "-- ";
        if open == Some(depth) && !signature {
            out.push_str(body_of(body, delete_space));
        } else {
            if open.is_some() {
                out.push('\n');
            }
            if depth > 0 {
                let _ = write!(out, "{} ", ">".repeat(depth));
            }
            out.push_str(if signature { body } else { body_of(body, delete_space) });
        }
        open = (body.ends_with(' ') && !signature).then_some(depth);
        if open.is_none() {
            out.push('\n');
        }
    }
    if !text.ends_with('\n') && out.ends_with('\n') {
        out.pop();
    }
    out
}

fn body_of(body: &str, delete_space: bool) -> &str {
    if delete_space { body.strip_suffix(' ').unwrap_or(body) } else { body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_what_flows() {
        assert_eq!(unfolded("a \nb\nc", false), "a b\nc");
        assert_eq!(unfolded("> a \n> b\nc\n", false), "> a b\nc\n");
        assert_eq!(unfolded("a \n-- \nb", false), "a \n-- \nb");
        assert_eq!(unfolded(">> a \n> b", false), ">> a \n> b");
        assert_eq!(unfolded(" >a", false), ">a");
    }
}
