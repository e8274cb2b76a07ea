//! Writes a new mail to one of the demo's accounts now and then, so that the inbox lives.

use std::time::Duration;

use super::send::{Mail, Post};
use crate::demo::content;

/// The first comes soon, so that whoever has just logged in sees one arrive.
const FIRST_AFTER: Duration = Duration::from_secs(25);
/// Between two.
const EVERY: Duration = Duration::from_secs(75);

/// Writes for ever, one after the other, and begins anew at the end.
pub async fn write_now_and_then(post: Post) {
    let mails = match content::now_and_then() {
        Ok(mails) if !mails.is_empty() => mails,
        _ => return,
    };
    tokio::time::sleep(FIRST_AFTER).await;
    for mail in mails.iter().cycle() {
        let mail = Mail {
            from: (mail.name.clone(), mail.from.clone()),
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            in_reply_to: None,
            references: Vec::new(),
        };
        // An account that is not there, or a Havn that is not ready: the next one may arrive.
        let _ = post.bring(mail).await;
        tokio::time::sleep(EVERY).await;
    }
}
