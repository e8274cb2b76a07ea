//! `GET /conversations/{id}`: a conversation as it is read.

use axum::response::Response;
use http::HeaderMap;
use store::{Conversation, Draft, MessageState, Status, Store};
use words::{ConversationId, MessageId, Principal, Time};

use super::{
    done,
    read::{Before, Whole},
    recipients::propose,
};
use crate::{
    agent::{
        Viewer,
        list::{self, Asked, ListRead},
        page,
        shell::{Counted, shell},
    },
    directory::Directory,
    error::{Error, Result},
    fields::{At, Query},
    serve::wants_pane,
    session::Signed,
    view::{
        conversation::{
            self as view, Change, Composer, Contact, DraftFile, Entry, Event, OtherConversation, Presence,
        },
        inbox::Choices,
        shell::Here,
    },
};

/// `GET /conversations/{id}`
pub async fn show(
    signed: Signed,
    At(id): At<ConversationId>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let (asked, me) = (Asked::read(&query)?, signed.agent());
    let before = query.one("before")?.and_then(Before::read);
    let (pane, wanted) = (wants_pane(&headers), asked.clone());
    let (whole, beside) = signed
        .store
        .read(signed.access(), move |read| {
            let whole = Whole::read(read, id, before, me)?;
            let beside =
                if pane { None } else { Some((ListRead::read(read, &wanted, me)?, Counted::read(read)?)) };
            Ok::<_, Error>((whole, beside))
        })
        .await?;
    let directory = signed.directory().await?;
    mark_read(&signed, &whole.conversation);
    let shown = conversation(&signed.viewer(&directory), &whole, asked.filter.query());
    let Some((rows, counted)) = beside else {
        return Ok(page(&signed, view::frame(signed.texts(), &shown)));
    };
    let list = list::list(&asked, rows, &directory, &counted, me);
    let shell = shell(&signed, &directory, &counted, Here::List(asked.filter));
    Ok(page(&signed, view::page(&shell, &list, &shown)))
}

/// A conversation that was read before, in the pane or as a whole page beside its list.
pub async fn page_of(
    signed: &Signed,
    headers: &HeaderMap,
    asked: &Asked,
    shown: &view::Conversation,
) -> Result<Response> {
    if wants_pane(headers) {
        return Ok(page(signed, view::frame(signed.texts(), shown)));
    }
    let (me, wanted) = (signed.agent(), asked.clone());
    let beside = signed.store.read(signed.access(), move |read| {
        Ok::<_, Error>((ListRead::read(read, &wanted, me)?, Counted::read(read)?))
    });
    let (rows, counted) = beside.await?;
    let directory = signed.directory().await?;
    let list = list::list(asked, rows, &directory, &counted, me);
    let shell = shell(signed, &directory, &counted, Here::List(asked.filter));
    Ok(page(signed, view::page(&shell, &list, shown)))
}

/// Notes that the agent has seen it, beside the answer: reading goes on while the disk is full.
fn mark_read(signed: &Signed, conversation: &Conversation) {
    if !conversation.unread {
        return;
    }
    let (store, seen) = (signed.store.clone(), signed.seen.clone());
    let (id, number) = (conversation.id, conversation.last_message_number);
    tokio::spawn(async move {
        let marked = desk::conversation::mark_read(&Store::clone(&store), &seen.access, id, number).await;
        if let Err(error) = marked {
            tracing::debug!(conversation = %id, %error, "that it was read was not noted");
        }
    });
}

/// A conversation as it is shown.
pub fn conversation(viewer: &Viewer<'_>, whole: &Whole, list_query: String) -> view::Conversation {
    let composer = composer(viewer.directory, whole);
    let entries = entries(viewer, whole);
    let (head, contact) = (head(viewer, &whole.conversation), contact(whole));
    let shown = whole.shown_before + u64::try_from(whole.messages.len()).unwrap_or(0);
    let all = u64::try_from(whole.conversation.message_count).unwrap_or(0);
    let first = whole.messages.first().filter(|_| whole.more);
    view::Conversation {
        just_begun: just_begun(viewer, whole),
        entries,
        earlier: all.saturating_sub(shown),
        earlier_cursor: first.map(|message| Before { number: message.number, shown }.text()),
        contact,
        composer,
        list_query,
        ..head
    }
}

