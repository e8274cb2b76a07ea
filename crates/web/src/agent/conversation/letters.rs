//! Letters and notes as they are shown.

use desk::{Facts, Verdict};
use letter::{Automatic, Part};
use store::{Attachment, Delivery, Message, MessageKind, MessageState, Person};
use words::Principal;

use crate::{
    agent::Viewer,
    directory::Directory,
    view::{
        Agent,
        conversation::{
            self as view, Authentication, Body, Check, Correspondent, Entry, File, Letter, Mark, Note,
            Outcome, Split,
        },
    },
};

/// Pictures up to so many bytes are shown small beside their name.
const PREVIEW_BYTES_MAX: i64 = 2_000_000;

impl Viewer<'_> {
    /// A message as an entry.
    pub fn message(
        &self,
        message: &Message,
        files: &[Attachment],
        deliveries: &[Delivery],
        folded: bool,
    ) -> Entry {
        match message.kind {
            MessageKind::Note => Entry::Note(Note {
                id: message.id,
                by: self.author(message),
                at: message.created_at,
                html: message.html.clone().unwrap_or_default(),
                files: self.files(files),
            }),
            MessageKind::LetterIn | MessageKind::LetterOut => {
                Entry::Letter(Box::new(self.letter(message, files, deliveries, folded)))
            }
        }
    }

    fn letter(&self, message: &Message, files: &[Attachment], out: &[Delivery], folded: bool) -> Letter {
        let facts = Facts::of(message);
        let ours = message.kind == MessageKind::LetterOut;
        let waits = message.state == MessageState::Waiting;
        Letter {
            id: message.id,
            conversation: message.conversation,
            from: Correspondent { name: message.author_name.clone(), address: message.from_address.clone() },
            by: ours.then(|| self.author(message)),
            to: correspondents(&message.envelope.to),
            cc: correspondents(&message.envelope.cc),
            at: message.created_at,
            folded,
            snippet: message.preview.clone(),
            body: self.body(message, &facts),
            files: self.files(files),
            authentication: facts.authentication.as_ref().map(authentication),
            marks: marks(message, &facts),
            // While it can be taken back nothing travels yet.
            deliveries: if waits { Vec::new() } else { out.iter().map(delivery).collect() },
            leaves: message.send_at.filter(|_| waits),
        }
    }

    fn author(&self, message: &Message) -> Agent {
        let id = match message.author.parse() {
            Ok(Principal::Agent(agent)) => agent,
            _ => self.agent,
        };
        let name = if message.author_name.is_empty() {
            by_name(&message.author, self.directory)
        } else {
            message.author_name.clone()
        };
        Agent { id, name }
    }

    fn body(&self, message: &Message, facts: &Facts) -> Body {
        if facts.marks.contains(&letter::Mark::Unreadable) {
            return Body::Unreadable;
        }
        let framed = facts.has_html || message.html.as_deref().is_some_and(is_rich);
        if framed {
            let url = self.file_address(&format!("/letters/{}", message.id));
            return Body::Frame { url, size: size(&message.text) };
        }
        Body::Text(split(&message.text))
    }

    fn files(&self, files: &[Attachment]) -> Vec<File> {
        files.iter().filter(|file| !file.inline).map(|file| self.file(file)).collect()
    }

    fn file(&self, file: &Attachment) -> File {
        let shows = crate::letters::is_picture(&file.media_type) && file.size <= PREVIEW_BYTES_MAX;
        File {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            bytes: u64::try_from(file.size).unwrap_or(0),
            url: self.file_address(&format!("/files/{}", file.id)),
            preview: shows.then(|| self.file_address(&format!("/pictures/{}", file.id))),
        }
    }
}

/// The name of whoever did something.
pub fn by_name(author: &str, directory: &Directory) -> String {
    match author.parse() {
        Ok(Principal::Agent(agent)) => directory.agent(agent).name,
        Ok(Principal::Token(_)) => "API".into(),
        _ => "Havn".into(),
    }
}

fn correspondents(people: &[Person]) -> Vec<Correspondent> {
    let one = |person: &Person| Correspondent { name: person.name.clone(), address: person.address.clone() };
    people.iter().map(one).collect()
}

/// Whether HTML of ours says more than its text: links, lists, weight.
fn is_rich(html: &str) -> bool {
    ["<a ", "<ul", "<ol", "<strong", "<em", "<b>", "<i>", "<blockquote", "<pre", "<img", "<h1"]
        .iter()
        .any(|tag| html.contains(tag))
}

/// How tall a letter's frame begins, by the length of its text.
fn size(text: &str) -> u8 {
    match text.len() {
        0..300 => 1,
        300..1_200 => 2,
        1_200..4_000 => 3,
        _ => 4,
    }
}

