//! `POST /conversations/bulk`: one thing done with many conversations of the list.

use axum::response::Response;
use desk::conversation;
use http::HeaderMap;
use maud::html;
use words::{AgentId, ConversationId, DepartmentId, TagId};

use crate::{
    agent::list::{self, Asked},
    error::{Error, Flaw, Result},
    fields::{Fields, Form, Query},
    serve::see,
    session::Signed,
    stream,
    view::inbox,
};

/// Conversations of one bulk at most: what a page shows.
const AT_ONCE_MAX: usize = 100;

/// What is done with each.
enum Deed {
    Close,
    Reopen,
    Spam,
    Assign(Option<AgentId>),
    Move(DepartmentId),
    Tag(TagId),
}

impl Deed {
    /// The pressed button says what.
    fn read(form: &Fields) -> Result<Self> {
        if form.ticked("close")? {
            return Ok(Self::Close);
        }
        if form.ticked("reopen")? || form.one("spam")? == Some("no") {
            return Ok(Self::Reopen);
        }
        if form.ticked("spam")? {
            return Ok(Self::Spam);
        }
        if form.stands("agent") {
            return Ok(Self::Assign(form.parsed("agent")?));
        }
        match (form.parsed("department")?, form.parsed("tag")?) {
            (Some(department), None) => Ok(Self::Move(department)),
            (None, Some(tag)) => Ok(Self::Tag(tag)),
            _ => Err(Error::Unreadable("nothing is said to be done".into())),
        }
    }

    async fn apply(&self, signed: &Signed, id: ConversationId) -> desk::Result<()> {
        let (store, access) = (&signed.store, signed.access());
        match self {
            Self::Close => conversation::close(store, access, id).await,
            Self::Reopen => conversation::reopen(store, access, id).await,
            Self::Spam => conversation::mark_spam(store, access, id).await,
            Self::Assign(to) => conversation::assign(store, access, id, *to).await,
            Self::Move(to) => conversation::move_to(store, access, id, *to).await,
            Self::Tag(tag) => conversation::tag(store, access, id, *tag).await,
        }?;
        Ok(())
    }
}

/// Does it with each that is ticked; one that is gone meanwhile is passed over.
pub async fn create(
    signed: Signed,
    Query(query): Query,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let deed = Deed::read(&form)?;
    let ids: Vec<ConversationId> = form.every("conversation")?;
    if ids.len() > AT_ONCE_MAX {
        return Err(Error::field("conversation", Flaw::Desk(desk::Problem::TooMany(AT_ONCE_MAX))));
    }
    for id in &ids {
        match deed.apply(&signed, *id).await {
            Ok(()) | Err(desk::Error::NoSuchConversation(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if !stream::wanted(&headers) {
        return Ok(see(&format!("/conversations?{}", Asked::read(&query)?.filter.query())));
    }
    rows(&signed, ids).await
}

/// The rows as they are now.
async fn rows(signed: &Signed, ids: Vec<ConversationId>) -> Result<Response> {
    let me = signed.agent();
    let found = signed.store.read(signed.access(), move |read| {
        let of = |id| Ok((id, read.conversation(id)?, read.marks(id, me)?));
        ids.into_iter().map(of).collect::<Result<Vec<_>>>()
    });
    let (found, directory) = (found.await?, signed.directory().await?);
    Ok(stream::response(&html! {
        @for (id, conversation, marks) in found {
            @let row = format!("row-{id}");
            @match conversation {
                Some(one) => (stream::element("row", &row, &inbox::live_row(signed.texts(), &list::row(one, marks, &directory)))),
                None => (stream::remove(&row)),
            }
        }
    }))
}
