//! The line before a quote: "On Tuesday Anna wrote:", in the languages and forms of mail programs.

/// Lines that it may take, empty ones between counted.
const LINES_MAX: usize = 7;
/// Bytes of it.
const BYTES_MAX: usize = 400;

/// "wrote" as it stands near the end.
const WROTE: [&str; 44] = [
    "wrote",
    "writes",
    "schrieb",
    "geschrieben",
    "a écrit",
    "écrit",
    "escribió",
    "escreveu",
    "ha scritto",
    "scrive",
    "skrev",
    "schreef",
    "geschreven",
    "napisał(a)",
    "napisał",
    "napisała",
    "napisał/a",
    "napsal(a)",
    "napsal",
    "napsala",
    "napísal(a)",
    "napísal",
    "написал",
    "написала",
    "написал(а)",
    "пишет",
    "пише",
    "написав",
    "kirjoitti",
    "yazdı",
    "şunu yazdı",
    "写道",
    "寫道",
    "书写",
    "さんは書きました",
    "のメール",
    "작성",
    "έγραψε",
    "כתב",
    "كتب",
    "a scris",
    "írta",
    "rašė",
    "ha escrito",
];

/// How the first line begins: a preposition of time, in small letters.
const STARTS: [&str; 21] = [
    "on ", "am ", "le ", "el ", "il ", "op ", "den ", "em ", "no dia ", "dnia ", "w dniu ", "dne ", "at ",
    "på ", "pe ", "la ", "在 ", "於 ", "el día ", "kl. ", "tir. ",
];

/// How many lines the introduction takes that begins here, if one does.
pub(super) fn length(texts: &[&str]) -> Option<usize> {
    let first = texts.first()?.trim();
    if first.is_empty() || first.len() > BYTES_MAX || first.starts_with('>') {
        return None;
    }
    if is_dated_name(first) {
        let next = texts.get(1).map(|t| t.trim()).unwrap_or_default();
        let broken = first.ends_with('<') && next.ends_with(':');
        return Some(if broken { 2 } else { 1 });
    }
    let dated = begins_with_time(first);
    let mut joined = String::new();
    for (n, text) in texts.iter().take(LINES_MAX).enumerate() {
        let text = text.trim();
        // Only a line that begins like one goes on over empty lines or into what looks like a quote.
        if n > 0 && !dated && (text.is_empty() || n > 2 || !joined.contains(['<', '@', '"'])) {
            return None;
        }
        if joined.len() + text.len() > BYTES_MAX || n > 0 && text.starts_with('>') && !text.ends_with(':') {
            return None;
        }
        joined.push_str(text);
        joined.push(' ');
        if ends_like_one(&joined) {
            let quote_follows = || {
                texts[n + 1..]
                    .iter()
                    .find(|t| !t.trim().is_empty())
                    .is_some_and(|t| t.trim().starts_with('>'))
            };
            let introduces = names_somebody(&joined) || is_bare_name(&joined) && quote_follows();
            return introduces.then_some(n + 1);
        }
    }
    None
}

fn begins_with_time(line: &str) -> bool {
    let lower = line.trim_start_matches(['-', '*', ' ', '_']).to_lowercase();
    let digits = lower.bytes().filter(u8::is_ascii_digit).count();
    (STARTS.iter().any(|s| lower.starts_with(s)) || lower.starts_with(|c: char| c.is_ascii_digit()))
        && digits >= 2
}

/// It ends with a colon (or dashes) near a "wrote".
fn ends_like_one(joined: &str) -> bool {
    let text = joined.trim_end();
    let body = text.trim_end_matches(['*', '-', '_', ' ', ':', '：']);
    let ended = text.len() > body.len();
    let lower = body.to_lowercase();
    if !ended {
        return false;
    }
    WROTE.iter().any(|verb| {
        lower.rfind(verb).is_some_and(|at| {
            let before = lower[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphabetic() || !c.is_ascii() && !verb.is_ascii());
            let after = lower[at + verb.len()..].chars().next().is_none_or(|c| !c.is_alphabetic());
            // Germans and Czechs put the date behind: "schrieb am Fr., 28. Apr. 2017 um 11:53 Uhr".
            before && after && lower.len() - at - verb.len() < 120
        })
    })
}

/// There is a date, an address or a name that was dated.
fn names_somebody(joined: &str) -> bool {
    joined.contains('@')
        || joined.contains(" via ")
        || joined.bytes().filter(u8::is_ascii_digit).count() >= 3
        || joined.contains("you wrote")
}

/// `Mette Holm wrote:`: a name of a few words, each with a capital, and the word.
fn is_bare_name(joined: &str) -> bool {
    let words: Vec<&str> = joined.trim().trim_end_matches([':', '：']).split_whitespace().collect();
    let Some((wrote, name)) = words.split_last() else { return false };
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    WROTE.contains(&wrote.to_lowercase().as_str())
        && (1..=4).contains(&name.len())
        && name.iter().all(capital)
        && name != ["I"]
}

/// `2016-03-03 17:21 GMT+01:00 Some One <a@b.dk>:`, `2013/7/20 Some One <a@b.dk>`: a date of digits, then a
/// name, and nothing else.
fn is_dated_name(line: &str) -> bool {
    let (date, rest) = line.split_once(' ').unwrap_or((line, ""));
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let numbers = parts.iter().all(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    if parts.len() != 3 || parts[0].len() != 4 || !numbers || line.chars().count() > 160 {
        return false;
    }
    rest.contains("GMT")
        || rest.contains("UTC")
        || rest.contains('<') && rest.trim_end_matches(':').ends_with('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_forms() {
        for (text, lines) in [
            ("On Mon, Feb 1, 2016 at 4:58 AM -0800, \"Some One\" <foo@bar.com> wrote:", Some(1)),
            ("Le 4 janv. 2016 19:03, \"Neil\"\n<info@x.org>\na écrit :", Some(3)),
            ("Max <a@b.org> schrieb am Fr., 28.\nApr. 2017 um 11:53 Uhr:", Some(2)),
            ("Den 15. jun. 2016 kl. 20.42 skrev Jeff <info@x.org<mailto:info@x.org>>:", Some(1)),
            ("2016-03-03 17:21 GMT+01:00 Some One", Some(1)),
            ("---- On Tue, 22 Dec 2015 14:17:36 +0530 Sam&lt;a@b.org&gt; wrote ----", Some(1)),
            ("понедельник, 6 октября 2014 г. пользователь lidel написал:", Some(1)),
            ("On Thu, 31 Mar 2016 at 11:16 Some One\n\n<\nmailto:Some One <a@b.org>\n> wrote:", Some(5)),
            ("tirsdag den 24. november 2026 kl. 14.03 skrev Anna <a@b.dk>:", Some(1)),
            ("Here is what I wrote:", None),
            ("On second thoughts, no.", None),
            ("I wrote to you in 2015 about this:\nnothing came.", Some(1)),
            ("Den tirs. d. 24. nov. 2026 kl. 14.05 skrev Mette Holm <m@h.dk>:", Some(1)),
            ("Den 24/11/2026 kl. 14.05 skrev Mette Holm:", Some(1)),
            ("Mette Holm skrev den 2026-11-24 14:05:", Some(1)),
            ("Mette Holm skrev:\n\n> gammelt", Some(1)),
            ("Mette Holm wrote:\nnothing new", None),
            ("I wrote:\n> old", None),
            ("Please note:", None),
        ] {
            let texts: Vec<&str> = text.lines().collect();
            assert_eq!(length(&texts), lines, "{text}");
        }
    }
}
