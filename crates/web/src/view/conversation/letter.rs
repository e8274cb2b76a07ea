//! A letter: who to whom, what was checked, what it says, what came with it, how it travelled.

use maud::{Markup, PreEscaped, html};
use words::{ConversationId, MessageId, Time};

use crate::{
    language::Texts,
    view::{
        hindrance,
        icon::{self, Icon},
        people::{self, Agent},
        time::{Telling, time},
    },
};

/// Somebody on a letter, as written there.
#[derive(Debug, Clone)]
pub struct Correspondent {
    /// The name, if there is one.
    pub name: String,
    /// The address.
    pub address: String,
}

/// A mail, in or out.
pub struct Letter {
    /// Which.
    pub id: MessageId,
    /// The conversation that it stands in.
    pub conversation: ConversationId,
    /// Who wrote it, as the letter says.
    pub from: Correspondent,
    /// The agent who wrote it, if it is an answer of ours.
    pub by: Option<Agent>,
    /// To whom.
    pub to: Vec<Correspondent>,
    /// Who got a copy.
    pub cc: Vec<Correspondent>,
    /// When it came, or was sent.
    pub at: Time,
    /// Only one line of it is shown at first: all but the newest, and the unread ones.
    pub folded: bool,
    /// The first words, for the folded line.
    pub snippet: String,
    /// What it says.
    pub body: Body,
    /// What came with it.
    pub files: Vec<File>,
    /// What was checked of its sender; nothing for letters of ours.
    pub authentication: Option<Authentication>,
    /// What one should know of it.
    pub marks: Vec<Mark>,
    /// How it travels to each recipient, if it is ours.
    pub deliveries: Vec<Delivery>,
    /// It leaves then, and can be taken back until then.
    pub leaves: Option<Time>,
}

/// What a letter says.
pub enum Body {
    /// Shown in a frame of the letter host, with the plain text behind it for those without.
    Frame {
        /// The whole address of `/letters/{id}?key=…` there.
        url: String,
        /// The letter is wide or long: the frame starts this tall. 1 (short) to 4.
        size: u8,
    },
    /// Plain text.
    Text(Split),
    /// It cannot be read; the original can be had.
    Unreadable,
}

/// A plain text, what was quoted of older letters apart.
pub struct Split {
    /// What is new.
    pub fresh: String,
    /// What was quoted below it.
    pub quoted: Option<String>,
}

/// A file with a letter.
pub struct File {
    /// Its name, as cleaned.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Where it can be had, on the letter host: the whole address.
    pub url: String,
    /// Where a small picture of it is, if there is one.
    pub preview: Option<String>,
}

/// What was checked of a sender (RFC 7208, 6376, 7489, 8617).
pub struct Authentication {
    /// What comes out of it all.
    pub outcome: Outcome,
    /// Each check: its name, how it went, what it was about.
    pub checks: Vec<Check>,
}

/// One check.
pub struct Check {
    /// `SPF`, `DKIM`, `DMARC` or `ARC`.
    pub name: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What it was about: a domain, a reason.
    pub about: String,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// There was nothing to check.
    Absent,
    /// It could not be checked now, or was not.
    NotChecked,
}

/// What one should know of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Its sender has not proved who they are.
    NotVerified,
    /// A machine answered.
    Automatic,
    /// It came through a mailing list.
    MailingList,
    /// It says that a letter could not be delivered.
    Bounce,
    /// Its sender's machine takes it for spam.
    SpamMarked,
    /// It goes in circles.
    Loop,
    /// It had more parts, depth or size than we look at.
    TooMuch,
    /// Its head is longer than we look at.
    HeadCut,
    /// Its text is longer than is shown.
    TextCut,
    /// Its characters may be others.
    Charset,
    /// It is broken; what could be read is shown.
    Broken,
    /// It is encrypted, and we have no key.
    Encrypted,
    /// A winmail.dat in it could not be opened.
    Winmail,
    /// A winmail.dat in it was opened.
    WinmailOpened,
    /// The sender's name could be taken for another's.
    NameDeceives,
    /// The reply address is another than the sender's.
    ReplyElsewhere(String),
}

/// How a letter travels to one recipient.
pub struct Delivery {
    /// To whom.
    pub recipient: String,
    /// How far it is.
    pub state: DeliveryState,
    /// Since when.
    pub at: Time,
}

