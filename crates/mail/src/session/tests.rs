use super::*;
use proptest::prelude::*;
use words::Time;

const SIZE_MAX: usize = 1_000;

fn rules(protocol: Protocol) -> Arc<Rules> {
    Arc::new(Rules {
        host: "mx.example".into(),
        protocol,
        mail_bytes_max: SIZE_MAX,
        recipients_max: 3,
        failures_max: 20,
    })
}

/// A client and the session it talks to. Mailboxes are those that begin with `ours`.
struct Talk {
    session: Session,
    out: Vec<u8>,
    mails: Vec<Mail>,
    step: Step,
    outcome: Outcome,
}

impl Talk {
    fn new(protocol: Protocol) -> Self {
        Self {
            session: Session::new(rules(protocol), true),
            out: Vec::new(),
            mails: Vec::new(),
            step: Step::Read,
            outcome: Ok("id".into()),
        }
    }

    fn greeted(protocol: Protocol) -> Self {
        let mut talk = Self::new(protocol);
        talk.say(if protocol == Protocol::Lmtp { "LHLO c\r\n" } else { "EHLO c\r\n" });
        talk.out.clear();
        talk
    }

    fn with_mail(protocol: Protocol) -> Self {
        let mut talk = Self::greeted(protocol);
        talk.say("MAIL FROM:<a@example.org>\r\nRCPT TO:<ours@example.dk>\r\n");
        talk.out.clear();
        talk
    }

    /// Sends bytes in one write and gives the codes of the replies.
    fn say(&mut self, bytes: impl AsRef<[u8]>) -> String {
        let bytes = bytes.as_ref();
        let (mut at, before) = (0, self.out.len());
        loop {
            let (used, step) = self.session.take(&bytes[at..], &mut self.out);
            at += used;
            self.step = match step {
                Step::Recipient(address) => {
                    let now = Time::from_seconds(1);
                    let ours = Verdict::Ours(AccountId::new(now), MailboxId::new(now));
                    let verdict = if address.local().starts_with("ours") { ours } else { Verdict::Unknown };
                    self.session.recipient(verdict, &mut self.out)
                }
                Step::Store(mail) => {
                    let outcomes = vec![self.outcome.clone(); mail.recipients.len()];
                    self.mails.push(*mail);
                    self.session.stored(&outcomes, &mut self.out)
                }
                Step::StartTls => {
                    self.session.secured();
                    return codes(&self.out[before..]);
                }
                done => {
                    self.step = done;
                    return codes(&self.out[before..]);
                }
            };
        }
    }

    fn is_closed(&self) -> bool {
        self.step == Step::Close
    }
}

fn codes(out: &[u8]) -> String {
    let text = std::str::from_utf8(out).unwrap();
    assert!(text.is_empty() || text.ends_with("\r\n"));
    let last = text.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
    last.map(|line| &line[..3]).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_mail_comes_in() {
    let mut talk = Talk::new(Protocol::Smtp);
    assert_eq!(talk.say("EHLO client.example\r\n"), "250");
    let many = "MAIL FROM:<a@example.org> SIZE=20\r\nRCPT TO:<ours@example.dk>\r\nRCPT TO:<x@example.dk>\r\nDATA\r\n";
    assert_eq!(talk.say(many), "250 250 550 354");
    assert_eq!(talk.say("Subject: x\r\n\r\n..y\r\n.\r\nQUIT\r\n"), "250 221");
    let mail = &talk.mails[0];
    assert_eq!(
        (mail.sender.as_str(), mail.raw.as_slice()),
        ("a@example.org", &b"Subject: x\r\n\r\n.y\r\n"[..])
    );
    assert_eq!((mail.hello.as_str(), mail.with, mail.recipients.len()), ("client.example", "ESMTP", 1));
    assert!(String::from_utf8_lossy(&talk.out).contains("250 2.0.0 stored as id"));
    assert!(talk.is_closed());
}

#[test]
fn hello_tells_what_is_offered() {
    let mut talk = Talk::new(Protocol::Smtp);
    talk.say("EHLO c\r\n");
    let text = String::from_utf8(talk.out.clone()).unwrap();
    for word in
        ["SIZE 1000", "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "STARTTLS", "ENHANCEDSTATUSCODES"]
    {
        assert!(text.contains(word), "{word}");
    }
    assert!(!text.contains("DSN") && !text.contains("BINARYMIME"));
}

#[test]
fn chunks_come_in() {
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say("BDAT 7\r\na\r\n.\r\nbBDAT 3 LAST\r\n\r\ncNOOP\r\n"), "250 250 250");
    assert_eq!(talk.mails[0].raw, b"a\r\n.\r\nb\r\nc");
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say("BDAT 0 LAST\r\n"), "250");
    assert_eq!(talk.mails[0].raw, b"");
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say("BDAT 1\r\nxDATA\r\n"), "250 503");
    assert_eq!(talk.say("RCPT TO:<ours@example.dk>\r\n"), "503");
}

