//! Experiment A18: 200 tries to get into a conversation by mail, and none gets in.

use letter::ReplyKeys;
use store::ParticipantRole;
use words::ConversationId;

use crate::{Desk, conversation_of, from_mads, on_both};

/// Tries of each kind; eight kinds.
const TRIES: usize = 25;
const MADS: &str = "Mads Holm <mads@kunde.example>";

/// A conversation with Mads that was answered, and the Message-ID of the answer.
async fn conversation(desk: &Desk, name: &str) -> (ConversationId, String) {
    let id = conversation_of(desk.mail(&from_mads(&format!("{name}@kunde.example"), "")).await);
    (id, desk.answer(id, "It left today.").await.message_id)
}

/// The many ways to name a mail.
fn named(message_id: &str, number: usize) -> String {
    let shown = if number.is_multiple_of(2) { message_id.to_owned() } else { message_id.to_uppercase() };
    match number % 5 {
        0 => format!("In-Reply-To: <{shown}>\n"),
        1 => format!("References: <{shown}>\n"),
        2 => format!("References: <one@kunde.example>\n <{shown}>\n"),
        3 => format!("In-Reply-To: <{shown}>\nReferences: <{shown}> <other@post.example>\n"),
        _ => format!("in-reply-to:\n <{shown}> (our letter)\n"),
    }
}

/// A mail with this sender and these headers, unlike any before.
fn mail(from: &str, kind: usize, number: usize, headers: &str) -> String {
    from_mads(&format!("try-{kind}-{number}@post.example"), headers)
        .replace(MADS, from)
        .replace("4711", &format!("{kind}{number}"))
}

/// Tries until it knows, and tells in how many the conversation was joined.
async fn tries(desk: &Desk, id: ConversationId, mails: impl Iterator<Item = String>) -> usize {
    let mut joined = 0;
    for (number, mail) in mails.enumerate() {
        let received =
            if number.is_multiple_of(2) { desk.mail(&mail).await } else { desk.mail_unverified(&mail).await };
        joined += usize::from(conversation_of(received) == id);
    }
    joined
}

on_both! {
    async fn nobody_gets_in_by_200_tries(desk: &Desk) {
        let (id, ours) = conversation(desk, "one").await;
        let (_, second) = conversation(desk, "two").await;
        let other_account = desk.havn.account("lighthouse").await;
        let foreign = ReplyKeys::new(other_account.id, [(1, vec![7; 32])]).mint(id, "harbour.example");
        let removed = ReplyKeys::new(desk.account.id, [(99, vec![7; 32])]).mint(id, "harbour.example");
        let made_up = ReplyKeys::new(desk.account.id, [(1, vec![7; 32])]).mint(id, "harbour.example");
        let eve = "Eve <eve@evil.example>";
        let all = |kind: usize, of: &dyn Fn(usize) -> String| {
            let mails: Vec<String> = (0..TRIES).map(of).collect();
            assert_eq!(mails.len(), TRIES, "{kind}");
            mails.into_iter()
        };

        let token = all(0, &|n| mail(eve, 0, n, &named(&ours, n)));
        assert_eq!(tries(desk, id, token).await, 0, "a stranger with a right token");
        let name = all(1, &|n| mail("mads@kunde.example <eve@evil.example>", 1, n, &named(&ours, n)));
        assert_eq!(tries(desk, id, name).await, 0, "a stranger under the name of who takes part");
        let reply_to = all(2, &|n| mail(eve, 2, n, &format!("Reply-To: {MADS}\nSender: {MADS}\n{}", named(&ours, n))));
        assert_eq!(tries(desk, id, reply_to).await, 0, "the sender who asks for answers to another");
        let quoted = all(3, &|n| {
            let body = format!("> {ours}\n> {id}\nRe: My order [#{id}]");
            mail(eve, 3, n, "").replace("Subject: My order", &format!("Subject: Re: My order [{ours}]")).replace("Where is", &body)
        });
        assert_eq!(tries(desk, id, quoted).await, 0, "ids in subject and body");
        let two = all(4, &|n| mail(MADS, 4, n, &format!("References: <{ours}> <{second}>\nX-Try: {n}\n")));
        assert_eq!(tries(desk, id, two).await, 0, "two tokens");
        let keys = all(5, &|n| mail(eve, 5, n, &named([&foreign, &removed, &made_up][n % 3], n)));
        assert_eq!(tries(desk, id, keys).await, 0, "keys that are not the account's");
        // From here on without anybody who vouches for the sender.
        for n in 0..TRIES {
            let forged = mail(MADS, 6, n, &named("one@kunde.example", n * 2));
            assert_ne!(conversation_of(desk.mail_unverified(&forged).await), id, "a reference without a token");
            let forged = mail(MADS, 7, n, &named([&foreign, &removed, &made_up][n % 3], n));
            assert_ne!(conversation_of(desk.mail_unverified(&forged).await), id, "a token that is not ours");
        }
        assert_eq!(desk.conversation(id).await.message_count, 2, "nothing was added");
        let people = desk.store.read(&desk.owner, move |read| read.participants(id)).await.expect("it answers");
        assert!(people.iter().all(|person| !person.address.contains("evil")), "{people:?}");
    }

    async fn somebody_put_in_copy_by_mail_gets_nothing(desk: &Desk) {
        let (id, ours) = conversation(desk, "one").await;
        let with_eve = mail(MADS, 0, 0, &format!("Cc: eve@evil.example\n{}", named(&ours, 0)));
        assert_eq!(conversation_of(desk.mail_unverified(&with_eve).await), id);
        let eves = mail("Eve <eve@evil.example>", 0, 1, &named(&ours, 0));
        assert_ne!(conversation_of(desk.mail(&eves).await), id, "she was only named by a mail");
        let people = desk.store.read(&desk.owner, move |read| read.participants(id)).await.expect("it answers");
        let is_eve = |role| people.iter().any(|person| person.address.contains("eve@") && person.role == role);
        assert!(!is_eve(ParticipantRole::Contact), "{people:?}");
        let next = desk.answer(id, "More.").await;
        let reached = next.envelope.to.iter().chain(&next.envelope.cc);
        assert!(reached.clone().count() == 1 && reached.clone().all(|one| one.address == "mads@kunde.example"), "{:?}", next.envelope);
    }
}
