//! Conversations: listed, shown, changed.

use axum::response::Response;
use desk::conversation;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use store::{Assigned, Filter, Status};
use utoipa::ToSchema;
use words::{AgentId, ConversationId, TagId, Time};

use super::{
    caller::Caller,
    json::{Given, Json, Page, answer, limit},
    shapes::Conversation,
};
use crate::{
    agent::list::{place, place_text},
    error::{Error, Flaw, Result},
    fields::{At, Fields, Query},
};

/// Tags on one conversation at most.
const TAGS_MAX: usize = 20;

/// What a list is narrowed to. No `status` means all, spam too.
async fn filter(caller: &Caller, query: &Fields) -> Result<Filter> {
    let status = match query.one("status")? {
        None => None,
        Some(name) => Some(name.parse().map_err(|_| Error::field("status", Flaw::Value))?),
    };
    let assigned = match query.one("assignee")? {
        None => Assigned::Any,
        Some("none") => Assigned::Nobody,
        Some(id) => Assigned::To(id.parse().map_err(|_| Error::field("assignee", Flaw::Value))?),
    };
    let (mut department, mut tag) = (None, None);
    if let Some(text) = query.one("department")? {
        let directory = caller.directory().await?;
        let known = directory.departments.iter().find(|one| one.name == text).map(|one| one.id);
        let given = known.or_else(|| text.parse().ok());
        department = Some(given.ok_or(Error::field("department", Flaw::Value))?);
    }
    if let Some(text) = query.one("tag")? {
        let directory = caller.directory().await?;
        let known = directory.tags.iter().find(|one| one.name == text).map(|one| one.id);
        tag = Some(known.or_else(|| text.parse().ok()).ok_or(Error::field("tag", Flaw::Value))?);
    }
    Ok(Filter { status, department, assigned, tag })
}

/// Lists conversations, the newest message first.
#[utoipa::path(get, path = "/conversations", tag = "conversations",
    params(
        ("status" = Option<String>, Query, description = "open, snoozed, closed or spam; all without it"),
        ("department" = Option<String>, Query, description = "a department's id or name"),
        ("assignee" = Option<String>, Query, description = "an agent's id, or none"),
        ("tag" = Option<String>, Query, description = "a tag's id or name"),
        ("q" = Option<String>, Query, description = "words that stand in it"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
        ("limit" = Option<i64>, Query, description = "1 to 100")),
    responses((status = 200, description = "A page of conversations", body = Page<Conversation>)))]
pub async fn index(caller: Caller, Query(query): Query) -> Result<Response> {
    let (filter, limit) = (filter(&caller, &query).await?, limit(&query)?);
    if let Some(words) = query.one("q")? {
        return super::search::conversations(&caller, words, &filter, query.parsed("cursor")?, limit).await;
    }
    let after = query.one("cursor")?.map(place).transpose()?;
    let mut found = caller
        .store
        .read(caller.access(), move |read| Ok::<_, Error>(read.conversations(&filter, after, limit + 1)?))
        .await?;
    let many = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > many;
    found.truncate(many);
    let next_cursor = found.last().filter(|_| more).map(place_text);
    Ok(Page { items: found.into_iter().map(Conversation::from).collect(), next_cursor }.answer())
}

/// Shows a conversation.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The conversation", body = Conversation),
        (status = 404, description = "There is none, or the token does not see it")))]
pub async fn show(caller: Caller, At(id): At<ConversationId>) -> Result<Response> {
    shown(&caller, id).await
}

async fn shown(caller: &Caller, id: ConversationId) -> Result<Response> {
    let found =
        caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.conversation(id)?)).await?;
    Ok(answer(StatusCode::OK, &Conversation::from(found.ok_or(Error::NotFound)?)))
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `open`, `closed` or `spam`; `snoozed` goes with `snoozed_until`.
    status: Option<String>,
    /// Who has it; null: nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    assignee_id: Given<String>,
    /// Its department.
    department_id: Option<String>,
    /// All tags that shall be on it: names or ids.
    tags: Option<Vec<String>>,
    /// Until when it is put off; null: it is open again.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    snoozed_until: Given<String>,
}

/// Changes a conversation.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations", request_body = Change,
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The conversation as it is now", body = Conversation),
        (status = 422, description = "A field does not hold what it must")))]
pub async fn update(
    caller: Caller,
    At(id): At<ConversationId>,
    Json(change): Json<Change>,
) -> Result<Response> {
    let planned = Planned::read(&caller, change).await?;
    planned.apply(&caller, id).await?;
    shown(&caller, id).await
}

/// A change whose every field was read before anything is done.
struct Planned {
    status: Option<Status>,
    assignee: Given<AgentId>,
    department: Option<words::DepartmentId>,
    tags: Option<Vec<TagId>>,
    snooze: Given<Time>,
}