#[test]
fn an_unwanted_chunk_is_no_command() {
    let mut talk = Talk::greeted(Protocol::Smtp);
    assert_eq!(talk.say("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"), "503 250");
    assert!(!talk.is_closed());
    assert_eq!(talk.say("BDAT 99999999999999999999 LAST\r\n"), "501");
    assert!(talk.is_closed());
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say("BDAT 999999999999 LAST\r\n"), "552");
    assert!(talk.is_closed() && talk.session.held() < SIZE_MAX);
}

#[test]
fn too_large_is_said_once_it_has_passed() {
    let mut talk = Talk::greeted(Protocol::Smtp);
    assert_eq!(talk.say("MAIL FROM:<a@example.org> SIZE=1001\r\n"), "552");
    assert_eq!(talk.say("MAIL FROM:<a@example.org> SIZE=18446744073709551616\r\n"), "501");
    let mut talk = Talk::with_mail(Protocol::Smtp);
    talk.say("DATA\r\n");
    let line = format!("{}\r\n", "x".repeat(SIZE_MAX));
    assert_eq!(talk.say(format!("{line}.\r\nNOOP\r\n")), "552 250");
    assert!(talk.mails.is_empty() && !talk.is_closed());
    assert_eq!(talk.say("MAIL FROM:<a@example.org>\r\nRCPT TO:<ours@example.dk>\r\nDATA\r\n"), "250 250 354");
    assert_eq!(talk.say(line.repeat(5)), "552");
    assert!(talk.is_closed());
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say(format!("BDAT 1001\r\n{}BDAT 1 LAST\r\ny", "x".repeat(1001))), "552 552");
    assert!(talk.mails.is_empty() && !talk.is_closed());
}

#[test]
fn a_line_of_any_length_is_a_mail() {
    let mut talk = Talk::with_mail(Protocol::Smtp);
    talk.say("DATA\r\n");
    assert_eq!(talk.say(format!("{}\r\n.\r\n", "x".repeat(SIZE_MAX - 2))), "250");
}

#[test]
fn commands_out_of_turn() {
    let mut talk = Talk::new(Protocol::Smtp);
    assert_eq!(talk.say("MAIL FROM:<a@example.org>\r\n"), "503");
    assert_eq!(talk.say("EHLO c\r\n"), "250");
    assert_eq!(talk.say("RCPT TO:<ours@example.dk>\r\nDATA\r\n"), "503 503");
    assert_eq!(talk.say("MAIL FROM:<>\r\nMAIL FROM:<>\r\nDATA\r\n"), "250 503 554");
    assert_eq!(talk.say("RSET\r\nRCPT TO:<ours@example.dk>\r\n"), "250 503");
    assert_eq!(talk.say("LHLO c\r\n"), "500");
    assert_eq!(Talk::new(Protocol::Lmtp).say("EHLO c\r\n"), "500");
    assert_eq!(talk.say("VRFY root\r\nHELP\r\nAUTH PLAIN\r\nEXPN x\r\nXX\r\n"), "252 214 502 502 500");
}

#[test]
fn more_at_once_than_allowed() {
    for line in [
        "HELO c\r\nNOOP\r\n",
        "EHLO c\r\nMAIL FROM:<a@example.org>\r\n",
        "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>",
    ] {
        let mut talk = Talk::new(Protocol::Smtp);
        assert!(talk.say(line).ends_with("554"), "{line}");
        assert!(talk.is_closed() && talk.mails.is_empty());
    }
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say("DATA\r\nSubject: x\r\n.\r\n"), "554");
    assert!(talk.is_closed() && talk.mails.is_empty());
}

