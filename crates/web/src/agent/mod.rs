//! The desk: what agents see and do.

pub mod beginning;
pub mod conversation;
pub mod entrance;
pub mod list;
pub mod me;
pub mod search;
pub mod shell;

use axum::response::{Html, IntoResponse, Response};
use maud::Markup;
use store::Store;
use words::{AgentId, Time};

use crate::{
    account::Account, directory::Directory, file_key::FileKey, headers::StyleNonce, session::Signed,
};

/// For whom a page or a live fragment is made: what differs from agent to agent hangs on it.
#[derive(Clone, Copy)]
pub struct Viewer<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its store.
    pub store: &'a Store,
    /// Its names.
    pub directory: &'a Directory,
    /// The agent.
    pub agent: AgentId,
    /// The time.
    pub now: Time,
}

impl Viewer<'_> {
    /// The whole address on the letter host of what lies at `path` there, for this agent.
    pub fn file_address(&self, path: &str) -> String {
        let key = FileKey::of(self.store).sign(path, self.agent, self.now);
        format!("{}{path}?key={key}", self.account.files)
    }
}

/// The answer that carries a page, with the nonce that its session's styles have.
pub fn page(signed: &Signed, page: Markup) -> Response {
    let mut response = Html(page.into_string()).into_response();
    response.extensions_mut().insert(StyleNonce(signed.seen.session.style_nonce.clone()));
    response
}
