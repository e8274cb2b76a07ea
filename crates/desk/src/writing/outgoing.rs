//! A letter on its way out: what is written about it, and the mail itself.

use std::time::Duration;

use store::{
    Attachment, Conversation, Counter, Department, Envelope, Mailbox, Message, MessageKind, MessageState,
    PreparedRaw, Store, Tx,
};
use words::{AttachmentId, EmailAddress, MessageId, Time};

use super::{BODY_CHARS_MAX, FILES_BYTES_MAX, FILES_MAX, File};
use crate::{Error, Facts, Problem, Result, keys::message_id_key};

/// For so long a letter can be taken back.
pub const UNDO_SECONDS: u64 = 10;
/// References that go into a header: the first, and the newest (RFC 5322 part 3.6.4 sets no limit; some
/// servers do).
const REFERENCES_MAX: usize = 20;

/// What was written.
#[derive(Debug, Clone)]
pub enum Body {
    /// Plain text.
    Text(String),
    /// HTML of an editor: cleaned before anything else.
    Html(String),
}

impl Body {
    /// As clean HTML and as text. Neither may be empty unless files go along.
    pub(crate) fn read(&self, files: &[File]) -> Result<(String, String)> {
        let (field, length) = match self {
            Self::Text(text) => ("text", text.chars().count()),
            Self::Html(html) => ("html", html.chars().count()),
        };
        if length > BODY_CHARS_MAX {
            return Err(Error::invalid(field, Problem::TooLong(BODY_CHARS_MAX)));
        }
        let html = match self {
            Self::Text(text) => letter::html_of_text(text),
            Self::Html(html) => letter::clean_composed(html),
        };
        let text = letter::text_of_html(&html);
        if text.trim().is_empty() && files.is_empty() {
            return Err(Error::invalid(field, Problem::Empty));
        }
        Ok((html, text))
    }
}

/// Checks the files that go with a letter.
pub(crate) fn check_files(files: &[File]) -> Result<()> {
    if files.len() > FILES_MAX {
        return Err(Error::invalid("files", Problem::TooMany(FILES_MAX)));
    }
    let bytes: i64 = files.iter().map(|file| file.size).sum();
    if bytes > FILES_BYTES_MAX {
        return Err(Error::invalid("files", Problem::TooLong(usize::try_from(FILES_BYTES_MAX).unwrap_or(0))));
    }
    Ok(())
}

/// All that a mail is made of.
pub(crate) struct Outgoing {
    pub conversation: Conversation,
    pub department: Department,
    pub mailbox: Mailbox,
    pub envelope: Envelope,
    pub subject: String,
    pub message_id: String,
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    pub html: String,
    pub text: String,
    pub files: Vec<File>,
    pub at: Time,
    pub automatic: bool,
}

impl Outgoing {
    /// Composes the mail and makes it ready to be kept. Reads the files, so it stands outside the
    /// transaction.
    pub(crate) async fn compose(&self, store: &Store, access: &register::Access) -> Result<PreparedRaw> {
        let mut attachments = Vec::with_capacity(self.files.len());
        for file in &self.files {
            attachments.push(letter::OutgoingFile {
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                bytes: store.read_file(access, file.file).await?,
            });
        }
        let person = |person: &store::Person| -> Option<(String, EmailAddress)> {
            Some((person.name.clone(), person.address.parse().ok()?))
        };
        let signature = &self.department.signature;
        let html =
            if signature.is_empty() { self.html.clone() } else { format!("{}<br>{signature}", self.html) };
        let text = if signature.is_empty() {
            self.text.clone()
        } else {
            format!("{}\n\n-- \n{}", self.text.trim_end(), letter::text_of_html(signature))
        };
        let bytes = letter::compose(&letter::Outgoing {
            from: (self.department.from_name.clone(), self.mailbox.address.clone()),
            to: self.envelope.to.iter().filter_map(person).collect(),
            cc: self.envelope.cc.iter().filter_map(person).collect(),
            subject: self.subject.clone(),
            date: self.at,
            message_id: self.message_id.clone(),
            in_reply_to: self.in_reply_to.clone(),
            references: bounded(&self.references),
            automatic: self.automatic,
            text,
            html: Some(html),
            files: attachments,
        });
        Ok(store.prepare_raw(bytes).await?)
    }

    /// Writes the letter: message, mail, files, deliveries, index. Gives its number.
    pub(crate) fn insert(
        &self,
        tx: &mut Tx<'_>,
        id: MessageId,
        raw: &PreparedRaw,
        author_name: &str,
        undo: Duration,
    ) -> Result<i64> {
        let number = tx.next_number(Counter::Message)?;
        let send_at = tx.now().after(undo);
        let message = Message {
            id,
            number,
            conversation: self.conversation.id,
            kind: MessageKind::LetterOut,
            author: tx.principal().to_string(),
            author_name: author_name.to_owned(),
            from_address: self.mailbox.address.to_string(),
            envelope: self.envelope.clone(),
            subject: self.subject.clone(),
            message_id: self.message_id.clone(),
            created_at: self.at,
            dated_at: Some(self.at),
            text: self.text.clone(),
            html: Some(self.html.clone()),
            preview: letter::preview(&self.text),
            facts: Facts {
                automatic: self.automatic.then_some(letter::Automatic::AutoReply),
                ..Facts::default()
            }
            .json(),
            state: if undo.is_zero() { MessageState::Queued } else { MessageState::Waiting },
            send_at: Some(send_at),
        };
        tx.insert_message(&message)?;
        tx.insert_raw(id, raw, "")?;
        tx.insert_message_key(&message_id_key(&self.message_id), id, self.conversation.id)?;
        insert_files(tx, id, &self.files)?;
        for person in self.envelope.to.iter().chain(&self.envelope.cc) {
            if let Ok(address) = person.address.parse::<EmailAddress>() {
                tx.queue_delivery(id, &address, send_at)?;
            }
        }
        let names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        crate::index::index(tx, &message, &names)?;
        Ok(number)
    }
}

/// Writes the rows of a message's files.
pub(crate) fn insert_files(tx: &mut Tx<'_>, message: MessageId, files: &[File]) -> Result<()> {
    for (position, file) in (0_i64..).zip(files) {
        let now = tx.now();
        tx.insert_attachment(&Attachment {
            id: AttachmentId::new(now),
            message,
            position,
            name: letter::file_name(&file.name),
            media_type: file.media_type.clone(),
            size: file.size,
            content_id: None,
            inline: false,
            kind: "file".into(),
            part: None,
            file: Some(file.file),
        })?;
    }
    Ok(())
}

fn bounded(references: &[String]) -> Vec<String> {
    let Some((first, rest)) = references.split_first() else { return Vec::new() };
    let newest = rest.len().saturating_sub(REFERENCES_MAX - 1);
    std::iter::once(first).chain(&rest[newest..]).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_keep_the_first_and_the_newest() {
        let many: Vec<String> = (0..50).map(|n| format!("{n}@x")).collect();
        let kept = bounded(&many);
        assert_eq!(kept.len(), REFERENCES_MAX);
        assert_eq!((kept[0].as_str(), kept[1].as_str()), ("0@x", "31@x"));
        assert_eq!(kept.last().map(String::as_str), Some("49@x"));
        assert_eq!(bounded(&many[..3]), many[..3]);
    }

    #[test]
    fn an_empty_letter_names_its_field() {
        let empty = Body::Html("<p> </p>".into()).read(&[]);
        assert!(matches!(empty, Err(Error::Invalid { field: "html", problem: Problem::Empty })));
    }
}
