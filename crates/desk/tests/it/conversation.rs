//! What agents do with a conversation, and who may not.

use std::time::Duration;

use desk::{
    Error,
    conversation::{Changed, assign, close, mark_spam, move_to, reopen, snooze, tag, take_next, untag, wake},
    settings::add_tag,
};
use store::{EventKind, Status};
use words::Task;

use crate::{Desk, conversation_of, from_mads, on_both};

async fn one(desk: &Desk, message_id: &str) -> words::ConversationId {
    conversation_of(desk.mail(&from_mads(message_id, "")).await)
}

async fn kinds(desk: &Desk) -> Vec<EventKind> {
    let events = desk.store.read(&desk.owner, |read| read.events_after(0, 100)).await.expect("it answers");
    let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
    let expected: Vec<i64> = (numbers[0]..).take(numbers.len()).collect();
    assert_eq!(numbers, expected, "numbers have no gap");
    events.into_iter().map(|event| event.kind).collect()
}

on_both! {
    async fn closing_and_opening_say_so_once(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        assert_eq!(close(&desk.store, &desk.owner, id).await.expect("closed"), Changed::Now);
        assert_eq!(close(&desk.store, &desk.owner, id).await.expect("closed"), Changed::Already);
        assert_eq!(reopen(&desk.store, &desk.owner, id).await.expect("opened"), Changed::Now);
        assert_eq!(desk.conversation(id).await.status, Status::Open);
        let kinds = kinds(desk).await;
        let count = |kind| kinds.iter().filter(|k| **k == kind).count();
        assert_eq!((count(EventKind::Closed), count(EventKind::Reopened)), (1, 1));
    }

    async fn counts_follow(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        one(desk, "two@kunde.example").await;
        close(&desk.store, &desk.owner, id).await.expect("closed");
        let counts = desk.store.read(&desk.owner, |read| read.conversation_counts()).await.expect("it answers");
        let of = |status| counts.iter().filter(|c| c.status == status).map(|c| c.n).sum::<i64>();
        assert_eq!((of(Status::Open), of(Status::Closed)), (1, 1));
    }

    async fn a_moved_conversation_leaves_those_who_do_not_see_it(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        assign(&desk.store, &desk.owner, id, Some(desk.account.agent.id)).await.expect("assigned");
        move_to(&desk.store, &desk.agent, id, desk.account.sales).await.expect("moved");
        let conversation = desk.conversation(id).await;
        assert_eq!((conversation.department, conversation.assignee), (desk.account.sales, None));
        let refused = close(&desk.store, &desk.agent, id).await;
        assert!(matches!(refused, Err(Error::NoSuchConversation(_))), "{refused:?}");
        let seen = desk.store.read(&desk.agent, |read| read.events_after(0, 100)).await.expect("it answers");
        assert_eq!(seen.last().map(|event| event.kind), Some(EventKind::Moved), "they learn that it left");
    }

    async fn nobody_is_given_what_they_cannot_see(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        move_to(&desk.store, &desk.owner, id, desk.account.sales).await.expect("moved");
        let refused = assign(&desk.store, &desk.owner, id, Some(desk.account.agent.id)).await;
        assert!(matches!(refused, Err(Error::NoSuchAgent)), "{refused:?}");
    }

    async fn the_next_one_is_who_has_waited_longest(desk: &Desk) {
        let first = one(desk, "one@kunde.example").await;
        let second = one(desk, "two@kunde.example").await;
        assert_eq!(take_next(&desk.store, &desk.owner).await.expect("taken"), Some(first));
        assert_eq!(take_next(&desk.store, &desk.agent).await.expect("taken"), Some(second));
        assert_eq!(desk.conversation(second).await.assignee, Some(desk.account.agent.id));
        close(&desk.store, &desk.owner, first).await.expect("closed");
        assert_eq!(take_next(&desk.store, &desk.owner).await.expect("none"), None);
    }

    async fn tags_go_on_and_off(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        let urgent = add_tag(&desk.store, &desk.owner, "Urgent", 3).await.expect("a tag");
        tag(&desk.store, &desk.agent, id, urgent).await.expect("tagged");
        assert_eq!(desk.conversation(id).await.tags, ["Urgent"]);
        assert_eq!(tag(&desk.store, &desk.agent, id, urgent).await.expect("tagged"), Changed::Already);
        untag(&desk.store, &desk.agent, id, urgent).await.expect("untagged");
        assert!(desk.conversation(id).await.tags.is_empty());
    }

    async fn snoozing_looks_ahead(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        let now = desk.havn.clock.now();
        let past = snooze(&desk.store, &desk.owner, id, now.before(Duration::from_secs(1))).await;
        assert!(matches!(past, Err(Error::Invalid { field: "until", .. })), "{past:?}");
        snooze(&desk.store, &desk.owner, id, now.after(Duration::from_millis(300))).await.expect("snoozed");
        assert_eq!(desk.conversation(id).await.status, Status::Snoozed);
        let (_, task) =
            desk.havn.accounts.open_task(desk.account.id, Task::Housekeeping).await.expect("it opens");
        while wake(&desk.store, &task).await.expect("woken") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(desk.conversation(id).await.status, Status::Open);
    }

    async fn spam_is_out_of_sight_until_opened(desk: &Desk) {
        let id = one(desk, "one@kunde.example").await;
        mark_spam(&desk.store, &desk.owner, id).await.expect("marked");
        assert_eq!(take_next(&desk.store, &desk.owner).await.expect("none"), None);
        reopen(&desk.store, &desk.owner, id).await.expect("opened");
        assert_eq!(desk.conversation(id).await.status, Status::Open);
    }
}
