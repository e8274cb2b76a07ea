//! Taking mail in: what begins, what joins, what is kept apart, and what is a duplicate.

use desk::{Facts, receive::Received};
use store::{MessageKind, MessageState, Status};

use crate::{conversation_of, from_mads, on_both};

on_both! {
    async fn a_first_letter_begins_a_conversation(desk: &Desk) {
        let received = desk.mail(&from_mads("one@kunde.example", "")).await;
        assert!(matches!(received, Received::Started { .. }), "{received:?}");
        let conversation = desk.conversation(conversation_of(received)).await;
        assert_eq!(conversation.subject, "My order");
        assert_eq!(conversation.preview, "Where is order 4711?");
        assert_eq!(conversation.status, Status::Open);
        assert_eq!(conversation.contact_name, "Mads Holm");
        assert_eq!(conversation.department, desk.account.support);
        assert!(conversation.waiting_since.is_some() && conversation.unread);
        let raw = desk.raw(received.message()).await;
        assert!(raw.starts_with(b"From: Mads Holm"), "the raw mail is kept as it came");
    }

    async fn the_same_mail_twice_is_kept_once(desk: &Desk) {
        let first = desk.mail(&from_mads("one@kunde.example", "")).await;
        let again = desk.mail(&format!("Received: from another.example\n{}", from_mads("one@kunde.example", ""))).await;
        assert_eq!(again, Received::Duplicate { message: first.message() });
        assert_eq!(desk.messages(conversation_of(first)).await.len(), 1);
    }

    async fn another_mail_with_the_same_message_id_is_not_lost(desk: &Desk) {
        desk.mail(&from_mads("one@kunde.example", "")).await;
        let other = desk.mail(&from_mads("one@kunde.example", "").replace("4711", "4712")).await;
        assert!(!matches!(other, Received::Duplicate { .. }), "{other:?}");
    }

    async fn one_mail_to_two_departments_says_so_at_both(desk: &Desk) {
        let mailboxes = [desk.account.support_mailbox, desk.account.sales_mailbox];
        let received = desk.mail_at(&mailboxes, &from_mads("one@kunde.example", ""), true).await;
        assert_eq!(received.len(), 2);
        let (support, sales) = (conversation_of(received[0]), conversation_of(received[1]));
        assert_ne!(support, sales);
        for one in &received {
            let facts = Facts::of(&desk.message(one.message()).await);
            assert_eq!(facts.mailboxes, ["support@harbour.example", "sales@harbour.example"]);
        }
        assert_eq!(desk.conversation(sales).await.linked, Some(support));
    }

    async fn an_answer_to_our_letter_joins(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let reply = desk.mail(&from_mads("two@kunde.example", &format!("In-Reply-To: <{ours}>\n"))).await;
        assert!(matches!(reply, Received::Joined { conversation, .. } if conversation == id), "{reply:?}");
        let conversation = desk.conversation(id).await;
        assert_eq!(conversation.message_count, 3);
        assert!(conversation.waiting_since.is_some(), "Mads waits again");
    }

    async fn with_our_token_an_unverified_sender_joins_and_is_marked(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let reply =
            desk.mail_unverified(&from_mads("two@kunde.example", &format!("In-Reply-To: <{ours}>\n"))).await;
        assert_eq!(conversation_of(reply), id);
        assert!(Facts::of(&desk.message(reply.message()).await).sender_not_verified);
    }

    async fn a_stranger_with_our_token_is_kept_apart(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let stranger = from_mads("two@evil.example", &format!("In-Reply-To: <{ours}>\n"))
            .replace("mads@kunde.example", "eve@evil.example");
        let received = desk.mail(&stranger).await;
        let apart = desk.conversation(conversation_of(received)).await;
        assert_ne!(apart.id, id);
        assert_eq!((apart.linked, apart.linked_reason.as_deref()), (Some(id), Some("not-a-participant")));
        assert_eq!(desk.messages(id).await.len(), 2, "nothing was added");
    }

    async fn a_reference_without_our_token_joins_only_if_vouched_for(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let reference = "References: <one@kunde.example>\n";
        let forged = desk.mail_unverified(&from_mads("two@kunde.example", reference)).await;
        assert_ne!(conversation_of(forged), id);
        let honest = desk.mail(&from_mads("three@kunde.example", reference)).await;
        assert_eq!(conversation_of(honest), id);
    }

    async fn reply_to_is_never_the_sender(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let swapped = from_mads("two@evil.example", &format!("Reply-To: mads@kunde.example\nIn-Reply-To: <{ours}>\n"))
            .replace("From: Mads Holm <mads@kunde.example>", "From: Mads Holm <eve@evil.example>");
        assert_ne!(conversation_of(desk.mail(&swapped).await), id);
    }

    async fn somebody_in_copy_takes_part_only_after_an_answer_to_them(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "Cc: lise@kunde.example\n")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let lise = from_mads("two@kunde.example", &format!("In-Reply-To: <{ours}>\n"))
            .replace("From: Mads Holm <mads@", "From: Lise <lise@");
        assert_ne!(conversation_of(desk.mail(&lise).await), id);
    }

    async fn an_automatic_answer_opens_nothing(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        desk::conversation::close(&desk.store, &desk.owner, id).await.expect("it is closed");
        let away = from_mads(
            "two@kunde.example",
            &format!("In-Reply-To: <{ours}>\nAuto-Submitted: auto-replied\n"),
        );
        let received = desk.mail(&away).await;
        assert_eq!(conversation_of(received), id);
        let conversation = desk.conversation(id).await;
        assert_eq!((conversation.status, conversation.waiting_since), (Status::Closed, None));
        assert!(Facts::of(&desk.message(received.message()).await).automatic.is_some());
    }

    async fn an_answer_opens_what_was_closed(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        desk::conversation::close(&desk.store, &desk.owner, id).await.expect("it is closed");
        desk.mail(&from_mads("two@kunde.example", &format!("In-Reply-To: <{ours}>\n"))).await;
        assert_eq!(desk.conversation(id).await.status, Status::Open);
    }

    async fn what_a_filter_marked_is_spam(desk: &Desk) {
        let received = desk.mail(&from_mads("one@kunde.example", "X-Spam-Flag: YES\n")).await;
        let conversation = desk.conversation(conversation_of(received)).await;
        assert_eq!((conversation.status, conversation.waiting_since), (Status::Spam, None));
    }

    async fn a_bounce_shows_at_the_letter_that_bounced(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let letter = desk.messages(id).await.pop().expect("the answer").id;
        let bounce = bounce_of(&ours, "mads@kunde.example");
        let received = desk.mail_unverified(&bounce).await;
        assert_eq!(conversation_of(received), id);
        assert_eq!(desk.message(letter).await.state, MessageState::Bounced);
        let facts = Facts::of(&desk.message(received.message()).await);
        assert_eq!(facts.bounced[0].recipient, "mads@kunde.example");
        assert!(facts.bounced[0].permanent);
    }

    async fn a_made_up_bounce_changes_nothing(desk: &Desk) {
        let id = conversation_of(desk.mail(&from_mads("one@kunde.example", "")).await);
        let ours = desk.answer(id, "It left today.").await.message_id;
        let letter = desk.messages(id).await.pop().expect("the answer").id;
        let to_another = desk.mail_unverified(&bounce_of(&ours, "somebody@else.example")).await;
        let of_another = desk.mail_unverified(&bounce_of("made-up@harbour.example", "mads@kunde.example")).await;
        assert_ne!(conversation_of(to_another), id);
        assert_ne!(conversation_of(of_another), id);
        assert_eq!(desk.message(letter).await.state, MessageState::Queued);
    }

    async fn an_import_threads_by_references_alone_and_is_closed(desk: &Desk) {
        let first = desk.import(&from_mads("one@kunde.example", "")).await;
        let second = desk.import(&from_mads("two@kunde.example", "References: <one@kunde.example>\n")).await;
        assert_eq!(conversation_of(second), conversation_of(first));
        let conversation = desk.conversation(conversation_of(first)).await;
        assert_eq!((conversation.status, conversation.waiting_since), (Status::Closed, None));
        assert_eq!(conversation.last_message_at.seconds(), 1_793_610_000, "its own date");
        assert_eq!(desk.import(&from_mads("one@kunde.example", "")).await, Received::Duplicate { message: first.message() });
    }

    async fn an_old_answer_may_come_before_its_question_and_is_ours_unless_servers_passed_it_on(desk: &Desk) {
        let answer = |more: &str| {
            format!(
                "{more}From: Harbour <support@harbour.example>\nTo: Mads Holm <mads@kunde.example>\nSubject: Re: My order\n\
                 Date: Mon, 2 Nov 2026 11:00:00 +0100\nMessage-ID: <two{}@harbour.example>\n\
                 In-Reply-To: <one@kunde.example>\n\nIt is on its way.\n",
                more.len()
            )
        };
        let first = desk.import(&answer("")).await;
        let question = desk.import(&from_mads("one@kunde.example", "")).await;
        assert_eq!(conversation_of(question), conversation_of(first));
        let conversation = desk.conversation(conversation_of(first)).await;
        assert_eq!(conversation.contact_address, "mads@kunde.example");
        let ours = desk.message(first.message()).await;
        assert_eq!((ours.kind, ours.state), (MessageKind::LetterOut, MessageState::Sent));
        assert_eq!(ours.from_address, "support@harbour.example");
        assert_eq!(desk.message(question.message()).await.kind, MessageKind::LetterIn);
        let passed_on = desk.import(&answer("Received: from somewhere.example by mx.harbour.example\n")).await;
        assert_eq!(desk.message(passed_on.message()).await.kind, MessageKind::LetterIn);
    }

    async fn a_mail_without_any_sender_is_still_a_conversation(desk: &Desk) {
        let received = desk.mail_unverified("Subject: nobody\n\nhello\n").await;
        let conversation = desk.conversation(conversation_of(received)).await;
        assert_eq!(conversation.subject, "nobody");
        assert_eq!(desk.messages(conversation.id).await.len(), 1);
    }
}

fn bounce_of(message_id: &str, recipient: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@relay.example\nTo: support@harbour.example\n\
         Subject: Undelivered Mail Returned to Sender\nMessage-ID: <b-{recipient}>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n\n\
         --x\nContent-Type: text/plain\n\nThe mail system could not deliver.\n\
         --x\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; relay.example\n\n\
         Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\
         \n--x\nContent-Type: message/rfc822\n\nMessage-ID: <{message_id}>\nSubject: Re: My order\n\nhi\n--x--\n"
    )
}
