//! The desk's suite: in the words of the field, on both databases.

mod acknowledge;
mod answer;
mod conversation;
mod hijack;
mod loops;
mod receive;
mod settings;

use desk::{
    Authentication,
    receive::{Arrival, Gist, Received, receive},
    writing::{Answer, Body, answer},
};
use letter::Letter;
use register::Access;
use std::time::Duration;
use store::{Conversation, Message, Store};
use testkit::{Havn, On, havn::Account};
use words::{ConversationId, MailboxId, MessageId, Task};

/// Runs a test on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($desk:ident: &Desk) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs all of them")]
            use super::*;
            $(#[$meta])*
            async fn test($desk: &crate::Desk) $body
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                test(&crate::Desk::open(testkit::On::Sqlite).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                test(&crate::Desk::open(testkit::On::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both;

/// An account at work: its owner is logged in, and mail can come.
pub(crate) struct Desk {
    pub(crate) havn: Havn,
    pub(crate) account: Account,
    pub(crate) store: Store,
    pub(crate) owner: Access,
    pub(crate) agent: Access,
    mail: Access,
}

impl Desk {
    pub(crate) async fn open(on: On) -> Self {
        Self::open_as("harbour", on).await
    }

    /// An account of this name, in a Havn of its own.
    pub(crate) async fn open_as(slug: &str, on: On) -> Self {
        let havn = Havn::start(on).await;
        let account = havn.account(slug).await;
        let (store, owner, _) = havn.signed_in(account.id, &account.owner).await;
        let (_, agent, _) = havn.signed_in(account.id, &account.agent).await;
        let (_, mail) = havn.accounts.open_task(account.id, Task::Receive).await.expect("the store opens");
        Self { owner: owner.access, agent: agent.access, havn, account, store, mail }
    }

    /// Takes a mail in at the support mailbox, its sender vouched for.
    pub(crate) async fn mail(&self, raw: &str) -> Received {
        self.mail_at(&[self.account.support_mailbox], raw, true).await[0]
    }

    /// Takes a mail in, its sender vouched for by nobody.
    pub(crate) async fn mail_unverified(&self, raw: &str) -> Received {
        self.mail_at(&[self.account.support_mailbox], raw, false).await[0]
    }

    pub(crate) async fn mail_at(&self, mailboxes: &[MailboxId], raw: &str, aligned: bool) -> Vec<Received> {
        let arrival = self.arrival(mailboxes, raw, aligned, false).await;
        receive(&self.store, &self.mail, arrival).await.expect("the mail is taken in")
    }

    pub(crate) async fn import(&self, raw: &str) -> Received {
        let arrival = self.arrival(&[self.account.support_mailbox], raw, false, true).await;
        let (_, access) =
            self.havn.accounts.open_task(self.account.id, Task::Import).await.expect("it opens");
        receive(&self.store, &access, arrival).await.expect("the mail is taken in")[0]
    }

    async fn arrival(&self, mailboxes: &[MailboxId], raw: &str, aligned: bool, imported: bool) -> Arrival {
        let raw = raw.trim_start().replace('\n', "\r\n");
        let letter = Letter::read(raw.as_bytes());
        let automatic_path = letter.machine.return_path.as_deref() == Some("");
        let envelope_from = letter.from.first().and_then(|from| from.address.clone());
        let envelope_from = envelope_from.filter(|_| !automatic_path);
        Arrival {
            mailboxes: mailboxes.to_vec(),
            gist: Gist::of(&letter, raw.as_bytes(), envelope_from.as_ref()),
            envelope_from,
            bounce: letter::bounce(&letter, raw.as_bytes()),
            raw: self.store.prepare_raw(raw.clone().into_bytes()).await.expect("the raw mail is prepared"),
            letter,
            authentication: Authentication { aligned, ..Authentication::default() },
            trace: "from a test".into(),
            imported,
        }
    }

    pub(crate) async fn conversation(&self, id: ConversationId) -> Conversation {
        self.find(id).await.expect("the owner sees the conversation")
    }

    pub(crate) async fn find(&self, id: ConversationId) -> Option<Conversation> {
        self.store.read(&self.owner, move |read| read.conversation(id)).await.expect("the store answers")
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        let message = self.store.read(&self.owner, move |read| read.message(id)).await;
        message.expect("the store answers").expect("the owner sees the message")
    }

    pub(crate) async fn messages(&self, id: ConversationId) -> Vec<Message> {
        self.store.read(&self.owner, move |read| read.messages_after(id, 0, 100)).await.expect("it answers")
    }

    /// The owner answers at once.
    pub(crate) async fn answer(&self, id: ConversationId, text: &str) -> Message {
        let letter = Answer {
            body: Body::Text(text.into()),
            to: None,
            cc: Vec::new(),
            files: Vec::new(),
            close: false,
            seen: None,
            undo: Duration::ZERO,
        };
        let sent = answer(&self.store, &self.owner, id, letter, &self.havn.clock).await;
        self.message(sent.expect("it is answered")).await
    }

    /// What stands in the outgoing mail.
    pub(crate) async fn raw(&self, id: MessageId) -> Vec<u8> {
        self.store.raw(&self.owner, id).await.expect("the store answers").expect("a mail is kept")
    }
}

/// The conversation that a mail began or joined.
pub(crate) fn conversation_of(received: Received) -> ConversationId {
    match received {
        Received::Started { conversation, .. } | Received::Joined { conversation, .. } => conversation,
        Received::Duplicate { .. } => panic!("a duplicate has no conversation of its own"),
    }
}

/// A mail from Mads to support.
pub(crate) fn from_mads(message_id: &str, more: &str) -> String {
    format!(
        "From: Mads Holm <mads@kunde.example>\nTo: support@harbour.example\nSubject: My order\n\
         Date: Mon, 2 Nov 2026 10:00:00 +0100\nMessage-ID: <{message_id}>\n{more}\nWhere is order 4711?\n"
    )
}