#[test]
fn nothing_said_before_tls_is_remembered() {
    let mut talk = Talk::with_mail(Protocol::Smtp);
    assert_eq!(talk.say("STARTTLS\r\nRCPT TO:<ours@example.dk>\r\n"), "220");
    assert_eq!(talk.say("RCPT TO:<ours@example.dk>\r\n"), "503");
    assert_eq!(talk.say("MAIL FROM:<a@example.org>\r\n"), "503");
    assert_eq!(talk.say("EHLO c\r\n"), "250");
    assert_eq!(talk.say("STARTTLS\r\n"), "503");
    let mut talk = Talk { session: Session::new(rules(Protocol::Smtp), false), ..Talk::new(Protocol::Smtp) };
    assert_eq!(talk.say("STARTTLS\r\n"), "502");
}

#[test]
fn line_ends_of_commands_are_strict() {
    for line in ["NOOP\n", "NO\rOP\r\n", "NOOP\r\r\n", "\n"] {
        let mut talk = Talk::greeted(Protocol::Smtp);
        assert_eq!(talk.say(line), "500", "{line:?}");
        assert!(talk.is_closed());
    }
    let mut talk = Talk::greeted(Protocol::Smtp);
    assert_eq!(talk.say(format!("NOOP {}\r\nNOOP\r\n", "x".repeat(5_000))), "500 250");
    assert_eq!(talk.say("x".repeat(SKIPPED_BYTES_MAX / 2)), "");
    assert_eq!(talk.say("x".repeat(SKIPPED_BYTES_MAX * 2)), "500");
    assert!(talk.is_closed());
}

#[test]
fn addresses_beyond_ascii_need_the_parameter() {
    let mut talk = Talk::greeted(Protocol::Smtp);
    assert_eq!(talk.say("MAIL FROM:<æ@example.org>\r\nMAIL FROM:<æ@example.org> SMTPUTF8\r\n"), "553 250");
    assert_eq!(talk.say("RCPT TO:<oursæ@example.dk>\r\n"), "250");
    let mut talk = Talk::greeted(Protocol::Smtp);
    assert_eq!(talk.say("MAIL FROM:<a@example.org>\r\nRCPT TO:<oursæ@example.dk>\r\n"), "250 553");
}

#[test]
fn recipients_are_ours_and_not_too_many() {
    let mut talk = Talk::greeted(Protocol::Smtp);
    talk.say("MAIL FROM:<a@example.org>\r\n");
    let cases = [
        ("<@a.example,@b.example:ours@example.dk>", "250"),
        ("<ours%evil.example@example.dk>", "250"), // an odd mailbox of example.dk, if it had it: no relay
        ("<\"ours@evil.example\"@example.dk>", "550"),
        ("<\"ours\"@example.dk>", "250"),
        ("<ours4@example.dk>", "452"),
    ];
    for (path, code) in cases {
        assert_eq!(talk.say(format!("RCPT TO:{path}\r\n")), code, "{path}");
    }
    talk.say("DATA\r\n");
    assert_eq!(talk.say("x\r\n.\r\n"), "250");
    assert_eq!(talk.mails[0].recipients.len(), 3);
    assert_eq!(talk.mails[0].recipients[0].address.as_str(), "ours@example.dk");
}

#[test]
fn failures_end_a_session_and_stored_mail_makes_them_good() {
    let mut talk = Talk::greeted(Protocol::Smtp);
    talk.say("MAIL FROM:<a@example.org>\r\nRCPT TO:<ours@example.dk>\r\n");
    (0..18).for_each(|_| assert_eq!(talk.say("RCPT TO:<x@example.dk>\r\n"), "550"));
    talk.say("DATA\r\n");
    talk.say("x\r\n.\r\n");
    (0..19).for_each(|_| assert_eq!(talk.say("XX\r\n"), "500"));
    assert_eq!(talk.say("XX\r\nNOOP\r\n"), "500 421");
    assert!(talk.is_closed());
    assert_eq!(talk.session.failures(), 38);
}

#[test]
fn lmtp_answers_for_each_recipient() {
    let mut talk = Talk::with_mail(Protocol::Lmtp);
    talk.say("RCPT TO:<ours2@example.dk>\r\n");
    talk.say("DATA\r\n");
    assert_eq!(talk.say("x\r\n.\r\n"), "250 250");
    let mut talk = Talk::with_mail(Protocol::Lmtp);
    talk.say("RCPT TO:<ours2@example.dk>\r\n");
    talk.say("DATA\r\n");
    assert_eq!(talk.say("x\n.\r\n"), "550 550");
    assert!(talk.is_closed());
}

