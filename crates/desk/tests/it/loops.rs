//! Experiment A20: machines that answer one another come to an end.

use desk::{Facts, receive::Received, settings::update_account};
use letter::Letter;
use store::{EventKind, MessageKind};
use testkit::On;
use words::{ConversationId, Language};

use crate::{Desk, conversation_of, from_mads, on_both};

/// Rounds in which the other side answers whatever comes.
const ROUNDS: usize = 20;
/// Automatic mails that one chain of letters may cause.
const AUTOMATIC_MAX: usize = 2;

async fn answers_by_machine(desk: &Desk) {
    let (text, zone) = (Some("We have your letter.".to_owned()), "Europe/Copenhagen".to_owned());
    update_account(&desk.store, &desk.owner, "Desk", Language::En, zone, text).await.expect("switched on");
}

/// How many answers a machine of ours has written.
async fn automatic(desk: &Desk) -> usize {
    let events = desk.store.read(&desk.owner, |read| read.events_after(0, 1_000)).await.expect("it answers");
    let by_machine =
        |event: &&store::Event| event.kind == EventKind::Answered && event.data["automatic"] == true;
    events.iter().filter(by_machine).count()
}

/// The newest letter of ours in a conversation, as it goes over the wire.
async fn newest_out(desk: &Desk, id: ConversationId) -> Option<String> {
    let messages = desk.messages(id).await;
    let newest = messages.iter().rev().find(|message| message.kind == MessageKind::LetterOut)?;
    Some(String::from_utf8(desk.raw(newest.id).await).expect("text").replace("\r\n", "\n"))
}

on_both! {
    /// A program that answers everything, says of itself nothing, and threads or does not.
    async fn a_vacation_program_is_not_answered_again(desk: &Desk) {
        answers_by_machine(desk).await;
        for threads in [true, false] {
            let mut id = conversation_of(desk.mail(&from_mads(&format!("{threads}@kunde.example"), "")).await);
            for round in 0..ROUNDS {
                let Some(ours) = newest_out(desk, id).await else { break };
                let ours = Letter::read(ours.as_bytes()).message_id.expect("a Message-ID");
                let names = if threads { format!("In-Reply-To: <{ours}>\n") } else { String::new() };
                let away = from_mads(&format!("{threads}-{round}@kunde.example"), &names)
                    .replace("My order", "I am away")
                    .replace("4711", &round.to_string());
                id = conversation_of(desk.mail(&away).await);
            }
        }
        let count = automatic(desk).await;
        assert!((1..=AUTOMATIC_MAX).contains(&count), "{count}");
    }

    async fn what_machines_and_lists_write_is_shown_and_not_answered(desk: &Desk) {
        answers_by_machine(desk).await;
        let cases = [
            ("a bounce of a bounce", "Return-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n"),
            ("an empty return path", "Return-Path: <>\n"),
            ("a list", "List-Id: <people.kunde.example>\nList-Unsubscribe: <mailto:off@kunde.example>\n"),
            ("an old list", "Precedence: list\n"),
            ("an answering machine", "Auto-Submitted: auto-replied\n"),
            ("an answering machine of old", "X-Autoreply: yes\nPrecedence: bulk\n"),
        ];
        for (number, (what, headers)) in cases.into_iter().enumerate() {
            let mail = from_mads(&format!("{number}@kunde.example"), "").replace("mads@", &format!("m{number}@"));
            let received = desk.mail(&format!("{headers}{mail}")).await;
            let message = desk.message(received.message()).await;
            let conversation = desk.conversation(conversation_of(received)).await;
            assert!(Facts::of(&message).automatic.is_some(), "{what} is marked");
            assert_eq!(conversation.message_count, 1, "{what}");
        }
        assert_eq!(automatic(desk).await, 0);
    }

    async fn our_own_address_as_sender_makes_no_circle(desk: &Desk) {
        answers_by_machine(desk).await;
        let ourselves = |n: usize| {
            from_mads(&format!("own-{n}@harbour.example"), "")
                .replace("Mads Holm <mads@kunde.example>", "Support <support@harbour.example>")
                .replace("4711", &n.to_string())
        };
        let mut next = ourselves(0);
        for round in 1..ROUNDS {
            let received = desk.mail(&next).await;
            next = ourselves(round);
            if let Received::Started { conversation, .. } | Received::Joined { conversation, .. } = received {
                // What we answered comes back to us, as it would by the relay.
                next = newest_out(desk, conversation).await.unwrap_or(next);
            }
        }
        let count = automatic(desk).await;
        assert!(count <= AUTOMATIC_MAX, "{count}");
    }
}

/// Two accounts that answer by machine, and what each writes reaches the other.
#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_do_not_talk_to_each_other_for_ever() {
    let (harbour, lighthouse) =
        (Desk::open_as("harbour", On::Sqlite).await, Desk::open_as("lighthouse", On::Sqlite).await);
    answers_by_machine(&harbour).await;
    answers_by_machine(&lighthouse).await;
    let mut mail = from_mads("one@lighthouse.example", "")
        .replace("Mads Holm <mads@kunde.example>", "Support <support@lighthouse.example>");
    let mut rounds = 0;
    for (round, desk) in [&harbour, &lighthouse].into_iter().cycle().take(ROUNDS).enumerate() {
        let received = desk.mail(&mail).await;
        let id = conversation_of(received);
        rounds = round;
        // Only what a machine wrote just now goes on: an answer to what came.
        let newest = desk.messages(id).await.pop().expect("a message");
        let Some(next) = newest_out(desk, id).await.filter(|_| newest.kind == MessageKind::LetterOut) else {
            break;
        };
        mail = next;
    }
    let all = automatic(&harbour).await + automatic(&lighthouse).await;
    assert!((1..=AUTOMATIC_MAX).contains(&all) && rounds < ROUNDS - 1, "{all} in {rounds} rounds");
}
