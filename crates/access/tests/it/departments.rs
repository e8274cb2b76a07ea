//! Departments: an agent sees the conversations of their own, in the store's queries.

use access::agent;
use register::Departments;
use store::{Conversation, Filter, Status};
use words::{ContactId, ConversationId, DepartmentId, Task};

use crate::place::{Desk, on_both};

on_both! {
    async fn an_agent_sees_their_own_alone(desk: &Desk) {
        let (support, sales) = (desk.account.support, desk.account.sales);
        let (in_support, in_sales) = (conversation(desk, 1, support).await, conversation(desk, 2, sales).await);
        assert_eq!(listed(desk, &desk.owner).await, [in_sales, in_support]);
        assert_eq!(listed(desk, &desk.agent).await, [in_support]);
        let one = desk.store.read(&desk.agent, move |read| read.conversation(in_sales)).await.unwrap();
        assert!(one.is_none(), "what they may not know of is not found");

        agent::change_departments(&desk.store, &desk.owner, desk.account.agent.id, Some(vec![sales])).await.unwrap();
        assert_eq!(listed(desk, &desk.agent).await, [in_sales], "an access from before obeys, too");
        agent::change_departments(&desk.store, &desk.owner, desk.account.agent.id, Some(Vec::new())).await.unwrap();
        let seen = desk.seen(&desk.begin(&desk.account.agent).await.token).await.unwrap();
        assert_eq!(*seen.access.departments(), Departments::Only(Vec::new()));
        assert!(listed(desk, &seen.access).await.is_empty(), "of no department is of none, not of all");
    }
}

async fn conversation(desk: &Desk, number: i64, department: DepartmentId) -> ConversationId {
    let now = desk.havn.clock.now();
    let new = Conversation {
        id: ConversationId::new(now),
        number,
        subject: "Where is my parcel?".into(),
        preview: String::new(),
        status: Status::Open,
        department,
        assignee: None,
        contact: ContactId::new(now),
        contact_name: "Carla".into(),
        contact_address: "carla@contact.example".into(),
        waiting_since: None,
        snoozed_until: None,
        last_message_at: now.after(std::time::Duration::from_secs(number.unsigned_abs())),
        last_message_number: number,
        message_count: 1,
        tags: Vec::new(),
        linked: None,
        linked_reason: None,
        created_at: now,
        unread: false,
    };
    let id = new.id;
    desk.store.write(&desk.task(Task::Receive), move |tx| tx.insert_conversation(&new)).await.unwrap();
    id
}

async fn listed(desk: &Desk, access: &register::Access) -> Vec<ConversationId> {
    let page =
        desk.store.read(access, |read| read.conversations(&Filter::default(), None, 10)).await.unwrap();
    page.into_iter().map(|conversation| conversation.id).collect()
}
