//! Beginning a conversation in the browser.

use http::{Method, StatusCode};
use store::MessageState;

use crate::browser::{Answer, Browser, Site};

const PATH: &str = "/conversations";

/// Names and values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// What a form holds that is right but for `changed`.
fn form<'a>(mailbox: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("mailbox", mailbox),
        ("to", "mads@kunde.example, Ida <ida@kunde.example>"),
        ("cc", ""),
        ("subject", "Your offer"),
        ("text", "Here it is.\r\n\r\nAnton"),
    ];
    for (name, value) in changed {
        fields.iter_mut().filter(|(known, _)| known == name).for_each(|field| field.1 = value);
    }
    fields
}

async fn sent(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    browser.upload(&format!("{PATH}?status=mine"), fields, &[("offer.txt", "9 kr.")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_begins_with_a_letter_of_ours() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let page = browser.get("/conversations/new?status=mine&to=mads%40kunde.example").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("value=\"mads@kunde.example\""), "{}", page.body);
    assert!(page.body.contains("support@acme.example") && !page.body.contains("sales@acme.example"));

    let mailbox = acme.support_mailbox.to_string();
    let answer = sent(&browser, &form(&mailbox, &[])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let there = answer.header("location").to_owned();
    assert!(there.ends_with("?status=mine"), "{there}");
    let page = browser.get(&there).await;
    for shown in [
        "Your offer",
        "Here it is.",
        "offer.txt",
        "mads@kunde.example",
        "ida@<wbr>kunde.example",
        "toast-undo",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let list = browser.get("/conversations?status=mine").await;
    assert!(list.body.contains("Your offer") && list.body.contains("Has files"), "{}", list.body);

    // Taken back, it is a draft again, and the conversation is gone.
    let letter = page.body.split("action=\"/replies/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let undone = browser.post(&format!("/replies/{letter}/undo"), &[]).await;
    assert_eq!((undone.status, undone.header("location")), (StatusCode::SEE_OTHER, "/conversations/new"));
    assert_eq!(browser.get(&there).await.status, StatusCode::NOT_FOUND);
    let draft = browser.get("/conversations/new").await;
    for kept in ["mads@kunde.example, ida@kunde.example", "Your offer", "Here it is.", "offer.txt"] {
        assert!(draft.body.contains(kept), "{kept}: {}", draft.body);
    }
    let discarded = browser.post("/conversations/new/draft?method=delete", &[]).await;
    assert_eq!(discarded.status, StatusCode::SEE_OTHER);
    assert!(!browser.get("/conversations/new").await.body.contains("Your offer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_at_its_field_and_all_is_kept() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let (support, sales) = (acme.support_mailbox.to_string(), acme.sales_mailbox.to_string());
    let cases: [(&str, Fields<'_>, &str); 6] = [
        ("an address", &[("to", "mads@kunde.example, nobody")], "“nobody” is not a mail address."),
        ("a copy", &[("cc", "a@b c")], "“a@b c” is not a mail address."),
        ("nobody", &[("to", " ")], "begin-to-flaw"),
        ("no subject", &[("subject", "  ")], "begin-subject-flaw"),
        ("a line break in it", &[("to", "a@b.dk\r\nBcc: c@d.dk")], "begin-to-flaw"),
        ("a mailbox that is not theirs", &[("mailbox", &sales)], "begin-mailbox-flaw"),
    ];
    for (case, changed, says) in cases {
        let answer = sent(&browser, &form(&support, changed)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{case}: {}", answer.body);
        assert!(answer.body.contains(says), "{case}: {}", answer.body);
        assert!(answer.body.contains("<!DOCTYPE html>") && answer.body.contains("Here it is."), "{case}");
    }
    let fields = form(&support, &[("text", "")]);
    let empty = browser.upload(PATH, &fields, &[]).await;
    assert!(empty.body.contains("begin-text-flaw"), "{}", empty.body);
    let kept = browser.get("/conversations/new").await;
    assert!(kept.body.contains("Your offer") && kept.body.contains("offer.txt"), "{}", kept.body);
    assert!(!browser.get(PATH).await.body.contains("Your offer"), "nothing was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_kept_for_its_writer_alone() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let typed = [
        ("kind", "answer"),
        ("to", "mads@"),
        ("subject", "Half a th"),
        ("html", "<div>Hi<script>x</script></div>"),
    ];
    let kept = browser.form(Method::PUT, "/conversations/new/draft", &typed).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT, "{}", kept.body);
    let page = browser.get("/conversations/new").await;
    assert!(page.body.contains("mads@") && page.body.contains("Half a th"), "{}", page.body);
    assert!(!page.body.contains("script&gt;x"), "{}", page.body);
    let other = site.signed_in(&acme, &acme.owner).await;
    assert!(!other.get("/conversations/new").await.body.contains("Half a th"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_say_what_lies_behind_them() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Plain", "text").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let signs = ["Has files", "Could not be delivered", "You have a draft here", "Sender not verified, or"];
    let shown = async || {
        let list = browser.get(PATH).await.body;
        signs.map(|sign| list.contains(sign))
    };
    assert_eq!(shown().await, [false; 4]);
    let typed = [("kind", "answer"), ("to", "mette@contact.example"), ("html", "<div>Dear</div>")];
    browser.form(Method::PUT, &format!("{PATH}/{id}/draft"), &typed).await;
    assert_eq!(shown().await, [false, false, true, false]);
    let other = site.signed_in(&acme, &acme.owner).await;
    assert!(!other.get(PATH).await.body.contains(signs[2]), "a draft is one's own");

    let fields = [("to", "mette@contact.example"), ("text", "Dear Mette")];
    browser.upload(&format!("{PATH}/{id}/replies"), &fields, &[("a.txt", "x")]).await;
    assert_eq!(shown().await, [true, false, false, false]);
    let (store, access) = site.havn.setup(acme.id).await;
    let newest = store.read(&access, move |read| read.newest_messages(id, i64::MAX, 1)).await.unwrap();
    let letter = newest[0].id;
    store.write(&access, move |tx| tx.set_message_state(letter, MessageState::Bounced, None)).await.unwrap();
    assert_eq!(shown().await, [true, true, false, false]);
    browser.upload(&format!("{PATH}/{id}/replies"), &fields, &[]).await;
    assert_eq!(shown().await, [true, false, false, false], "another letter followed");
    store.write(&access, move |tx| tx.mark(id, store::Mark::Suspect)).await.unwrap();
    assert_eq!(shown().await, [true, false, false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_form_leads_back_beside_its_list() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let id = site.letter(&acme, "Hello", "text").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    let page = format!("{PATH}/{id}");
    let goes = async |from: &str| {
        let request = browser.request(Method::POST, &format!("{page}/closure")).header("referer", from);
        let answer = browser.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        answer.header("location").to_owned()
    };
    let here = |rest: &str| format!("http://acme.localhost{rest}");
    assert_eq!(goes(&here(&format!("{page}?status=mine&x=1"))).await, format!("{page}?status=mine"));
    assert_eq!(goes(&here(&page)).await, page);
    assert_eq!(goes(&here("/me?status=mine")).await, page);
    assert_eq!(goes(&here(&format!("{page}?status=nonsense"))).await, page);
    assert_eq!(goes("//evil.example?status=mine").await, page);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_the_desk() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.agent).await;
    for (path, status) in [
        ("/nowhere", StatusCode::NOT_FOUND),
        ("/conversations/0198b3f0-0000-7000-8000-000000000000", StatusCode::NOT_FOUND),
        ("/settings/agents", StatusCode::FORBIDDEN),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer.body.contains("id=\"rail\"") && answer.body.contains("problem"),
            "{path} {}",
            answer.body
        );
        assert!(answer.header("content-security-policy").contains("nonce-"), "{path}");
        let stranger = site.browser(&acme).get(path).await;
        assert!(!stranger.body.contains("id=\"rail\""), "{path}");
    }
}
