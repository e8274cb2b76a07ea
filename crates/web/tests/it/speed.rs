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