/// How far a letter is.
pub enum DeliveryState {
    /// It waits to be sent.
    Queued,
    /// The next server has it; what it said.
    Sent(String),
    /// The next server wants to wait; why, and when we try again.
    Deferred(String, Time),
    /// It will not arrive; why.
    Bounced(String),
    /// Whether it arrived is not known; what happened.
    Unknown(String),
}

pub(super) fn letter(t: &Texts, letter: &Letter) -> Markup {
    html! {
        li.message id={ "message-" (letter.id) } data-ours[letter.by.is_some()] {
            details.message-fold open[!letter.folded] {
                summary.message-head {
                    @match &letter.by {
                        Some(agent) => (people::initials(agent, false)),
                        None => span.initials.of-contact aria-hidden="true" { (first_letter(&letter.from)) },
                    }
                    strong.message-from { (shown(&letter.from)) }
                    @if !letter.from.name.is_empty() { span.message-address { (letter.from.address) } }
                    span.message-snippet { (letter.snippet) }
                    @if let Some(authentication) = &letter.authentication { (shield_sign(t, authentication)) }
                    span.message-when { (time(t, letter.at, Telling::Long)) }
                }
                div.message-body {
                    (addresses(t, letter))
                    @for mark in &letter.marks { (self::mark(t, mark)) }
                    (body(t, letter))
                    (files(t, &letter.files))
                }
            }
            (deliveries(t, letter.id, &letter.deliveries, letter.leaves))
        }
    }
}

fn shown(who: &Correspondent) -> &str {
    if who.name.is_empty() { &who.address } else { &who.name }
}

fn first_letter(who: &Correspondent) -> String {
    shown(who).chars().find(|c| c.is_alphanumeric()).into_iter().flat_map(char::to_uppercase).collect()
}

fn addresses(t: &Texts, letter: &Letter) -> Markup {
    html! {
        div.addresses {
            dl {
                div { dt { (t.get("letter-to")) } dd { (correspondents(&letter.to)) } }
                @if !letter.cc.is_empty() { div { dt { (t.get("letter-cc")) } dd { (correspondents(&letter.cc)) } } }
            }
            div.addresses-tools {
                @if let Some(authentication) = &letter.authentication { (shield(t, authentication)) }
                a.button-quiet href={ "/messages/" (letter.id) "/original" } target="_blank" rel="noopener"
                    title=(t.get("letter-original")) { (icon::FILE_TEXT) span.wide-only { (t.get("letter-original")) } }
            }
        }
    }
}

fn correspondents(people: &[Correspondent]) -> Markup {
    html! {
        @for (at, who) in people.iter().enumerate() {
            @if at > 0 { ", " }
            span.address title=[(!who.name.is_empty()).then_some(&who.name)] { (people::broken_at(&who.address)) }
        }
    }
}

fn shield_look(outcome: Outcome) -> (Icon, &'static str, &'static str) {
    match outcome {
        Outcome::Passed => (icon::SHIELD_CHECK, "is-ok", "sender-verified"),
        Outcome::Failed => (icon::SHIELD_X, "is-bad", "sender-failed"),
        Outcome::Absent => (icon::SHIELD_QUESTION_MARK, "is-wait", "sender-unproved"),
        Outcome::NotChecked => (icon::SHIELD_QUESTION_MARK, "is-quiet", "sender-not-checked"),
    }
}

/// The small sign on the letter's line.
fn shield_sign(t: &Texts, authentication: &Authentication) -> Markup {
    let (icon, class, key) = shield_look(authentication.outcome);
    html! { span.shield-sign.(class) title=(t.get(key)) { (icon) span.unseen { (t.get(key)) } } }
}

fn shield(t: &Texts, authentication: &Authentication) -> Markup {
    let (icon, class, key) = shield_look(authentication.outcome);
    html! {
        details.menu.menu-end data-controller="menu" {
            summary.button-quiet.(class) { (icon) span.wide-only { (t.get(key)) } }
            div.menu-sheet.shield-sheet {
                p { strong { (t.get(key)) } }
                table {
                    thead.unseen { tr { th { (t.get("check-name")) } th { (t.get("check-outcome")) } th { (t.get("check-about")) } } }
                    tbody { @for check in &authentication.checks {
                        tr { th scope="row" { (check.name) } td { (outcome(t, check.outcome)) } td { (check.about) } }
                    } }
                }
            }
        }
    }
}

