//! From where mail is picked up, and how far that came.

use std::time::Duration;

use store::{LeftMail, LeftWhy, Pickup, PickupPlace, PickupState, RelayTls};
use words::{MailboxId, Secret};

use crate::place::{Desk, NOON, on_both};

pub fn pickup(mailbox: MailboxId, folder: &str) -> Pickup {
    Pickup {
        mailbox,
        host: "imap.example".parse().unwrap(),
        port: 993,
        tls: RelayTls::Implicit,
        username: "support".into(),
        password: Some(Secret::new("a password".into())),
        folder: folder.into(),
        takes_old: false,
    }
}

async fn state(desk: &Desk, mailbox: MailboxId) -> PickupState {
    desk.read(move |read| read.pickup(mailbox)).await.unwrap().unwrap()
}

async fn set(desk: &Desk, mailbox: MailboxId, folder: &'static str) -> PickupState {
    desk.clock.advance(Duration::from_secs(1));
    desk.write(move |tx| tx.put_pickup(&pickup(mailbox, folder))).await.unwrap();
    state(desk, mailbox).await
}

fn at(state: &PickupState, uid: u32) -> PickupPlace {
    PickupPlace { mailbox: state.pickup.mailbox, changed_at: state.changed_at, uid_validity: 7, uid }
}

pub fn left(uid: u32, next_at: Option<words::Time>) -> LeftMail {
    LeftMail { uid, why: LeftWhy::Refused, size: 9, tries: 1, next_at, left_at: NOON }
}

on_both! {
    async fn a_pickup_goes_on_where_it_was(desk: &Desk) {
        let mailbox = MailboxId::new(NOON);
        let new = set(desk, mailbox, "INBOX").await;
        assert_eq!((new.uid_validity, new.last_uid, new.mails), (None, 0, 0));
        assert!(desk.write(move |tx| tx.pickup_begins(at(&new, 4), 0)).await.unwrap());
        for _ in 0..2 {
            let begun = state(desk, mailbox).await;
            assert!(desk.write(move |tx| tx.pickup_tries(at(&begun, 5))).await.unwrap());
        }
        let tried = state(desk, mailbox).await;
        assert_eq!((tried.last_uid, tried.tried), (4, (5, 2)));
        desk.write(move |tx| tx.pickup_took(at(&tried, 5))).await.unwrap();
        let took = state(desk, mailbox).await;
        assert_eq!((took.last_uid, took.tried, took.mails), (5, (0, 0), 1));
        let backwards = took.clone();
        assert!(!desk.write(move |tx| tx.pickup_advances(at(&backwards, 3))).await.unwrap());

        let same = set(desk, mailbox, "INBOX").await;
        assert_eq!((same.last_uid, same.uid_validity), (5, Some(7)), "the same folder: it goes on");
        assert!(!desk.write(move |tx| tx.pickup_advances(at(&took, 9))).await.unwrap(), "an older instruction");
        desk.clock.advance(Duration::from_secs(1));
        let all = Pickup { takes_old: true, ..pickup(mailbox, "INBOX") };
        desk.write(move |tx| tx.put_pickup(&all)).await.unwrap();
        assert_eq!(state(desk, mailbox).await.uid_validity, None, "what lay there before is wanted, too");
        let other = set(desk, mailbox, "Support").await;
        assert_eq!((other.last_uid, other.uid_validity), (0, None), "another folder: from its beginning");
        desk.write(move |tx| tx.delete_pickup(mailbox)).await.unwrap();
        assert_eq!(desk.read(|read| read.pickups()).await.unwrap().len(), 0);
    }

    async fn what_was_left_is_tried_again_and_forgotten_when_it_came(desk: &Desk) {
        let mailbox = MailboxId::new(NOON);
        let new = set(desk, mailbox, "INBOX").await;
        let one = new.clone();
        desk.write(move |tx| tx.pickup_begins(at(&one, 0), 0)).await.unwrap();
        let due = NOON.after(Duration::from_hours(1));
        let one = new.clone();
        desk.write(move |tx| tx.pickup_leaves(at(&one, 1), &left(1, Some(due)))).await.unwrap();
        let one = new.clone();
        desk.write(move |tx| tx.pickup_leaves(at(&one, 2), &left(2, None))).await.unwrap();
        assert_eq!(state(desk, mailbox).await.last_uid, 2, "the rest goes on");
        let early = desk.read(move |read| read.pickup_left_due(mailbox, NOON, 9)).await.unwrap();
        assert_eq!(early, []);
        let now = desk.read(move |read| read.pickup_left_due(mailbox, due, 9)).await.unwrap();
        assert_eq!(now, [left(1, Some(due))]);
        let one = new.clone();
        desk.write(move |tx| tx.pickup_took(at(&one, 1))).await.unwrap();
        assert_eq!(state(desk, mailbox).await.last_uid, 2, "never backwards");
        assert_eq!(desk.read(move |read| read.pickup_left(mailbox, 9)).await.unwrap(), [left(2, None)]);
    }

    async fn a_fault_stands_until_the_folder_was_seen(desk: &Desk) {
        let mailbox = MailboxId::new(NOON);
        let new = set(desk, mailbox, "INBOX").await;
        for _ in 0..2 {
            desk.clock.advance(Duration::from_mins(1));
            let at = new.changed_at;
            desk.write(move |tx| tx.pickup_failed(mailbox, at, "log-in", &"x".repeat(1_000))).await.unwrap();
        }
        let fault = state(desk, mailbox).await.fault.unwrap();
        assert_eq!((fault.name.as_str(), fault.reply.len()), ("log-in", 400));
        assert_eq!(fault.since, new.changed_at.after(Duration::from_mins(1)), "since it began");
        desk.write(move |tx| tx.pickup_looked(mailbox, new.changed_at)).await.unwrap();
        let good = state(desk, mailbox).await;
        assert!(good.fault.is_none() && good.looked_at.is_some());
    }
}
