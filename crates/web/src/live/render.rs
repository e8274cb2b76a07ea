//! Events as changes of open pages: rows, entries, heads and counts, drawn by the functions that draw
//! the pages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use maud::{Markup, html};
use register::Departments;
use store::{Attachment, Conversation, Delivery, Event, EventKind, Marks, Message, Read, Status};
use words::{AgentId, ConversationId, Language, MessageId};

use crate::{
    agent::{
        Viewer,
        conversation::{done, show},
        list::{self, ROWS_MAX},
        shell::{Counted, departments},
    },
    error::Result,
    language::Texts,
    stream,
    view::{
        conversation as view, inbox,
        shell::{self, Here},
    },
};

/// What events of one class are drawn from, as it is now.
pub(super) struct Gathered {
    changed: Vec<Changed>,
    counted: Counted,
}

struct Changed {
    id: ConversationId,
    /// None if the class does not see it (any more).
    conversation: Option<Conversation>,
    /// Up to which message each agent has read it.
    marks: HashMap<AgentId, i64>,
    /// What the row shows beside it, by agent.
    signs: HashMap<AgentId, Marks>,
    messages: BTreeMap<MessageId, Option<WithFiles>>,
    events: Vec<Event>,
    head: bool,
    row: bool,
}

struct WithFiles {
    message: Message,
    files: Vec<Attachment>,
    deliveries: Vec<Delivery>,
    /// Only its delivery changed.
    travels: bool,
}

impl Gathered {
    /// Reads what the events are about. Of a flood only the newest rows are shown: as many as a list has.
    pub fn read(read: &Read<'_>, events: &[Event], agents: &[AgentId]) -> Result<Self> {
        let about: BTreeSet<ConversationId> = events.iter().filter_map(|event| event.conversation).collect();
        let changed = about.into_iter().map(|id| Changed::read(read, id, events, agents));
        let mut changed: Vec<Changed> = changed.collect::<Result<_>>()?;
        changed.sort_by_key(|one| {
            one.conversation.as_ref().map_or(i64::MIN, |one| -one.last_message_at.micros())
        });
        for one in changed.iter_mut().skip(ROWS_MAX) {
            one.row = one.conversation.is_none();
        }
        Ok(Self { changed, counted: Counted::read(read)? })
    }
}

impl Changed {
    fn read(read: &Read<'_>, id: ConversationId, events: &[Event], agents: &[AgentId]) -> Result<Self> {
        let events: Vec<Event> =
            events.iter().filter(|event| event.conversation == Some(id)).cloned().collect();
        let conversation = read.conversation(id)?;
        let (mut marks, mut signs, mut messages) = (HashMap::new(), HashMap::new(), BTreeMap::new());
        if conversation.is_some() {
            for agent in agents {
                marks.insert(*agent, read.read_mark(*agent, id)?);
                signs.insert(*agent, read.marks(id, *agent)?);
            }
            for event in &events {
                let Some(message) = event.message else { continue };
                if event.kind == EventKind::Started {
                    // Whoever opens what just began reads it from the store.
                    continue;
                }
                let travels = event.kind == EventKind::Delivery;
                let kept = WithFiles::read(read, message, travels)?;
                messages
                    .entry(message)
                    .and_modify(|old: &mut Option<WithFiles>| {
                        if let Some(old) = old {
                            old.travels &= travels;
                        }
                    })
                    .or_insert(kept);
            }
        }
        let head = events.iter().any(changes_head);
        Ok(Self { id, conversation, marks, signs, messages, events, head, row: true })
    }
}

impl WithFiles {
    fn read(read: &Read<'_>, id: MessageId, travels: bool) -> Result<Option<Self>> {
        let Some(message) = read.message(id)? else { return Ok(None) };
        let files = read.attachments_of_message(id)?;
        let deliveries = read.deliveries_of_message(id)?;
        Ok(Some(Self { message, files, deliveries, travels }))
    }
}

fn changes_head(event: &Event) -> bool {
    use EventKind as K;
    let yes = |name: &str| event.data.get(name).and_then(serde_json::Value::as_bool) == Some(true);
    match event.kind {
        K::Assigned | K::Moved | K::Tagged | K::Closed | K::Reopened | K::Snoozed | K::MarkedSpam => true,
        K::Answered | K::Received | K::TakenBack => {
            yes("closed") || yes("opened") || event.kind != K::Received
        }
        K::Started | K::Noted | K::Delivery | K::Settings => false,
    }
}

/// One server-sent event with all changes.
pub(super) fn event(number: i64, gathered: &Gathered, viewer: &Viewer<'_>, language: Language) -> Bytes {
    framed(Some(number), None, &changes(Texts::of(language), gathered, viewer))
}

