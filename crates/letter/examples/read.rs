//! Shows what is read of the mails named on the command line, or with `--time` what reading costs.

use letter::Letter;
use std::{fs, time::Instant};

fn main() {
    let (options, files): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let mails: Vec<Vec<u8>> = files.iter().filter_map(|f| fs::read(f).ok()).collect();
    if options.iter().any(|o| o == "--time") {
        return time(&mails);
    }
    for (file, raw) in files.iter().zip(&mails) {
        let letter = Letter::read(raw);
        println!("=== {file}: {} bytes", raw.len());
        println!("from {:?}", letter.from.iter().map(|m| (&m.name, &m.shown)).collect::<Vec<_>>());
        println!("to {:?}", letter.to.iter().map(|m| (&m.name, &m.shown)).collect::<Vec<_>>());
        println!("subject {:?} date {:?} id {:?}", letter.subject, letter.date, letter.message_id);
        println!("marks {:?}", letter.marks);
        for a in &letter.attachments {
            println!(
                "file {:?} {} {:?} {} bytes inline={} {}",
                a.name, a.media_type, a.kind, a.size, a.inline, a.place
            );
        }
        println!("html {:?} bytes", letter.html.map(|h| h.len()));
        println!("{}", letter.text);
    }
}

fn time(mails: &[Vec<u8>]) {
    const ROUNDS: usize = 200;
    let start = Instant::now();
    let mut read = 0_usize;
    for _ in 0..ROUNDS {
        for raw in mails {
            read += Letter::read(raw).text.len();
        }
    }
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let each = start.elapsed().as_secs_f64() * 1e6
        / f64::from(u32::try_from(ROUNDS * mails.len().max(1)).unwrap_or(u32::MAX));
    println!(
        "{} mails of {} bytes on average: {each:.1} µs each ({read})",
        mails.len(),
        bytes / mails.len().max(1)
    );
}
