//! Nothing here measures; it prints what a page costs, when asked with `--run-ignored`.

use std::time::Instant;

use crate::browser::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures"]
async fn pages() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    let mut last = None;
    for n in 0..200 {
        last =
            Some(site.letter(&acme, &format!("Order {n}"), "Where is it? It should have come by now.").await);
    }
    let browser = site.signed_in(&acme, &acme.owner).await;
    for path in ["/conversations".to_owned(), format!("/conversations/{}", last.unwrap())] {
        let page = browser.get(&path).await;
        println!("{path}: {} bytes", page.body.len());
        for at_once in [1, 8] {
            let begun = Instant::now();
            let each = 400 / at_once;
            let all = (0..at_once).map(|_| {
                let (browser, path) = (browser.clone(), path.clone());
                tokio::spawn(async move {
                    for _ in 0..each {
                        browser.get(&path).await;
                    }
                })
            });
            futures::future::join_all(all.collect::<Vec<_>>()).await;
            println!("{at_once} at once: {:.0} pages/s", 400.0 / begun.elapsed().as_secs_f64());
        }
    }
}

/// The public list with 200 entries and 300 versions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures"]
async fn the_public_list() {
    let site = Site::start().await;
    let by =
        |reason: String| control::Authorship { author: "Jana".into(), reason, at: site.havn.clock.now() };
    let text = include_str!("../../../../demo/register-corrected.toml");
    let document = register::Document::read(text).unwrap();
    let entry = |number: usize, task: String| register::Entry {
        id: format!("entry-{number}").parse().unwrap(),
        name: Some(format!("Company {number} A/S")),
        task: Some(task),
        ..document.entries[number % document.entries.len()].clone()
    };
    let put = |entry: register::Entry| {
        let listed = register::Change::Sample { entry: entry.id.clone(), state: register::State::Active };
        [register::Change::Put { entry: Box::new(entry) }, listed]
    };
    for version in 0..300 {
        let some = if version == 0 { 0..200 } else { version % 200..version % 200 + 1 };
        let changes = some.flat_map(|number| put(entry(number, format!("task {version}")))).collect();
        let plan = |_: &register::Register| Ok::<_, control::Error>(changes);
        site.havn.control.change_register(&by(format!("reason {version}")), plan).unwrap();
    }
    let browser = site.public();
    for path in [
        "/trust",
        "/trust/versions",
        "/trust/versions/150",
        "/trust/versions/150/differences",
        "/trust.json",
        "/trust/atom.xml",
    ] {
        let begun = Instant::now();
        let page = browser.get(path).await;
        let first = begun.elapsed();
        assert!(page.status.is_success());
        let begun = Instant::now();
        let request = || browser.request(http::Method::GET, path).header("accept-encoding", "gzip");
        let mut bytes = 0;
        for _ in 0..200 {
            let response = tower::ServiceExt::oneshot(
                browser.router.clone(),
                request().body(axum::body::Body::empty()).unwrap(),
            )
            .await;
            bytes = axum::body::to_bytes(response.unwrap().into_body(), 1 << 24).await.unwrap().len();
        }
        println!(
            "{path}: {} bytes, {bytes} packed; first {first:?}, then {:?}",
            page.body.len(),
            begun.elapsed() / 200
        );
    }
}