fn outcome(t: &Texts, outcome: Outcome) -> Markup {
    let (icon, class, key) = match outcome {
        Outcome::Passed => (icon::CHECK, "is-ok", "check-passed"),
        Outcome::Failed => (icon::X, "is-bad", "check-failed"),
        Outcome::Absent => (icon::CIRCLE_ALERT, "is-wait", "check-absent"),
        Outcome::NotChecked => (icon::HOURGLASS, "is-quiet", "check-not-checked"),
    };
    html! { span.outcome.(class) { (icon) (t.get(key)) } }
}

fn mark(t: &Texts, mark: &Mark) -> Markup {
    let (icon, class, text) = match mark {
        Mark::NotVerified => (icon::SHIELD_X, "caution is-bad", t.get("mark-not-verified").into()),
        Mark::Automatic => (icon::BOT, "caution", t.get("mark-automatic").into()),
        Mark::MailingList => (icon::LIST, "caution", t.get("mark-list").into()),
        Mark::Bounce => (icon::MAIL_X, "caution is-bad", t.get("mark-bounce").into()),
        Mark::SpamMarked => (icon::OCTAGON_ALERT, "caution is-wait", t.get("mark-spam").into()),
        Mark::Loop => (icon::ROTATE_CCW, "caution is-wait", t.get("mark-loop").into()),
        Mark::TooMuch => (icon::TRIANGLE_ALERT, "caution is-wait", t.get("mark-too-much").into()),
        Mark::Broken => (icon::TRIANGLE_ALERT, "caution is-wait", t.get("mark-broken").into()),
        Mark::Encrypted => (icon::LOCK, "caution", t.get("mark-encrypted").into()),
        Mark::HeadCut => (icon::TRIANGLE_ALERT, "caution is-wait", t.get("mark-head-cut").into()),
        Mark::TextCut => (icon::TRIANGLE_ALERT, "caution is-wait", t.get("mark-text-cut").into()),
        Mark::Charset => (icon::TRIANGLE_ALERT, "caution is-wait", t.get("mark-charset").into()),
        Mark::Winmail => (icon::FILE, "caution", t.get("mark-winmail").into()),
        Mark::WinmailOpened => (icon::PAPERCLIP, "caution", t.get("mark-winmail-opened").into()),
        Mark::NameDeceives => (icon::SHIELD_X, "caution is-bad", t.get("mark-name-deceives").into()),
        Mark::ReplyElsewhere(address) => (
            icon::CORNER_UP_LEFT,
            "caution is-wait",
            t.with("mark-reply-elsewhere", &[("address", address.as_str().into())]),
        ),
    };
    html! { p class=(class) { (icon) span { (text) } } }
}

fn body(t: &Texts, letter: &Letter) -> Markup {
    match &letter.body {
        Body::Frame { url, size } => html! {
            iframe.letter-frame src=(url) data-size=(size) loading="lazy" data-controller="letter-frame"
                sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"
                title=(t.with("letter-title", &[("who", shown(&letter.from).into())])) {}
        },
        Body::Text(text) => plain_letter_text(t, text),
        Body::Unreadable => html! {
            p.caution.is-wait { (icon::TRIANGLE_ALERT) span { (t.get("letter-unreadable")) } }
        },
    }
}

/// A plain text in the page; what was quoted stands folded below.
pub fn plain_letter_text(t: &Texts, text: &Split) -> Markup {
    html! {
        div.letter-text {
            div.plain dir="auto" { (linked(&text.fresh)) }
            @if let Some(quoted) = &text.quoted {
                details.quoted {
                    summary title=(t.get("letter-quoted")) { span.unseen { (t.get("letter-quoted")) } (icon::ELLIPSIS) }
                    div.plain dir="auto" { (linked(quoted)) }
                }
            }
        }
    }
}

/// Escapes a text and makes its `http(s)` addresses links: the whole word, less what ends a sentence.
fn linked(text: &str) -> Markup {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = next_address(rest) {
        let (before, from) = rest.split_at(at);
        let end =
            from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        parts.push((before, address));
        rest = &from[address.len()..];
    }
    html! {
        @for (before, address) in parts {
            (before) a href=(address) target="_blank" rel="noopener noreferrer nofollow" { (address) }
        }
        (rest)
    }
}

fn next_address(text: &str) -> Option<usize> {
    [text.find("https://"), text.find("http://")].into_iter().flatten().min()
}

