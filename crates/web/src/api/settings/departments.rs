//! Departments.

use axum::response::Response;
use desk::settings::{self, DepartmentFields};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use words::DepartmentId;

use crate::{
    api::{
        caller::{Caller, Setter},
        json::{Json, Page, answer, nothing},
    },
    error::{Error, Result},
    fields::At,
};

/// A department.
#[derive(Debug, Serialize, ToSchema)]
pub struct Department {
    /// Its id.
    pub id: String,
    /// Its name among agents.
    pub name: String,
    /// Its name in From.
    pub from_name: String,
    /// Its signature: clean HTML.
    pub signature: String,
}

impl From<store::Department> for Department {
    fn from(one: store::Department) -> Self {
        Self { id: one.id.to_string(), name: one.name, from_name: one.from_name, signature: one.signature }
    }
}

/// A department to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDepartment {
    name: String,
    /// As `name` without it.
    from_name: Option<String>,
    #[serde(default)]
    signature: String,
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentChange {
    name: Option<String>,
    from_name: Option<String>,
    signature: Option<String>,
}

async fn kept(caller: &Caller, id: DepartmentId) -> Result<store::Department> {
    let kept = caller.store.read(caller.access(), move |read| Ok::<_, Error>(read.department(id)?)).await?;
    kept.ok_or(Error::NotFound)
}

/// Lists the departments.
#[utoipa::path(get, path = "/departments", tag = "settings",
    responses((status = 200, description = "All departments", body = Page<Department>)))]
pub async fn index(caller: Caller) -> Result<Response> {
    let all = caller.store.read(caller.access(), |read| read.departments()).await?;
    Ok(Page::whole(all.into_iter().map(Department::from).collect()).answer())
}

/// Adds a department.
#[utoipa::path(post, path = "/departments", tag = "settings", request_body = NewDepartment,
    responses((status = 201, description = "The department", body = Department)))]
pub async fn create(Setter(caller): Setter, Json(new): Json<NewDepartment>) -> Result<Response> {
    let from_name = new.from_name.unwrap_or_else(|| new.name.clone());
    let fields = DepartmentFields { name: new.name, from_name, signature: new.signature };
    let id = settings::add_department(&caller.store, caller.access(), &fields).await?;
    caller.account.forget();
    Ok(answer(StatusCode::CREATED, &Department::from(kept(&caller, id).await?)))
}

/// Changes a department.
#[utoipa::path(patch, path = "/departments/{id}", tag = "settings", request_body = DepartmentChange,
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "The department as it is now", body = Department)))]
pub async fn update(
    Setter(caller): Setter,
    At(id): At<DepartmentId>,
    Json(change): Json<DepartmentChange>,
) -> Result<Response> {
    let before = kept(&caller, id).await?;
    let fields = DepartmentFields {
        name: change.name.unwrap_or(before.name),
        from_name: change.from_name.unwrap_or(before.from_name),
        signature: change.signature.unwrap_or(before.signature),
    };
    settings::update_department(&caller.store, caller.access(), id, &fields).await?;
    caller.account.forget();
    Ok(answer(StatusCode::OK, &Department::from(kept(&caller, id).await?)))
}

/// Removes a department that nothing belongs to.
#[utoipa::path(delete, path = "/departments/{id}", tag = "settings",
    params(("id" = String, Path, description = "its id")),
    responses((status = 204, description = "It is gone"), (status = 409, description = "It is in use")))]
pub async fn delete(Setter(caller): Setter, At(id): At<DepartmentId>) -> Result<Response> {
    settings::remove_department(&caller.store, caller.access(), id).await.map_err(gone)?;
    caller.account.forget();
    Ok(nothing())
}

fn gone(error: desk::Error) -> Error {
    match error {
        desk::Error::NoSuchDepartment(_) => Error::NotFound,
        other => other.into(),
    }
}