/// A conversation without what is written in it: what its head shows.
pub fn head(viewer: &Viewer<'_>, one: &Conversation) -> view::Conversation {
    let directory = viewer.directory;
    let others = viewer.account.presences.others(one.id, viewer.agent, viewer.now);
    view::Conversation {
        id: one.id,
        subject: one.subject.clone(),
        status: status(one),
        assignee: one.assignee.map(|agent| directory.agent(agent)),
        department: directory.department(one.department),
        tags: directory.tags_named(&one.tags),
        choices: Choices {
            agents: directory.agents_of(one.department),
            departments: directory.all_departments(),
            tags: directory.tags.clone(),
        },
        just_begun: None,
        others: others
            .into_iter()
            .map(|(agent, writes)| Presence { agent: directory.agent(agent), writes })
            .collect(),
        entries: Vec::new(),
        earlier: 0,
        earlier_cursor: None,
        contact: Contact {
            id: one.contact,
            name: one.contact_name.clone(),
            addresses: vec![one.contact_address.clone()],
            since: one.created_at,
            conversations: 0,
            others: Vec::new(),
        },
        composer: Composer::default(),
        list_query: String::new(),
    }
}

/// The letter with which the one who looks has just begun it, and for how many seconds it can be taken back.
fn just_begun(viewer: &Viewer<'_>, whole: &Whole) -> Option<(MessageId, u32)> {
    let [only] = whole.messages.as_slice() else { return None };
    let leaves = only.send_at.filter(|_| only.state == MessageState::Waiting)?;
    let theirs = only.author.parse() == Ok(Principal::Agent(viewer.agent));
    let seconds = u32::try_from(leaves.since(viewer.now).as_secs()).ok()?;
    (theirs && seconds > 0).then_some((only.id, seconds))
}

fn status(one: &Conversation) -> view::Status {
    match one.status {
        Status::Open => view::Status::Open,
        Status::Snoozed => view::Status::Snoozed(one.snoozed_until.unwrap_or(one.last_message_at)),
        Status::Closed => view::Status::Closed,
        Status::Spam => view::Status::Spam,
    }
}

fn entries(viewer: &Viewer<'_>, whole: &Whole) -> Vec<Entry> {
    let directory = viewer.directory;
    let newest = whole.messages.last().map(|message| message.id);
    let mut entries: Vec<(Time, u8, i64, Entry)> = Vec::with_capacity(whole.messages.len() + 8);
    for message in &whole.messages {
        let folded = Some(message.id) != newest && message.number <= whole.read_up_to;
        let files = whole.files.get(&message.id).map_or(&[][..], Vec::as_slice);
        let out = whole.deliveries.get(&message.id).map_or(&[][..], Vec::as_slice);
        let entry = viewer.message(message, files, out, folded);
        entries.push((message.created_at, 1, message.number, entry));
    }
    let first = whole.messages.first().map(|message| message.created_at);
    let shows = |at: Time| !whole.more || first.is_none_or(|first| at >= first);
    for event in whole.events.iter().filter(|event| shows(event.at)) {
        if let Some(line) = done::line(event, directory, &whole.conversation.contact_name) {
            entries.push((event.at, 2, event.number, Entry::Event(line)));
        }
    }
    if let Some(linked) = whole.linked.as_ref().filter(|_| !whole.more) {
        entries.push((whole.conversation.created_at, 0, 0, Entry::Event(link(whole, linked, directory))));
    }
    entries.sort_by_key(|(at, kind, number, _)| (*at, *kind, *number));
    entries.into_iter().map(|(.., entry)| entry).collect()
}

fn link(whole: &Whole, linked: &Conversation, directory: &Directory) -> Event {
    let same = whole.conversation.linked_reason.as_deref() == Some("same-mail");
    let change = if same {
        Change::AlsoReceived(directory.department(linked.department).name, linked.id)
    } else {
        Change::Linked(linked.id)
    };
    Event { number: 0, by: String::new(), at: whole.conversation.created_at, change }
}

