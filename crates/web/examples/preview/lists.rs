//! Made-up lists.

use web::{
    language::Texts,
    view::{
        Agent, Department, Filter, Folder, Tag,
        inbox::{Choices, List, Row},
        shell::{Head, Here, Rail, Shell, Theme},
    },
};
use words::{AgentId, ConversationId, DepartmentId, Language, Role, TagId, Time};

/// The moment of the preview: Tuesday 24 November 2026, 14:05 UTC.
pub const NOW: i64 = 1_795_557_900;

macro_rules! made {
    ($kind:ident, $n:expr) => {
        format!("019ab210-5c33-7a11-8e20-4107990530{:02x}", $n).parse::<$kind>().expect("an id")
    };
}
pub(crate) use made;

pub fn agent(n: u8) -> Agent {
    let names = ["Sofie Lindqvist", "Mads Østergaard", "Ida Bruun", "Tom Harrow"];
    Agent { id: made!(AgentId, n), name: names[usize::from(n) % names.len()].into() }
}

pub fn department(language: Language, n: u8) -> Department {
    let names = match language {
        Language::Da => ["Kundeservice", "Bogholderi", "Værksted"],
        Language::En => ["Support", "Accounts", "Workshop"],
    };
    Department { id: made!(DepartmentId, n), name: names[usize::from(n) % names.len()].into() }
}

pub fn tag(language: Language, n: u8) -> Tag {
    let names = match language {
        Language::Da => ["retur", "faktura", "haster", "forhandler"],
        Language::En => ["return", "invoice", "urgent", "dealer"],
    };
    Tag { id: made!(TagId, n), name: names[usize::from(n) % names.len()].into(), colour: n }
}

pub fn choices(language: Language) -> Choices {
    Choices {
        agents: (0..4).map(agent).collect(),
        departments: (0..3).map(|n| department(language, n)).collect(),
        tags: (0..4).map(|n| tag(language, n)).collect(),
    }
}

pub fn head(language: Language, theme: Theme) -> Head {
    let account = match language {
        Language::Da => "Nordhavn Cykler",
        Language::En => "Harrow & Sons Boats",
    };
    Head { texts: Texts::of(language), theme, nonce: "preview".into(), account: account.into() }
}

pub fn shell_at(language: Language, theme: Theme, here: Here) -> Shell {
    Shell {
        head: head(language, theme),
        me: agent(0),
        role: Role::Owner,
        rail: Rail {
            here,
            open: 128,
            mine: 7,
            unassigned: 41,
            snoozed: 12,
            spam: 3,
            departments: (0..3).zip([86, 29, 13]).map(|(n, open)| (department(language, n), open)).collect(),
            tags: (0..4).map(|n| tag(language, n)).collect(),
        },
        live_after: 4711,
        notice: None,
    }
}

pub fn shell(language: Language, theme: Theme, filter: Filter) -> Shell {
    shell_at(language, theme, Here::List(filter))
}

const DANISH: [(&str, &str, &str); 13] = [
    (
        "Mette Hansen",
        "Min Nordstjerne kom med skæv forgaffel",
        "Hej. Jeg fik min nye cykel i går, og den trækker til venstre, når jeg bremser. Jeg har taget to billeder",
    ),
    (
        "Jørgen Krogh",
        "Faktura 20817 mangler EAN-nummer",
        "Kan I sende den igen med vores EAN? Økonomi afviser den ellers, og fristen er på fredag",
    ),
    (
        "Aarhus Cykelforening",
        "Tilbud på 24 børnecykler til klubben",
        "Vi skal bruge dem inden sommerferien og vil gerne have jeres bedste pris med hjelm og lås",
    ),
    ("Birgitte Sø", "Hvornår er min ramme klar?", "Værkstedet sagde tirsdag. Nu er det tirsdag"),
    (
        "Lars Peter Møllegård",
        "Ombytning af sadel, ordre 55102",
        "Tak for hurtigt svar! Jeg sender den gamle retur i morgen med den mærkat, I vedhæftede",
    ),
    (
        "Freja & Anton Bak",
        "Kan man leje en ladcykel i en weekend?",
        "Vi flytter den 5. december og har brug for noget, der kan tage en lille reol og et barn",
    ),
    (
        "Nordjysk Post A/S",
        "Pakke 3714 er forsinket",
        "Deres forsendelse er forsinket på grund af vejret over Limfjorden. Ny forventet levering er torsdag",
    ),
    (
        "Henrik Dam",
        "Bremserne hyler efter service",
        "Jeg hentede den i lørdags, og siden har den hylet værre end før. Det må kunne gøres bedre",
    ),
    (
        "Yusuf Demir",
        "Reservedel til ældre elmotor (2019)",
        "Findes controlleren stadig? Jeg har prøvet tre steder, og alle siger, at I er de eneste",
    ),
    (
        "Karen Margrethe Villadsen",
        "Tak for hjælpen",
        "Det virkede! Nu kører den som en drøm igen, og jeg har anbefalet jer til hele vejen",
    ),
    (
        "Sønderborg Kommune",
        "Rammeaftale 2027, spørgsmål 4 til 9",
        "Se venligst vedlagte skema. Svar ønskes senest 1. december kl. 12",
    ),
    ("Ole Vig", "Forkert størrelse sendt", "Jeg bestilte 54 cm og fik 58. Den er ikke pakket ud"),
    (
        "Camilla Ravn",
        "Opsigelse af serviceaftale",
        "Jeg har solgt cyklen og vil gerne opsige aftalen fra nytår. Skal jeg gøre mere?",
    ),
];

