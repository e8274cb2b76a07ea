//! Delivery status in fields (RFC 3464).

use super::{
    Action, RECIPIENTS_MAX, Recipient,
    free::Words,
    one_line,
    reason::{Codes, Reason},
};
use words::EmailAddress;

/// The recipients that a text of such fields names. What the diagnostic leaves open, the words that came
/// with it may say.
pub(super) fn recipients(fields: &str, words: &Words<'_>) -> Vec<Recipient> {
    let mut found: Vec<Recipient> = Vec::new();
    let fields = fields.replace("\r\n", "\n");
    let alone = fields.to_ascii_lowercase().matches("final-recipient:").count() == 1;
    for group in fields.split("\n\n") {
        let Some(recipient) = recipient(group, words, alone) else { continue };
        if found.len() < RECIPIENTS_MAX && !found.iter().any(|r| r.address.key() == recipient.address.key()) {
            found.push(recipient);
        }
    }
    found
}

#[derive(Default)]
struct Group {
    original: String,
    last: String,
    action: String,
    status: String,
    diagnostic: String,
}

fn recipient(text: &str, words: &Words<'_>, alone: bool) -> Option<Recipient> {
    let mut group = Group::default();
    let mut current: Option<&mut String> = None;
    for line in text.lines() {
        if line.starts_with([' ', '\t'])
            && let Some(value) = current.as_deref_mut()
        {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            current = None;
            continue;
        };
        let field = match name.trim().to_ascii_lowercase().as_str() {
            "original-recipient" => &mut group.original,
            "final-recipient" => &mut group.last,
            "action" => &mut group.action,
            "status" => &mut group.status,
            "diagnostic-code" => &mut group.diagnostic,
            _ => {
                current = None;
                continue;
            }
        };
        if field.is_empty() {
            value.trim().clone_into(field);
        }
        current = Some(field);
    }
    let address = address(&group.original).or_else(|| address(&group.last))?;
    let mut by_words = words.about(&address);
    if alone {
        by_words.push_str(words.start());
    }
    Some(judge(address, &group, &by_words))
}

/// `rfc822; <anna@example.org>`
fn address(value: &str) -> Option<EmailAddress> {
    let (_, address) = value.split_once(';').unwrap_or(("", value));
    address.trim().trim_start_matches("SMTP:").trim_matches(['<', '>', ' ', '"', '\'']).parse().ok()
}

fn judge(address: EmailAddress, group: &Group, by_words: &str) -> Recipient {
    let action = match group.action.trim().to_ascii_lowercase().as_str() {
        a if a.starts_with("delayed") => Action::Delayed,
        a if a.starts_with("delivered") || a.starts_with("expanded") => Action::Delivered,
        a if a.starts_with("relayed") => Action::Relayed,
        _ => Action::Failed,
    };
    let (_, said) = group.diagnostic.split_once(';').unwrap_or(("", &group.diagnostic));
    let mut codes = Codes::of(said);
    codes.prefer_status(&group.status);
    if codes.reply_code.is_none() && said.trim().is_empty() {
        codes.reply_code = Codes::of(by_words).reply_code;
    }
    if codes.status.as_deref().is_none_or(|s| s.ends_with(".0.0")) {
        codes.refine(by_words);
    }
    let mut reason = match action {
        Action::Delivered | Action::Relayed => Reason::Delivered,
        _ => Reason::of(said, &codes, by_words),
    };
    if reason.is_vague() {
        reason = match Reason::in_words(by_words) {
            Some(better) => better,
            None => reason,
        };
    }
    let diagnostic = one_line(if said.trim().is_empty() { by_words } else { said });
    Recipient { address, action, status: codes.status, reply_code: codes.reply_code, diagnostic, reason }
}
