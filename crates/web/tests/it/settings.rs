//! What admins set up, through its forms.

use http::{Method, StatusCode};

use crate::browser::Site;

/// Names and values of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sets_the_account_up() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let (support, sales) = (acme.support.to_string(), acme.sales.to_string());
    let department = format!("/settings/departments/{support}");
    let mailbox = format!("/settings/mailboxes/{}", acme.sales_mailbox);
    let agent = format!("/settings/agents/{}", acme.agent.id);
    let done: [(&str, Fields<'_>); 13] = [
        (
            "/settings/account",
            &[("name", "Acme Ltd"), ("language", "da"), ("time_zone", "Europe/Copenhagen")],
        ),
        ("/settings/departments", &[("name", "Returns")]),
        (&department, &[("name", "Help"), ("from_name", "Acme Help"), ("signature", "Yours\nAcme")]),
        ("/settings/mailboxes", &[("address", "help@acme.example"), ("department", &support)]),
        (&mailbox, &[("department", &support)]),
        ("/settings/relay", &[("host", "mail.acme.example"), ("port", "587"), ("tls", "starttls")]),
        ("/settings/relay/way", &[("way", "straight")]),
        ("/settings/relay/way", &[("way", "relay")]),
        ("/settings/domains", &[("name", "acme.example")]),
        ("/settings/tags", &[("name", "urgent"), ("colour", "3")]),
        (&agent, &[("role", "admin"), ("all_departments", "yes")]),
        (&agent, &[("role", "agent"), ("department", &sales)]),
        ("/settings/relay?method=delete", &[]),
    ];
    for (path, fields) in done {
        let answer = browser.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {}", answer.body);
        assert_eq!(browser.get(answer.header("location")).await.status, StatusCode::OK, "{path}");
    }
    let page = browser.get("/settings/departments").await;
    assert!(page.body.contains("Returns") && page.body.contains("Acme Help"), "{}", page.body);
    assert!(browser.get("/settings/domains").await.body.contains("havn._domainkey.acme.example"));
    assert!(browser.get("/settings/tags").await.body.contains("urgent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_with_what_is_wrong() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let support = acme.support.to_string();
    let pickup = format!("/settings/mailboxes/{}/pickup", acme.support_mailbox);
    let wrong: [(&str, Fields<'_>, &str); 10] = [
        ("/settings/departments", &[("name", "Sales")], "Sales"),
        ("/settings/mailboxes", &[("address", "no address"), ("department", &support)], "no address"),
        ("/settings/relay", &[("host", "a b"), ("port", "25"), ("tls", "none")], "a b"),
        (
            &pickup,
            &[
                ("host", "a b"),
                ("port", "993"),
                ("tls", "implicit"),
                ("username", "support"),
                ("folder", "INBOX"),
            ],
            "a b",
        ),
        (
            &pickup,
            &[
                ("host", "imap.dk"),
                ("port", "993"),
                ("tls", "implicit"),
                ("username", ""),
                ("folder", "Kept"),
            ],
            "Kept",
        ),
        ("/settings/relay/way", &[("way", "pigeon")], "straight"),
        ("/settings/domains", &[("name", "a b")], "a b"),
        ("/settings/agents", &[("email", "olga@acme.example"), ("role", "agent")], "olga@acme.example"),
        ("/settings/account", &[("name", ""), ("language", "en"), ("time_zone", "UTC")], "acme"),
        ("/settings/tokens", &[("name", ""), ("scope", "read")], "scope"),
    ];
    for (path, fields, stays) in wrong {
        let answer = browser.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {}", answer.body);
        assert!(
            answer.body.contains(stays) && answer.body.contains("aria-invalid"),
            "{path} {}",
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lets_one_in_once() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let fields = [("email", "new@acme.example"), ("role", "agent"), ("all_departments", "yes")];
    let page = browser.post("/settings/agents", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let link =
        page.body.split("http://acme.localhost").nth(1).expect("the link").split(['<', '"']).next().unwrap();
    let guest = site.browser(&acme);
    assert!(guest.get(link).await.body.contains("new@acme.example"));
    let short = guest.post(link, &[("name", "Nanna"), ("password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let taken = guest.post(link, &[("name", "Nanna"), ("password", "a long enough sentence")]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    assert!(taken.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    assert_eq!(guest.get(link).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        guest.post(link, &[("name", "Eve"), ("password", "another sentence")]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_dies_at_once() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let made = browser.post("/settings/tokens", &[("name", "ci"), ("scope", "write"), ("days", "90")]).await;
    let secret = made.body.split("havn_").nth(1).expect("the secret").split('<').next().unwrap();
    let secret = format!("havn_{secret}");
    let page = browser.get("/settings/tokens").await.body;
    assert!(!page.contains(&secret));
    let ask = async || {
        let request = browser
            .request(Method::GET, "/api/v1/me")
            .header("authorization", format!("Bearer {secret}"))
            .body(axum::body::Body::empty());
        browser.send(request.unwrap()).await.status
    };
    assert_eq!(ask().await, StatusCode::OK);
    let id = page.split("id=\"token-").nth(1).unwrap().split('"').next().unwrap();
    browser.post(&format!("/settings/tokens/{id}?method=delete"), &[]).await;
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_other_sessions() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let (mut here, there) =
        (site.signed_in(&acme, &acme.agent).await, site.signed_in(&acme, &acme.agent).await);
    let wrong = here.post("/me/password", &[("current", "wrong"), ("new", "a long enough sentence")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("current", testkit::havn::PASSWORD), ("new", "a long enough sentence")];
    let changed = here.post("/me/password", &fields).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    assert_eq!(here.get("/me").await.status, StatusCode::SEE_OTHER, "the old token is dead too");
    here.cookie = Some(changed.header("set-cookie").split(';').next().unwrap().to_owned());
    assert_eq!(here.get("/me").await.status, StatusCode::OK);
    assert_eq!(there.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_says_from_where_mail_is_collected() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let browser = site.signed_in(&acme, &acme.owner).await;
    let here = format!("/settings/mailboxes/{}/pickup", acme.support_mailbox);
    let empty = browser.get(&here).await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(
        empty.body.contains("support@acme.example") && !empty.body.contains("How it goes"),
        "{}",
        empty.body
    );
    let fields: Fields<'_> = &[
        ("host", "imap.acme.example"),
        ("port", "993"),
        ("tls", "implicit"),
        ("username", "support"),
        ("password", "planted password"),
        ("folder", "INBOX"),
        ("takes_old", "yes"),
    ];
    let set = browser.post(&here, fields).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    let page = browser.get(set.header("location")).await;
    assert!(
        page.body.contains("A password is kept") && page.body.contains("Not looked yet"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("planted"), "{}", page.body);
    let tested = browser.post(&format!("{here}/test"), &[]).await;
    assert_eq!(tested.status, StatusCode::BAD_GATEWAY);
    let told = "did not accept the user name and password. It said: use an app password";
    assert!(tested.body.contains(told), "{}", tested.body);
    assert!(browser.get("/settings/mailboxes").await.body.contains("Collects from imap.acme.example"));

    let (store, access) = site.havn.setup(acme.id).await;
    let mailbox = acme.support_mailbox;
    let left = store::LeftMail {
        uid: 9,
        why: store::LeftWhy::TooLarge,
        size: 70_000_000,
        tries: 1,
        next_at: None,
        left_at: site.havn.clock.now(),
    };
    let noted = store.write(&access, move |tx| {
        let at = tx.pickup(mailbox)?.unwrap().changed_at;
        tx.pickup_leaves(store::PickupPlace { mailbox, changed_at: at, uid_validity: 1, uid: 9 }, &left)?;
        tx.pickup_failed(mailbox, at, "lost", "")
    });
    noted.await.unwrap();
    let page = browser.get(&here).await.body;
    assert!(
        page.contains("The connection to the server broke off") && page.contains("Too large (70 MB)"),
        "{page}"
    );
    assert!(browser.get("/settings/mailboxes").await.body.contains("Cannot collect from imap.acme.example"));

    let away = browser.post(&format!("{here}?method=delete"), &[]).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/settings/mailboxes").await.body.contains("Collect mail from another server"));
    let gone = browser.post(&format!("{here}/test"), &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
