//! Mails made to cost more than they weigh (hardening A3).

use std::fmt::Write as _;

/// A bomb: its name and its bytes. At 1 each has the size that hardening.md names; else a fraction of it.
pub fn all(fraction: usize) -> Vec<(&'static str, Vec<u8>)> {
    let n = |full: usize| (full / fraction).max(10);
    vec![
        ("mime within mime", deep(n(1_000))),
        ("mails within mails", mails(n(100_000))),
        ("many parts", parts(n(100_000))),
        ("many headers", headers(n(25_000_000) / 50)),
        ("one header line", format!("Subject: {}\r\n\r\nx", "a".repeat(n(25_000_000))).into_bytes()),
        (
            "many addresses",
            format!("From: a@b.dk\r\nTo: {}\r\n\r\nx", "a@b.dk, ".repeat(n(1_000_000))).into_bytes(),
        ),
        (
            "encoded words",
            format!("Subject: {}\r\n\r\nx", "=?utf-8?q?=C3?=\r\n ".repeat(n(100_000))).into_bytes(),
        ),
        (
            "encoded words in names",
            format!("From: {} <a@b.dk>\r\n\r\nx", "=?utf-8?q?=C3?= ".repeat(n(100_000))).into_bytes(),
        ),
        (
            "references",
            format!("References: {}\r\n\r\nx", "<a.b.c@d.dk>\r\n ".repeat(n(50_000))).into_bytes(),
        ),
        ("base64 without end", base64(n(25_000_000))),
        ("one boundary at each level", cyclic(n(10_000))),
        ("boundaries that never come", unended(n(100_000))),
        ("name in pieces", pieces(n(10_000))),
        ("winmail.dat within winmail.dat", tnef(n(1_000))),
        ("calendar that repeats each second", calendar(n(100_000))),
        ("nested tags", html(&"<div><b>".repeat(n(1_000_000)))),
        ("tags that never end", html(&"<a href=\"".repeat(n(1_000_000)))),
        ("style without end", html(&format!("<style>{}", "p{color:red}".repeat(n(10_000_000) / 12)))),
        ("ampersands", html(&"&".repeat(n(2_000_000)))),
        ("quote signs", format!("Subject: x\r\n\r\n{}", ">".repeat(n(10_000_000))).into_bytes()),
        (
            "quotes and answers",
            format!(
                "Subject: x\r\n\r\n{}",
                "> a\r\nOn 1 May 2026 A <a@b.dk> wrote:\r\n--\r\nb\r\n".repeat(n(200_000))
            )
            .into_bytes(),
        ),
        ("links", format!("Subject: x\r\n\r\n{}", "http://a)".repeat(n(1_000_000))).into_bytes()),
    ]
}

fn deep(levels: usize) -> Vec<u8> {
    let mut raw = String::from("Subject: deep\r\n");
    for n in 0..levels {
        let _ = write!(raw, "Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    }
    (raw + "\r\nbottom\r\n").into_bytes()
}

fn mails(levels: usize) -> Vec<u8> {
    ("Subject: matryoshka\r\n".to_owned() + &"Content-Type: message/rfc822\r\n\r\n".repeat(levels) + "x")
        .into_bytes()
}

fn parts(count: usize) -> Vec<u8> {
    let part = "--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\nx\r\n";
    ("Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_owned() + &part.repeat(count) + "--b--\r\n")
        .into_bytes()
}

fn headers(count: usize) -> Vec<u8> {
    ("X-Header-Of-A-Bomb: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(count) + "Subject: late\r\n\r\nx")
        .into_bytes()
}

fn base64(length: usize) -> Vec<u8> {
    let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    (head.to_owned() + &"QUFB".repeat(length / 4)).into_bytes()
}

fn cyclic(levels: usize) -> Vec<u8> {
    let level = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
    (level.repeat(levels) + "\r\nx\r\n" + &"--b--\r\n".repeat(levels)).into_bytes()
}

/// Parts that each open a multipart whose boundary never comes.
fn unended(count: usize) -> Vec<u8> {
    let mut raw = String::from("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    for n in 0..count {
        let _ = write!(raw, "--b\r\nContent-Type: multipart/mixed; boundary=c{n}\r\n\r\nx\r\n");
    }
    raw.into_bytes()
}

fn pieces(count: usize) -> Vec<u8> {
    let mut raw = String::from("Content-Type: application/zip");
    for n in 0..count {
        let _ = write!(raw, ";\r\n name*{n}*=a");
    }
    (raw + "\r\n\r\nx").into_bytes()
}

/// Attributes of a winmail.dat, each with another winmail.dat as its data.
fn tnef(levels: usize) -> Vec<u8> {
    let mut data = b"x".to_vec();
    for _ in 0..levels {
        let mut outer = 0x223e_9f78_u32.to_le_bytes().to_vec();
        outer.extend([0, 0, 2]);
        outer.extend(0x0006_9002_u32.to_le_bytes());
        outer.extend(0_u32.to_le_bytes());
        outer.extend([0, 0, 2]);
        outer.extend(0x0006_800f_u32.to_le_bytes());
        outer.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        outer.extend(&data);
        outer.extend([0, 0]);
        data = outer;
    }
    let mut raw = b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n".to_vec();
    raw.extend(data);
    raw
}

fn calendar(count: usize) -> Vec<u8> {
    let event =
        "BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20260101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n";
    ("Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n".to_owned() + &event.repeat(count)).into_bytes()
}

fn html(html: &str) -> Vec<u8> {
    format!("Content-Type: text/html\r\n\r\n{html}").into_bytes()
}
