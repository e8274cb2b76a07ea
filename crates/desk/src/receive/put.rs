//! The transaction: what the decision says, written.

use letter::Automatic;
use serde_json::json;
use store::{
    Attachment, Conversation, Counter, EventKind, Mailbox, Message, MessageKind, MessageState, NewEvent,
    ParticipantRole, Status, Tx,
};
use words::{AttachmentId, ConversationId, EmailAddress, MessageId};

use super::{
    Arrival, Received, automatic, bounce,
    contact::{self, Correspondent},
    decide::{Plan, Start, decide},
    known::{self, Named},
};
use crate::{Error, Facts, Result, keys::message_id_key};

/// What is the same at every department.
struct Common {
    with: Correspondent,
    facts: Facts,
    named: Vec<Named>,
    departments: usize,
    twin: Option<(MessageId, ConversationId)>,
}

pub(crate) fn put(tx: &mut Tx<'_>, arrival: &Arrival) -> Result<Vec<Received>> {
    let mailboxes = one_per_department(tx, arrival)?;
    if let Some(received) = put_bounce(tx, arrival, &mailboxes)? {
        return Ok(vec![received]);
    }
    let from = contact::address(&arrival.letter, arrival.envelope_from.as_ref());
    let (letter, envelope_from) = (&arrival.letter, arrival.envelope_from.as_ref());
    let with = if is_ours(tx, arrival, from.as_ref())? {
        contact::addressee(tx, letter)?
    } else {
        contact::writer(tx, letter, envelope_from, arrival.authentication.aligned)?
    };
    let (facts, named) = (facts(arrival, &mailboxes), known::named(tx, arrival)?);
    let mut common = Common { with, facts, named, departments: mailboxes.len(), twin: None };
    mailboxes.iter().map(|mailbox| put_at(tx, arrival, &mut common, mailbox, from.as_ref())).collect()
}

/// Whether it is an old letter that was sent from a mailbox of the account. One that servers passed on says
/// only that it was.
fn is_ours(tx: &Tx<'_>, arrival: &Arrival, from: Option<&EmailAddress>) -> Result<bool> {
    match from {
        Some(from) if arrival.imported && arrival.letter.machine.received == 0 => {
            Ok(tx.mailbox_by_address(from)?.is_some())
        }
        _ => Ok(false),
    }
}

/// The mailboxes, the first of each department.
fn one_per_department(tx: &Tx<'_>, arrival: &Arrival) -> Result<Vec<Mailbox>> {
    let mut mailboxes: Vec<Mailbox> = Vec::new();
    for id in &arrival.mailboxes {
        let mailbox = tx.mailbox(*id)?.ok_or(Error::NoSuchMailbox)?;
        if !mailboxes.iter().any(|other| other.department == mailbox.department) {
            mailboxes.push(mailbox);
        }
    }
    Ok(mailboxes)
}

fn facts(arrival: &Arrival, mailboxes: &[Mailbox]) -> Facts {
    let letter = &arrival.letter;
    let machine = automatic(arrival);
    Facts {
        marks: letter.marks.clone(),
        authentication: (!arrival.imported).then(|| arrival.authentication.clone()),
        automatic: (machine != Automatic::None).then_some(machine),
        spam: letter.machine.spam,
        mailboxes: match mailboxes {
            [_] => Vec::new(),
            several => several.iter().map(|mailbox| mailbox.address.to_string()).collect(),
        },
        bounced: arrival.bounce.as_ref().map(bounce::bounced).unwrap_or_default(),
        appointments: letter.appointments.clone(),
        has_html: letter.html.is_some(),
        imported: arrival.imported,
        ..Facts::default()
    }
}

