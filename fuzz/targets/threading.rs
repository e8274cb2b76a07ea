//! Any text as a Message-ID, any bytes as a mail that names one.
#![no_main]

use letter::{Letter, ReplyKeys, tokens};
use words::{AccountId, Time};

libfuzzer_sys::fuzz_target!(|raw: &[u8]| {
    let account = AccountId::new(Time::from_seconds(1));
    let keys = ReplyKeys::new(account, [(1, vec![7; 32]), (2, vec![9; 32])]);
    let text = String::from_utf8_lossy(raw);
    assert!(keys.verify(&text).is_none(), "nobody guesses a signature of 128 bits");
    let named = format!("In-Reply-To: <h1.{text}@example.dk>\r\nReferences: <{text}>\r\n\r\nx");
    for mail in [raw, named.as_bytes()] {
        let letter = Letter::read(mail);
        for token in tokens(&letter) {
            assert!(keys.verify(token).is_none());
        }
    }
});
