//! Beginning a conversation with a letter of ours: its page, its draft, its sending.

pub mod create;
pub mod draft;
pub mod files;
pub mod new;

use axum::response::Response;
use http::HeaderMap;
use store::{DraftFile, FirstDraft, Read};
use words::MailboxId;

use super::{
    conversation::show::draft_file,
    list::{self, Asked, ListRead},
    page,
    shell::{Counted, shell},
};
use crate::{
    directory::Directory,
    error::{Error, Result},
    fields::Fields,
    serve::wants_pane,
    session::Signed,
    view::{
        Flaws,
        beginning::{self as view, Beginning, From},
        shell::Here,
    },
};

/// What is typed in the page, as it came or was kept.
#[derive(Default)]
struct Typed {
    mailbox: Option<MailboxId>,
    to: String,
    cc: String,
    subject: String,
    html: String,
    /// What was typed without script.
    text: Option<String>,
}

impl Typed {
    fn read(fields: &Fields) -> Result<Self> {
        Ok(Self {
            // One that is none is told when it is sent.
            mailbox: fields.parsed("mailbox").unwrap_or_default(),
            to: fields.text("to")?,
            cc: fields.text("cc")?,
            subject: fields.text("subject")?,
            html: fields.text("html")?,
            text: fields.one("text")?.map(|text| text.replace("\r\n", "\n")),
        })
    }

    /// For the draft: what was typed without script becomes HTML.
    fn kept(self) -> desk::writing::Typed {
        let html = self.text.map_or(self.html, |text| letter::html_of_text(&text));
        let Self { mailbox, to, cc, subject, .. } = self;
        desk::writing::Typed { mailbox, to, cc, subject, html }
    }
}

impl std::convert::From<FirstDraft> for Typed {
    fn from(kept: FirstDraft) -> Self {
        let FirstDraft { mailbox, to, cc, subject, html, .. } = kept;
        Self { mailbox, to, cc, subject, html, text: None }
    }
}

/// The agent's first letter as it is kept, with its files.
fn kept(read: &Read<'_>, agent: words::AgentId) -> store::Result<(Option<FirstDraft>, Vec<DraftFile>)> {
    let draft = read.first_draft(agent)?;
    let files = draft.as_ref().map(|draft| read.draft_files(draft.id)).transpose()?;
    Ok((draft, files.unwrap_or_default()))
}

/// The page, in the pane or beside the list.
async fn shown(
    signed: &Signed,
    headers: &HeaderMap,
    asked: &Asked,
    typed: Typed,
    files: &[DraftFile],
    flaws: Flaws,
) -> Result<Response> {
    let directory = signed.directory().await?;
    let html = typed.html;
    let beginning = Beginning {
        from: mailboxes(signed, &directory),
        mailbox: typed.mailbox,
        to: typed.to,
        cc: typed.cc,
        subject: typed.subject,
        text: typed.text.unwrap_or_else(|| letter::text_of_html(&html)),
        html,
        files: files.iter().map(draft_file).collect(),
        may_set_up: signed.role().may_set_up(),
        list_query: asked.filter.query(),
        flaws,
    };
    if wants_pane(headers) {
        return Ok(page(signed, view::frame(signed.texts(), &beginning)));
    }
    let (me, wanted) = (signed.agent(), asked.clone());
    let beside = signed.store.read(signed.access(), move |read| {
        Ok::<_, Error>((ListRead::read(read, &wanted, me)?, Counted::read(read)?))
    });
    let (rows, counted) = beside.await?;
    let list = list::list(asked, rows, &directory, &counted, me);
    let shell = shell(signed, &directory, &counted, Here::Beginning);
    Ok(page(signed, view::page(&shell, &list, &beginning)))
}

/// The mailboxes that the agent may write from: those of the departments that they see.
fn mailboxes(signed: &Signed, directory: &Directory) -> Vec<From> {
    let seen = signed.access().departments();
    let theirs = directory.mailboxes.iter().filter(|mailbox| seen.include(mailbox.department));
    let mut from: Vec<_> =
        theirs.map(|mailbox| (directory.department(mailbox.department).name, mailbox)).collect();
    // The department's first comes first, as answers come from it.
    from.sort_by(|(a, one), (b, other)| (a, one.created_at).cmp(&(b, other.created_at)));
    let shown = |(department, mailbox): (String, &store::Mailbox)| From {
        id: mailbox.id,
        department,
        address: mailbox.address.to_string(),
    };
    from.into_iter().map(shown).collect()
}