impl Planned {
    async fn read(caller: &Caller, change: Change) -> Result<Self> {
        let value = |field: &'static str| move |_| Error::field(field, Flaw::Value);
        let status = change.status.map(|name| name.parse().map_err(value("status"))).transpose()?;
        let assignee = change.assignee_id.read(|id| id.parse().map_err(value("assignee_id")))?;
        let snooze = change.snoozed_until.read(|at| instant("snoozed_until", &at))?;
        if status == Some(Status::Snoozed) && !matches!(snooze, Given::Value(_)) {
            return Err(Error::field("snoozed_until", Flaw::Missing));
        }
        let tags = match change.tags {
            None => None,
            Some(tags) => Some(named(caller, &tags).await?),
        };
        let department =
            change.department_id.map(|id| id.parse().map_err(value("department_id"))).transpose()?;
        Ok(Self { status, assignee, department, tags, snooze })
    }

    async fn apply(&self, caller: &Caller, id: ConversationId) -> Result<()> {
        let (store, access) = (&caller.store, caller.access());
        if let Some(tags) = &self.tags {
            set_tags(caller, id, tags).await?;
        }
        match self.assignee {
            Given::Nothing => {}
            Given::Null => conversation::assign(store, access, id, None).await.map(drop)?,
            Given::Value(agent) => conversation::assign(store, access, id, Some(agent)).await.map(drop)?,
        }
        match (self.status, &self.snooze) {
            (_, Given::Value(until)) => conversation::snooze(store, access, id, *until).await.map(drop)?,
            (Some(Status::Closed), _) => conversation::close(store, access, id).await.map(drop)?,
            (Some(Status::Spam), _) => conversation::mark_spam(store, access, id).await.map(drop)?,
            (Some(Status::Open), _) | (_, Given::Null) => {
                conversation::reopen(store, access, id).await.map(drop)?;
            }
            (None | Some(Status::Snoozed), Given::Nothing) => {}
        }
        // Last: it may go where the caller does not see it.
        if let Some(department) = self.department {
            conversation::move_to(store, access, id, department).await?;
        }
        Ok(())
    }
}

/// Makes these tags, and no others, those of a conversation.
async fn set_tags(caller: &Caller, id: ConversationId, wanted: &[TagId]) -> Result<()> {
    let on = caller.store.read(caller.access(), move |read| {
        read.conversation(id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>(read.tags_of_conversation(id)?)
    });
    let on: Vec<TagId> = on.await?.into_iter().map(|tag| tag.id).collect();
    for tag in on.iter().filter(|tag| !wanted.contains(tag)) {
        conversation::untag(&caller.store, caller.access(), id, *tag).await?;
    }
    for tag in wanted.iter().filter(|tag| !on.contains(tag)) {
        conversation::tag(&caller.store, caller.access(), id, *tag).await?;
    }
    Ok(())
}

/// Tags by name or id; one that there is not is a flaw of the field.
async fn named(caller: &Caller, tags: &[String]) -> Result<Vec<TagId>> {
    if tags.len() > TAGS_MAX {
        return Err(Error::field("tags", Flaw::Desk(desk::Problem::TooMany(TAGS_MAX))));
    }
    let directory = caller.directory().await?;
    let find = |text: &String| {
        let known = directory.tags.iter().find(|tag| tag.name == *text || tag.id.to_string() == *text);
        known.map(|tag| tag.id).ok_or(Error::field("tags", Flaw::Value))
    };
    tags.iter().map(find).collect()
}

/// Reads a time in RFC 3339.
pub fn instant(field: &'static str, text: &str) -> Result<Time> {
    let at: Timestamp = text.parse().map_err(|_| Error::field(field, Flaw::Value))?;
    Ok(Time::from_micros(at.as_microsecond()))
}

/// What is done with many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// Which: up to 100 ids.
    ids: Vec<String>,
    /// What is to be changed on each.
    change: Change,
}

/// Conversations of one bulk at most.
const BULK_MAX: usize = 100;

/// Changes many conversations; one that is not there is passed over.
#[utoipa::path(post, path = "/conversations/bulk", tag = "conversations", request_body = Bulk,
    responses((status = 200, description = "Those that were changed", body = Page<Conversation>)))]
pub async fn bulk(caller: Caller, Json(bulk): Json<Bulk>) -> Result<Response> {
    if bulk.ids.len() > BULK_MAX {
        return Err(Error::field("ids", Flaw::Desk(desk::Problem::TooMany(BULK_MAX))));
    }
    let ids = bulk.ids.iter().map(|id| id.parse().map_err(|_| Error::field("ids", Flaw::Value)));
    let ids: Vec<ConversationId> = ids.collect::<Result<_>>()?;
    let planned = Planned::read(&caller, bulk.change).await?;
    for id in &ids {
        match planned.apply(&caller, *id).await {
            Ok(()) | Err(Error::NotFound | Error::Desk(desk::Error::NoSuchConversation(_))) => {}
            Err(error) => return Err(error),
        }
    }
    let found = caller.store.read(caller.access(), move |read| {
        ids.into_iter().filter_map(|id| read.conversation(id).transpose()).collect::<store::Result<Vec<_>>>()
    });
    Ok(Page::whole(found.await?.into_iter().map(Conversation::from).collect()).answer())
}
