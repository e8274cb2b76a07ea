//! `/settings/departments`: names, what stands in From, signatures.

use std::collections::HashSet;

use axum::response::Response;
use desk::settings;
use words::DepartmentId;

use super::{Admin, of_form};
use crate::{
    error::{Error, Result},
    fields::{At, Fields, Form},
    serve::see,
    view::{
        self, Flaws,
        settings::{DepartmentFields, DepartmentLine, Departments},
    },
};

/// Shows them.
pub async fn show(admin: Admin) -> Result<Response> {
    shown(&admin, None).await
}

/// What was wrong: with an existing department or with a new one, and what was typed.
type Wrong = (Option<DepartmentId>, DepartmentFields, Error);

async fn shown(admin: &Admin, wrong: Option<Wrong>) -> Result<Response> {
    let signed = &admin.0;
    let (shell, directory) = admin.shell().await?;
    let ids: Vec<DepartmentId> = directory.departments.iter().map(|one| one.id).collect();
    let held = signed.store.read(signed.access(), move |read| {
        let mut held = HashSet::new();
        for id in ids {
            if read.department_holds_conversations(id)? {
                held.insert(id);
            }
        }
        Ok::<_, Error>(held)
    });
    let (held, last) = (held.await?, directory.departments.len() == 1);
    let lines = directory.departments.iter().map(|one| {
        let own = directory.mailboxes.iter().filter(|mailbox| mailbox.department == one.id);
        let mailboxes: Vec<String> = own.map(|mailbox| mailbox.address.to_string()).collect();
        DepartmentLine {
            department: view::Department { id: one.id, name: one.name.clone() },
            fields: DepartmentFields {
                name: one.name.clone(),
                from_name: one.from_name.clone(),
                signature: letter::text_of_html(&one.signature),
            },
            can_go: !last && mailboxes.is_empty() && !held.contains(&one.id),
            mailboxes,
            flaws: Flaws::default(),
        }
    });
    let mut page = Departments {
        departments: lines.collect(),
        new: DepartmentFields::default(),
        flaws: Flaws::default(),
    };
    let Some((id, typed, error)) = wrong else {
        return Ok(admin.page(view::settings::departments(&shell, &page), None));
    };
    let flaws = error.flaws(signed.texts());
    if let Some(line) = page.departments.iter_mut().find(|line| Some(line.department.id) == id) {
        (line.fields, line.flaws) = (typed, flaws);
    } else {
        (page.new, page.flaws) = (typed, flaws);
    }
    Ok(admin.page(view::settings::departments(&shell, &page), Some(&error)))
}

fn typed(form: &Fields) -> Result<DepartmentFields> {
    Ok(DepartmentFields {
        name: form.text("name")?,
        from_name: form.text("from_name")?,
        signature: form.text("signature")?.replace("\r\n", "\n"),
    })
}

fn fields(typed: &DepartmentFields) -> settings::DepartmentFields {
    let from_name = if typed.from_name.is_empty() { &typed.name } else { &typed.from_name };
    let signature =
        if typed.signature.is_empty() { String::new() } else { letter::html_of_text(&typed.signature) };
    settings::DepartmentFields { name: typed.name.clone(), from_name: from_name.clone(), signature }
}

/// Adds one.
pub async fn create(admin: Admin, Form(form): Form) -> Result<Response> {
    let (signed, typed) = (&admin.0, typed(&form)?);
    match settings::add_department(&signed.store, signed.access(), &fields(&typed)).await {
        Ok(_) => Ok(done(&admin)),
        Err(error) => shown(&admin, Some((None, typed, of_form(error.into())?))).await,
    }
}

/// Changes one.
pub async fn update(admin: Admin, At(id): At<DepartmentId>, Form(form): Form) -> Result<Response> {
    let (signed, typed) = (&admin.0, typed(&form)?);
    match settings::update_department(&signed.store, signed.access(), id, &fields(&typed)).await {
        Ok(()) => Ok(done(&admin)),
        Err(desk::Error::NoSuchDepartment(_)) => Err(Error::NotFound),
        Err(error) => shown(&admin, Some((Some(id), typed, of_form(error.into())?))).await,
    }
}

/// Removes one that nothing belongs to.
pub async fn delete(admin: Admin, At(id): At<DepartmentId>) -> Result<Response> {
    match settings::remove_department(&admin.0.store, admin.0.access(), id).await {
        Err(desk::Error::NoSuchDepartment(_)) => Err(Error::NotFound),
        other => {
            other?;
            Ok(done(&admin))
        }
    }
}

fn done(admin: &Admin) -> Response {
    admin.0.account.forget();
    see("/settings/departments")
}
