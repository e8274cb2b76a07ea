//! Search over letters and notes.

use axum::response::Response;
use store::{Filter, SearchFilter};

use super::{caller::Caller, json::Page, shapes::Conversation};
use crate::error::{Error, Result};

/// Conversations in which words stand, by the newest message that holds them.
pub async fn conversations(
    caller: &Caller,
    words: &str,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Response> {
    let Some(query) = store::query(words) else {
        return Ok(Page::<Conversation>::whole(Vec::new()).answer());
    };
    let (narrowed, all) = (SearchFilter { status: filter.status, department: filter.department }, *filter);
    let limit = usize::try_from(limit).unwrap_or(1);
    let (found, next) = caller
        .store
        .read(caller.access(), move |read| {
            let page = read.search(&query, &narrowed, before, limit)?;
            let mut found = Vec::with_capacity(page.hits.len());
            for hit in page.hits {
                if let Some(tag) = all.tag
                    && !read.tags_of_conversation(hit.conversation)?.iter().any(|one| one.id == tag)
                {
                    continue;
                }
                found.extend(read.conversation(hit.conversation)?);
            }
            Ok::<_, Error>((found, page.next))
        })
        .await?;
    let kept = found.into_iter().filter(|one| match all.assigned {
        store::Assigned::Any => true,
        store::Assigned::To(agent) => one.assignee == Some(agent),
        store::Assigned::Nobody => one.assignee.is_none(),
    });
    let items = kept.map(Conversation::from).collect();
    Ok(Page { items, next_cursor: next.map(|next| next.to_string()) }.answer())
}