fn contact(whole: &Whole) -> Contact {
    let one = &whole.conversation;
    let mut addresses = vec![one.contact_address.clone()];
    let others = whole.addresses.iter().map(|address| &address.address);
    addresses.extend(others.filter(|address| !address.eq_ignore_ascii_case(&one.contact_address)).cloned());
    let others: Vec<_> = whole.others.iter().filter(|other| other.id != one.id).collect();
    Contact {
        id: one.contact,
        name: one.contact_name.clone(),
        addresses,
        since: whole.contact.as_ref().map_or(one.created_at, |contact| contact.created_at),
        conversations: u64::try_from(whole.others.len()).unwrap_or(1),
        others: others
            .into_iter()
            .map(|other| OtherConversation {
                id: other.id,
                subject: other.subject.clone(),
                status: list::folder(other.status),
                at: other.last_message_at,
            })
            .collect(),
    }
}

fn composer(directory: &Directory, whole: &Whole) -> Composer {
    let one = &whole.conversation;
    let department = directory.departments.iter().find(|department| department.id == one.department);
    let draft = |note: bool| whole.drafts.iter().find(|draft| draft.note == note);
    let joined = |people: &[store::Person]| {
        people.iter().map(|person| person.address.as_str()).collect::<Vec<_>>().join(", ")
    };
    let answer: Option<&Draft> = draft(false);
    let own: Vec<&str> = directory.mailboxes.iter().map(|mailbox| mailbox.address.as_str()).collect();
    let proposed = propose(&one.contact_address, &whole.messages, &own);
    // What was typed goes before what is proposed.
    let kept = answer.filter(|draft| !draft.recipients.to.is_empty());
    let (to, cc) = match kept {
        Some(draft) => (joined(&draft.recipients.to), joined(&draft.recipients.cc)),
        None => (proposed.to.join(", "), proposed.cc.join(", ")),
    };
    let others = proposed.others.into_iter().filter(|other| !to.contains(other) && !cc.contains(other));
    let html = answer.map(|draft| draft.html.clone()).unwrap_or_default();
    Composer {
        others: others.collect(),
        to,
        cc,
        from: from(directory, whole),
        answer_text: if html.is_empty() { String::new() } else { letter::text_of_html(&html) },
        answer_html: html,
        note_text: draft(true).map(|draft| letter::text_of_html(&draft.html)).unwrap_or_default(),
        files: whole.draft_files.iter().map(draft_file).collect(),
        signature: department
            .filter(|department| !department.signature.is_empty())
            .map(|department| letter::text_of_html(&department.signature))
            .unwrap_or_default(),
        seen: whole.newest,
        ..Composer::default()
    }
}

/// The file of a draft as it is shown.
pub fn draft_file(file: &store::DraftFile) -> DraftFile {
    DraftFile {
        id: file.file,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        bytes: u64::try_from(file.size).unwrap_or(0),
    }
}

/// The address that an answer comes from: the one that the contact wrote to, else the one that we wrote from, else
/// the department's first.
fn from(directory: &Directory, whole: &Whole) -> String {
    let own =
        || directory.mailboxes.iter().filter(|mailbox| mailbox.department == whole.conversation.department);
    let letters = whole.messages.iter().rev().filter(|message| message.kind == store::MessageKind::LetterIn);
    let mut written_to =
        letters.take(1).flat_map(|letter| letter.envelope.to.iter().chain(&letter.envelope.cc));
    let wrote_to = written_to
        .find_map(|person| own().find(|own| own.address.as_str().eq_ignore_ascii_case(&person.address)));
    let wrote_from = || {
        let ours =
            whole.messages.iter().rev().find(|message| message.kind == store::MessageKind::LetterOut)?;
        own().find(|own| own.address.as_str().eq_ignore_ascii_case(&ours.from_address))
    };
    let first = || own().min_by_key(|mailbox| mailbox.created_at);
    wrote_to.or_else(wrote_from).or_else(first).map(|mailbox| mailbox.address.to_string()).unwrap_or_default()
}
