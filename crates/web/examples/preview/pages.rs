//! Made-up settings, search and entrance.

use web::view::{
    Flaws, Folder,
    entrance::{Invitation, LogIn},
    me::{Me, Session},
    search::{Hit, Search},
    settings::{
        Account, AgentFields, AgentLine, AgentState, Agents, DepartmentFields, DepartmentLine, Departments,
        Domain, Domains, LeftMail, Link, Mailbox, Mailboxes, Pickup, PickupProblem, PickupState, PickupTest,
        Record, Relay, RelayTest, TagLine, Tags, Token, TokenFields, Tokens,
    },
};
use words::{ConversationId, DomainId, Language, MailboxId, MessageId, Role, SessionId, Time, TokenId};

use crate::lists::{NOW, agent, department, made, tag};

const EN: Language = Language::En;

fn ago(days: i64) -> Time {
    Time::from_seconds(NOW - days * 86_400)
}

fn flaw(field: &str, says: &str) -> Flaws {
    Flaws(vec![(field.into(), says.into())])
}

pub fn log_in(wrong: bool) -> LogIn {
    LogIn {
        email: if wrong { "sofie@harrow-boats.example".into() } else { String::new() },
        wrong: wrong.then(|| "Address or password is wrong. After ten wrong ones it takes a while.".into()),
        next: "/conversations".into(),
    }
}

pub fn invitation() -> Invitation {
    Invitation {
        token: "inv_7k".into(),
        email: "ida@harrow-boats.example".into(),
        name: "Ida Bruun".into(),
        flaws: flaw("password", "This password is among those that are known to everybody. Choose another."),
    }
}

pub fn search(query: &str) -> Search {
    let texts = [
        (
            "Margaret Ellis",
            "Rudder bracket does not fit the 2024 hull",
            "The holes are about four millimetres out on the port side. I have measured twice and attached a drawing, and a photograph with the old bracket beside the new one. The hull is number 417.",
        ),
        (
            "Will Penrose",
            "Wrong sail number",
            "I ordered 417 and got 471. Otherwise it is a beautiful piece of work, and the bracket that came with it fits.",
        ),
        (
            "Mads Østergaard",
            "Rudder bracket does not fit the 2024 hull",
            "Same jig as Penrose and Reid: hulls 410 to 425. I asked the workshop to put the last six brackets aside until somebody has looked at the jig and written down what is wrong with it, so that nobody sends out another one of them by mistake.",
        ),
    ];
    let hits = texts.into_iter().zip(1..).map(|((contact, subject, text), n)| Hit {
        conversation: made!(ConversationId, n),
        message: made!(MessageId, n),
        contact: contact.into(),
        subject: subject.into(),
        text: text.into(),
        at: ago(i64::from(n) * 9),
        note: n == 3,
        status: if n == 2 { Folder::Closed } else { Folder::Open },
        department: department(EN, n),
    });
    Search {
        query: query.into(),
        hits: if query.contains("brack") { hits.collect() } else { vec![] },
        older: query.contains("brack").then(|| "c".into()),
    }
}

pub fn account(language: Language) -> Account {
    Account {
        name: "Harrow & Sons Boats".into(),
        language,
        time_zone: "Europe/London".into(),
        time_zones: ["Europe/Copenhagen", "Europe/London", "Atlantic/Faroe"].map(Into::into).into(),
        acknowledgement: "Thank you for writing. We answer within a day, and sooner when the weather is bad."
            .into(),
        flaws: Flaws::default(),
    }
}

pub fn departments() -> Departments {
    let lines = (0..3).map(|n| DepartmentLine {
        department: department(EN, n),
        fields: DepartmentFields {
            name: department(EN, n).name,
            from_name: "Harrow & Sons Boats".into(),
            signature: "Kind regards\nHarrow & Sons Boats\nFerry Road 4, Leith".into(),
        },
        mailboxes: if n == 2 {
            vec![]
        } else {
            vec![format!("{}@harrow-boats.example", department(EN, n).name.to_lowercase())]
        },
        can_go: n == 2,
        flaws: if n == 1 {
            flaw("name", "There is a department of this name already.")
        } else {
            Flaws::default()
        },
    });
    Departments { departments: lines.collect(), new: DepartmentFields::default(), flaws: Flaws::default() }
}

pub fn mailboxes() -> Mailboxes {
    let addresses = [
        "support@harrow-boats.example",
        "accounts@harrow-boats.example",
        "a.very.long.address.without.any.space@an-equally-long-name-of-a-host.example.org",
    ];
    Mailboxes {
        mailboxes: addresses
            .into_iter()
            .zip(0..)
            .map(|(address, n)| Mailbox {
                id: made!(MailboxId, n),
                address: address.into(),
                department: department(EN, n),
                collects: (n == 1).then(|| ("imap.harbour.example".to_owned(), true)),
            })
            .collect(),
        departments: (0..3).map(|n| department(EN, n)).collect(),
        new_address: String::new(),
        deliver_to: "mail.havn.example:25".into(),
        flaws: Flaws::default(),
    }
}

