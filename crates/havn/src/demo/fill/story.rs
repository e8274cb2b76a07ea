//! Plays what happened in an account, in the order of time: mails come, agents answer.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use access::SignIn;
use desk::{
    conversation,
    writing::{Answer, Body, Note, answer, note},
};
use mail::{
    Incoming, Names, Reception,
    session::{Mail, Protocol, Recipient},
};
use register::Access;
use store::{DraftFile, MessageKind, Store};
use words::{Clock, ConversationId, EmailAddress, MessageId, Secret, Task, Time};

use super::{
    account::{Made, password},
    letters::{self, Thread},
};
use crate::{
    Error, Result,
    config::Config,
    demo::{
        content::{self, Step},
        outside::Signer,
    },
    doors::Doors,
};

/// What moved in this time before now is unread.
const UNREAD: Duration = Duration::from_mins(100);

/// Plays an account's story.
pub struct Teller<'a> {
    doors: &'a Doors,
    reception: Arc<Reception>,
    signer: &'a Signer,
    content: &'a content::Account,
    made: &'a Made,
    clock: &'a Clock,
}

/// A mail or a step that is to come.
struct Event<'a> {
    at: Time,
    conversation: usize,
    /// None: the mail that begins it.
    step: Option<&'a Step>,
}

impl<'a> Teller<'a> {
    /// Has told nothing yet.
    pub fn new(
        doors: &'a Doors,
        names: &Arc<Names>,
        signer: &'a Signer,
        config: &Config,
        content: &'a content::Account,
        made: &'a Made,
        clock: &'a Clock,
    ) -> Self {
        let (names, host) = (Arc::clone(names), config.mail.name.to_string());
        let reception = Reception::new(doors.accounts.clone(), names, host, clock.clone());
        Self { doors, reception, signer, content, made, clock }
    }

    /// Plays all of it, so that it ends now.
    pub async fn tell(&self, now: Time) -> Result<()> {
        let mut sessions = BTreeMap::new();
        let mut begun = BTreeMap::new();
        for event in self.events(now) {
            self.clock.advance(event.at.since(self.clock.now()));
            let conversation = &self.content.conversations[event.conversation];
            match (event.step, begun.get(&event.conversation)) {
                (None, _) => {
                    if let Some(id) = self.begin(&conversation.mail, event.at).await? {
                        begun.insert(event.conversation, id);
                    }
                }
                (Some(step), Some(id)) => self.step(conversation, step, *id, &mut sessions).await?,
                (Some(_), None) => {}
            }
        }
        self.read_what_is_old(&begun, &mut sessions).await
    }

    /// Everybody has read what is older than this morning.
    async fn read_what_is_old(
        &self,
        begun: &BTreeMap<usize, ConversationId>,
        sessions: &mut BTreeMap<String, Secret>,
    ) -> Result<()> {
        for name in self.made.agents.keys() {
            for (number, id) in begun {
                let conversation = &self.content.conversations[*number];
                let last = conversation.then.last().map_or(conversation.mail.ago, |step| step.ago);
                if last < UNREAD {
                    continue;
                }
                let (store, access) = self.agent(name, sessions).await?;
                let id = *id;
                let found = store.read(&access, move |read| read.conversation(id)).await?;
                // Some agents do not see some departments.
                if let Some(found) = found {
                    conversation::mark_read(&store, &access, id, found.last_message_number).await?;
                }
            }
        }
        Ok(())
    }

