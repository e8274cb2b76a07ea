//! Reads each mail bomb of hardening A3 in full size and says what it cost.

#[path = "../tests/it/bomb.rs"]
mod bomb;

use letter::{Letter, Pictures, bounce, clean_html, fold, html_of_text, preview};
use std::time::Instant;

fn main() {
    for (name, raw) in bomb::all(1) {
        let start = Instant::now();
        let letter = Letter::read(&raw);
        let read = start.elapsed();
        let _ = (bounce(&letter, &raw), preview(&letter.text), fold(&letter.text).len());
        let judged = start.elapsed();
        let html = letter.html.clone().unwrap_or_else(|| html_of_text(&letter.text));
        let clean = clean_html(&html, &Pictures::NONE);
        let whole = start.elapsed();
        println!(
            "{name}: {} bytes, read {read:.0?}, with bounce and folds {judged:.0?}, cleaned {whole:.0?}, {} bytes of HTML, {:?}",
            raw.len(),
            clean.html.len(),
            letter.marks
        );
    }
}