/// A plain text, what was quoted below what is new apart; answers between quotes stay as they are.
fn split(text: &str) -> Split {
    let parts = letter::fold(text);
    let last_own = parts.iter().rposition(|part| matches!(part, Part::Own(own) if !own.trim().is_empty()));
    let after = last_own.map_or(0, |at| at + 1);
    let quoted = parts.iter().skip(after).position(|part| matches!(part, Part::Quoted(_)));
    let (Some(_), Some(quoted)) = (last_own, quoted) else {
        return Split { fresh: text.to_owned(), quoted: None };
    };
    let end: usize = parts[..after + quoted].iter().map(|part| part.text().len()).sum();
    Split { fresh: text[..end].trim_end().to_owned(), quoted: Some(text[end..].to_owned()) }
}

/// How a letter travels to one recipient.
pub fn delivery(delivery: &Delivery) -> view::Delivery {
    use store::DeliveryState as S;
    let why = || delivery.last_reply.clone();
    view::Delivery {
        recipient: delivery.recipient.to_string(),
        state: match delivery.state {
            S::Queued | S::Sending => view::DeliveryState::Queued,
            S::Sent if delivery.maybe_twice => view::DeliveryState::Unknown(why()),
            S::Sent => view::DeliveryState::Sent(why()),
            S::Deferred => view::DeliveryState::Deferred(why(), delivery.next_at),
            S::Bounced | S::Failed => view::DeliveryState::Bounced(why()),
        },
        at: delivery.updated_at,
    }
}

fn marks(message: &Message, facts: &Facts) -> Vec<Mark> {
    let mut marks = Vec::new();
    if facts.sender_not_verified {
        marks.push(Mark::NotVerified);
    }
    match facts.automatic {
        Some(Automatic::AutoReply | Automatic::Generated | Automatic::FeedbackReport) => {
            marks.push(Mark::Automatic);
        }
        Some(Automatic::List | Automatic::Bulk) => marks.push(Mark::MailingList),
        Some(Automatic::Bounce) => marks.push(Mark::Bounce),
        Some(Automatic::Loop) => marks.push(Mark::Loop),
        Some(Automatic::None) | None => {}
    }
    if facts.spam {
        marks.push(Mark::SpamMarked);
    }
    for shown in facts.marks.iter().filter_map(|mark| odd(*mark)) {
        // Several things may be said in the same words.
        if !marks.contains(&shown) {
            marks.push(shown);
        }
    }
    let elsewhere = message.envelope.reply_to.iter();
    let mut elsewhere =
        elsewhere.filter(|person| !person.address.eq_ignore_ascii_case(&message.from_address));
    if let Some(person) = elsewhere.next() {
        marks.push(Mark::ReplyElsewhere(person.address.clone()));
    }
    marks
}

/// What is said of an oddity; nothing where the letter itself says it.
const fn odd(mark: letter::Mark) -> Option<Mark> {
    use letter::Mark as M;
    Some(match mark {
        // In the place of its text.
        M::Unreadable => return None,
        M::Broken => Mark::Broken,
        M::TooLarge | M::TooManyParts | M::TooDeep => Mark::TooMuch,
        M::HeadersCut | M::AddressesCut | M::ReferencesCut => Mark::HeadCut,
        M::TextCut => Mark::TextCut,
        M::UnknownCharset => Mark::Charset,
        M::TnefUnreadable => Mark::Winmail,
        M::TnefOpened => Mark::WinmailOpened,
        M::Encrypted => Mark::Encrypted,
        M::NameDeceives => Mark::NameDeceives,
    })
}

fn authentication(found: &desk::Authentication) -> Authentication {
    let outcome = if found.aligned || found.dmarc == Verdict::Pass {
        Outcome::Passed
    } else {
        match found.dmarc {
            Verdict::Fail => Outcome::Failed,
            Verdict::NotChecked | Verdict::TemporaryError => Outcome::NotChecked,
            _ => Outcome::Absent,
        }
    };
    let mut checks = vec![Check { name: "SPF", outcome: told(found.spf), about: found.spf_domain.clone() }];
    checks.extend(found.dkim.iter().map(|signature| Check {
        name: "DKIM",
        outcome: told(signature.verdict),
        about: signature.domain.clone(),
    }));
    checks.push(Check { name: "DMARC", outcome: told(found.dmarc), about: String::new() });
    if found.arc != Verdict::None && found.arc != Verdict::NotChecked {
        checks.push(Check { name: "ARC", outcome: told(found.arc), about: String::new() });
    }
    Authentication { outcome, checks }
}

const fn told(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Pass => Outcome::Passed,
        Verdict::Fail | Verdict::SoftFail => Outcome::Failed,
        Verdict::None | Verdict::Neutral | Verdict::PermanentError => Outcome::Absent,
        Verdict::NotChecked | Verdict::TemporaryError => Outcome::NotChecked,
    }
}