fn put_at(
    tx: &mut Tx<'_>,
    arrival: &Arrival,
    common: &mut Common,
    mailbox: &Mailbox,
    from: Option<&EmailAddress>,
) -> Result<Received> {
    let duplicate_key = known::duplicate_key(mailbox.id, arrival.gist.content_key());
    let twice = tx.known(&duplicate_key)?.first().copied();
    let picked = known::pick(&common.named, mailbox.department, common.departments == 1);
    let known = known::facts(tx, arrival, from, &common.named, picked, twice.is_some())?;
    let id = MessageId::new(tx.now());
    let received = match (decide(&known), twice) {
        (Plan::Duplicate, Some(twice)) => return Ok(Received::Duplicate { message: twice.message }),
        (Plan::Duplicate, None) => unreachable!("a duplicate is known"),
        (Plan::Join { conversation, verified, opens }, _) => {
            let mut facts = common.facts.clone();
            facts.sender_not_verified = !verified;
            join(tx, arrival, &common.with, conversation, id, &facts, opens)?;
            Received::Joined { conversation, message: id }
        }
        (Plan::Start(plan), _) => {
            let conversation = start(tx, arrival, common, mailbox, id, &plan)?;
            Received::Started { conversation, message: id }
        }
    };
    let (Received::Joined { conversation, .. } | Received::Started { conversation, .. }) = received else {
        return Ok(received);
    };
    tx.insert_message_key(&duplicate_key, id, conversation)?;
    if let Some(message_id) = &arrival.letter.message_id {
        tx.insert_message_key(&message_id_key(message_id), id, conversation)?;
    }
    if arrival.imported {
        // Old mails come in any order: one that is named here may come later.
        for key in known::references(&arrival.letter).map(message_id_key) {
            tx.insert_message_key(&key, id, conversation)?;
        }
    }
    common.twin = Some((id, conversation));
    Ok(received)
}

fn join(
    tx: &mut Tx<'_>,
    arrival: &Arrival,
    with: &Correspondent,
    id: ConversationId,
    message: MessageId,
    facts: &Facts,
    opens: bool,
) -> Result<()> {
    let before = tx.conversation(id)?.ok_or(Error::NoSuchConversation(id))?;
    let number = insert_message(tx, arrival, with, id, message, facts)?;
    let mut after = before.clone();
    after.message_count += 1;
    after.last_message_number = number;
    let now = tx.now();
    // What was taken in from an old mailbox keeps its own time; what comes is new.
    after.last_message_at = before.last_message_at.max(came_at(arrival, now));
    after.preview.clone_from(&arrival.gist.preview);
    if opens {
        after.waiting_since = before.waiting_since.or(Some(now));
        if matches!(before.status, Status::Closed | Status::Snoozed) {
            after.status = Status::Open;
            after.snoozed_until = None;
        }
    }
    tx.update_conversation(&before, &after)?;
    seen_in_copy(tx, arrival, id)?;
    say(tx, &after, EventKind::Received, Some(message), json!({ "opened": before.status != after.status }))
}

fn start(
    tx: &mut Tx<'_>,
    arrival: &Arrival,
    common: &Common,
    mailbox: &Mailbox,
    message: MessageId,
    plan: &Start,
) -> Result<ConversationId> {
    let now = tx.now();
    let came_at = came_at(arrival, now);
    let id = ConversationId::new(now);
    let mut facts = common.facts.clone();
    facts.kept_apart = plan.apart.as_ref().map(|apart| apart.reason.name().to_owned());
    let linked = match (&plan.apart, common.twin) {
        (Some(apart), _) => Some((apart.from, apart.reason.name())),
        (None, Some((_, twin))) => Some((twin, "same-mail")),
        (None, None) => None,
    };
    let mut conversation = Conversation {
        id,
        number: tx.next_number(Counter::Conversation)?,
        subject: arrival.letter.subject.clone(),
        preview: arrival.gist.preview.clone(),
        status: plan.status,
        department: mailbox.department,
        assignee: None,
        contact: common.with.contact,
        contact_name: common.with.name.clone(),
        contact_address: common.with.address.to_string(),
        waiting_since: plan.waits.then_some(now),
        snoozed_until: None,
        last_message_at: came_at,
        last_message_number: 0,
        message_count: 1,
        tags: Vec::new(),
        linked: linked.map(|(id, _)| id),
        linked_reason: linked.map(|(_, reason)| reason.to_owned()),
        created_at: came_at,
        unread: true,
    };
    let number = insert_message(tx, arrival, &common.with, id, message, &facts)?;
    conversation.last_message_number = number;
    tx.insert_conversation(&conversation)?;
    let with = &common.with;
    tx.put_participant(id, &with.address, &with.name, ParticipantRole::Contact)?;
    seen_in_copy(tx, arrival, id)?;
    say(tx, &conversation, EventKind::Started, Some(message), json!({}))?;
    Ok(id)
}

/// When a mail counts as come: now, or for one from an old mailbox when it says that it was written.
fn came_at(arrival: &Arrival, now: words::Time) -> words::Time {
    match arrival.letter.date {
        Some(date) if arrival.imported => date.min(now),
        _ => now,
    }
}