/// One that goes well and was tried, or one that is set and does not.
pub fn pickup(is_good: bool) -> Pickup {
    let failed = || PickupProblem {
        cause: Some(desk::PickupFault::LogIn),
        reply: "[AUTHENTICATIONFAILED] Application-specific password required".into(),
    };
    let left =
        LeftMail { uid: 4711, why: store::LeftWhy::TooLarge, size: 48_000_000, at: ago(2), next_at: None };
    Pickup {
        mailbox: made!(MailboxId, 1),
        address: "support@harrow-boats.example".into(),
        host: "imap.harrow-boats.example".into(),
        port: "993".into(),
        tls: "implicit".into(),
        username: "support@harrow-boats.example".into(),
        has_password: true,
        folder: "INBOX".into(),
        takes_old: false,
        flaws: Flaws::default(),
        state: Some(PickupState {
            mails: 1_284,
            mail_at: Some(ago(0)),
            looked_at: is_good.then(|| ago(0)),
            trouble: (!is_good).then(|| (failed(), ago(1))),
            left: if is_good { vec![left] } else { Vec::new() },
        }),
        test: Some(if is_good { PickupTest::Good(312) } else { PickupTest::Failed(failed()) }),
    }
}

/// Mail leaves straight, and no relay is set.
pub fn straight() -> Relay {
    Relay { way: store::MailWay::Straight, ..relay(None) }
}

pub fn relay(test: Option<RelayTest>) -> Relay {
    Relay {
        way: store::MailWay::Relay,
        is_set: test.is_some(),
        host: if test.is_some() { "smtp.harrow-boats.example".into() } else { String::new() },
        port: "465".into(),
        tls: "implicit".into(),
        username: "havn".into(),
        has_password: test.is_some(),
        flaws: Flaws::default(),
        test_to: "sofie@harrow-boats.example".into(),
        test,
    }
}

pub fn domains() -> Domains {
    let found = [Some((Record::Found, ago(1))), Some((Record::Missing, ago(0)))];
    Domains {
        domains: ["harrow-boats.example", "harrow.example"]
            .into_iter()
            .zip(found)
            .zip(0..)
            .map(|((name, found), n)| Domain {
                id: made!(DomainId, n),
                name: name.into(),
                record_name: format!("havn1._domainkey.{name}"),
                record: format!(
                    "v=DKIM1; k=rsa; p={}",
                    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA".repeat(8)
                ),
                found,
            })
            .collect(),
        new_name: "not a domain".into(),
        flaws: flaw("name", "This is no domain: it has a space in it."),
    }
}

pub fn tags() -> Tags {
    let lines = (0..4).map(|n| TagLine {
        tag: tag(EN, n),
        conversations: Some(u64::from(n) * 37 + 1),
        flaws: Flaws::default(),
    });
    Tags { tags: lines.collect(), new_name: String::new(), flaws: Flaws::default() }
}

pub fn agents() -> Agents {
    let fields =
        |role, n: u8| AgentFields { role, all_departments: n == 0, departments: vec![department(EN, n)] };
    let states = [AgentState::Active, AgentState::Active, AgentState::Invited, AgentState::Disabled(ago(30))];
    let roles = [Role::Owner, Role::Admin, Role::Agent, Role::Agent];
    Agents {
        agents: (0..4)
            .zip(states)
            .zip(roles)
            .map(|((n, state), role)| AgentLine {
                agent: agent(n),
                email: format!(
                    "{}@harrow-boats.example",
                    agent(n).name.split(' ').next().unwrap_or("x").to_lowercase()
                ),
                fields: fields(role, n),
                state,
                is_me: n == 0,
                flaws: if n == 2 {
                    flaw("role", "Only an owner can make an owner.")
                } else {
                    Flaws::default()
                },
            })
            .collect(),
        departments: (0..3).map(|n| department(EN, n)).collect(),
        may_make_owners: true,
        link: Some(Link {
            email: "ida@harrow-boats.example".into(),
            url: "https://harrow.havn.example/invitations/inv_k3xv5m2p7qhd4y6wjz8nbr2tca9fgse0u1lo".into(),
            until: ago(-7),
        }),
        new_email: String::new(),
        new: fields(Role::Agent, 0),
        flaws: Flaws::default(),
    }
}

pub fn tokens(empty: bool) -> Tokens {
    let names = ["Nightly report", "Website form", "A script that somebody once wrote for the accountant"];
    Tokens {
        tokens: names
            .into_iter()
            .zip(0..)
            .filter(|_| !empty)
            .map(|(name, n)| Token {
                id: made!(TokenId, n),
                name: name.into(),
                agent: agent(n).name,
                writes: n == 1,
                created_at: ago(200),
                used_at: (n != 2).then(|| ago(i64::from(n))),
                ends_at: (n == 0).then(|| ago(-100)),
            })
            .collect(),
        made: (!empty).then(|| "havn_k3xv5m2p7qhd4y6wjz8nbr2tca9fgse0u1lok3xv5m2p7qhd4y6w".into()),
        new: TokenFields { scope: "read".into(), days: "365".into(), ..TokenFields::default() },
        flaws: Flaws::default(),
    }
}

pub fn me() -> Me {
    let browsers = [
        ("Firefox on Linux", "192.0.2.7"),
        ("Safari on iPhone", "198.51.100.4"),
        ("Chrome on Windows", "203.0.113.90"),
    ];
    Me {
        name: agent(0).name,
        email: "sofie@harrow-boats.example".into(),
        language: EN,
        role: Role::Owner,
        sessions: browsers
            .into_iter()
            .zip(0..)
            .map(|((browser, remote), n)| Session {
                id: made!(SessionId, n),
                browser: browser.into(),
                remote: remote.into(),
                created_at: ago(20),
                seen_at: ago(i64::from(n)),
                is_here: n == 0,
            })
            .collect(),
        flaws: Flaws::default(),
        password_flaws: flaw("current", "This is not your password."),
    }
}
