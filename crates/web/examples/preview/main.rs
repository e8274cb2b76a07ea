//! Writes every page with made-up data into a folder, so that one can look at it without a server:
//! `cargo run -p web --example preview -- FOLDER`, then `npm run look -- FOLDER` in `assets`.

mod conversations;
mod lists;

use std::{fs, path::PathBuf, time::Instant};

use web::{
    language::Texts,
    view::{Filter, Folder, conversation, inbox, letter_page, letter_script_hash, shell::Theme},
};
use words::Language;

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
    measure();
    Ok(())
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