fn insert_message(
    tx: &mut Tx<'_>,
    arrival: &Arrival,
    with: &Correspondent,
    conversation: ConversationId,
    id: MessageId,
    facts: &Facts,
) -> Result<i64> {
    let letter = &arrival.letter;
    let number = tx.next_number(Counter::Message)?;
    let (kind, state) = if with.wrote {
        (MessageKind::LetterIn, MessageState::Received)
    } else {
        (MessageKind::LetterOut, MessageState::Sent)
    };
    let (author, author_name, from_address) = if with.wrote {
        (format!("contact:{}", with.contact), with.name.clone(), with.address.to_string())
    } else {
        let (name, address) = contact::author(letter, arrival.envelope_from.as_ref());
        (tx.principal().to_string(), name, address.to_string())
    };
    let message = Message {
        id,
        number,
        conversation,
        kind,
        author,
        author_name,
        from_address,
        envelope: arrival.gist.envelope.clone(),
        subject: letter.subject.clone(),
        message_id: letter.message_id.clone().unwrap_or_default(),
        created_at: came_at(arrival, tx.now()),
        dated_at: letter.date,
        text: letter.text.clone(),
        html: None,
        preview: arrival.gist.preview.clone(),
        facts: facts.json(),
        state,
        send_at: None,
    };
    tx.insert_message(&message)?;
    if facts.is_suspect() {
        tx.mark(conversation, store::Mark::Suspect)?;
    }
    tx.insert_raw(id, &arrival.raw, &arrival.trace)?;
    insert_attachments(tx, letter, id)?;
    let tokens = arrival.gist.tokens(letter, (&message.author_name, &message.from_address));
    tx.index_message(number, &tokens)?;
    Ok(number)
}

fn insert_attachments(tx: &mut Tx<'_>, letter: &letter::Letter, message: MessageId) -> Result<()> {
    for (position, file) in (0_i64..).zip(&letter.attachments) {
        let now = tx.now();
        tx.insert_attachment(&Attachment {
            id: AttachmentId::new(now),
            message,
            position,
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            content_id: file.content_id.clone(),
            inline: file.inline,
            kind: file.kind.name().to_owned(),
            part: Some(file.place.to_string()),
            file: None,
        })?;
    }
    Ok(())
}

/// Whom a contact names in Cc is shown to the agent, and becomes a reader only by an agent's answer.
fn seen_in_copy(tx: &mut Tx<'_>, arrival: &Arrival, id: ConversationId) -> Result<()> {
    for copy in arrival.letter.cc.iter().chain(&arrival.letter.to) {
        let Some(address) = &copy.address else { continue };
        if tx.mailbox_by_address(address)?.is_none() {
            tx.put_participant(id, address, &copy.name, ParticipantRole::Seen)?;
        }
    }
    Ok(())
}

fn say(
    tx: &mut Tx<'_>,
    conversation: &Conversation,
    kind: EventKind,
    message: Option<MessageId>,
    data: serde_json::Value,
) -> Result<()> {
    tx.append_event(&NewEvent {
        kind,
        conversation: Some(conversation.id),
        message,
        department: Some(conversation.department),
        data,
    })?;
    Ok(())
}

/// A bounce of one of our letters goes to that letter's conversation, whatever mailbox it came to.
fn put_bounce(tx: &mut Tx<'_>, arrival: &Arrival, mailboxes: &[Mailbox]) -> Result<Option<Received>> {
    let Some(bounce) = &arrival.bounce else { return Ok(None) };
    let Some(letter) = bounce::letter_of(tx, bounce)? else { return Ok(None) };
    let mailbox = mailboxes.first().ok_or(Error::NoSuchMailbox)?;
    let duplicate_key = known::duplicate_key(mailbox.id, arrival.gist.content_key());
    if let Some(twice) = tx.known(&duplicate_key)?.first() {
        return Ok(Some(Received::Duplicate { message: twice.message }));
    }
    let Some(conversation) = tx.conversation(letter.conversation)? else { return Ok(None) };
    let with = contact::writer(tx, &arrival.letter, arrival.envelope_from.as_ref(), false)?;
    let mut facts = facts(arrival, mailboxes);
    facts.automatic = Some(Automatic::Bounce);
    let id = MessageId::new(tx.now());
    let permanent = facts.bounced.iter().any(|recipient| recipient.permanent);
    // The contact has not got the answer: somebody must see to it.
    join(tx, arrival, &with, conversation.id, id, &facts, permanent)?;
    bounce::note(tx, &letter, &facts.bounced, conversation.id, conversation.department)?;
    tx.insert_message_key(&duplicate_key, id, conversation.id)?;
    Ok(Some(Received::Joined { conversation: conversation.id, message: id }))
}