#[test]
fn smtp_says_yes_only_for_all() {
    let mail = |outcomes: &[Outcome]| {
        let mut session = Session::new(rules(Protocol::Smtp), false);
        session.mode = Mode::Store { recipients: 2 };
        let mut out = Vec::new();
        session.stored(outcomes, &mut out);
        codes(&out)
    };
    let (yes, full, gone) = (Ok("id".to_owned()), Err(Rejection::DiskFull), Err(Rejection::NoSuchMailbox));
    assert_eq!(mail(&[yes.clone(), yes.clone()]), "250");
    assert_eq!(mail(&[yes.clone(), full.clone()]), "452");
    assert_eq!(mail(&[gone.clone(), full]), "452");
    assert_eq!(mail(&[yes.clone(), gone]), "550");
    assert_eq!(mail(&[yes]), "451");
}

#[test]
fn a_mail_for_which_there_is_no_room_is_refused_for_now() {
    let mut talk = Talk::with_mail(Protocol::Smtp);
    talk.say("DATA\r\nxx");
    let mut talk = Talk::with_mail(Protocol::Smtp);
    talk.say("DATA\r\n");
    talk.say("xx\r\n");
    talk.session.refuse(Reply::NoRoom);
    assert_eq!(talk.say("yy\r\n.\r\nNOOP\r\n"), "452 250");
    assert!(talk.mails.is_empty());
}

#[test]
fn a_browser_is_sent_away() {
    let mut talk = Talk::new(Protocol::Smtp);
    assert_eq!(talk.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "554");
    assert!(talk.is_closed());
}

fn lines() -> impl Strategy<Value = Vec<u8>> {
    let command = prop::sample::select(vec![
        "EHLO c\r\n",
        "HELO c\r\n",
        "LHLO c\r\n",
        "MAIL FROM:<a@example.org>\r\n",
        "RCPT TO:<ours@example.dk>\r\n",
        "DATA\r\n",
        "BDAT 5\r\n",
        "BDAT 3 LAST\r\n",
        "RSET\r\n",
        "STARTTLS\r\n",
        "text\r\n",
        ".\r\n",
        "\r\n.\r\n",
        "\n",
        "\r",
        "..",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let piece = prop_oneof![9 => command, 1 => prop::collection::vec(any::<u8>(), 0..20)];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// However the bytes come, nothing more is stored than when each came by itself, no room beyond
    /// the limit is used, and it does not panic.
    #[test]
    fn any_bytes_in_any_pieces(bytes in lines(), size in 1_usize..50, lmtp in any::<bool>()) {
        let protocol = if lmtp { Protocol::Lmtp } else { Protocol::Smtp };
        let (mut whole, mut pieces) = (Talk::new(protocol), Talk::new(protocol));
        let mut waiting = Vec::new();
        for byte in &bytes {
            waiting.push(*byte);
            let used = feed(&mut pieces, &waiting);
            waiting.drain(..used);
            prop_assert!(pieces.session.held() <= 2 * SIZE_MAX + ROOM_BYTES_MAX);
        }
        let mut rest = Vec::new();
        for piece in bytes.chunks(size) {
            rest.extend_from_slice(piece);
            let used = feed(&mut whole, &rest);
            rest.drain(..used);
        }
        // What is thrown away before TLS may have been the beginning of a mail's text.
        if !bytes.windows(8).any(|window| window == b"STARTTLS") {
            prop_assert!(whole.mails.len() <= pieces.mails.len());
        }
        for mail in &whole.mails {
            prop_assert!(mail.raw.len() <= SIZE_MAX && !mail.recipients.is_empty());
        }
    }
}

fn feed(talk: &mut Talk, bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let (used, step) = talk.session.take(&bytes[at..], &mut talk.out);
        at += used;
        match step {
            Step::Recipient(_) => {
                let now = Time::from_seconds(1);
                let verdict = Verdict::Ours(AccountId::new(now), MailboxId::new(now));
                talk.session.recipient(verdict, &mut talk.out);
            }
            Step::Store(mail) => {
                let outcomes = vec![Ok("id".into()); mail.recipients.len()];
                talk.mails.push(*mail);
                talk.session.stored(&outcomes, &mut talk.out);
            }
            Step::StartTls => {
                talk.session.secured();
                return bytes.len();
            }
            Step::Read | Step::Close => return at,
        }
    }
}
