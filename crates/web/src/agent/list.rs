//! The list of conversations: a page of it, its rows, its places.

use axum::response::Response;
use http::HeaderMap;
use store::{Assigned, Conversation, ListPlace, Marks, Read, Status};
use words::{AgentId, ConversationId, Time};

use super::{
    page,
    shell::{Counted, shell},
};
use crate::{
    directory::Directory,
    error::{Error, Flaw, Result},
    fields::{Fields, Query},
    serve::wants_pane,
    session::Signed,
    view::{
        Filter, Folder,
        inbox::{self, Choices, List, Row},
        shell::Here,
    },
};

/// What stands between the places of a trail.
const TRAIL: char = '~';
/// Pages that one can go back at most, step by step.
const TRAIL_PLACES_MAX: usize = 40;
/// Rows of a page.
pub const ROWS_MAX: usize = 40;

/// What a page of the list is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What it is narrowed to.
    pub filter: Filter,
    /// After which row it begins.
    pub after: Option<ListPlace>,
    /// The places of the pages before, as they stand in the address, so that one can go back.
    pub trail: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self { filter: Filter::folder(Folder::Open), after: None, trail: String::new() }
    }
}

impl Asked {
    /// Reads a query; a folder that does not exist is not found.
    pub fn read(query: &Fields) -> Result<Self> {
        let folder = match query.one("status")? {
            Some(name) => Folder::named(name).ok_or(Error::NotFound)?,
            None => Folder::Open,
        };
        let filter = Filter { folder, department: query.parsed("department")?, tag: query.parsed("tag")? };
        let trail = query.text("cursor")?;
        let after = trail.rsplit(TRAIL).next().filter(|last| !last.is_empty()).map(place).transpose()?;
        Ok(Self { filter, after, trail })
    }

    /// The trail of the page before this one: nothing for the first.
    fn newer(&self) -> Option<String> {
        self.after?;
        Some(self.trail.rsplit_once(TRAIL).map_or("", |(before, _)| before).to_owned())
    }

    /// The trail of the page after this one.
    fn older(&self, last: &Conversation) -> String {
        let place = place_text(last);
        if self.trail.is_empty() {
            return place;
        }
        let places = self.trail.split(TRAIL).count();
        let kept = if places < TRAIL_PLACES_MAX {
            self.trail.as_str()
        } else {
            self.trail.split_once(TRAIL).map_or("", |(_, rest)| rest)
        };
        format!("{kept}{TRAIL}{place}")
    }

    /// What the store is asked for.
    pub fn of_store(&self, me: AgentId) -> store::Filter {
        let (status, assigned) = match self.filter.folder {
            Folder::Open => (Status::Open, Assigned::Any),
            Folder::Mine => (Status::Open, Assigned::To(me)),
            Folder::Unassigned => (Status::Open, Assigned::Nobody),
            Folder::Snoozed => (Status::Snoozed, Assigned::Any),
            Folder::Closed => (Status::Closed, Assigned::Any),
            Folder::Spam => (Status::Spam, Assigned::Any),
        };
        store::Filter {
            status: Some(status),
            department: self.filter.department,
            assigned,
            tag: self.filter.tag,
        }
    }
}

/// Reads a place in a list from its address.
pub fn place(text: &str) -> Result<ListPlace> {
    let read = || {
        let (micros, id) = text.split_once('.')?;
        Some(ListPlace {
            last_message_at: Time::from_micros(micros.parse().ok()?),
            id: id.parse::<ConversationId>().ok()?,
        })
    };
    read().ok_or(Error::field("cursor", Flaw::Value))
}

/// A place in a list as it stands in an address.
pub fn place_text(place: &Conversation) -> String {
    format!("{}.{}", place.last_message_at.micros(), place.id)
}

/// What was read for a page of the list.
pub struct ListRead {
    /// The rows, and one more if there is a next page.
    conversations: Vec<(Conversation, Marks)>,
}

