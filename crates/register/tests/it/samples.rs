//! The lists that the demo's operator carries: that of 2019 makes a reader stumble, the corrected one does not.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use register::{Code, Document, Finding, Recorded, Register, State, check, differences, record};
use words::Time;

const OF_2019: &str = include_str!("../../../../demo/register-2019.toml");
const CORRECTED: &str = include_str!("../../../../demo/register-corrected.toml");

fn noon(day: Date) -> Time {
    let noon = jiff::tz::TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0)).unwrap();
    Time::from_micros(noon.as_microsecond())
}

fn import(history: &mut Vec<Recorded>, text: &str, day: Date) -> Register {
    let document = Document::read(text).unwrap();
    let mut register = Register::replay(&*history).unwrap();
    let changes = document.changes(&register);
    for change in record(&register, noon(day), "the demo", "a sample", changes) {
        register.apply(&change).unwrap();
        history.push(change);
    }
    register
}

fn found(findings: &[Finding]) -> BTreeSet<(Code, Option<&str>)> {
    findings.iter().map(|finding| (finding.code, finding.entry.as_ref().map(|id| id.as_str()))).collect()
}

#[test]
fn the_list_of_2019_makes_a_reader_stumble_over_every_point() {
    let printed = date(2019, 10, 28);
    let register = import(&mut Vec::new(), OF_2019, printed);
    let findings = check(&register, &[], noon(printed));
    let infrastructure = ["linode", "amazon-web-services", "websupport"];
    let services = ["quality-unit-llc", "quality-unit-ukraine", "twilio", "support-subcontractors"];
    let mut expected: BTreeSet<(Code, Option<&str>)> = BTreeSet::from([
        (Code::Unnamed, Some("support-subcontractors")),
        (Code::NoPlace, Some("websupport")),
        (Code::OutsideRegion, Some("amazon-web-services")),
        (Code::StatementContradicted, Some("amazon-web-services")),
        (Code::StatementContradicted, Some("linode")),
        (Code::NoMechanism, Some("linode")),
        (Code::NoMechanism, Some("amazon-web-services")),
        (Code::ConsentUnclear, Some("quality-unit-ukraine")),
        (Code::PageNotBinding, None),
        (Code::NoEarlierVersion, None),
        (Code::NoNoticeDate, None),
        (Code::NoNoticeChannel, None),
    ]);
    for entry in infrastructure {
        let claim = [Code::CertificatesJoined, Code::NoSuchCertificate, Code::CertificateSuperseded];
        expected.extend(claim.map(|code| (code, Some(entry))));
    }
    for entry in services {
        // Who they are, and from where they look, is not said: nobody can tell that no mechanism is needed.
        expected.extend([(Code::NoPlace, Some(entry)), (Code::NoMechanism, Some(entry))]);
    }
    for entry in infrastructure.into_iter().chain(services) {
        let untold = [
            Code::NoAddress,
            Code::NoContact,
            Code::NoPurpose,
            Code::NoCategories,
            Code::DutyWithoutClause,
            Code::NotDecided,
        ];
        expected.extend(untold.map(|code| (code, Some(entry))));
    }
    let found = found(&findings);
    let (missing, spurious) = (expected.difference(&found), found.difference(&expected));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&(Code, Option<&str>)>::new(), "missing");
    assert_eq!(spurious.collect::<Vec<_>>(), Vec::<&(Code, Option<&str>)>::new(), "spurious");
    let about_singapore = |finding: &&Finding| finding.sentence.contains("Singapore");
    assert!(findings.iter().any(|finding| finding.code == Code::OutsideRegion && about_singapore(&finding)));
}

#[test]
fn the_corrected_list_makes_nobody_stumble_until_something_lapses() {
    let register = import(&mut Vec::new(), CORRECTED, date(2026, 11, 2));
    assert_eq!(check(&register, &[], noon(date(2026, 11, 25))), []);
    let later = check(&register, &[], noon(date(2027, 10, 2)));
    assert!(found(&later).contains(&(Code::CertificateLapsed, Some("sample-hosting-us"))));
    assert!(found(&later).contains(&(Code::DecisionLapsed, Some("sample-voice"))));
}

#[test]
fn one_list_after_the_other_is_a_history() {
    let mut history = Vec::new();
    let before = import(&mut history, OF_2019, date(2019, 10, 28));
    let after = import(&mut history, CORRECTED, date(2026, 11, 2));
    assert_eq!(Register::at(&history, noon(date(2020, 1, 1))), Ok(before.clone()));
    assert_eq!(before.listed().count(), 7);
    assert_eq!(after.listed().count(), 6);
    assert_eq!(after.entries[&"twilio".parse().unwrap()].state, State::Ended);
    assert!(differences(&before, &after).len() >= 13);
    assert_eq!(
        import(&mut history.clone(), CORRECTED, date(2026, 11, 3)),
        after,
        "nothing new, nothing changed"
    );
}

#[test]
fn a_sample_opens_no_door() {
    let register = import(&mut Vec::new(), CORRECTED, date(2026, 11, 2));
    assert_eq!(register::Rules::of(&register, noon(date(2026, 11, 25))).entries, []);
}

#[test]
fn both_forms_say_the_same() {
    for text in [OF_2019, CORRECTED] {
        let document = Document::read(text).unwrap();
        assert_eq!(Document::read(&document.toml()), Ok(document.clone()));
        assert_eq!(Document::read(&document.json()), Ok(document));
    }
}

#[test]
fn all_faults_are_told_by_line_and_nothing_is_read() {
    let text = OF_2019
        .replace("country = \"GB\"", "country = \"Britain\"")
        .replace("relation = \"group-company\"", "relation = \"affiliate\"");
    let faults = Document::read(&text).unwrap_err();
    let line_of = |word: &str| text.lines().position(|line| line.contains(word)).unwrap() + 1;
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [line_of("\"Britain\""), line_of("\"affiliate\"")]);
}
