//! What the demo is filled with: the files of the folder `demo/`, as data.

use std::{collections::BTreeMap, time::Duration};

use rust_embed::RustEmbed;
use serde::{Deserialize, Deserializer, de::Error as _};
use words::{EmailAddress, Language, Role, Slug};

use crate::{Error, Result};

/// The files of `demo/`.
#[derive(RustEmbed)]
#[folder = "../../demo"]
struct Files;

/// The accounts, in this order.
const ACCOUNTS: [&str; 2] = ["nordlys.toml", "harbour.toml"];
const NOW_AND_THEN: &str = "now-and-then.toml";

/// An account with all that has happened in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub slug: Slug,
    pub name: String,
    pub language: Language,
    pub time_zone: String,
    pub domain: words::Host,
    pub departments: Vec<Department>,
    pub agents: Vec<Agent>,
    pub tags: BTreeMap<String, i64>,
    #[serde(default)]
    pub conversations: Vec<Conversation>,
}

/// A department. The first is the account's first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub name: String,
    pub from_name: String,
    pub signature: String,
    pub mailboxes: Vec<EmailAddress>,
}

/// An agent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    pub name: String,
    pub email: EmailAddress,
    pub role: Role,
    pub language: Language,
    /// Which departments they see, by name; none: every one.
    pub departments: Option<Vec<String>>,
}

/// A conversation: the mail that began it, and what followed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    #[serde(flatten)]
    pub mail: Mail,
    #[serde(default)]
    pub then: Vec<Step>,
}

/// A mail of a contact.
#[derive(Debug, Clone, Deserialize)]
pub struct Mail {
    /// How long before now.
    #[serde(deserialize_with = "span")]
    pub ago: Duration,
    /// The writer's name.
    #[serde(default)]
    pub name: String,
    /// The writer's address.
    pub from: Option<EmailAddress>,
    /// Mailboxes; the first department's first if not said.
    #[serde(default)]
    pub to: Vec<EmailAddress>,
    #[serde(default)]
    pub cc: Vec<EmailAddress>,
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub text: String,
    pub html: Option<String>,
    /// Names of files of `demo/files`.
    #[serde(default)]
    pub files: Vec<String>,
    /// A whole mail of `demo/mails`, with places to fill, instead of the above.
    pub raw: Option<String>,
    /// Nobody signed it.
    #[serde(default)]
    pub unsigned: bool,
}

/// What followed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    #[serde(deserialize_with = "span")]
    pub ago: Duration,
    /// The agent who did it, by the local part of their address.
    pub by: Option<String>,
    /// An answer to the contact.
    pub answer: Option<String>,
    /// To others as well.
    #[serde(default)]
    pub cc: Vec<EmailAddress>,
    /// Files of the answer.
    #[serde(default)]
    pub files: Vec<String>,
    /// A note among agents.
    pub note: Option<String>,
    /// The contact's next letter.
    pub letter: Option<String>,
    /// The next letter's own writer, if it is not the first one's.
    pub from: Option<EmailAddress>,
    pub name: Option<String>,
    /// A whole mail that follows, with places to fill.
    pub raw: Option<String>,
    /// An agent takes it, by the local part of their address.
    pub assign: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// To another department, by name.
    pub department: Option<String>,
    #[serde(default)]
    pub close: bool,
    #[serde(default)]
    pub spam: bool,
    /// Until so long after now.
    #[serde(default, deserialize_with = "maybe_span")]
    pub snooze: Option<Duration>,
}

/// A mail that comes while the demo runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMail {
    pub to: EmailAddress,
    pub name: String,
    pub from: EmailAddress,
    pub subject: String,
    pub text: String,
}

/// The accounts.
pub fn accounts() -> Result<Vec<Account>> {
    ACCOUNTS.into_iter().map(read).collect()
}

/// What comes while the demo runs.
pub fn now_and_then() -> Result<Vec<NewMail>> {
    #[derive(Deserialize)]
    struct File {
        mails: Vec<NewMail>,
    }
    Ok(read::<File>(NOW_AND_THEN)?.mails)
}

