//! Made-up conversations.

use web::view::{
    Folder,
    conversation::{
        Authentication, Body, Change, Check, Composer, Contact, Conversation, Correspondent, Delivery,
        DeliveryState, DraftFile, Entry, Event, File, Letter, Mark, Note, OtherConversation, Outcome,
        Presence, Split, Status,
    },
};
use words::{ContactId, ConversationId, FileId, Language, MessageId, Time};

use crate::lists::{NOW, agent, choices, department, made, tag};

/// The newest letter of the everyday conversation, as HTML.
pub const LETTERS: [(Language, &str); 2] = [
    (
        Language::Da,
        "<p>Hej Sofie</p><p>Torsdag passer fint, jeg er hjemme hele formiddagen. Jeg har lagt billederne ved, \
         og kvitteringen med, hvis I skal bruge den.</p><p>Lånecyklen siger jeg ja tak til. Er den med \
         <strong>kurv</strong>? Jeg henter min datter på vejen hjem.</p><p>Tusind tak for den hurtige hjælp,<br>Mette</p>",
    ),
    (
        Language::En,
        "<p>Hello Sofie,</p><p>Ferry Road is right, but leave it with the harbour master if I am not in: he has the key \
         and a kettle.</p><p>I have put in the photographs again, at a better size, and the drawing with <strong>both \
         measurements</strong>. The long bolts are a good thought.</p><p>Many thanks for the quick help,<br>Margaret</p>",
    ),
];

fn ago(minutes: i64) -> Time {
    Time::from_seconds(NOW - minutes * 60)
}

fn who(name: &str, address: &str) -> Correspondent {
    Correspondent { name: name.into(), address: address.into() }
}

fn checks(outcomes: [Outcome; 4], domain: &str) -> Authentication {
    let names = ["SPF", "DKIM", "DMARC", "ARC"];
    Authentication {
        outcome: outcomes[2],
        checks: names
            .into_iter()
            .zip(outcomes)
            .map(|(name, outcome)| Check { name, outcome, about: domain.into() })
            .collect(),
    }
}

fn letter(n: u8, from: Correspondent, to: Correspondent, minutes: i64, body: Body) -> Letter {
    Letter {
        id: made!(MessageId, n),
        conversation: made!(ConversationId, 0),
        from,
        by: None,
        to: vec![to],
        cc: vec![],
        at: ago(minutes),
        folded: false,
        snippet: String::new(),
        body,
        files: vec![],
        authentication: None,
        marks: vec![],
        deliveries: vec![],
        leaves: None,
    }
}

fn text(fresh: &str, quoted: Option<&str>) -> Body {
    Body::Text(Split { fresh: fresh.into(), quoted: quoted.map(Into::into) })
}

fn event(number: i64, by: &str, minutes: i64, change: Change) -> Entry {
    Entry::Event(Event { number, by: by.into(), at: ago(minutes), change })
}

fn picture(name: &str, bytes: u64) -> File {
    File {
        name: name.into(),
        media_type: "image/jpeg".into(),
        bytes,
        url: "/files/1?key=k".into(),
        preview: Some("/preview.png".into()),
    }
}

