//! The public pages at the operator's host, with the lists that the demo carries.

use axum::body::Body;
use control::Authorship;
use http::{Method, Request, StatusCode, header};
use register::{Change, Document, Entry, Register, State};
use testkit::{Havn, On};
use words::{Clock, Time};

use crate::browser::{Answer, Site};

const OF_2019: &str = include_str!("../../../../demo/register-2019.toml");
const CORRECTED: &str = include_str!("../../../../demo/register-corrected.toml");
/// 28 October 2019, 2 and 25 November 2026, at noon.
const THEN: Time = Time::from_seconds(1_572_264_000);
const MENDED: Time = Time::from_seconds(1_793_620_800);
const NOW: Time = Time::from_seconds(1_795_608_000);
/// Bytes of a page at most (issue 4).
const PAGE_BYTES_MAX: usize = 50 * 1024;

async fn site() -> Site {
    Site::of(Havn::start_at(On::Sqlite, Clock::fixed(NOW)).await)
}

fn change(site: &Site, at: Time, reason: &str, plan: impl FnOnce(&Register) -> Vec<Change>) {
    let by = Authorship { author: "Jana".into(), reason: reason.into(), at };
    site.havn.control.change_register(&by, |register| Ok::<_, control::Error>(plan(register))).unwrap();
}

fn import(site: &Site, text: &str, at: Time, reason: &str) {
    let document = Document::read(text).unwrap();
    change(site, at, reason, |register| document.changes(register));
}

/// A site with the list of 2019 and the corrected one after it.
async fn with_both() -> Site {
    let site = site().await;
    import(&site, OF_2019, THEN, "as the page was printed");
    import(&site, CORRECTED, MENDED, "nothing is left to stumble over");
    site
}