/// A file of `demo/`.
pub fn file(name: &str) -> Result<Vec<u8>> {
    let found = Files::get(name).ok_or_else(|| failed(name, "it is not there"))?;
    Ok(found.data.into_owned())
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> Result<T> {
    let bytes = file(name)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| failed(name, error))?;
    toml::from_str(text).map_err(|error| failed(name, error))
}

fn failed(name: &str, why: impl std::fmt::Display) -> Error {
    Error::File { path: format!("demo/{name}").into(), source: std::io::Error::other(why.to_string()) }
}

/// `3d4h10m`: days, hours, minutes.
fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_span(&text).ok_or_else(|| D::Error::custom("a time is written as 3d4h10m"))
}

fn maybe_span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    span(deserializer).map(Some)
}

fn parse_span(text: &str) -> Option<Duration> {
    let (mut minutes, mut number) = (0_u64, String::new());
    for c in text.chars() {
        let unit = match c {
            'd' => 24 * 60,
            'h' => 60,
            'm' => 1,
            digit => {
                number.push(digit);
                continue;
            }
        };
        minutes += unit * std::mem::take(&mut number).parse::<u64>().ok()?;
    }
    (number.is_empty() && !text.is_empty()).then(|| Duration::from_secs(minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department_of(account: &Account, mail: &Mail) -> String {
        let gets = |department: &&Department| mail.to.iter().any(|to| department.mailboxes.contains(to));
        let found = account.departments.iter().find(gets);
        found.or(account.departments.first()).unwrap().name.clone()
    }

    #[test]
    fn spans_are_read() {
        assert_eq!(parse_span("1d2h3m"), Some(Duration::from_mins(1_563)));
        assert_eq!(parse_span("90m"), Some(Duration::from_mins(90)));
        for wrong in ["", "3", "d", "3x", "h3"] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    /// A slip in the demo's files is found here, not at its start.
    #[test]
    fn what_the_demo_is_filled_with_fits_together() {
        for account in accounts().unwrap() {
            let agents: Vec<&str> = account.agents.iter().map(|agent| agent.email.local()).collect();
            let departments: Vec<&str> = account.departments.iter().map(|one| one.name.as_str()).collect();
            assert!(account.conversations.len() >= 35, "{}", account.slug);
            for conversation in &account.conversations {
                let (mail, subject) = (&conversation.mail, &conversation.mail.subject);
                assert!(mail.raw.is_some() || (mail.from.is_some() && !mail.subject.is_empty()), "{mail:?}");
                let mut before = mail.ago;
                let mut department = department_of(&account, mail);
                if let Some(raw) = &mail.raw {
                    file(&format!("mails/{raw}")).unwrap();
                }
                for step in &conversation.then {
                    assert!(step.ago <= before, "{subject}: the steps are not in order");
                    before = step.ago;
                    for agent in step.by.iter().chain(&step.assign) {
                        assert!(agents.contains(&agent.as_str()), "{subject}: there is no agent {agent}");
                    }
                    let by_agent = step.answer.is_some() || step.note.is_some() || step.assign.is_some();
                    assert!(!by_agent || step.by.is_some(), "{subject}: nobody does this");
                    for tag in &step.tags {
                        assert!(account.tags.contains_key(tag), "{subject}: there is no tag {tag}");
                    }
                    assert!(
                        step.department.iter().all(|name| departments.contains(&name.as_str())),
                        "{subject}"
                    );
                    let does = |by: &String| account.agents.iter().find(|agent| agent.email.local() == by);
                    let seen = step.by.as_ref().and_then(does).and_then(|agent| agent.departments.as_ref());
                    assert!(
                        seen.is_none_or(|seen| seen.contains(&department)),
                        "{subject}: they do not see it"
                    );
                    department = step.department.clone().unwrap_or(department);
                    if let Some(raw) = &step.raw {
                        file(&format!("mails/{raw}")).unwrap();
                    }
                    step.files.iter().for_each(|name| drop(file(&format!("files/{name}")).unwrap()));
                }
                mail.files.iter().for_each(|name| drop(file(&format!("files/{name}")).unwrap()));
            }
        }
        assert!(now_and_then().unwrap().len() >= 8);
    }
}