/// What the texts of the everyday conversation are in one language.
struct Words {
    contact: Correspondent,
    support: Correspondent,
    subject: &'static str,
    first: &'static str,
    answer: &'static str,
    quoted: &'static str,
    note: &'static str,
    others: [&'static str; 2],
    signature: &'static str,
    files: [&'static str; 3],
}

fn words(language: Language) -> Words {
    match language {
        Language::Da => Words {
            contact: who("Mette Hansen", "mette.hansen@fjordmail.example"),
            support: who("Nordhavn Cykler", "kundeservice@nordhavn-cykler.example"),
            subject: "Min Nordstjerne kom med skæv forgaffel",
            first: "Hej\n\nJeg fik min nye cykel i går, og den trækker til venstre, når jeg bremser. Jeg har taget to billeder, hvor man kan se, at forgaflen står skævt i forhold til forhjulet.\n\nStelnummeret er WNB 4471 K. Hvad gør vi?\n\nVenlig hilsen\nMette Hansen\n+45 20 11 22 33",
            answer: "Hej Mette\n\nDet skal den selvfølgelig ikke. Vi henter cyklen hos dig på torsdag mellem 8 og 12 og sætter en ny forgaffel i. Du får den tilbage mandag, og indtil da kan du låne en af vores bybiler uden beregning.\n\nPasser torsdag?",
            quoted: "Den 23. november 2026 kl. 16.12 skrev Mette Hansen:\n\nJeg fik min nye cykel i går, og den trækker til venstre, når jeg bremser.",
            note: "<p>Samme parti som Krogh og Vig: <strong>rammenr. WNB 44xx</strong>. Jeg har bedt værkstedet lægge de sidste seks til side.</p>",
            others: ["Lygten blinker i regnvejr", "Kan jeg få en ekstra nøgle?"],
            signature: "Sofie Lindqvist\nNordhavn Cykler · Kundeservice",
            files: ["forgaffel-forfra.jpg", "forgaffel-siden.jpg", "kvittering-55102.pdf"],
        },
        Language::En => Words {
            contact: who("Margaret Ellis", "margaret@ellis-family.example"),
            support: who("Harrow & Sons Boats", "support@harrow-boats.example"),
            subject: "Rudder bracket does not fit the 2024 hull",
            first: "Hello\n\nThe holes are about four millimetres out on the port side. I have measured twice and attached a drawing, and a photograph with the old bracket beside the new one.\n\nThe hull is number 417. What would you suggest?\n\nKind regards\nMargaret Ellis",
            answer: "Hello Margaret\n\nThank you for measuring, and for the drawing: you are right, and we are sorry. The bracket is from the old jig. A new one leaves us on Thursday, with the long bolts, and you need not send the other back.\n\nIs the address at Ferry Road still the right one?",
            quoted: "On 23 November 2026 at 16:12 Margaret Ellis wrote:\n\nThe holes are about four millimetres out on the port side.",
            note: "<p>Same jig as Penrose and Reid: <strong>hulls 410 to 425</strong>. I asked the workshop to put the last six aside.</p>",
            others: ["A second set of oars", "Where is the serial number?"],
            signature: "Sofie Lindqvist\nHarrow & Sons Boats · Support",
            files: ["bracket-port.jpg", "bracket-old-and-new.jpg", "drawing-417.pdf"],
        },
    }
}

pub fn everyday(language: Language) -> Conversation {
    let w = words(language);
    let good = [Outcome::Passed, Outcome::Passed, Outcome::Passed, Outcome::Absent];
    let mut first = letter(1, w.contact.clone(), w.support.clone(), 1313, text(w.first, None));
    first.folded = true;
    first.snippet = w.first.replace('\n', " ").chars().take(110).collect();
    first.authentication = Some(checks(good, "fjordmail.example"));
    let mut answer = letter(2, w.support.clone(), w.contact.clone(), 1190, text(w.answer, Some(w.quoted)));
    answer.by = Some(agent(0));
    answer.from.name = agent(0).name;
    answer.deliveries = vec![Delivery {
        recipient: w.contact.address.clone(),
        state: DeliveryState::Sent(
            desk::Passage::Verified.note("mx1.kunde.example", "250 2.0.0 Ok: queued as 4BZ1"),
        ),
        at: ago(1189),
    }];
    let url = format!("/letter-{}.html", language.tag());
    let mut last = letter(3, w.contact.clone(), w.support.clone(), 4, Body::Frame { url, size: 2 });
    last.authentication = Some(checks(good, "fjordmail.example"));
    last.files = vec![
        picture(w.files[0], 1_840_200),
        picture(w.files[1], 2_310_044),
        File {
            name: w.files[2].into(),
            media_type: "application/pdf".into(),
            bytes: 88_120,
            url: "/files/3?key=k".into(),
            preview: None,
        },
    ];
    let note =
        Note { id: made!(MessageId, 9), by: agent(1), at: ago(62), html: w.note.into(), files: vec![] };
    let others = [(7, Folder::Closed, 52_000), (8, Folder::Closed, 219_000)];
    Conversation {
        id: made!(ConversationId, 0),
        subject: w.subject.into(),
        status: Status::Open,
        assignee: Some(agent(0)),
        department: department(language, 0),
        tags: vec![tag(language, 0)],
        choices: choices(language),
        just_begun: None,
        others: vec![Presence { agent: agent(2), writes: false }],
        entries: vec![
            Entry::Letter(Box::new(first)),
            event(11, "Ida Bruun", 1300, Change::Assigned(agent(0).name)),
            event(12, "Sofie Lindqvist", 1192, Change::Tagged(tag(language, 0).name)),
            Entry::Letter(Box::new(answer)),
            Entry::Note(note),
            Entry::Letter(Box::new(last)),
        ],
        earlier: 0,
        earlier_cursor: None,
        contact: Contact {
            id: made!(ContactId, 1),
            name: w.contact.name.clone(),
            addresses: vec![w.contact.address.clone()],
            since: ago(60 * 24 * 500),
            conversations: 3,
            others: others
                .into_iter()
                .zip(w.others)
                .map(|((n, status, minutes), subject)| OtherConversation {
                    id: made!(ConversationId, n),
                    subject: subject.into(),
                    status,
                    at: ago(minutes),
                })
                .collect(),
        },
        composer: Composer {
            to: format!("{} <{}>", w.contact.name, w.contact.address),
            from: format!("{} <{}>", w.support.name, w.support.address),
            signature: w.signature.into(),
            seen: Some(made!(MessageId, 3)),
            ..Composer::default()
        },
        list_query: "status=open".into(),
    }
}

fn every_mark(long: &str) -> Vec<Mark> {
    vec![
        Mark::NotVerified,
        Mark::ReplyElsewhere(long.into()),
        Mark::Automatic,
        Mark::MailingList,
        Mark::SpamMarked,
        Mark::Loop,
        Mark::TooMuch,
        Mark::Broken,
        Mark::Encrypted,
        Mark::Winmail,
        Mark::WinmailOpened,
        Mark::HeadCut,
        Mark::TextCut,
        Mark::Charset,
        Mark::NameDeceives,
        Mark::Bounce,
    ]
}

/// All that can be odd at once: marks, bounces, an unreadable letter, words without end.
pub fn odd() -> Conversation {
    let long = "a.very.long.address.without.any.space.in.it@an-equally-long-name-of-a-host.example.org";
    let mut forged = letter(
        1,
        who("Your bank", "security@bank.example"),
        who("", "support@harrow-boats.example"),
        3000,
        text(&format!("See https://bank.example/{} at once.", "verify".repeat(30)), None),
    );
    let bad = [Outcome::Failed, Outcome::Absent, Outcome::Failed, Outcome::NotChecked];
    forged.authentication = Some(checks(bad, "bank.example"));
    forged.marks = every_mark(long);
    let mut ours =
        letter(2, who("", "support@harrow-boats.example"), who("", long), 300, text("One line.", None));
    ours.by = Some(agent(3));
    ours.from.name = agent(3).name;
    ours.cc = vec![who("Ole", "ole@example.org"), who("", long)];
    let state = |address: &str, state| Delivery { recipient: address.into(), state, at: ago(200) };
    ours.deliveries = vec![
        state("mette@example.org", DeliveryState::Queued),
        state(
            "ole@example.org",
            DeliveryState::Deferred("451 4.7.1 Greylisted, come back later".into(), ago(-20)),
        ),
        state(long, DeliveryState::Bounced("550 5.1.1 The user does not exist here".into())),
        state(
            "ib@example.org",
            DeliveryState::Unknown("The connection broke after the letter was handed over".into()),
        ),
    ];
    let mut leaving = letter(
        4,
        who("", "support@harrow-boats.example"),
        who("", long),
        0,
        text("Two lines.\n\nReally.", None),
    );
    leaving.by = Some(agent(0));
    leaving.leaves = Some(Time::from_seconds(NOW + 8));
    let unreadable = letter(3, who("", long), who("", "support@harrow-boats.example"), 90, Body::Unreadable);
    let changes = [
        Change::Unassigned,
        Change::Moved("Workshop".into()),
        Change::Untagged("urgent".into()),
        Change::Closed,
        Change::Reopened,
        Change::Snoozed(ago(-900)),
        Change::Woke,
        Change::Spam,
        Change::NotSpam,
        Change::Undone,
        Change::AlsoReceived("Accounts".into(), made!(ConversationId, 5)),
        Change::Linked(made!(ConversationId, 6)),
    ];
    let mut entries = vec![Entry::Letter(Box::new(forged))];
    entries.extend(changes.into_iter().zip(20..).map(|(change, n)| event(n, "Tom Harrow", 600 - n, change)));
    entries.extend([ours, unreadable, leaving].map(|letter| Entry::Letter(Box::new(letter))));
    let everyday = everyday(Language::En);
    Conversation {
        subject: "Re: Fwd: AW: ".repeat(14) + "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
        status: Status::Snoozed(ago(-900)),
        assignee: None,
        tags: (0..4).map(|n| tag(Language::En, n)).collect(),
        just_begun: None,
        others: vec![Presence { agent: agent(1), writes: true }, Presence { agent: agent(2), writes: false }],
        entries,
        earlier: 312,
        earlier_cursor: Some("x".into()),
        contact: Contact {
            name: String::new(),
            addresses: vec![long.into()],
            others: vec![],
            ..everyday.contact
        },
        composer: Composer {
            to: long.into(),
            answer_html: "<div>Dear <strong>all</strong></div>".into(),
            answer_text: "Dear all".into(),
            news: 1,
            error: Some("The answer was not sent: “Ole” is not a mail address.".into()),
            files: vec![DraftFile {
                id: made!(FileId, 1),
                name: format!("{}.pdf", "report-of-the-year".repeat(6)),
                media_type: "application/pdf".into(),
                bytes: 48_000_000,
            }],
            ..everyday.composer
        },
        ..everyday
    }
}
