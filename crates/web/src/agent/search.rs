//! `GET /search?q=`: everything that one may see, by its words.

use axum::response::Response;
use store::{Conversation, Message, MessageKind, Read, SearchFilter};

use super::{
    list::{self, ROWS_MAX},
    page,
    shell::{Counted, shell},
};
use crate::{
    directory::Directory,
    error::{Error, Result},
    fields::Query,
    session::Signed,
    view::{
        search::{self, Hit, Search},
        shell::Here,
    },
};

/// What was found: each conversation with the newest message that holds it.
struct Found {
    hits: Vec<(Conversation, Message)>,
    next: Option<i64>,
}

impl Found {
    fn read(read: &Read<'_>, asked: &str, before: Option<i64>) -> store::Result<Self> {
        let Some(query) = store::query(asked) else { return Ok(Self { hits: Vec::new(), next: None }) };
        let page = read.search(&query, &SearchFilter::default(), before, ROWS_MAX)?;
        let mut hits = Vec::with_capacity(page.hits.len());
        for hit in page.hits {
            let Some(conversation) = read.conversation(hit.conversation)? else { continue };
            let message = read.messages_after(hit.conversation, hit.message_number - 1, 1)?.pop();
            hits.extend(message.map(|message| (conversation, message)));
        }
        Ok(Self { hits, next: page.next })
    }
}

/// Looks for it.
pub async fn show(signed: Signed, Query(query): Query) -> Result<Response> {
    let asked = query.text("q")?;
    let before = query.parsed("cursor")?;
    let sought = asked.clone();
    let (found, counted) = signed
        .store
        .read(signed.access(), move |read| {
            Ok::<_, Error>((Found::read(read, &sought, before)?, Counted::read(read)?))
        })
        .await?;
    let directory = signed.directory().await?;
    let older = found.next.map(|next| next.to_string());
    let hits = found.hits.into_iter().map(|(one, message)| hit(one, message, &directory)).collect();
    let shell = shell(&signed, &directory, &counted, Here::Search);
    Ok(page(&signed, search::page(&shell, &Search { query: asked, hits, older })))
}

fn hit(conversation: Conversation, message: Message, directory: &Directory) -> Hit {
    Hit {
        conversation: conversation.id,
        message: message.id,
        contact: if conversation.contact_name.is_empty() {
            conversation.contact_address
        } else {
            conversation.contact_name
        },
        subject: conversation.subject,
        text: message.text,
        at: message.created_at,
        note: message.kind == MessageKind::Note,
        status: list::folder(conversation.status),
        department: directory.department(conversation.department),
    }
}
