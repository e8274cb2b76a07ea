//! What each line of a letter's text is.

use super::intro;

/// A line, or the first of the lines that belong together.
pub(super) struct Line<'a> {
    /// Where it begins in the text.
    pub start: usize,
    pub kind: Kind,
    /// How many lines belong to it.
    pub length: usize,
    /// A quoted line that itself says who wrote what follows.
    pub introduces: bool,
    pub text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Text,
    /// `> …`
    Quote,
    /// "On … wrote:", perhaps over several lines.
    Intro,
    /// From, Sent, To, Subject.
    Headers,
    /// "-----Original Message-----"
    Original,
    /// `--`
    SignatureRule,
    /// A line of nothing but dashes, stars and the like.
    Rule,
    /// "Sent from my telephone"
    Farewell,
}

/// Reads the lines of a text, at most `lines_max`.
pub(super) fn read(text: &str, lines_max: usize) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n').take(lines_max) {
        let bare = line.trim_end_matches(['\n', '\r']);
        lines.push(Line { start, kind: Kind::Text, length: 1, introduces: false, text: bare });
        start += line.len();
    }
    let texts: Vec<&str> = lines.iter().map(|l| l.text).collect();
    let mut fenced = false;
    let mut at = 0;
    while at < lines.len() {
        let fence = texts[at].trim_start().starts_with("```");
        fenced ^= fence;
        if fence || fenced {
            at += 1;
            continue;
        }
        let (kind, length) = kind(&texts, at);
        lines[at].kind = kind;
        lines[at].length = length;
        lines[at].introduces = kind == Kind::Quote && intro::length(&[unquoted(texts[at])]).is_some();
        // The further lines of an introduction are part of it, whatever they look like.
        let more = if kind == Kind::Intro { length } else { 1 };
        for line in &mut lines[at + 1..at + more] {
            line.kind = Kind::Intro;
        }
        at += more;
    }
    lines
}

fn kind(texts: &[&str], at: usize) -> (Kind, usize) {
    let line = texts[at];
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return (Kind::Empty, 1);
    }
    if is_quoted(line, texts, at) {
        return (Kind::Quote, 1);
    }
    if is_original(trimmed) {
        return (Kind::Original, 1 + headers_after(&texts[at + 1..]));
    }
    if let Some(length) = intro::length(&texts[at..]) {
        return (Kind::Intro, length);
    }
    if let Some(length) = headers(&texts[at..]) {
        return (Kind::Headers, length);
    }
    if is_rule(trimmed) {
        // A ruled line above a block of headers is its head.
        let next = texts[at + 1..].iter().position(|t| !t.trim().is_empty()).map(|n| at + 1 + n);
        if let Some(length) =
            next.filter(|n| n - at <= 3).and_then(|n| headers(&texts[n..]).map(|l| l + n - at))
        {
            return (Kind::Headers, length);
        }
        let signature = matches!(trimmed, "--" | "—" | "––" | "- --");
        return (if signature { Kind::SignatureRule } else { Kind::Rule }, 1);
    }
    if is_farewell(trimmed) {
        return (Kind::Farewell, 1);
    }
    (Kind::Text, 1)
}

/// `> a`, and `Anna> a` of older programs; `| a` where the line before says that something is quoted.
fn is_quoted(line: &str, texts: &[&str], at: usize) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    if line.starts_with('>') {
        return true;
    }
    let name = line.bytes().take_while(u8::is_ascii_alphabetic).count();
    if (1..=10).contains(&name)
        && line[name..].starts_with('>')
        && (line.len() == name + 1 || line[name + 1..].starts_with(' '))
    {
        return true;
    }
    let bar = |text: &str| text.starts_with("| ") || text == "|";
    bar(line)
        && at > 0
        && texts[..at].iter().rev().take(3).any(|t| bar(t) || t.ends_with('>') || t.ends_with(':'))
}

/// A quoted line without its signs.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t'])
}

/// "-----Original Message-----" in any language: words between two rows of dashes. And what Apple writes.
fn is_original(line: &str) -> bool {
    let line = line.trim_matches(['*', ' ', '_']);
    let dashes = line.bytes().take_while(|b| *b == b'-').count();
    let end = line.bytes().rev().take_while(|b| *b == b'-').count();
    if dashes >= 2 && end >= 2 && dashes + end >= 8 && dashes + end < line.len() {
        let words = line[dashes..line.len() - end].trim();
        return (5..=60).contains(&words.chars().count())
            && words.chars().any(char::is_alphabetic)
            && words.chars().filter(char::is_ascii_digit).count() < 4;
    }
    FORWARDED.iter().any(|start| line.trim_end_matches(':').eq_ignore_ascii_case(start))
}

const FORWARDED: [&str; 12] = [
    "Begin forwarded message",
    "Start på videresendt besked",
    "Videresendt besked",
    "Anfang der weitergeleiteten Nachricht",
    "Début du message réexpédié",
    "Inicio del mensaje reenviado",
    "Inizio messaggio inoltrato",
    "Begin doorgestuurd bericht",
    "Start på videresendt melding",
    "Vidarebefordrat brev",
    "Välitetty viesti",
    "Início da mensagem reenviada",
];

