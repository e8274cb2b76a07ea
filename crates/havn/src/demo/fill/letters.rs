//! Makes the mails of the demo's contacts.

use letter::{Outgoing, OutgoingFile};
use words::{EmailAddress, Secret, Time};

use crate::{Result, demo::content};

/// What a mail continues.
#[derive(Debug, Clone, Default)]
pub struct Thread {
    /// The Message-ID that it answers.
    pub in_reply_to: Option<String>,
    /// The thread, the oldest first.
    pub references: Vec<String>,
    /// The text that it quotes, and who wrote that.
    pub quoted: Option<(String, String)>,
}

/// A mail that is composed from what the demo's file says.
pub fn compose(
    mail: &content::Mail,
    from: &EmailAddress,
    to: &[EmailAddress],
    at: Time,
    thread: &Thread,
) -> Result<Vec<u8>> {
    let quote = thread.quoted.as_ref().map(|(who, text)| {
        let lines = quoted(text);
        format!("\n\n{who}:\n{lines}")
    });
    let nameless = |addresses: &[EmailAddress]| -> Vec<(String, EmailAddress)> {
        addresses.iter().map(|address| (String::new(), address.clone())).collect()
    };
    let outgoing = Outgoing {
        from: (mail.name.clone(), from.clone()),
        to: nameless(to),
        cc: nameless(&mail.cc),
        subject: mail.subject.clone(),
        date: at,
        message_id: message_id(from.domain()),
        in_reply_to: thread.in_reply_to.clone(),
        references: thread.references.clone(),
        automatic: false,
        text: format!("{}{}", mail.text.trim_end(), quote.unwrap_or_default()),
        html: mail.html.clone(),
        files: mail.files.iter().map(|name| file(name)).collect::<Result<_>>()?,
    };
    Ok(letter::compose(&outgoing))
}

/// A whole mail of `demo/mails` with its places filled: `{date}`, `{id}`, `{to}`, `{in-reply-to}`,
/// `{recipient}`.
pub fn fill_in(name: &str, to: &EmailAddress, at: Time, answers: &str, recipient: &str) -> Result<Vec<u8>> {
    let bytes = content::file(&format!("mails/{name}"))?;
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let date = jiff::Timestamp::from_microsecond(at.micros()).map_err(std::io::Error::other)?;
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let filled = text
        .replace("{date}", &date)
        .replace("{id}", &message_id("post.example"))
        .replace("{to}", to.as_str())
        .replace("{in-reply-to}", answers)
        .replace("{recipient}", recipient);
    Ok(filled.replace('\n', "\r\n").into_bytes())
}

/// Each line with `> ` before it.
pub fn quoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() { String::new() } else { format!("> {}\n", lines.join("\n> ")) }
}

fn message_id(domain: &str) -> String {
    format!("{}@{domain}", Secret::random("").expose())
}

fn file(name: &str) -> Result<OutgoingFile> {
    Ok(OutgoingFile {
        name: name.to_owned(),
        media_type: media_type(name).to_owned(),
        bytes: content::file(&format!("files/{name}"))?,
    })
}

/// What the demo's files are, by their names.
pub fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("jpg") => "image/jpeg",
        Some("png") => "image/png",
        Some("pdf") => "application/pdf",
        Some("csv") => "text/csv",
        Some("ics") => "text/calendar",
        _ => "application/octet-stream",
    }
}
