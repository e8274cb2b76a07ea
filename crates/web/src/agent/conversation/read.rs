//! What is read of a conversation for its page, all at one moment.

use std::collections::HashMap;

use store::{
    Attachment, Contact, ContactAddress, Conversation, Delivery, Draft, DraftFile, Event, Message,
    MessageKind, Read,
};
use words::{AgentId, ConversationId, MessageId};

use crate::error::{Error, Result};

/// Messages that a page shows; older ones are had in pieces of as many.
pub const MESSAGES_MAX: usize = 50;
/// Events looked at for a page.
const EVENTS_MAX: i64 = 200;
/// Other conversations of the contact that are named.
const OTHERS_MAX: i64 = 6;

/// A conversation as it was at one moment.
pub struct Whole {
    /// The conversation.
    pub conversation: Conversation,
    /// Its newest messages, or those before a place, oldest first.
    pub messages: Vec<Message>,
    /// The newest message of all, by which an answer knows what its writer has seen.
    pub newest: Option<MessageId>,
    /// Whether there are older ones.
    pub more: bool,
    /// How many were shown on later pages.
    pub shown_before: u64,
    /// The newest message that the agent had seen.
    pub read_up_to: i64,
    /// Files by message.
    pub files: HashMap<MessageId, Vec<Attachment>>,
    /// Deliveries by message.
    pub deliveries: HashMap<MessageId, Vec<Delivery>>,
    /// What was done, newest first.
    pub events: Vec<Event>,
    /// The conversation that it is linked to, if the agent may see it.
    pub linked: Option<Conversation>,
    /// With whom.
    pub contact: Option<Contact>,
    /// Their addresses.
    pub addresses: Vec<ContactAddress>,
    /// Their newest conversations.
    pub others: Vec<Conversation>,
    /// The agent's drafts.
    pub drafts: Vec<Draft>,
    /// The files of their answer.
    pub draft_files: Vec<DraftFile>,
}

/// A place in a long conversation: messages before this number, of which so many are newer and shown.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    /// The number.
    pub number: i64,
    /// How many are newer.
    pub shown: u64,
}

impl Before {
    /// Reads it from an address.
    pub fn read(text: &str) -> Option<Self> {
        let (number, shown) = text.split_once('.')?;
        Some(Self { number: number.parse().ok()?, shown: shown.parse().ok()? })
    }

    /// As it stands in an address.
    pub fn text(self) -> String {
        format!("{}.{}", self.number, self.shown)
    }
}

impl Whole {
    /// Reads it; what the access does not see is not there.
    pub fn read(read: &Read<'_>, id: ConversationId, before: Option<Before>, me: AgentId) -> Result<Self> {
        let conversation = read.conversation(id)?.ok_or(Error::NotFound)?;
        let limit = i64::try_from(MESSAGES_MAX + 1).unwrap_or(i64::MAX);
        let mut messages =
            read.newest_messages(id, before.map_or(i64::MAX, |before| before.number), limit)?;
        let more = messages.len() > MESSAGES_MAX;
        if more {
            messages.remove(0);
        }
        let newest = match before {
            None => messages.last().map(|message| message.id),
            Some(_) => read.newest_messages(id, i64::MAX, 1)?.last().map(|message| message.id),
        };
        let contact = conversation.contact;
        let linked = match conversation.linked {
            Some(linked) => read.conversation(linked)?,
            None => None,
        };
        let drafts = read.drafts(id, me)?;
        let answer = drafts.iter().find(|draft| !draft.note).map(|draft| draft.id);
        Ok(Self {
            newest,
            more,
            shown_before: before.map_or(0, |before| before.shown),
            read_up_to: if conversation.unread { read.read_mark(me, id)? } else { i64::MAX },
            files: by_message(read.attachments_of_conversation(id)?),
            deliveries: deliveries(read, &messages)?,
            events: read.events_of_conversation(id, EVENTS_MAX)?,
            linked,
            contact: read.contact(contact)?,
            addresses: read.contact_addresses(contact)?,
            others: read.conversations_of_contact(contact, OTHERS_MAX)?,
            draft_files: answer.map(|id| read.draft_files(id)).transpose()?.unwrap_or_default(),
            drafts,
            messages,
            conversation,
        })
    }
}

fn by_message(files: Vec<Attachment>) -> HashMap<MessageId, Vec<Attachment>> {
    let mut found: HashMap<MessageId, Vec<Attachment>> = HashMap::new();
    for file in files {
        found.entry(file.message).or_default().push(file);
    }
    found
}

/// The deliveries of letters of ours.
pub fn deliveries(read: &Read<'_>, messages: &[Message]) -> Result<HashMap<MessageId, Vec<Delivery>>> {
    let ours = messages.iter().filter(|message| message.kind == MessageKind::LetterOut);
    ours.map(|message| Ok((message.id, read.deliveries_of_message(message.id)?))).collect()
}
