//! Quoted replies against what one project takes for new. A signature that is folded where that project
//! drops it is right: nothing that a contact wrote is ever lost.

use crate::fixtures;
use letter::{Part, fold, preview};

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn own(text: &str) -> String {
    let own: Vec<&str> = fold(text).iter().filter(|p| matches!(p, Part::Own(_))).map(Part::text).collect();
    words(&own.concat())
}

#[test]
fn replies_fold_as_the_corpus_says() {
    let (mut right, mut all) = (0, 0);
    for (path, raw) in fixtures::files("quoted-replies/emails", &[".txt"]) {
        let text = String::from_utf8_lossy(&raw).into_owned();
        let whole: String = fold(&text).iter().map(Part::text).collect();
        assert_eq!(whole, text, "{path}: nothing is lost");
        let expected = String::from_utf8(fixtures::bytes(&path.replace("/emails/", "/trimmed/"))).unwrap();
        all += 1;
        if own(&text) == words(&expected) {
            right += 1;
        } else {
            println!("  {path}\n     own      {:.200}\n     expected {:.200}", own(&text), words(&expected));
        }
    }
    println!(
        "quotes: {right} of {all} ({:.1} %) as the corpus says",
        f64::from(right) * 100.0 / f64::from(all)
    );
    assert!(right * 100 >= all * 90);
}

#[test]
fn forwarded_mail_is_found() {
    let (mut right, mut all) = (0, 0);
    for (path, raw) in fixtures::files("quoted-replies/embedded", &[".txt"]) {
        let mail = fixtures::bytes(&path.replace("/embedded/", "/emails/"));
        let mail = String::from_utf8_lossy(&mail).into_owned();
        let quoted: Vec<&str> =
            fold(&mail).iter().filter(|p| !matches!(p, Part::Own(_))).map(Part::text).collect();
        let found = words(&quoted.concat());
        let end = words(&String::from_utf8_lossy(&raw));
        let end = end.rsplit(' ').take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ");
        all += 1;
        right += usize::from(found.contains(&end));
    }
    println!("quotes: {right} of {all} forwarded mails folded");
}

#[test]
fn a_preview_is_what_is_new() {
    assert_eq!(preview("Hej\n\nTak!\n\nDen 1. jan. 2026 kl. 12.00 skrev A <a@b.dk>:\n> gammelt"), "Hej Tak!");
    assert_eq!(preview("> only\n> a quote"), "> only > a quote");
    assert_eq!(preview("x".repeat(500).as_str()).chars().count(), 161);
}

proptest::proptest! {
    #[test]
    fn nothing_is_ever_lost(text in "([ >|*-]{0,3}(On 1 May 2026 A <a@b.dk> wrote:|From: a|Sent: b|To: c|-- |___|Sent from my x|hello|\\PC{0,20}|\r)?\n?){0,30}") {
        let whole: String = fold(&text).iter().map(Part::text).collect();
        proptest::prop_assert_eq!(whole, text.as_str());
        let _ = preview(&text);
    }
}