const ENGLISH: [(&str, &str, &str); 13] = [
    (
        "Margaret Ellis",
        "Rudder bracket does not fit the 2024 hull",
        "The holes are about four millimetres out on the port side. I have measured twice and attached a drawing",
    ),
    (
        "Oban Marine Supplies",
        "Order 88120: two anchors short",
        "We received eight of ten. The delivery note says ten, the pallet says eight",
    ),
    (
        "Callum Reid",
        "When does the spring overhaul list open?",
        "Last year I missed it by a day and would rather not again. Is there a waiting list",
    ),
    (
        "Priya Nair",
        "Invoice 2210 shows the old address",
        "Could you reissue it with the new one? Our auditors are here on Thursday",
    ),
    (
        "Geoff Tully",
        "Bilge pump cuts out after ten minutes",
        "It was fine in the yard. On the water it runs, stops, and starts again when it likes",
    ),
    (
        "Falmouth Sailing School",
        "Quote for six Lugger 14s",
        "Delivery by Easter, if at all possible, with spare mainsails and trolleys",
    ),
    (
        "Hannah Whitcombe",
        "Thank you",
        "She floats! The children have named her Biscuit. Photos attached, as promised",
    ),
    (
        "Northern Freight",
        "Consignment 3714 delayed",
        "Weather in the Minch. The new estimate is Thursday before noon",
    ),
    (
        "Rory MacAskill",
        "Varnish peeling on the transom",
        "I followed the sheet to the letter, two coats, a day between. It came off like paper",
    ),
    (
        "Deborah Okafor",
        "Can I collect on a Saturday?",
        "I work offshore and only have weekends. Any Saturday in December would do",
    ),
    (
        "Port of Leith Authority",
        "Mooring licence renewal, form M4",
        "Please find the form attached. The fee is unchanged from last year",
    ),
    (
        "Will Penrose",
        "Wrong sail number",
        "I ordered 417 and got 471. Otherwise it is a beautiful piece of work",
    ),
    (
        "Siân Morgan",
        "Closing my trade account",
        "We have sold the boatyard, and the new owners will be in touch about their own",
    ),
];

fn row(language: Language, n: u8, minutes: i64) -> Row {
    let samples = match language {
        Language::Da => DANISH,
        Language::En => ENGLISH,
    };
    let (contact, subject, snippet) = samples[usize::from(n) % samples.len()];
    let since = Time::from_seconds(NOW - minutes * 60);
    Row {
        id: made!(ConversationId, n),
        contact: contact.into(),
        subject: subject.into(),
        snippet: snippet.into(),
        messages: [1, 3, 1, 2, 6, 1, 1, 4, 2, 5][usize::from(n) % 10],
        since,
        waits: n % 5 != 4,
        unread: [0, 1, 3, 8].contains(&n),
        files: n.is_multiple_of(6),
        bounced: n == 11,
        draft: n == 5,
        suspect: n == 8,
        status: Folder::Open,
        assignee: (n % 3 != 1).then(|| agent(n % 4)),
        department: department(language, n % 3),
        tags: match n % 7 {
            0 => vec![tag(language, 0)],
            1 => vec![tag(language, 1), tag(language, 2)],
            4 => vec![tag(language, 0), tag(language, 3), tag(language, 1)],
            _ => vec![],
        },
        order: since.micros(),
    }
}

pub fn list(language: Language) -> List {
    let mut minutes = 2;
    let rows = (0..50)
        .map(|n| {
            minutes += 3 + i64::from(n) * i64::from(n) / 2;
            row(language, n, minutes)
        })
        .collect();
    List {
        filter: Filter::folder(Folder::Open),
        narrowed: None,
        rows,
        total: 128,
        newer: None,
        older: Some("AYx3c2".into()),
        choices: choices(language),
    }
}

pub fn empty(folder: Folder) -> List {
    List {
        filter: Filter::folder(folder),
        narrowed: None,
        rows: vec![],
        total: 0,
        newer: None,
        older: None,
        choices: choices(Language::En),
    }
}

pub fn one() -> List {
    List { rows: vec![row(Language::En, 0, 4)], total: 1, ..empty(Folder::Open) }
}

/// Names and words that are too long, and rows without any.
pub fn long() -> List {
    let mut rows: Vec<Row> = (0..20).map(|n| row(Language::En, n, 9 + i64::from(n) * 91)).collect();
    rows[0].contact = "Prof. Dr. Maximiliana-Theodora von und zu Hohenstauffen-Wittelsbach".into();
    rows[0].subject = "Re: Fwd: AW: ".repeat(14) + "the order";
    rows[1].contact =
        "a.very.long.address.without.any.space.in.it@an-equally-long-name-of-a-host.example.org".into();
    rows[1].subject =
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2);
    rows[2].subject = String::new();
    rows[2].snippet = String::new();
    rows[3].contact = "محمد العربي".into();
    rows[3].subject = "سؤال عن الطلب".into();
    rows[4].messages = 1204;
    rows[0].tags =
        vec![Tag { name: "a-tag-that-somebody-typed-without-thinking".into(), ..tag(Language::En, 2) }];
    List { rows, total: 10_128, newer: Some("b".into()), older: None, ..empty(Folder::Open) }
}
