//! Tags.

use axum::response::Response;
use desk::settings;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use words::TagId;

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Json, Page, answer, nothing},
    },
    error::{Error, Result},
    fields::At,
};

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    /// Its id.
    pub id: String,
    /// The word.
    pub name: String,
    /// One of eight colours, 0 to 7.
    pub colour: i64,
}

impl From<store::Tag> for Tag {
    fn from(tag: store::Tag) -> Self {
        Self { id: tag.id.to_string(), name: tag.name, colour: tag.colour }
    }
}

/// A tag to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    name: String,
    #[serde(default)]
    colour: i64,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagChange {
    name: Option<String>,
    colour: Option<i64>,
}

async fn kept(caller: &Caller, id: TagId) -> Result<store::Tag> {
    let kept = caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.tag(id)?)).await?;
    kept.ok_or(Error::NotFound)
}

/// Lists the tags.
#[utoipa::path(get, path = "/tags", tag = "settings",
    responses((status = 200, description = "All tags", body = Page<Tag>)))]
pub async fn index(caller: Caller) -> Result<Response> {
    let all = caller.store.read(caller.access(), |read| read.tags()).await?;
    Ok(Page::whole(all.into_iter().map(Tag::from).collect()).answer())
}

/// Adds a tag.
#[utoipa::path(post, path = "/tags", tag = "settings", request_body = NewTag,
    responses((status = 201, description = "The tag", body = Tag)))]
pub async fn create(Setter(caller): Setter, Json(new): Json<NewTag>) -> Result<Response> {
    let id = settings::add_tag(&caller.store, caller.access(), &new.name, new.colour).await?;
    caller.account.forget();
    Ok(answer(StatusCode::CREATED, &Tag::from(kept(&caller, id).await?)))
}

/// Changes a tag.
#[utoipa::path(patch, path = "/tags/{id}", tag = "settings", request_body = TagChange,
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The tag as it is now", body = Tag)))]
pub async fn update(
    Setter(caller): Setter,
    At(id): At<TagId>,
    Json(change): Json<TagChange>,
) -> Result<Response> {
    let before = kept(&caller, id).await?;
    let (name, colour) = (change.name.unwrap_or(before.name), change.colour.unwrap_or(before.colour));
    settings::update_tag(&caller.store, caller.access(), id, &name, colour).await?;
    caller.account.forget();
    Ok(answer(StatusCode::OK, &Tag::from(kept(&caller, id).await?)))
}

/// Removes a tag, from every conversation too.
#[utoipa::path(delete, path = "/tags/{id}", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(Setter(caller): Setter, At(id): At<TagId>) -> Result<Response> {
    kept(&caller, id).await?;
    settings::remove_tag(&caller.store, caller.access(), id).await?;
    caller.account.forget();
    Ok(nothing())
}
