//! Writes every page with made-up data into a folder, so that one can look at it without a server:
//! `cargo run -p web --example preview -- FOLDER`, then `npm run look -- FOLDER` in `assets`.

mod conversations;
mod lists;
mod pages;

use std::{fs, path::PathBuf, time::Instant};

use web::{
    language::Texts,
    view::{
        Filter, Folder, conversation, inbox, letter_page, letter_script_hash,
        shell::{Notice, NoticeKind, Shell, Theme},
    },
};
use words::Language;

use web::view::{
    entrance, me,
    problem::{self, Problem},
    search,
    settings::{self, RelayTest},
    shell::Here,
};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder to write to"));
    fs::create_dir_all(&folder)?;
    let write = |name: &str, page: maud::Markup| {
        let page = page.into_string();
        println!("{name:24} {:>7} bytes", page.len());
        fs::write(folder.join(format!("{name}.html")), page)
    };

    for language in Language::ALL {
        let tag = language.tag();
        let shell = lists::shell(language, Theme::System, Filter::folder(Folder::Open));
        let list = lists::list(language);
        write(&format!("inbox-{tag}"), inbox::page(&shell, &list))?;
        let open = conversations::everyday(language);
        write(&format!("conversation-{tag}"), conversation::page(&shell, &list, &open))?;
    }
    for (language, letter) in conversations::LETTERS {
        fs::write(folder.join(format!("letter-{}.html", language.tag())), letter_page(language, letter))?;
    }
    fs::write(folder.join("letter-policy.txt"), letter_script_hash())?;
    let shell = lists::shell(Language::En, Theme::System, Filter::folder(Folder::Open));
    write("inbox-empty", inbox::page(&shell, &lists::empty(Folder::Open)))?;
    write("inbox-one", inbox::page(&shell, &lists::one()))?;
    write("inbox-long", inbox::page(&shell, &lists::long()))?;
    write("conversation-odd", conversation::page(&shell, &lists::long(), &conversations::odd()))?;
    write("inbox-toast", {
        let notice = Notice { kind: NoticeKind::Failed, text: "It was not sent: no connection.".into() };
        inbox::page(
            &Shell {
                notice: Some(notice),
                ..lists::shell(Language::En, Theme::System, Filter::folder(Folder::Mine))
            },
            &lists::list(Language::En),
        )
    })?;
    for (name, page) in entrance_and_search().into_iter().chain(settings()) {
        write(name, page)?;
    }
    measure();
    Ok(())
}

fn entrance_and_search() -> Vec<(&'static str, maud::Markup)> {
    let head = |language| lists::head(language, Theme::System);
    let at = |language| lists::shell_at(language, Theme::System, Here::Search);
    let gone = Problem {
        status: 404,
        title: "Nothing is here",
        text: "It does not exist, it was removed, or it belongs to a department that you do not work in.",
    };
    vec![
        ("login-en", entrance::log_in(&head(Language::En), &pages::log_in(true))),
        ("login-da", entrance::log_in(&head(Language::Da), &pages::log_in(false))),
        ("invitation", entrance::invitation(&head(Language::En), &pages::invitation())),
        ("problem", problem::page(&head(Language::En), &gone)),
        ("problem-desk", problem::desk_page(&at(Language::En), &gone)),
        ("search-en", search::page(&at(Language::En), &pages::search("brack 417"))),
        ("search-none", search::page(&at(Language::En), &pages::search("keel"))),
        ("search-da", search::page(&at(Language::Da), &pages::search(""))),
        ("me", me::page(&lists::shell_at(Language::En, Theme::System, Here::Me), &pages::me())),
    ]
}

fn settings() -> Vec<(&'static str, maud::Markup)> {
    let shell = lists::shell_at(Language::En, Theme::System, Here::Settings);
    let danish = lists::shell_at(Language::Da, Theme::System, Here::Settings);
    let failed = Some(RelayTest::Failed {
        why: "The relay refused the password: 535 5.7.8 authentication failed.".into(),
    });
    vec![
        ("settings-account", settings::account(&shell, &pages::account(Language::En))),
        ("settings-account-da", settings::account(&danish, &pages::account(Language::Da))),
        ("settings-departments", settings::departments(&shell, &pages::departments())),
        ("settings-mailboxes", settings::mailboxes(&shell, &pages::mailboxes())),
        ("settings-pickup", settings::pickup(&shell, &pages::pickup(true))),
        ("settings-pickup-da", settings::pickup(&danish, &pages::pickup(false))),
        ("settings-relay", settings::relay(&shell, &pages::relay(failed))),
        ("settings-relay-none", settings::relay(&shell, &pages::relay(None))),
        ("settings-relay-straight", settings::relay(&shell, &pages::straight())),
        ("settings-relay-straight-da", settings::relay(&danish, &pages::straight())),
        ("settings-domains", settings::domains(&shell, &pages::domains())),
        ("settings-tags", settings::tags(&shell, &pages::tags())),
        ("settings-agents", settings::agents(&shell, &pages::agents())),
        ("settings-tokens", settings::tokens(&shell, &pages::tokens(false))),
        ("settings-tokens-none", settings::tokens(&danish, &pages::tokens(true))),
    ]
}

/// How long a page of fifty rows takes: to be looked at, not a test.
fn measure() {
    let shell = lists::shell(Language::Da, Theme::System, Filter::folder(Folder::Open));
    let list = lists::list(Language::Da);
    let rounds = 5_000_u32;
    let mut bytes = 0;
    let start = Instant::now();
    for _ in 0..rounds {
        bytes += std::hint::black_box(inbox::page(&shell, &list)).into_string().len();
    }
    let each = start.elapsed() / rounds;
    println!("{} rows, {} bytes: {each:?} a page", list.rows.len(), bytes / rounds as usize);
    let one = conversations::everyday(Language::Da);
    let start = Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(conversation::frame(Texts::of(Language::Da), &one));
    }
    println!("a conversation's frame: {:?}", start.elapsed() / rounds);
}