/// The words before the colon in the head of a quoted mail, in small letters: who.
const FROM: [&str; 27] = [
    "from",
    "von",
    "de",
    "da",
    "van",
    "fra",
    "från",
    "od",
    "от",
    "від",
    "lähettäjä",
    "kimden",
    "gönderen",
    "发件人",
    "寄件者",
    "寄件人",
    "差出人",
    "보낸 사람",
    "feladó",
    "expéditeur",
    "remitente",
    "afsender",
    "mittente",
    "afzender",
    "nadawca",
    "από",
    "מאת",
];
/// The others.
const OTHER: [&str; 74] = [
    "sent",
    "date",
    "to",
    "subject",
    "cc",
    "reply-to",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "kopie",
    "antwort an",
    "envoyé",
    "à",
    "objet",
    "enviado",
    "enviado el",
    "enviada em",
    "fecha",
    "para",
    "asunto",
    "assunto",
    "data",
    "inviato",
    "a",
    "oggetto",
    "risposta",
    "verzonden",
    "aan",
    "onderwerp",
    "sendt",
    "dato",
    "til",
    "emne",
    "skickat",
    "till",
    "ämne",
    "wysłano",
    "do",
    "temat",
    "odesláno",
    "komu",
    "předmět",
    "odoslané",
    "predmet",
    "отправлено",
    "дата",
    "кому",
    "тема",
    "надіслано",
    "lähetetty",
    "vastaanottaja",
    "aihe",
    "tarih",
    "kime",
    "konu",
    "发送时间",
    "日期",
    "收件人",
    "主题",
    "主旨",
    "收件者",
    "送信日時",
    "日時",
    "宛先",
    "件名",
    "받는 사람",
    "날짜",
    "제목",
    "elküldve",
    "címzett",
    "tárgy",
    "kopi",
    "svar til",
];

/// The block of headers that begins here: a line of who, and at least two of the others in the next lines.
fn headers(texts: &[&str]) -> Option<usize> {
    let from = texts.first().and_then(|t| header_word(t))?;
    if !FROM.contains(&from.as_str()) {
        return None;
    }
    let length = headers_after(&texts[1..]);
    let others = texts[1..=length]
        .iter()
        .filter_map(|t| header_word(t))
        .filter(|w| OTHER.contains(&w.as_str()))
        .count();
    (others >= 2).then_some(length + 1)
}

/// How many of the next lines go on with a block of headers.
fn headers_after(texts: &[&str]) -> usize {
    let mut length = 0;
    for (n, text) in texts.iter().take(14).enumerate() {
        match header_word(text) {
            Some(word) if OTHER.contains(&word.as_str()) || FROM.contains(&word.as_str()) => length = n + 1,
            _ if text.trim().is_empty() && length > 1 => break,
            _ => (),
        }
    }
    length
}

fn header_word(line: &str) -> Option<String> {
    let line = line.trim_start_matches(['>', ' ', '\t', '*', '_']);
    let (word, _) = line.split_once([':', '：'])?;
    let word = word.trim_end_matches(['*', '_', ' ']);
    (!word.is_empty() && word.chars().count() <= 16).then(|| word.to_lowercase())
}

/// Nothing but signs that draw a line, or the invisible mark of a tracker.
fn is_rule(line: &str) -> bool {
    let drawn = |c: char| matches!(c, '-' | '_' | '*' | '=' | '~' | '#' | '+' | '–' | '—' | '─' | ' ');
    line == "ᐧ" || (line.chars().count() >= 2 || line == "—") && line.chars().all(drawn)
}

/// What programs and telephones put under a letter.
fn is_farewell(line: &str) -> bool {
    if line.chars().count() > 120 {
        return false;
    }
    let line = line.trim_matches(['<', '>', '(', ')', '*', '[', ']', '_', ' ']).to_lowercase();
    FAREWELLS.iter().any(|start| line.starts_with(start))
        || line.ends_with("から送信")
        || line.contains("iphone 傳送")
        || line.contains("iphone 发送")
}

const FAREWELLS: [&str; 40] = [
    "sent from ",
    "sent via ",
    "sent with ",
    "sent by ",
    "from my ",
    "get outlook for",
    "get [outlook for",
    "envoyé de",
    "envoyé depuis",
    "obtenir outlook",
    "sendt fra ",
    "hent outlook",
    "skickat från",
    "lähetetty ",
    "von meinem ",
    "von iphone",
    "gesendet von ",
    "gesendet mit",
    "diese nachricht wurde von meinem",
    "holen sie sich outlook",
    "enviado desde",
    "enviado do ",
    "enviado de ",
    "enviado a partir",
    "obtener outlook",
    "inviato da",
    "scarica outlook",
    "verzonden met",
    "verzonden vanaf",
    "verstuurd vanaf",
    "wysłane z",
    "wysłano z",
    "отправлено с",
    "відправлено з",
    "надіслано з",
    "发自我的",
    "從我的",
    "odesláno z",
    "iphone'umdan gönderildi",
    "telefonumdan",
];
