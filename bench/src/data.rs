//! The mailbox that is measured on: plausible mails, the same in every run.

use std::{fmt::Write as _, io::Write, path::Path};

/// Messages in each conversation.
pub const MESSAGES: usize = 5;
/// A word in one mail of the whole mailbox.
pub const RARE: &str = "zirkonium4242";
/// A word in every third mail.
pub const COMMON: &str = "delivery";

const WORDS: [&str; 64] = [
    "order",
    "invoice",
    "bicycle",
    "saddle",
    "harbour",
    "parcel",
    "refund",
    "colour",
    "brake",
    "light",
    "chain",
    "wheel",
    "helmet",
    "address",
    "street",
    "monday",
    "tuesday",
    "morning",
    "evening",
    "received",
    "missing",
    "wrong",
    "please",
    "thanks",
    "kindly",
    "could",
    "would",
    "should",
    "before",
    "after",
    "during",
    "customer",
    "number",
    "payment",
    "card",
    "bank",
    "account",
    "email",
    "phone",
    "called",
    "waited",
    "answer",
    "question",
    "problem",
    "broken",
    "repair",
    "replace",
    "return",
    "label",
    "printer",
    "postman",
    "neighbour",
    "package",
    "weather",
    "summer",
    "winter",
    "journey",
    "mountain",
    "river",
    "garden",
    "kitchen",
    "window",
    "carpet",
    "candle",
];

/// Numbers that look like chance and are the same in every run.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }
}

/// Sixty words of text, as in the figures of the peers.
pub fn text(chance: &mut Chance, extra: &str) -> String {
    let mut text = String::with_capacity(512);
    for n in 0..60 {
        text.push_str(WORDS[chance.below(WORDS.len())]);
        text.push_str(if n % 12 == 11 { "\r\n" } else { " " });
    }
    text.push_str(extra);
    text.push_str("\r\n");
    text
}

/// One mail, from `sender` of conversation `conversation`.
pub fn mail(conversation: usize, message: usize, extra: &str) -> String {
    let mut chance = Chance::new((conversation * MESSAGES + message) as u64 + 7);
    let sender = conversation % 5_000;
    let subject = format!("{} {} {conversation}", WORDS[chance.below(64)], WORDS[chance.below(64)]);
    let mut mail = String::with_capacity(1_024);
    let minutes = (conversation * MESSAGES + message) % 30_000;
    write!(
        mail,
        "From: Person {sender} <person{sender}@customers.example>\r\nTo: support@bench.example\r\n\
         Subject: {subject}\r\nMessage-ID: <{conversation}.{message}@customers.example>\r\n\
         Date: {} {} 2026 {:02}:{:02}:00 +0000\r\n",
        1 + (minutes / 1_440) % 28,
        if message >= MESSAGES { "Feb" } else { "Jan" },
        (minutes / 60) % 24,
        minutes % 60
    )
    .expect("a String takes every text");
    if message > 0 {
        write!(mail, "References: <{conversation}.0@customers.example>\r\n")
            .expect("a String takes every text");
    }
    mail.push_str("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
    mail.push_str(&text(&mut chance, extra));
    mail
}

/// Writes the mailbox as mbox.
pub fn write_mbox(path: &Path, conversations: usize) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for conversation in 0..conversations {
        // The one that is read in the measure has ten.
        let messages = if conversation + 1 == conversations { 10 } else { MESSAGES };
        for message in 0..messages {
            let n = conversation * MESSAGES + message;
            let common = if n.is_multiple_of(3) { COMMON } else { "" };
            let rare = if n == conversations * 2 { RARE } else { "" };
            let mail = mail(conversation, message, &format!("{common} {rare}"));
            writeln!(file, "From person@customers.example Thu Jan  1 00:00:00 2026")?;
            file.write_all(mail.replace("\r\n", "\n").as_bytes())?;
            file.write_all(b"\n")?;
        }
    }
    file.flush()
}