impl ListRead {
    /// Reads a page.
    pub fn read(read: &Read<'_>, asked: &Asked, me: AgentId) -> store::Result<Self> {
        let limit = i64::try_from(ROWS_MAX + 1).unwrap_or(i64::MAX);
        Ok(Self { conversations: read.marked_conversations(&asked.of_store(me), asked.after, limit)? })
    }
}

/// `GET /conversations`
pub async fn index(signed: Signed, Query(query): Query, headers: HeaderMap) -> Result<Response> {
    let (asked, me) = (Asked::read(&query)?, signed.agent());
    let wanted = asked.clone();
    let (list, counted) = signed
        .store
        .read(signed.access(), move |read| {
            Ok::<_, Error>((ListRead::read(read, &wanted, me)?, Counted::read(read)?))
        })
        .await?;
    let directory = signed.directory().await?;
    let list = self::list(&asked, list, &directory, &counted, me);
    if wants_pane(&headers) {
        return Ok(page(&signed, inbox::nothing_open_frame(signed.texts(), &list)));
    }
    let shell = shell(&signed, &directory, &counted, Here::List(asked.filter));
    Ok(page(&signed, inbox::page(&shell, &list)))
}

/// The list as it is shown.
pub fn list(asked: &Asked, read: ListRead, directory: &Directory, counted: &Counted, me: AgentId) -> List {
    let mut conversations = read.conversations;
    let more = conversations.len() > ROWS_MAX;
    conversations.truncate(ROWS_MAX);
    let filter = asked.of_store(me);
    let assigned = |assignee: Option<AgentId>| match filter.assigned {
        Assigned::Any => true,
        Assigned::To(agent) => assignee == Some(agent),
        Assigned::Nobody => assignee.is_none(),
    };
    let total = counted.of(|count| {
        filter.status == Some(count.status)
            && filter.department.is_none_or(|department| department == count.department)
            && assigned(count.assignee)
    });
    let department = asked.filter.department.map(|id| directory.department(id).name);
    let tag = asked.filter.tag.and_then(|id| directory.tag(id)).map(|tag| tag.name.clone());
    List {
        filter: asked.filter,
        narrowed: tag.or(department),
        // How many bear a tag is not counted.
        total: if asked.filter.tag.is_some() { 0 } else { total },
        newer: asked.newer(),
        older: conversations.last().filter(|_| more).map(|(last, _)| asked.older(last)),
        rows: conversations.into_iter().map(|(one, marks)| row(one, marks, directory)).collect(),
        choices: Choices {
            agents: directory.agents.clone(),
            departments: directory.all_departments(),
            tags: directory.tags.clone(),
        },
    }
}

/// A conversation as a row.
pub fn row(conversation: Conversation, marks: Marks, directory: &Directory) -> Row {
    Row {
        id: conversation.id,
        contact: if conversation.contact_name.is_empty() {
            conversation.contact_address
        } else {
            conversation.contact_name
        },
        subject: conversation.subject,
        snippet: conversation.preview,
        messages: u32::try_from(conversation.message_count).unwrap_or(u32::MAX),
        since: conversation.waiting_since.unwrap_or(conversation.last_message_at),
        waits: conversation.waiting_since.is_some(),
        unread: conversation.unread,
        files: marks.files,
        bounced: marks.undelivered,
        draft: marks.draft,
        suspect: marks.suspect,
        status: folder(conversation.status),
        assignee: conversation.assignee.map(|agent| directory.agent(agent)),
        department: directory.department(conversation.department),
        tags: directory.tags_named(&conversation.tags),
        order: conversation.last_message_at.micros(),
    }
}

/// The folder of a status.
pub const fn folder(status: Status) -> Folder {
    match status {
        Status::Open => Folder::Open,
        Status::Snoozed => Folder::Snoozed,
        Status::Closed => Folder::Closed,
        Status::Spam => Folder::Spam,
    }
}