pub(super) fn files(t: &Texts, files: &[File]) -> Markup {
    if files.is_empty() {
        return PreEscaped(String::new());
    }
    html! {
        ul.files role="list" aria-label=(t.get("files-label")) {
            @for file in files {
                li {
                    a.file href=(file.url) target="_blank" rel="noopener noreferrer" download[file.preview.is_none()] {
                        @match &file.preview {
                            Some(preview) => img.file-preview src=(preview) alt="" loading="lazy" width="40" height="40";,
                            None => span.file-sign { (file_icon(&file.media_type)) },
                        }
                        span.file-name { (file.name) }
                        span.file-about { (kind(&file.name, &file.media_type)) " · " (size(file.bytes)) }
                    }
                }
            }
        }
    }
}

pub(super) fn file_icon(media_type: &str) -> Icon {
    match media_type.split_once('/').unwrap_or((media_type, "")) {
        ("image", _) => icon::FILE_IMAGE,
        ("audio", _) => icon::FILE_AUDIO,
        ("video", _) => icon::FILE_VIDEO,
        ("text", "calendar") => icon::CALENDAR,
        ("message", _) => icon::MAIL,
        (_, "pdf") | ("text", "plain") => icon::FILE_TEXT,
        (_, sub) if sub.contains("sheet") || sub.contains("excel") || sub == "csv" => icon::FILE_SPREADSHEET,
        (_, sub) if sub.contains("zip") || sub.contains("compressed") || sub.contains("tar") => {
            icon::FILE_ARCHIVE
        }
        _ => icon::FILE,
    }
}

/// What a file is, in capitals: its ending if that is short, else its media type.
fn kind(name: &str, media_type: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let short = ending.filter(|e| (1..=5).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()));
    short.unwrap_or(media_type).to_ascii_uppercase()
}

/// A number of bytes as people say it: `640 B`, `12 KB`, `3.4 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// How a letter travels, below it; live events replace it.
pub fn deliveries(t: &Texts, id: MessageId, deliveries: &[Delivery], leaves: Option<Time>) -> Markup {
    html! {
        div.deliveries id={ "deliveries-" (id) } {
            @if leaves.is_some() {
                div.delivery.is-quiet { (icon::HOURGLASS) span { (t.get("delivery-leaves")) }
                    form method="post" action={ "/replies/" (id) "/undo" } {
                        button.button-link type="submit" { (t.get("undo")) }
                    }
                }
            }
            // Until it leaves, that it waits is said once.
            @for delivery in deliveries {
                @if leaves.is_none() || !matches!(delivery.state, DeliveryState::Queued) { (self::delivery(t, delivery)) }
            }
        }
    }
}

fn delivery(t: &Texts, delivery: &Delivery) -> Markup {
    let (icon, class, key) = match &delivery.state {
        DeliveryState::Queued => (icon::CLOCK, "is-quiet", "delivery-queued"),
        DeliveryState::Sent(_) => (icon::CHECK_CHECK, "is-ok", "delivery-sent"),
        DeliveryState::Deferred(..) => (icon::HOURGLASS, "is-wait", "delivery-deferred"),
        DeliveryState::Bounced(_) => (icon::MAIL_X, "is-bad", "delivery-bounced"),
        DeliveryState::Unknown(_) => (icon::CIRCLE_ALERT, "is-wait", "delivery-unknown"),
    };
    html! {
        div.delivery.(class) {
            (icon) span { strong { (t.get(key)) } " " span.address { (delivery.recipient) } }
            " " (time(t, delivery.at, Telling::Short))
            @match &delivery.state {
                DeliveryState::Bounced(why) | DeliveryState::Unknown(why) => span.delivery-why { (hindrance::said(t, why)) },
                DeliveryState::Deferred(why, again) => span.delivery-why {
                    (hindrance::said(t, why)) " · " (t.get("delivery-again")) " " (time(t, *again, Telling::Coming))
                },
                DeliveryState::Sent(said) => @if let Some(how) = hindrance::passed(t, said) { span.delivery-why { (how) } },
                DeliveryState::Queued => {},
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_are_links_and_nothing_else_is() {
        let page = linked("See https://havn.example/a?b=1&c=2. <b>javascript:alert(1)</b>").into_string();
        assert!(page.contains(r#"href="https://havn.example/a?b=1&amp;c=2""#), "{page}");
        assert!(page.contains("&lt;b&gt;javascript:alert(1)&lt;/b&gt;"), "{page}");
        assert_eq!(linked("http://").into_string().matches("<a").count(), 1);
    }

    #[test]
    fn a_size_is_read_at_a_glance() {
        let said: Vec<_> = [0, 999, 1_000, 1_001, 999_999, 3_456_789].map(size).into();
        assert_eq!(said, ["0 B", "999 B", "1 KB", "2 KB", "1000 KB", "3.4 MB"]);
    }
}
