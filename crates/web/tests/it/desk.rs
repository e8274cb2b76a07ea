//! Agents at conversations.

use http::{Method, StatusCode};

use crate::browser::{Site, mail};

/// Names and values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_reads_and_answers() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Where is my order?", "It should have come on Monday.").await;
    let browser = site.signed_in(&acme, &acme.agent).await;

    let list = browser.get("/conversations").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains("Where is my order?") && list.body.contains("Mette Holm"), "{}", list.body);
    assert!(list.body.contains(&format!("row-{id}")));

    let page = browser.get(&format!("/conversations/{id}")).await;
    assert!(page.body.contains("It should have come on Monday."), "{}", page.body);
    assert!(page.body.contains("support@acme.example"), "the answer comes from the department's mailbox");

    let fields = [("to", "mette@contact.example"), ("text", "It is on its way.\n\nAnton")];
    let sent = browser.upload(&format!("/conversations/{id}/replies"), &fields, &[("a.txt", "hello")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert_eq!(sent.header("location"), format!("/conversations/{id}"));

    let page = browser.get(&format!("/conversations/{id}")).await;
    assert!(page.body.contains("It is on its way.") && page.body.contains("a.txt"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_change_what_the_page_says() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "Is anybody there?").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let at = |what: &str| format!("/conversations/{id}/{what}");
    let agent = acme.agent.id.to_string();
    let sales = acme.sales.to_string();
    let cases: [(Method, String, Fields<'_>); 9] = [
        (Method::POST, at("assignment"), &[("agent", &agent)]),
        (Method::POST, at("assignment?method=delete"), &[]),
        (Method::POST, at("tags"), &[("new", "urgent")]),
        (Method::POST, at("snooze"), &[("until", "tomorrow")]),
        (Method::POST, at("snooze?method=delete"), &[]),
        (Method::POST, at("spam"), &[]),
        (Method::POST, at("spam?method=delete"), &[]),
        (Method::POST, at("department"), &[("department", &sales)]),
        (Method::POST, at("closure"), &[]),
    ];
    for (method, path, fields) in cases {
        let answer = browser.form(method, &path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {}", answer.body);
    }
    let page = browser.get("/conversations?status=closed").await;
    assert!(page.body.contains("Hello") && page.body.contains("urgent"), "{}", page.body);
    // The agent works in Support alone: it is gone for them.
    let other = site.signed_in(&acme, &acme.agent).await;
    assert_eq!(other.get(&format!("/conversations/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.post(&at("closure"), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_meanwhile_stops_an_answer() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "First", "one").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let page = browser.get(&format!("/conversations/{id}")).await;
    let seen =
        page.body.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // The contact writes again, by an import that threads by references alone.
    let (store, access) = site.havn.accounts.open_task(acme.id, words::Task::Receive).await.unwrap();
    let first = store.read(&access, move |read| read.newest_letter_in(id)).await.unwrap().unwrap();
    let again = mail("Mette Holm <mette@contact.example>", "Re: First", "two")
        .replace("MIME-Version", &format!("In-Reply-To: <{}>\nMIME-Version", first.message_id));
    let raw = again.replace('\n', "\r\n").into_bytes();
    let letter = letter::Letter::read(&raw);
    let arrival = desk::receive::Arrival {
        mailboxes: vec![acme.support_mailbox],
        envelope_from: Some("mette@contact.example".parse().unwrap()),
        gist: desk::receive::Gist::of(&letter, &raw, None),
        raw: store.prepare_raw(raw).await.unwrap(),
        letter,
        bounce: None,
        authentication: desk::Authentication { aligned: true, ..Default::default() },
        trace: String::new(),
        imported: false,
    };
    let received = desk::receive::receive(&store, &access, arrival).await.unwrap();
    assert!(matches!(received[0], desk::receive::Received::Joined { .. }), "{received:?}");

    let fields = [("to", "mette@contact.example"), ("text", "My answer to one"), ("seen", seen.as_str())];
    let stopped = browser.upload(&format!("/conversations/{id}/replies"), &fields, &[]).await;
    assert_eq!(stopped.status, StatusCode::CONFLICT, "{}", stopped.body);
    assert!(stopped.body.contains("My answer to one"), "what was typed is kept: {}", stopped.body);
    let page = browser.get(&format!("/conversations/{id}")).await;
    assert!(page.body.contains("My answer to one"), "as a draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_same_on_postgresql() {
    let site = Site::on(testkit::On::Postgres).await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "Is anybody there?").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    assert!(browser.get("/conversations").await.body.contains("Hello"));
    let fields = [("to", "mette@contact.example"), ("text", "Yes.")];
    let sent = browser.upload(&format!("/conversations/{id}/replies"), &fields, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert!(browser.get(&format!("/conversations/{id}")).await.body.contains("Yes."));
    assert!(browser.get("/search?q=anybody").await.body.contains("<mark>anybody</mark>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_turned_page_by_page_and_back() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    for n in 0..95 {
        site.letter(&acme, &format!("Number {n}."), "text").await;
    }
    let browser = site.signed_in(&acme, &acme.owner).await;
    let link = |page: &str, rel: &str| {
        let at = page.find(&format!("rel=\"{rel}\""))?;
        let start = page[..at].rfind("href=\"")? + 6;
        Some(page[start..].split('"').next()?.replace("&amp;", "&"))
    };
    let first = browser.get("/conversations").await.body;
    assert!(first.contains("Number 94.") && first.contains("Number 55.") && !first.contains("Number 54."));
    assert!(link(&first, "prev").is_none());
    let second = browser.get(&link(&first, "next").unwrap()).await.body;
    assert!(second.contains("Number 54.") && second.contains("Number 15."));
    let third = browser.get(&link(&second, "next").unwrap()).await.body;
    assert!(third.contains("Number 14.") && third.contains("Number 0.") && link(&third, "next").is_none());
    let back = browser.get(&link(&third, "prev").unwrap()).await.body;
    assert!(back.contains("Number 54.") && link(&back, "prev").is_some());
    let back = browser.get(&link(&back, "prev").unwrap()).await.body;
    assert!(back.contains("Number 94.") && link(&back, "prev").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_and_an_answer_is_taken_back() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let at = |what: &str| format!("/conversations/{id}/{what}");
    let fields =
        [("kind", "answer"), ("to", "mette@contact.example"), ("html", "<div>Half a <b>thought</b></div>")];
    let kept = browser.form(Method::PUT, &at("draft"), &fields).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT, "{}", kept.body);
    let stored = browser.upload(&at("draft/files"), &[], &[("plan.txt", "a plan")]).await;
    assert_eq!(stored.status, StatusCode::SEE_OTHER, "{}", stored.body);
    let page = browser.get(&format!("/conversations/{id}")).await.body;
    assert!(page.contains("thought") && page.contains("plan.txt"), "{page}");
    let file = page.split("name=\"file\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    // Somebody else's draft is theirs.
    let other = site.signed_in(&acme, &acme.owner).await;
    assert!(!other.get(&format!("/conversations/{id}")).await.body.contains("plan.txt"));

    let fields = [("to", "mette@contact.example"), ("html", "<div>Whole</div>"), ("file", file)];
    let sent = browser.upload(&at("replies"), &fields, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let page = browser.get(&format!("/conversations/{id}")).await.body;
    let message = page.split("/replies/").nth(1).unwrap().split('/').next().unwrap();
    let undone = browser.post(&format!("/replies/{message}/undo"), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    let page = browser.get(&format!("/conversations/{id}")).await.body;
    assert!(page.contains("Whole") && page.contains("plan.txt"), "it is a draft again: {page}");
    assert_eq!(browser.post(&format!("/replies/{message}/undo"), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_take_the_next_one_get_two() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let (first, second) =
        (site.letter(&acme, "First", "one").await, site.letter(&acme, "Second", "two").await);
    let (anton, olga) = (site.signed_in(&acme, &acme.agent).await, site.signed_in(&acme, &acme.owner).await);
    let taken = anton.post("/conversations/next?status=open", &[]).await;
    assert!(taken.header("location").contains(&first.to_string()), "{}", taken.header("location"));
    let taken = olga.post("/conversations/next?status=open", &[]).await;
    assert!(taken.header("location").contains(&second.to_string()), "{}", taken.header("location"));
    let ids = [first.to_string(), second.to_string()];
    let fields = [("conversation", ids[0].as_str()), ("conversation", ids[1].as_str()), ("close", "yes")];
    assert_eq!(olga.post("/conversations/bulk?status=open", &fields).await.status, StatusCode::SEE_OTHER);
    let closed = olga.get("/conversations?status=closed").await.body;
    assert!(closed.contains("First") && closed.contains("Second"));
}
