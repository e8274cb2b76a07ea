//! The header of a mail: people, ids, subject, date, and what machines say of themselves.

use crate::{
    Letter, Machine, Mailbox, Mark, clean, encoded_word,
    limits::{ADDRESS_FIELD_BYTES_MAX, ADDRESSES_MAX, FIELD_BYTES_MAX, MESSAGE_ID_BYTES_MAX, REFERENCES_MAX},
    read::fields::Block,
    sender_shown,
};
use mail_parser::{Addr, Address, DateTime, parsers::MessageStream};
use words::Time;

/// Own loop header: each Havn that sends automatic mail writes its account's name into it.
pub const LOOP_HEADER: &str = "X-Havn-Loop";

/// Fills in what the header says. Of fields that should be there once, the first counts.
pub(crate) fn read(raw: &[u8], block: &Block, letter: &mut Letter) {
    for (name, value) in &block.fields {
        let name = &raw[name.clone()];
        if name.len() > 40 {
            continue;
        }
        let mut lower = [0_u8; 40];
        lower[..name.len()].copy_from_slice(name);
        lower[..name.len()].make_ascii_lowercase();
        let value = &raw[value.clone()];
        take(letter, &lower[..name.len()], value);
    }
    letter.machine.from_daemon = letter.from.iter().any(is_daemon);
}

/// A mail server's own sender.
fn is_daemon(from: &Mailbox) -> bool {
    let local = from.shown.split('@').next().unwrap_or_default();
    let name = if from.shown.is_empty() { from.name.as_str() } else { local };
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "mailer-daemon" | "postmaster" | "mail-daemon" | "mailerdaemon")
        || name.starts_with("microsoftexchange329e71ec88ae")
}

fn take(letter: &mut Letter, name: &[u8], value: &[u8]) {
    let short = &value[..value.len().min(FIELD_BYTES_MAX)];
    match name {
        b"message-id" if letter.message_id.is_none() => letter.message_id = ids(short).into_iter().next(),
        b"in-reply-to" if letter.in_reply_to.is_empty() => letter.in_reply_to = ids(short),
        b"references" if letter.references.is_empty() => {
            letter.references = references(value, &mut letter.marks);
        }
        b"subject" if letter.subject.is_empty() => {
            letter.subject = clean::subject(&encoded_word::decoded(short));
        }
        b"date" if letter.date.is_none() => letter.date = date(short),
        b"from" if letter.from.is_empty() => letter.from = senders(value, &mut letter.marks),
        b"sender" if letter.sender.is_none() => {
            letter.sender = senders(value, &mut letter.marks).into_iter().next();
        }
        b"reply-to" if letter.reply_to.is_empty() => letter.reply_to = mailboxes(value, &mut letter.marks),
        b"to" if letter.to.is_empty() => letter.to = mailboxes(value, &mut letter.marks),
        b"cc" if letter.cc.is_empty() => letter.cc = mailboxes(value, &mut letter.marks),
        _ => take_machine(&mut letter.machine, name, short),
    }
}

fn take_machine(machine: &mut Machine, name: &[u8], value: &[u8]) {
    let word = || {
        let text = String::from_utf8_lossy(&value[..value.len().min(200)]);
        let first = text.trim().split([';', ' ', '(', '\t']).next().unwrap_or_default();
        first.to_ascii_lowercase()
    };
    match name {
        b"received" => machine.received += 1,
        b"auto-submitted" => machine.auto_submitted = Some(word()),
        b"x-autoreply" | b"x-autorespond" | b"x-autoreply-from" | b"x-autoresponder" => {
            machine.autoreply |= !matches!(word().as_str(), "no" | "false");
        }
        b"x-apple-action" => machine.autoreply |= word() == "vacation",
        b"x-auto-response-suppress" => machine.suppress = word() != "none",
        b"precedence" | b"x-precedence" => machine.precedence = Some(word()),
        b"list-id" | b"list-post" | b"list-unsubscribe" | b"mailing-list" => machine.list = true,
        b"feedback-id" => machine.feedback_id = true,
        b"x-spam-flag" | b"x-spam-status" | b"x-spam" => {
            machine.spam |= matches!(word().trim_end_matches(','), "yes" | "true" | "spam");
        }
        b"x-failed-recipients" if machine.failed_recipients.is_empty() => {
            let text = encoded_word::as_utf8(value);
            let addresses = text.split([',', ' ', '\r', '\n', '\t']).filter_map(|a| a.parse().ok());
            machine.failed_recipients.extend(addresses.take(ADDRESSES_MAX));
        }
        b"return-path" if machine.return_path.is_none() => {
            let text = clean::line(&encoded_word::as_utf8(value), 300);
            machine.return_path = Some(text.trim_matches(['<', '>', ' ']).to_owned());
        }
        _ if name.eq_ignore_ascii_case(LOOP_HEADER.as_bytes()) && machine.loops.len() < 20 => {
            machine.loops.push(clean::line(&encoded_word::as_utf8(value), 200));
        }
        _ => (),
    }
}

