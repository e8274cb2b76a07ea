//! What agents write: answers, notes, first letters, and taking back.

use std::time::Duration;

use desk::{
    Error, Problem,
    writing::{
        Answer, Body, FirstLetter, Note, Typed, answer, discard_first_draft, note, save_first_draft, start,
        take_back,
    },
};
use letter::Letter;
use store::{MessageState, Status};

use crate::{Desk, conversation_of, from_mads, on_both};

fn hello() -> Answer {
    Answer {
        body: Body::Html("<div>Hi <strong>Mads</strong><script>alert(1)</script></div>".into()),
        to: None,
        cc: Vec::new(),
        files: Vec::new(),
        close: false,
        seen: None,
        undo: Duration::from_secs(10),
    }
}

async fn one(desk: &Desk) -> words::ConversationId {
    conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await)
}

on_both! {
    async fn an_answer_goes_to_the_contact_with_threading_headers(desk: &Desk) {
        let id = one(desk).await;
        let message = answer(&desk.store, &desk.owner, id, hello(), &desk.havn.clock).await.expect("answered");
        let raw = desk.raw(message).await;
        let mail = Letter::read(&raw);
        assert_eq!(mail.to[0].address.as_ref().map(ToString::to_string).as_deref(), Some("mads@kunde.example"));
        assert_eq!(mail.from[0].name, "harbour Ltd");
        assert_eq!(mail.subject, "Re: My order");
        assert_eq!(mail.in_reply_to, ["one@kunde.example"]);
        assert_eq!(mail.references, ["one@kunde.example"]);
        assert!(!mail.html.expect("HTML too").contains("script"));
        let conversation = desk.conversation(id).await;
        assert_eq!(conversation.waiting_since, None);
        assert_eq!(conversation.assignee, Some(desk.account.owner.id));
        assert!(!conversation.unread);
        let deliveries = desk.store.read(&desk.owner, move |read| read.deliveries_of_message(message)).await;
        assert_eq!(deliveries.expect("it answers").len(), 1);
    }

    async fn within_ten_seconds_it_is_taken_back_and_a_draft_again(desk: &Desk) {
        let id = one(desk).await;
        let before = desk.conversation(id).await;
        let message = answer(&desk.store, &desk.owner, id, hello(), &desk.havn.clock).await.expect("answered");
        assert_eq!(desk.message(message).await.state, MessageState::Waiting);
        take_back(&desk.store, &desk.owner, message).await.expect("taken back");
        let after = desk.conversation(id).await;
        assert_eq!(after.message_count, before.message_count);
        assert_eq!(after.waiting_since, before.waiting_since);
        let agent = desk.account.owner.id;
        let draft = desk.store.read(&desk.owner, move |read| read.draft(id, agent, false)).await;
        assert!(draft.expect("it answers").expect("a draft").html.contains("Mads"));
        let again = take_back(&desk.store, &desk.owner, message).await;
        assert!(matches!(again, Err(Error::NoSuchMessage(_))), "{again:?}");
    }

    async fn what_is_queued_is_not_taken_back(desk: &Desk) {
        let id = one(desk).await;
        let at_once = Answer { undo: Duration::ZERO, ..hello() };
        let message = answer(&desk.store, &desk.owner, id, at_once, &desk.havn.clock).await.expect("answered");
        let late = take_back(&desk.store, &desk.owner, message).await;
        assert!(matches!(late, Err(Error::TooLate)), "{late:?}");
    }

    async fn a_letter_that_came_meanwhile_stops_the_answer(desk: &Desk) {
        let id = one(desk).await;
        let seen = desk.messages(id).await[0].number;
        desk.mail(&from_mads("two@kunde.example", "References: <one@kunde.example>\n")).await;
        let stopped =
            answer(&desk.store, &desk.owner, id, Answer { seen: Some(seen), ..hello() }, &desk.havn.clock).await;
        assert!(matches!(stopped, Err(Error::NewerMessage { .. })), "{stopped:?}");
        assert_eq!(desk.messages(id).await.len(), 2, "nothing was written");
    }

    async fn a_note_is_seen_by_agents_only_and_answers_nothing(desk: &Desk) {
        let id = one(desk).await;
        let text = Note { body: Body::Text("Ask the warehouse".into()), files: Vec::new() };
        let message = note(&desk.store, &desk.agent, id, text, &desk.havn.clock).await.expect("noted");
        assert_eq!(desk.message(message).await.state, MessageState::Noted);
        let conversation = desk.conversation(id).await;
        assert!(conversation.waiting_since.is_some(), "Mads still waits");
        let deliveries = desk.store.read(&desk.owner, move |read| read.deliveries_of_message(message)).await;
        assert!(deliveries.expect("it answers").is_empty());
    }

    async fn an_answer_can_close(desk: &Desk) {
        let id = one(desk).await;
        answer(&desk.store, &desk.owner, id, Answer { close: true, ..hello() }, &desk.havn.clock).await.expect("answered");
        assert_eq!(desk.conversation(id).await.status, Status::Closed);
    }

    async fn an_empty_answer_names_its_field(desk: &Desk) {
        let id = one(desk).await;
        let empty = Answer { body: Body::Text("  \n".into()), ..hello() };
        let refused = answer(&desk.store, &desk.owner, id, empty, &desk.havn.clock).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "text", problem: Problem::Empty })), "{refused:?}");
    }

    async fn a_first_letter_begins_a_conversation_that_its_answer_joins(desk: &Desk) {
        let first = FirstLetter {
            department: desk.account.sales,
            mailbox: None,
            to: vec!["mads@kunde.example".parse().expect("an address")],
            cc: Vec::new(),
            subject: "Your offer".into(),
            body: Body::Text("Here it is.".into()),
            files: Vec::new(),
            undo: Duration::ZERO,
            drafted: false,
        };
        let (id, message) = start(&desk.store, &desk.owner, first, &desk.havn.clock).await.expect("written");
        assert_eq!(desk.conversation(id).await.waiting_since, None);
        let ours = desk.message(message).await.message_id;
        let reply = desk.mail(&from_mads("two@kunde.example", &format!("In-Reply-To: <{ours}>\n"))).await;
        assert_eq!(conversation_of(reply), id);
    }

    async fn a_first_letter_that_was_taken_back_is_a_draft_and_no_conversation(desk: &Desk) {
        let (store, owner) = (&desk.store, &desk.owner);
        let typed = Typed { to: "mads@".into(), subject: "Your offer".into(), ..Typed::default() };
        save_first_draft(store, owner, typed).await.expect("kept");
        let first = FirstLetter {
            department: desk.account.sales,
            mailbox: None,
            to: vec!["mads@kunde.example".parse().expect("an address")],
            cc: vec!["ida@kunde.example".parse().expect("an address")],
            subject: "Your offer".into(),
            body: Body::Text("Here it is.".into()),
            files: Vec::new(),
            undo: Duration::from_secs(10),
            drafted: true,
        };
        let (id, message) = start(store, owner, first, &desk.havn.clock).await.expect("written");
        let agent = owner.agent().expect("an agent");
        let kept = || async { store.read(owner, move |read| read.first_draft(agent)).await.expect("read") };
        assert_eq!(kept().await, None, "the draft ended with it");
        take_back(store, owner, message).await.expect("in time");
        let gone = store.read(owner, move |read| read.conversation(id)).await.expect("read");
        assert_eq!(gone, None);
        let kept = kept().await.expect("a draft again");
        assert_eq!(
            (kept.to.as_str(), kept.cc.as_str(), kept.subject.as_str()),
            ("mads@kunde.example", "ida@kunde.example", "Your offer")
        );
        assert!(kept.html.contains("Here it is."), "{}", kept.html);
        discard_first_draft(store, owner).await.expect("thrown away");
    }

    async fn a_department_that_the_agent_does_not_see_is_not_there(desk: &Desk) {
        let first = FirstLetter {
            department: desk.account.sales,
            mailbox: None,
            to: vec!["mads@kunde.example".parse().expect("an address")],
            cc: Vec::new(),
            subject: "Your offer".into(),
            body: Body::Text("Here it is.".into()),
            files: Vec::new(),
            undo: Duration::ZERO,
            drafted: false,
        };
        let refused = start(&desk.store, &desk.agent, first, &desk.havn.clock).await;
        assert!(matches!(refused, Err(Error::NoSuchDepartment(_))), "{refused:?}");
    }
}