/// The same after settings changed: also the rail, with the departments that the agent sees now.
pub(super) fn event_with_rail(
    number: i64,
    gathered: &Gathered,
    viewer: &Viewer<'_>,
    (language, seen): (Language, &Departments),
) -> Bytes {
    let t = Texts::of(language);
    let departments = departments(viewer.directory, seen, &gathered.counted);
    let changes = html! {
        (stream::replace("rail-brand", &shell::brand(&viewer.directory.name)))
        (stream::replace("rail-places", &shell::places(t, Here::Nowhere, &departments, &viewer.directory.tags)))
        (changes(t, gathered, viewer))
    };
    framed(Some(number), None, &changes)
}

fn changes(t: &Texts, gathered: &Gathered, viewer: &Viewer<'_>) -> Markup {
    html! {
        @for changed in &gathered.changed { (self::changed(t, changed, viewer)) }
        (counts(&gathered.counted, viewer))
    }
}

/// One server-sent event after which the page is loaded anew: too much happened to draw it.
pub(super) fn refresh(number: i64) -> Bytes {
    framed(Some(number), None, &html! { turbo-stream action="refresh" {} })
}

/// Who is at a conversation, as a server-sent event without number.
pub(super) fn presence(id: ConversationId, viewer: &Viewer<'_>, language: Language) -> Bytes {
    let others = viewer.account.presences.others(id, viewer.agent, viewer.now);
    let others: Vec<view::Presence> = others
        .into_iter()
        .map(|(agent, writes)| view::Presence { agent: viewer.directory.agent(agent), writes })
        .collect();
    let shown = view::presence(Texts::of(language), id, &others);
    framed(None, Some("presence"), &stream::replace(&format!("presence-{id}"), &shown))
}

/// An event of the stream (HTML Living Standard, 9.2.5): each line of the data has its field.
fn framed(number: Option<i64>, kind: Option<&str>, changes: &Markup) -> Bytes {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(changes.0.len() + 64);
    if let Some(number) = number {
        let _ = writeln!(text, "id: {number}");
    }
    if let Some(kind) = kind {
        let _ = writeln!(text, "event: {kind}");
    }
    // A lone CR ends a line too.
    for line in changes.0.split(['\n', '\r']) {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    Bytes::from(text)
}

fn changed(t: &Texts, changed: &Changed, viewer: &Viewer<'_>) -> Markup {
    let Some(conversation) = &changed.conversation else {
        return stream::remove(&format!("row-{}", changed.id));
    };
    let mut seen = conversation.clone();
    let mark = changed.marks.get(&viewer.agent).copied().unwrap_or(0);
    seen.unread = mark < conversation.last_message_number;
    let signs = changed.signs.get(&viewer.agent).copied().unwrap_or_default();
    let row = inbox::live_row(t, &list::row(seen, signs, viewer.directory));
    let target = format!("messages-{}", changed.id);
    let lines = changed.events.iter();
    let lines = lines.filter_map(|event| done::line(event, viewer.directory, &conversation.contact_name));
    html! {
        @if changed.row { (stream::element("row", &format!("row-{}", changed.id), &row)) }
        @for (id, message) in &changed.messages { (self::message(t, &target, *id, message.as_ref(), viewer)) }
        @for line in lines {
            (stream::element("entry", &target, &view::entry(t, &view::Entry::Event(line))))
        }
        @if changed.head {
            (stream::replace(&format!("head-{}", changed.id), &view::head(t, &show::head(viewer, conversation))))
        }
    }
}

fn message(
    t: &Texts,
    target: &str,
    id: MessageId,
    with_files: Option<&WithFiles>,
    viewer: &Viewer<'_>,
) -> Markup {
    let Some(with) = with_files else { return stream::remove(&format!("message-{id}")) };
    let entry = viewer.message(&with.message, &with.files, &with.deliveries, false);
    if !with.travels {
        return stream::element("entry", target, &view::entry(t, &entry));
    }
    let view::Entry::Letter(letter) = &entry else { return html! {} };
    let below = view::deliveries(t, id, &letter.deliveries, letter.leaves);
    stream::replace(&format!("deliveries-{id}"), &below)
}

fn counts(counted: &Counted, viewer: &Viewer<'_>) -> Markup {
    let open = |count: &store::Count| count.status == Status::Open;
    let me = Some(viewer.agent);
    let folders = [
        ("count-open", counted.of(open)),
        ("count-mine", counted.of(|count| open(count) && count.assignee == me)),
        ("count-unassigned", counted.of(|count| open(count) && count.assignee.is_none())),
        ("count-snoozed", counted.of(|count| count.status == Status::Snoozed)),
        ("count-spam", counted.of(|count| count.status == Status::Spam)),
    ];
    html! {
        @for (id, n) in folders { (stream::replace(id, &shell::count(id, n))) }
        @for department in &viewer.directory.departments {
            @let id = format!("count-department-{}", department.id);
            @let n = counted.of(|count| open(count) && count.department == department.id);
            (stream::replace(&id, &shell::count(&id, n)))
        }
    }
}
