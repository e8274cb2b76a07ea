//! What happened: the account's log, its checkpoint and its proof, as an owner takes them out.

use evidence::{Checkpoint, Export, LogKey, Origin, Proof, verify};
use http::StatusCode;
use words::{Clock, Principal, Task};

use crate::browser::Site;

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_takes_out_what_is_checked_elsewhere() {
    let site = Site::start().await;
    let acme = site.havn.account("acme").await;
    site.letter(&acme, "A question", "CANARY").await;
    let owner = site.signed_in(&acme, &acme.owner).await;
    assert!(owner.get("/settings/evidence").await.body.contains("Nothing is signed yet"));
    for file in ["checkpoint", "log", "proof"] {
        let answer = owner.get(&format!("/settings/evidence/{file}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{file}");
    }

    let (key, host) = (LogKey::from_seed(&[7; 32]), "havn.example".parse().unwrap());
    let (operator, origin) = (Origin::operator(&host), Origin::account(&host, acme.id));
    let (store, access) = site.havn.accounts.open_task(acme.id, Task::Housekeeping).await.unwrap();
    let signed = store.read(&access, {
        let origin = origin.clone();
        move |read| {
            let size = read.log_size()?;
            Ok::<_, store::Error>(Checkpoint { origin, size, root: read.log_root(size)? })
        }
    });
    let checkpoint = signed.await.unwrap();
    let (size, note) = (checkpoint.size, checkpoint.sign(&key));
    store.write(&access, move |tx| tx.keep_checkpoint(size, &note)).await.unwrap();
    let page = owner.get("/settings/evidence").await.body;
    assert!(page.contains("does not tell of it yet") && !page.contains("/settings/evidence/proof"), "{page}");
    assert_eq!(owner.get("/settings/evidence/proof").await.status, StatusCode::NOT_FOUND);

    let (by, now) = (Principal::System(Task::Housekeeping), Clock::System.now());
    site.havn.control.note_checkpoint(acme.id, &checkpoint, by, now).unwrap();
    site.havn.control.sign_log(&operator, &key, now).unwrap();
    // More happens; what is taken out is what was signed.
    site.letter(&acme, "Another question", "text").await;
    let page = owner.get("/settings/evidence").await.body;
    assert!(page.contains(&format!("{size} entries")) && page.contains("tells of it"), "{page}");

    let log = owner.get("/settings/evidence/log").await;
    assert!(log.header("content-disposition").starts_with("attachment; filename=\"acme.log\""));
    assert!(!log.body.contains("CANARY"));
    let export = Export::read(log.body.as_bytes()).unwrap();
    let kept = owner.get("/settings/evidence/checkpoint").await.body;
    assert_eq!(verify(&export, &origin, &key.public(), &[&kept]).unwrap().checkpoint, checkpoint);
    let proof = Proof::read(&owner.get("/settings/evidence/proof").await.body).unwrap();
    proof.verify_checkpoint(&operator, &key.public(), acme.id, &checkpoint).unwrap();

    let agent = site.signed_in(&acme, &acme.agent).await;
    for page in ["", "/checkpoint", "/log", "/proof"] {
        let answer = agent.get(&format!("/settings/evidence{page}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
    }
}
