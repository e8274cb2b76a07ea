//! The automatic answer: only if switched on, only to who has proved themselves, never twice.

use desk::settings::update_account;
use letter::Letter;
use store::MessageKind;
use words::Language;

use crate::{Desk, conversation_of, from_mads, on_both};

async fn switch_on(desk: &Desk) {
    let text = Some("We have your letter.".to_owned());
    let zone = "Europe/Copenhagen".to_owned();
    update_account(&desk.store, &desk.owner, "Harbour", Language::En, zone, text).await.expect("switched on");
}

async fn letters_out(desk: &Desk, id: words::ConversationId) -> usize {
    desk.messages(id).await.iter().filter(|message| message.kind == MessageKind::LetterOut).count()
}

on_both! {
    async fn none_is_sent_unless_switched_on(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        assert_eq!(letters_out(desk, id).await, 0);
    }

    async fn it_says_that_a_machine_wrote_it_and_the_contact_still_waits(desk: &Desk) {
        switch_on(desk).await;
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let messages = desk.messages(id).await;
        let answer = messages.last().expect("an answer");
        let mail = Letter::read(&desk.raw(answer.id).await);
        assert_eq!(mail.machine.auto_submitted.as_deref(), Some("auto-replied"));
        assert!(desk.conversation(id).await.waiting_since.is_some());
    }

    async fn not_to_who_has_not_proved_themselves(desk: &Desk) {
        switch_on(desk).await;
        let id = conversation_of(desk.mail_unverified(&from_mads("one@kunde.example", "")).await);
        assert_eq!(letters_out(desk, id).await, 0);
    }

    async fn not_to_a_machine_and_not_twice_a_day(desk: &Desk) {
        switch_on(desk).await;
        let away = from_mads("one@kunde.example", "Auto-Submitted: auto-generated\n");
        assert_eq!(letters_out(desk, conversation_of(desk.mail(&away).await)).await, 0);
        let other = |id: &str| from_mads(id, "").replace("mads@kunde", "lise@kunde");
        let first = conversation_of(desk.mail(&other("two@kunde.example")).await);
        let second = conversation_of(desk.mail(&other("three@kunde.example")).await);
        assert_eq!((letters_out(desk, first).await, letters_out(desk, second).await), (1, 0));
    }
}