    fn events(&self, now: Time) -> Vec<Event<'a>> {
        let mut events = Vec::new();
        for (number, conversation) in self.content.conversations.iter().enumerate() {
            events.push(Event { at: now.before(conversation.mail.ago), conversation: number, step: None });
            for step in &conversation.then {
                events.push(Event { at: now.before(step.ago), conversation: number, step: Some(step) });
            }
        }
        events.sort_by_key(|event| event.at);
        events
    }

    async fn begin(&self, mail: &content::Mail, at: Time) -> Result<Option<ConversationId>> {
        let to = if mail.to.is_empty() { vec![self.made.first_mailbox.clone()] } else { mail.to.clone() };
        let first = to.first().unwrap_or(&self.made.first_mailbox);
        let raw = if let Some(name) = &mail.raw {
            letters::fill_in(name, first, at, "", "")?
        } else {
            let from = mail.from.as_ref().ok_or_else(|| Error::Told("a demo mail has a sender".into()))?;
            letters::compose(mail, from, &to, at, &Thread::default())?
        };
        self.bring(raw, &to, mail.unsigned).await
    }

    /// Brings a mail as SMTP would, and tells in which conversation it lies.
    async fn bring(
        &self,
        raw: Vec<u8>,
        to: &[EmailAddress],
        unsigned: bool,
    ) -> Result<Option<ConversationId>> {
        let read = letter::Letter::read(&raw);
        let sender = read.from.first().and_then(|from| from.address.clone());
        let automatic = letter::bounce(&read, &raw).is_some();
        let raw = match &sender {
            Some(sender) if !unsigned => self.signer.sign(raw, sender.domain()),
            _ => raw,
        };
        let recipients = to.iter().filter_map(|address| {
            let mailbox = *self.made.mailboxes.get(&address.key())?;
            Some(Recipient { address: address.clone(), account: self.made.id, mailbox })
        });
        let envelope = sender.filter(|_| !automatic).map(|sender| sender.to_string()).unwrap_or_default();
        let mail = Mail {
            sender: envelope,
            recipients: recipients.collect(),
            raw,
            hello: "mx.post.example".into(),
            with: "ESMTP",
        };
        let remote = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let incoming = Incoming { mail, remote, tls: None, protocol: Protocol::Smtp };
        let outcomes = self.reception.take(incoming).await;
        let taken = outcomes.into_iter().next().and_then(Result::ok);
        let Some(message) = taken.and_then(|id| id.parse::<MessageId>().ok()) else {
            return Err(Error::Told("a mail of the demo was not taken".into()));
        };
        let (store, access) = self.doors.accounts.open_task(self.made.id, Task::Receive).await?;
        let message = store.read(&access, move |read| read.message(message)).await?;
        Ok(message.map(|message| message.conversation))
    }

    async fn step(
        &self,
        conversation: &content::Conversation,
        step: &Step,
        id: ConversationId,
        sessions: &mut BTreeMap<String, Secret>,
    ) -> Result<()> {
        if step.letter.is_some() || step.raw.is_some() {
            return self.follow_up(conversation, step, id).await;
        }
        let by = step.by.as_deref().unwrap_or_else(|| self.anybody());
        let (store, access) = self.agent(by, sessions).await?;
        for tag in &step.tags {
            conversation::tag(&store, &access, id, self.made.tags[tag]).await?;
        }
        if let Some(text) = &step.note {
            let written = Note { body: Body::Text(text.clone()), files: Vec::new() };
            note(&store, &access, id, written, self.clock).await?;
        }
        if let Some(text) = &step.answer {
            let written = Answer {
                body: Body::Text(text.clone()),
                to: None,
                cc: step.cc.clone(),
                files: self.files(&store, &access, &step.files).await?,
                close: step.close,
                seen: None,
                undo: Duration::ZERO,
            };
            answer(&store, &access, id, written, self.clock).await?;
        } else if step.close {
            conversation::close(&store, &access, id).await?;
        }
        if step.spam {
            conversation::mark_spam(&store, &access, id).await?;
        }
        if let Some(span) = step.snooze {
            conversation::snooze(&store, &access, id, Clock::System.now().after(span)).await?;
        }
        if let Some(name) = &step.department {
            conversation::move_to(&store, &access, id, self.made.departments[name]).await?;
        }
        if let Some(name) = &step.assign {
            // Whoever moved it may not see it any more; the first agent sees everything.
            let (_, owner) = self.agent(self.anybody(), sessions).await?;
            conversation::assign(&store, &owner, id, Some(self.made.agents[name].0)).await?;
        }
        Ok(())
    }

    /// The contact writes again, or a machine does.
    async fn follow_up(
        &self,
        conversation: &content::Conversation,
        step: &Step,
        id: ConversationId,
    ) -> Result<()> {
        let (store, access) = self.doors.accounts.open_task(self.made.id, Task::Receive).await?;
        let messages = store.read(&access, move |read| read.messages_after(id, 0, 100)).await?;
        let ours = messages.iter().rev().find(|message| message.kind == MessageKind::LetterOut);
        let answered = ours.or(messages.last());
        let now = self.clock.now();
        let first = &conversation.mail;
        let to = if first.to.is_empty() { vec![self.made.first_mailbox.clone()] } else { first.to.clone() };
        let answers = answered.map(|message| message.message_id.clone()).unwrap_or_default();
        if let Some(name) = &step.raw {
            let reached = ours.and_then(|ours| ours.envelope.to.first()).map(|to| to.address.clone());
            let raw = letters::fill_in(name, &to[0], now, &answers, &reached.unwrap_or_default())?;
            return self.bring(raw, &to[..1], true).await.map(drop);
        }
        let mut mail = first.clone();
        mail.text = step.letter.clone().unwrap_or_default();
        mail.subject = format!("Re: {}", first.subject);
        (mail.html, mail.files) = (None, step.files.clone());
        mail.name = step.name.clone().unwrap_or(mail.name);
        let from = step.from.clone().or_else(|| first.from.clone());
        let from = from.ok_or_else(|| Error::Told("a demo mail has a sender".into()))?;
        let thread = Thread {
            in_reply_to: Some(answers),
            references: messages
                .iter()
                .map(|message| message.message_id.clone())
                .filter(|id| !id.is_empty())
                .collect(),
            quoted: ours.map(|ours| (self.says(&ours.author_name), ours.text.clone())),
        };
        let raw = letters::compose(&mail, &from, &to, now, &thread)?;
        self.bring(raw, &to, false).await.map(drop)
    }

    fn says(&self, who: &str) -> String {
        match self.content.language {
            words::Language::Da => format!("{who} skrev"),
            words::Language::En => format!("{who} wrote"),
        }
    }

    fn anybody(&self) -> &str {
        self.content.agents.first().map_or("", |agent| agent.email.local())
    }

    /// What an agent's session opens, begun at its first use.
    async fn agent(&self, name: &str, sessions: &mut BTreeMap<String, Secret>) -> Result<(Store, Access)> {
        let (store, _) = self.doors.accounts.open_task(self.made.id, Task::SignIn).await?;
        let door = self.doors.accounts.door();
        if let Some(token) = sessions.get(name)
            && let Some(seen) = door.session(&store, token).await?
        {
            return Ok((store, seen.access));
        }
        let asked = SignIn {
            address: self.made.agents[name].1.clone(),
            password: password(),
            remote: IpAddr::V4(Ipv4Addr::LOCALHOST),
            browser: "havn demo".into(),
        };
        let signed_in = door.sign_in(&store, asked).await?;
        let seen = door.session(&store, &signed_in.token).await?;
        sessions.insert(name.to_owned(), signed_in.token);
        let seen = seen.ok_or_else(|| Error::Told("an agent of the demo could not log in".into()))?;
        Ok((store, seen.access))
    }

    async fn files(&self, store: &Store, access: &Access, names: &[String]) -> Result<Vec<DraftFile>> {
        let mut files = Vec::new();
        for name in names {
            let bytes = content::file(&format!("files/{name}"))?;
            let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            let file = store.put_file(access, bytes).await?;
            files.push(DraftFile {
                file,
                name: name.clone(),
                media_type: letters::media_type(name).into(),
                size,
            });
        }
        Ok(files)
    }
}
