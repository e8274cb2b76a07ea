//! How a mail came, in lines of our own: kept beside the raw mail, never in it.

use crate::{receive::PickedUp, server::Incoming, session::Protocol};
use desk::{Authentication, Verdict};
use std::fmt::Write;
use words::Time;

/// The lines, in the form of headers (RFC 5321 part 4.4, RFC 8601), so that people can read them.
pub(crate) fn trace(incoming: &Incoming, host: &str, authentication: &Authentication, now: Time) -> String {
    let mail = &incoming.mail;
    let mut text = format!("Return-Path: <{}>\n", mail.sender);
    let _ =
        write!(text, "Received: from {} ([{}]) by {host} with {}", mail.hello, incoming.remote, mail.with);
    if let Some(tls) = &incoming.tls {
        let _ = write!(text, " ({tls})");
    }
    if let [recipient] = mail.recipients.as_slice() {
        let _ = write!(text, " for <{}>", recipient.address);
    }
    let _ = writeln!(text, "; {}", date(now));
    let _ = writeln!(text, "Authentication-Results: {host}{}", results(authentication, incoming.protocol));
    text
}

/// The same for a mail that was picked up.
pub(crate) fn picked_up(came: &PickedUp, host: &str, authentication: &Authentication, now: Time) -> String {
    let place = &came.place;
    let mut text = format!("Received: by {host} picked up by IMAP from {}", came.host);
    if let Some(tls) = &came.tls {
        let _ = write!(text, " ({tls})");
    }
    let _ = writeln!(text, ", mail {}/{}; {}", place.uid_validity, place.uid, date(now));
    // As of what the operator's own server passes on: from whom it came is not known.
    let _ = writeln!(text, "Authentication-Results: {host}{}", results(authentication, Protocol::Lmtp));
    text
}

fn results(found: &Authentication, protocol: Protocol) -> String {
    if *found == Authentication::default() {
        return "; none (not checked)".into();
    }
    let mut text = String::new();
    if protocol == Protocol::Smtp {
        let _ = write!(text, "; spf={} smtp.mailfrom={}", word(found.spf), found.spf_domain);
    }
    for signature in &found.dkim {
        let _ = write!(text, "; dkim={} header.d={}", word(signature.verdict), signature.domain);
    }
    let _ = write!(text, "; dmarc={}; arc={}", word(found.dmarc), word(found.arc));
    text
}

/// The words of RFC 8601 part 2.7.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotChecked | Verdict::None => "none",
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::SoftFail => "softfail",
        Verdict::Neutral => "neutral",
        Verdict::TemporaryError => "temperror",
        Verdict::PermanentError => "permerror",
    }
}

/// RFC 5322 part 3.3, in UTC.
fn date(time: Time) -> String {
    jiff::Timestamp::from_second(time.seconds())
        .map(|at| at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Mail, Recipient};
    use desk::Signature;
    use words::{AccountId, MailboxId};

    #[test]
    fn reads_as_headers() {
        let now = Time::from_seconds(1_792_839_600);
        let incoming = Incoming {
            mail: Mail {
                sender: "mads@kunde.example".into(),
                recipients: vec![Recipient {
                    address: "support@harbour.example".parse().unwrap(),
                    account: AccountId::new(now),
                    mailbox: MailboxId::new(now),
                }],
                raw: Vec::new(),
                hello: "mta.kunde.example".into(),
                with: "ESMTPS",
            },
            remote: "192.0.2.7".parse().unwrap(),
            tls: Some("TLS 1.3 TLS13_AES_256_GCM_SHA384".into()),
            protocol: Protocol::Smtp,
        };
        let authentication = Authentication {
            spf: Verdict::Pass,
            spf_domain: "kunde.example".into(),
            dkim: vec![Signature { domain: "kunde.example".into(), verdict: Verdict::Fail }],
            dmarc: Verdict::Pass,
            arc: Verdict::None,
            aligned: true,
        };
        assert_eq!(
            trace(&incoming, "mx.example", &authentication, now),
            "Return-Path: <mads@kunde.example>\n\
             Received: from mta.kunde.example ([192.0.2.7]) by mx.example with ESMTPS \
             (TLS 1.3 TLS13_AES_256_GCM_SHA384) for <support@harbour.example>; Sat, 24 Oct 2026 11:00:00 +0000\n\
             Authentication-Results: mx.example; spf=pass smtp.mailfrom=kunde.example; \
             dkim=fail header.d=kunde.example; dmarc=pass; arc=none\n"
        );
    }
}