async fn ask(site: &Site, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(Method::GET).uri(path).header(header::HOST, "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.public().send(request.body(Body::empty()).unwrap()).await
}

async fn get(site: &Site, path: &str) -> Answer {
    ask(site, path, &[]).await
}

/// What stands in a page, without its tags.
fn text(page: &str) -> String {
    let mut text = String::new();
    for part in page.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_register_says_that_nobody_else_gets_data_and_why() {
    let site = site().await;
    let page = get(&site, "/trust").await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["Nobody else gets data", "Why this page can say so", "What Havn does not stop"] {
        assert!(page.body.contains(said), "{said}");
    }
    assert!(get(&site, "/trust/versions").await.body.contains("There is none yet"));
    assert_eq!(get(&site, "/trust/versions/1").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_2019_is_shown_with_all_that_a_reader_stumbles_over() {
    let site = site().await;
    import(&site, OF_2019, THEN, "as the page was printed");
    let page = get(&site, "/trust/versions/1").await;
    let text = text(&page.body);
    for said in [
        "This is a sample",
        "the sub-processors of LiveAgent",
        "Last updated 28 October 2019.",
        "Linode, LLC",
        "Singapore",
        "Not named (support-subcontractors)",
        "The list does not say who they are",
        "claims nothing: one of them is enough to make it true",
        "Accounts of one region are served from another",
        "Tier III+",
        "It is not said how, or how long before, changes are told.",
        "The list says of itself that it does not bind.",
        "0 of 7",
        "Who they are is not said",
        "does the rule that subcontractors look only with the customer's consent bind it?",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(page.body.len() < PAGE_BYTES_MAX, "{}", page.body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corrected_list_leaves_nothing_to_stumble_over() {
    let site = with_both().await;
    let page = get(&site, "/trust").await;
    let text = text(&page.body);
    for said in [
        "This is a sample",
        "Last updated 2 November 2026.",
        "It found nothing on 25 November 2026.",
        "13 duties",
        "6 of 6",
        "ISO/IEC 27001:2022",
        "evidenced",
        "In force since 2 November 2026",
        "standard clauses (EU) 2021/914",
        "objects.hosting-eu.example:443",
        "Denmark within the EEA",
        "Ukraine outside the EEA",
        "Changes are told 30 days before, by mail to the notice addresses of each account.",
        "What Havn does not stop",
        "the hypervisor",
    ] {
        assert!(text.to_lowercase().contains(&said.to_lowercase()), "{said}: {text}");
    }
    assert!(!text.contains("Linode"), "what ended is gone");
    assert!(page.body.len() < PAGE_BYTES_MAX, "{}", page.body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_no_script_a_strict_policy_and_one_page_for_all() {
    let site = with_both().await;
    for path in
        ["/trust", "/trust/versions", "/trust/versions/1", "/trust/versions/2/differences", "/nothing"]
    {
        let cookie = [("cookie", "session=x; theme=dark"), ("accept-language", "da")];
        let page = ask(&site, path, &cookie).await;
        let policy = page.header("content-security-policy");
        assert!(page.headers.get("set-cookie").is_none(), "{path}");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("script"),
            "{policy}"
        );
        assert!(
            policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(
            !page.body.contains("<script") && !page.body.contains("style=") && !page.body.contains("<form"),
            "{path}"
        );
        assert_eq!(page.header("content-language"), "da", "{path}");
        assert!(page.header("vary").contains("Accept-Language"), "{path}");
        assert!(page.body.len() < PAGE_BYTES_MAX, "{path}: {}", page.body.len());
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
    }
    let root = get(&site, "/").await;
    assert_eq!((root.status, root.header("location")), (StatusCode::SEE_OTHER, "/trust"));
    assert_eq!(get(&site, "/login").await.status, StatusCode::NOT_FOUND, "no account is here");
    assert_eq!(get(&site, "/api/v1/me").await.status, StatusCode::NOT_FOUND);
    let acme = site.havn.account("acme").await;
    let there = site.signed_in(&acme, &acme.owner).await;
    assert_eq!(there.get("/trust").await.status, StatusCode::NOT_FOUND, "and an account has no such page");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_has_is_not_sent_again_and_goes_packed() {
    let site = with_both().await;
    let page = get(&site, "/trust").await;
    let again = ask(&site, "/trust", &[("if-none-match", page.header("etag"))]).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(page.header("cache-control"), "no-cache");
    let packed = ask(&site, "/trust", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    // A change is seen at once, and by those who have the page.
    change(&site, NOW, "no longer", |_| {
        vec![Change::Sample { entry: "sample-voice".parse().unwrap(), state: State::Suspended }]
    });
    let changed = ask(&site, "/trust", &[("if-none-match", page.header("etag"))]).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert!(
        changed.body.contains("suspended: nothing goes there") && changed.body.contains("Version 3 of 3")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_that_of_the_address_or_of_the_browser() {
    let site = with_both().await;
    let danish = get(&site, "/trust?lang=da").await.body;
    for said in
        ["Hvem får data", "Senest ændret 2. november 2026.", "Danmark", "inden for EØS", "lang=\"da\""]
    {
        assert!(danish.contains(said), "{said}");
    }
    let asked = ask(&site, "/trust", &[("accept-language", "da-DK,da;q=0.9,en;q=0.8")]).await.body;
    assert_eq!(asked, danish, "one page a language");
    let english = ask(&site, "/trust?lang=en", &[("accept-language", "da")]).await.body;
    for language in ["en", "da"] {
        let there = format!("hreflang=\"{language}\" href=\"http://localhost/trust?lang={language}\"");
        assert!(english.contains(&there) && danish.contains(&there), "{there}");
    }
    assert!(english.contains(">Dansk</a>") && danish.contains(">English</a>"));
    // Every page that the Danish one leads to is Danish.
    for link in danish.split("href=\"/trust/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(link.ends_with("lang=da"), "{link}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_there_with_what_it_changed() {
    let site = with_both().await;
    let all = text(&get(&site, "/trust/versions").await.body);
    for said in [
        "Version 2 · 2 November 2026",
        "Jana: “nothing is left to stumble over”",
        "6 added",
        "7 removed",
        "the operator's own words",
        "Version 1 · 28 October 2019",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
    let then = text(&get(&site, "/trust/versions/1").await.body);
    assert!(then.contains("This is version 1, as it stood on 28 October 2019."), "{then}");
    assert!(then.contains("Twilio") && !then.contains("Sample Voice"));
    let changed = text(&get(&site, "/trust/versions/2/differences").await.body);
    for said in [
        "Added",
        "Sample Hosting A/S",
        "Removed",
        "Linode, LLC",
        "What the operator states",
        "Days before not said 30",
    ] {
        assert!(changed.contains(said), "{said}: {changed}");
    }
    for nowhere in
        ["/trust/versions/0", "/trust/versions/3", "/trust/versions/01", "/trust/versions/x/differences"]
    {
        assert_eq!(get(&site, nowhere).await.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_fact_stands_before_and_after_in_words() {
    let site = with_both().await;
    let document = Document::read(CORRECTED).unwrap();
    let mut voice = document.entries.into_iter().find(|entry| entry.id.as_str() == "sample-voice").unwrap();
    voice.country = Some("US".parse().unwrap());
    voice.places[0].country = Some("US".parse().unwrap());
    voice.task = Some("telephone calls and recordings".into());
    change(&site, NOW, "they moved", |_| vec![Change::Put { entry: Box::new(voice) }]);
    let page = get(&site, "/trust/versions/3/differences").await.body;
    for said in [
        "<del>Processed: Dublin, Ireland</del>",
        "<ins>Processed: Dublin, United States</ins>",
        "<del>telephone calls</del>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let now = text(&get(&site, "/trust").await.body);
    assert!(now.contains("no mechanism is given for United States"), "{now}");
    assert!(now.contains("Outside the EEA, or nobody knows where, and no mechanism"), "{now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_the_same_list() {
    let site = with_both().await;
    let answer = get(&site, "/trust.json").await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let json = answer.json();
    assert_eq!(json["format"], 1);
    assert_eq!(json["version"], 2);
    assert_eq!(json["updated_at"], "2026-11-02T12:00:00Z");
    assert_eq!(json["judged_on"], "2026-11-25");
    assert_eq!(json["findings"], serde_json::json!([]));
    assert_eq!(
        json["standing"]["sample-hosting-eu"]["certificates"],
        serde_json::json!(["evidenced", "evidenced"])
    );
    assert_eq!(json["versions"][0]["differences"], "http://localhost/trust/versions/2/differences");
    let document = Document::read(&json["register"].to_string()).expect("it is a register's file");
    assert_eq!(document.entries.len(), 6);
    for kept_back in ["Peter (sample)", "named people, by contract", "up to 10,000 people"] {
        assert!(
            !answer.body.contains(kept_back),
            "how they were judged stays with the operator: {kept_back}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_has_an_entry_a_version() {
    let site = with_both().await;
    let answer = get(&site, "/trust/atom.xml?lang=en").await;
    assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
    let feed = answer.body;
    for said in [
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">",
        "<id>tag:localhost,2026:trust</id>",
        "<id>tag:localhost,2026:trust/versions/2</id>",
        "<updated>2026-11-02T12:00:00Z</updated>",
        "6 added: ",
    ] {
        assert!(feed.contains(said), "{said}: {feed}");
    }
    assert_eq!(feed.matches("<entry>").count(), 2);
    assert!(feed.find("versions/2<").unwrap() < feed.find("versions/1<").unwrap(), "the newest first");
    assert!(well_formed(&feed), "{feed}");
}

/// Whether every element that is opened is closed in order, and every `&` begins an entity.
fn well_formed(xml: &str) -> bool {
    let mut open = Vec::new();
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>").expect("a declaration");
    for part in body.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { return false };
        let entities =
            text.split('&').skip(1).all(|rest| rest.split_once(';').is_some_and(|(name, _)| name.len() < 6));
        if !entities || text.contains('\u{1}') {
            return false;
        }
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) if open.pop() != Some(name.to_owned()) => return false,
            (None, false) => open.push(tag.split(' ').next().unwrap_or_default().to_owned()),
            _ => {}
        }
    }
    open.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_only_names() {
    let site = site().await;
    let hostile = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\u{1}&\"'";
    let text = OF_2019
        .replace("\"LiveAgent\"", &toml_text(hostile))
        .replace("\"VoIP provider\"", &toml_text(hostile));
    let text =
        text.replace("\"Twilio, Inc.\"", &toml_text(hostile)).replace("\"Singapore\"", &toml_text(hostile));
    let document = Document::read(&text).unwrap();
    let by = Authorship { author: hostile.into(), reason: hostile.into(), at: THEN };
    let plan = |register: &Register| Ok::<_, control::Error>(document.changes(register));
    site.havn.control.change_register(&by, plan).unwrap();
    for path in ["/trust", "/trust/versions", "/trust/versions/1", "/trust/versions/1/differences"] {
        let page = get(&site, path).await.body;
        assert!(page.contains("&lt;script&gt;"), "{path}");
        assert!(!page.contains("<script") && !page.contains("<img"), "{path}: {page}");
    }
    let feed = get(&site, "/trust/atom.xml").await.body;
    assert!(!feed.contains("<script") && well_formed(&feed), "{feed}");
    assert_eq!(get(&site, "/trust.json").await.json()["versions"][0]["author"], hostile);
}

fn toml_text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// An entry as the corrected list has it, but no sample.
fn real(id: &str) -> Entry {
    let document = Document::read(CORRECTED).unwrap();
    let entry = document.entries.into_iter().find(|entry| entry.id.as_str() == id).unwrap();
    Entry { sample: false, id: id.replace("sample-", "").parse().unwrap(), ..entry }
}

fn step(to: State) -> Change {
    Change::Step { entry: "voice".parse().unwrap(), to }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_what_accounts_say_are_nobodys_business() {
    let site = site().await;
    let acme = site.havn.account("acme").await;
    let put = Change::Put { entry: Box::new(real("sample-voice")) };
    change(&site, MENDED, "a secret plan", |_| vec![put, step(State::Diligence), step(State::Contracted)]);
    let terms = register::Terms {
        authorisation: register::Authorisation::General,
        objection_days: 30,
        region: "eu".parse().unwrap(),
        signed_at: MENDED,
    };
    let signed = Change::Terms { account: acme.id, terms: Box::new(terms) };
    change(&site, MENDED, "Acme signed", |_| vec![signed]);
    assert!(get(&site, "/trust").await.body.contains("Nobody else gets data"));
    let announced = Time::from_seconds(MENDED.seconds() + 60);
    change(&site, announced, "Voice comes in December", |_| vec![step(State::Announced)]);
    let objected = Change::Objected { account: acme.id, entry: "voice".parse().unwrap() };
    change(&site, NOW, "we do not trust them", |_| vec![objected]);
    let mut everything = String::new();
    for path in ["/trust", "/trust/versions", "/trust/versions/1", "/trust.json", "/trust/atom.xml"] {
        everything += &get(&site, path).await.body;
    }
    let id = acme.id.to_string();
    for private in ["a secret plan", "Acme signed", "we do not trust them", id.as_str(), "Peter"] {
        assert!(!everything.contains(private), "{private}");
    }
    for public in ["Voice comes in December", "announced, not used yet", "Version 1 of 1", "enforced"] {
        assert!(everything.contains(public), "{public}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_reads_its_own_list_in_its_settings() {
    let site = site().await;
    let acme = site.havn.account("acme").await;
    let (owner, agent) = (site.signed_in(&acme, &acme.owner).await, site.signed_in(&acme, &acme.agent).await);
    let list = "/settings/sub-processors";
    assert!(owner.get(list).await.body.contains("Nobody: no sub-processor serves accounts of your region."));
    let put = |id: &str| Change::Put { entry: Box::new(real(id)) };
    let steps = [State::Diligence, State::Contracted, State::Announced, State::Active];
    change(&site, MENDED, "voice begins", |_| {
        let steps = steps.into_iter().map(step);
        [put("sample-voice"), put("sample-hosting-us")].into_iter().chain(steps).collect()
    });
    assert!(owner.get(list).await.body.contains("Shut for you: no agreement is signed"));
    let terms = register::Terms {
        authorisation: register::Authorisation::General,
        objection_days: 30,
        region: "eu".parse().unwrap(),
        signed_at: THEN,
    };
    let (account, entry) = (acme.id, "voice".parse().unwrap());
    change(&site, MENDED, "Acme signed and was told", |_| {
        vec![Change::Terms { account, terms: Box::new(terms) }, Change::Told { account, entry }]
    });
    for browser in [&owner, &agent] {
        let page = browser.get(list).await;
        assert_eq!(page.status, StatusCode::OK, "everybody of the account may read it");
        let text = text(&page.body);
        for said in ["Sample Voice Ltd", "You may object until 2 December 2026", "Told on 2 November 2026"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(
            !text.contains("Sample Hosting, Inc."),
            "what serves another region, or is a draft, is not on it"
        );
        assert!(page.body.contains("href=\"http://localhost/trust?lang=en\""));
    }
    assert!(
        !agent.get(list).await.body.contains("href=\"/settings/tokens\""),
        "what one may not do is not offered"
    );
    assert_eq!(agent.get("/settings/tokens").await.status, StatusCode::FORBIDDEN);
}
