//! To whom an answer is proposed to go: as a mail program does it, and never to more by itself than we wrote
//! to ourselves.

use desk::Facts;
use store::{Message, MessageKind, Person};
use words::Principal;

/// Who is proposed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Proposed {
    /// In *To*.
    pub to: Vec<String>,
    /// In *Copy*.
    pub cc: Vec<String>,
    /// Who else the newest letter went to or came from: offered, not proposed.
    pub others: Vec<String>,
}

/// Proposes recipients. The rules, in order:
/// 1. After a letter of ours: those to whom it went.
/// 2. After a letter that came: the contact; everybody else in it is offered. Whom a contact puts in copy
///    gets nothing unless an agent wants it so.
/// 3. Before any letter: the contact.
pub fn propose(contact: &str, messages: &[Message], own: &[&str]) -> Proposed {
    let newest = messages.iter().rev().find(|message| is_of_people(message));
    let contact_alone = || Proposed { to: vec![contact.to_owned()], ..Proposed::default() };
    let Some(letter) = newest else { return contact_alone() };
    let addresses =
        |people: &[Person]| people.iter().map(|person| person.address.clone()).collect::<Vec<_>>();
    let (to, cc) = (addresses(&letter.envelope.to), addresses(&letter.envelope.cc));
    let mut seen = own.iter().map(|own| key(own)).collect::<Vec<_>>();
    let mut new = |list: Vec<String>| -> Vec<String> {
        let is_new = |address: &String| {
            let key = key(address);
            let is = !seen.contains(&key);
            seen.push(key);
            is
        };
        list.into_iter().filter(is_new).collect()
    };
    if letter.kind == MessageKind::LetterOut {
        let (to, cc) = (new(to), new(cc));
        return if to.is_empty() { contact_alone() } else { Proposed { to, cc, others: Vec::new() } };
    }
    let to_contact = new(vec![contact.to_owned()]);
    let others = new([vec![letter.from_address.clone()], to, cc].concat());
    if to_contact.is_empty() { contact_alone() } else { Proposed { to: to_contact, cc: Vec::new(), others } }
}

/// A letter that somebody wrote, no note, no bounce and no acknowledgement.
fn is_of_people(message: &Message) -> bool {
    match message.kind {
        MessageKind::LetterOut => !matches!(message.author.parse(), Ok(Principal::System(_))),
        MessageKind::LetterIn => {
            let facts = Facts::of(message);
            facts.automatic.unwrap_or_default() == letter::Automatic::None && facts.bounced.is_empty()
        }
        MessageKind::Note => false,
    }
}

/// By what addresses are told apart: also a mailbox of ours with a tag behind it is ours.
fn key(address: &str) -> String {
    let address = address.to_lowercase();
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use store::{Envelope, MessageState};
    use words::{ConversationId, MessageId, Time};

    use super::*;

    const NOW: Time = Time::from_seconds(1_795_000_000);

    fn letter(kind: MessageKind, from: &str, to: &[&str], cc: &[&str]) -> Message {
        let people = |some: &[&str]| {
            some.iter().map(|one| Person { name: String::new(), address: (*one).to_owned() }).collect()
        };
        Message {
            id: MessageId::new(NOW),
            number: 1,
            conversation: ConversationId::new(NOW),
            kind,
            author: "contact:1".into(),
            author_name: String::new(),
            from_address: from.into(),
            envelope: Envelope { to: people(to), cc: people(cc), reply_to: Vec::new() },
            subject: String::new(),
            message_id: String::new(),
            created_at: NOW,
            dated_at: None,
            text: String::new(),
            html: None,
            preview: String::new(),
            facts: serde_json::Value::Null,
            state: MessageState::Received,
            send_at: None,
        }
    }

    #[test]
    fn an_answer_goes_to_whom_a_mail_program_would_send_it() {
        use MessageKind::{LetterIn as In, LetterOut as Out};
        let (ours, ann, bo, cy) = ("support@acme.example", "ann@x.example", "bo@x.example", "cy@x.example");
        let tagged = "support+tag@acme.example";
        let shown = |messages: &[Message]| {
            let Proposed { to, cc, others } = propose(ann, messages, &[ours]);
            [to.join(" "), cc.join(" "), others.join(" ")]
        };
        let cases: [(&str, Vec<Message>, [&str; 3]); 8] = [
            ("nothing yet", vec![], [ann, "", ""]),
            ("she wrote", vec![letter(In, ann, &[ours], &[])], [ann, "", ""]),
            (
                "she put others in",
                vec![letter(In, ann, &[ours, bo], &[cy, tagged])],
                [ann, "", "bo@x.example cy@x.example"],
            ),
            (
                "we wrote to several",
                vec![letter(Out, ours, &[ann, bo], &[cy])],
                ["ann@x.example bo@x.example", cy, ""],
            ),
            (
                "and one of them answered",
                vec![letter(Out, ours, &[ann, bo], &[cy]), letter(In, bo, &[tagged, ann], &[cy])],
                [ann, "", "bo@x.example cy@x.example"],
            ),
            ("only to ourselves", vec![letter(Out, ours, &[ours], &[])], [ann, "", ""]),
            (
                "twice the same",
                vec![letter(In, "ANN@x.example", &[ours], &[bo, "Bo@X.example"])],
                [ann, "", bo],
            ),
            (
                "a note",
                vec![letter(Out, ours, &[bo], &[]), letter(MessageKind::Note, "", &[], &[])],
                [bo, "", ""],
            ),
        ];
        for (why, messages, expected) in cases {
            assert_eq!(shown(&messages), expected, "{why}");
        }
        let mut machine = letter(In, "mailer-daemon@x.example", &[ours], &[]);
        let automatic = Some(letter::Automatic::AutoReply);
        machine.facts = serde_json::to_value(Facts { automatic, ..Facts::default() }).unwrap();
        assert_eq!(
            shown(&[letter(Out, ours, &[ann, bo], &[]), machine]),
            ["ann@x.example bo@x.example", "", ""]
        );
    }
}