/// The ids between angle brackets; if there is no bracket at all, the words that have an `@`.
pub(crate) fn ids(value: &[u8]) -> Vec<String> {
    let text = encoded_word::as_utf8(value);
    let mut ids = Vec::new();
    if !text.contains('<') {
        ids.extend(text.split([' ', '\t', '\r', '\n', ',']).filter(|w| w.contains('@')).filter_map(id));
        ids.truncate(REFERENCES_MAX);
        return ids;
    }
    let mut rest = text.as_ref();
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let Some(end) = rest.find('>') else { break };
        ids.extend(id(&rest[..end]));
        rest = &rest[end + 1..];
    }
    ids
}

/// An id as we keep it. Folds within one are taken out: some programs break long ids.
fn id(text: &str) -> Option<String> {
    let id: String = text.chars().filter(|c| !c.is_whitespace() && *c != '<').collect();
    let fits = !id.is_empty() && id.len() <= MESSAGE_ID_BYTES_MAX && !id.contains(char::is_control);
    fits.then_some(id)
}

/// Of too many references, the first (where the thread began) and the newest stay.
fn references(value: &[u8], marks: &mut Vec<Mark>) -> Vec<String> {
    let mut all = ids(value);
    if all.len() > REFERENCES_MAX {
        all.drain(1..=all.len() - REFERENCES_MAX);
        marks.push(Mark::ReferencesCut);
    }
    all
}

/// The date as written, if it is one (1970 to 2100).
fn date(value: &[u8]) -> Option<Time> {
    let mut line = value.to_vec();
    line.push(b'\n');
    let date: DateTime = MessageStream::new(&line).parse_date().into_datetime()?;
    let seconds = date.is_valid().then(|| date.to_timestamp())?;
    (0..4_102_444_800).contains(&seconds).then(|| Time::from_seconds(seconds))
}

/// The people of an address field.
fn mailboxes(value: &[u8], marks: &mut Vec<Mark>) -> Vec<Mailbox> {
    people(value, marks, mailbox)
}

/// The same for those who send: their names are judged too.
fn senders(value: &[u8], marks: &mut Vec<Mark>) -> Vec<Mailbox> {
    let mut deceives = false;
    let people = people(value, marks, |addr| {
        let mailbox = mailbox(addr);
        let name = addr.name.as_deref().unwrap_or_default();
        let hides = addr
            .address
            .as_deref()
            .is_some_and(|a| a.contains(|c: char| c.is_control() || clean::invisible(c)));
        deceives |= hides || sender_shown(name, mailbox.address.as_ref()).deceives();
        mailbox
    });
    if deceives {
        marks.push(Mark::NameDeceives);
    }
    people
}

fn people(value: &[u8], marks: &mut Vec<Mark>, mut read: impl FnMut(&Addr<'_>) -> Mailbox) -> Vec<Mailbox> {
    let cut = &value[..value.len().min(ADDRESS_FIELD_BYTES_MAX)];
    let text = encoded_word::as_utf8(cut);
    let mut field = encoded_word::join(text.as_bytes()).into_owned();
    field.push(b'\n');
    let mut people: Vec<Mailbox> = Vec::new();
    let mut add = |addr: &Addr<'_>| {
        let named = |m: &Mailbox| !m.name.is_empty() || !m.shown.is_empty();
        if people.len() < ADDRESSES_MAX {
            people.extend(Some(read(addr)).filter(named));
        }
        people.len() >= ADDRESSES_MAX
    };
    let full = match MessageStream::new(&field).parse_address().into_address() {
        Some(Address::List(list)) => list.iter().any(&mut add),
        Some(Address::Group(groups)) => groups.iter().flat_map(|g| &g.addresses).any(&mut add),
        None => false,
    };
    if full || cut.len() < value.len() {
        marks.push(Mark::AddressesCut);
    }
    people
}

fn mailbox(addr: &Addr<'_>) -> Mailbox {
    let written = addr.address.as_deref().unwrap_or_default().trim();
    let address = written.parse().ok();
    let name = clean::person(addr.name.as_deref().unwrap_or_default());
    let shown = address.as_ref().map_or_else(|| clean::person(written), ToString::to_string);
    Mailbox { name, address, shown }
}
