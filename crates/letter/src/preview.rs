//! The first words of a letter, for lists.

/// Characters of a preview.
const PREVIEW_CHARS_MAX: usize = 160;
/// Lines in which the first words are looked for.
const LINES_MAX: usize = 200;

/// The first words that the writer wrote themselves, on one line; the first words at all if they are
/// all quoted.
pub fn preview(text: &str) -> String {
    let lines = || text.lines().take(LINES_MAX).map(str::trim).filter(|line| !line.is_empty());
    let own = first_words(lines().filter(|line| !line.starts_with('>')));
    if own.is_empty() { first_words(lines()) } else { own }
}

fn first_words<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut words = String::new();
    let mut chars = 0;
    for word in lines.flat_map(str::split_whitespace) {
        let length = word.chars().count();
        if chars + length > PREVIEW_CHARS_MAX {
            if words.is_empty() {
                words.extend(word.chars().take(PREVIEW_CHARS_MAX));
            }
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        chars += length + 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_what_is_quoted() {
        assert_eq!(preview("> old\n\nHej,\n  hvor er den?\n> more"), "Hej, hvor er den?");
        assert_eq!(preview("> only\n> quoted"), "> only > quoted");
        assert_eq!(preview(""), "");
    }

    #[test]
    fn is_short_whatever_comes() {
        assert_eq!(preview(&"ø".repeat(10_000)).chars().count(), PREVIEW_CHARS_MAX);
        assert!(preview(&"word ".repeat(10_000)).chars().count() <= PREVIEW_CHARS_MAX + 1);
    }
}
