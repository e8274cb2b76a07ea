//! The oracle: knows what was acknowledged, and asks Havn for all of it.

use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use crate::{havn::Havn, http::Client};

/// What was acknowledged so far.
#[derive(Default)]
pub struct Oracle {
    /// Subjects of mails that got a 250.
    mails: Mutex<HashSet<String>>,
    /// Ids of answers that got a 2xx.
    answers: Mutex<HashSet<String>>,
}

/// What the oracle found.
#[derive(Debug, Default)]
pub struct Verdict {
    pub acknowledged_mails: usize,
    pub acknowledged_answers: usize,
    /// What must not be: each a sentence.
    pub faults: Vec<String>,
    /// Message-IDs of the answers.
    pub sent: Vec<String>,
}

impl Oracle {
    /// A mail with this subject got its 250.
    pub fn mail(&self, subject: String) {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).insert(subject);
    }

    /// An answer with this id got its 2xx.
    pub fn answer(&self, id: String) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// Asks for everything that was acknowledged, and for the events.
    pub async fn judge(&self, havn: &Havn) -> io::Result<Verdict> {
        let mut client = havn.token().await?;
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut verdict = Verdict {
            acknowledged_mails: mails.len(),
            acknowledged_answers: answers.len(),
            ..Verdict::default()
        };
        let mut subjects: HashMap<String, usize> = HashMap::new();
        let mut found_answers = HashSet::new();
        for conversation in all(&mut client, "/api/v1/conversations?limit=100").await? {
            let subject = conversation["subject"].as_str().unwrap_or_default().to_owned();
            *subjects.entry(subject.clone()).or_default() += 1;
            let id = conversation["id"].as_str().unwrap_or_default();
            for message in all(&mut client, &format!("/api/v1/conversations/{id}/messages?limit=100")).await?
            {
                let message_id = message["id"].as_str().unwrap_or_default().to_owned();
                let raw = client.get(&format!("/api/v1/messages/{message_id}/raw")).await?;
                if raw.status != 200 || raw.body.is_empty() {
                    verdict.faults.push(format!("message {message_id} has no raw mail"));
                } else if message["kind"] == "letter-in"
                    && !String::from_utf8_lossy(&raw.body).contains(&subject)
                {
                    verdict.faults.push(format!("message {message_id} has another's raw mail"));
                }
                if answers.contains(&message_id) {
                    if let Some(sent) = header(&raw.body, "message-id:") {
                        verdict.sent.push(sent);
                    }
                    found_answers.insert(message_id);
                }
            }
        }
        for subject in &mails {
            match subjects.get(subject) {
                Some(1) => {}
                found => {
                    let times = found.copied().unwrap_or(0);
                    verdict.faults.push(format!("{subject}: there {times} times"));
                }
            }
        }
        for (subject, count) in
            subjects.iter().filter(|(subject, count)| **count > 1 && !mails.contains(*subject))
        {
            verdict.faults.push(format!("{subject}: not acknowledged and there {count} times"));
        }
        for lost in answers.difference(&found_answers) {
            verdict.faults.push(format!("answer {lost} is lost"));
        }
        verdict.faults.extend(events_with_gaps(&mut client).await?);
        Ok(verdict)
    }
}

impl Verdict {
    /// The facts, for the report.
    pub fn facts(&self) -> Value {
        json!({
            "acknowledged mails": self.acknowledged_mails,
            "acknowledged answers": self.acknowledged_answers,
            "faults": self.faults,
        })
    }
}

/// All items of a list, page by page.
async fn all(client: &mut Client, path: &str) -> io::Result<Vec<Value>> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = client.get(&format!("{path}{cursor}")).await?;
        if answer.status != 200 {
            return Err(io::Error::other(format!("{path} gave {}", answer.status)));
        }
        let page: Value = serde_json::from_slice(&answer.body)?;
        items.extend(page["items"].as_array().into_iter().flatten().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(items),
        }
    }
}

async fn events_with_gaps(client: &mut Client) -> io::Result<Vec<String>> {
    let (mut faults, mut last) = (Vec::new(), None::<i64>);
    loop {
        let answer = client.get(&format!("/api/v1/events?limit=100&after={}", last.unwrap_or(0))).await?;
        let page: Value = serde_json::from_slice(&answer.body)?;
        let events = page["items"].as_array().cloned().unwrap_or_default();
        if events.is_empty() {
            return Ok(faults);
        }
        for event in events {
            let number =
                event["number"].as_i64().or_else(|| event["id"].as_str()?.parse().ok()).unwrap_or(-1);
            if last.is_some_and(|last| number != last + 1) {
                faults.push(format!("event {number} follows {}", last.unwrap_or(0)));
            }
            last = Some(number);
        }
    }
}

fn header(raw: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(raw);
    let line = text.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
    Some(line[name.len()..].trim().trim_matches(['<', '>']).to_owned())
}
