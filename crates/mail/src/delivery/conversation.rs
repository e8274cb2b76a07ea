//! One conversation with a mail server, a relay or an addressee's: greeting, TLS, log-in, then mails.

use super::{
    hindrance,
    stream::{Broken, Reply, Stream},
    text,
};
use data_encoding::BASE64;
use desk::Hindrance;
use std::{fmt::Write, sync::Arc, time::Duration};
use store::{Relay, RelayTls};
use words::{EmailAddress, Host, Secret};

/// How long a command may take (RFC 5321 part 4.5.3.2 asks for five minutes).
const COMMAND_WAIT: Duration = Duration::from_mins(5);
/// How long a mail's text may take to be sent, beside a second for each 1,000 bytes.
const TEXT_WAIT: Duration = Duration::from_mins(3);
/// How long the relay may take to answer a mail.
const MAIL_WAIT: Duration = Duration::from_mins(10);
/// How long the good-bye may take: nothing hangs on it.
const QUIT_WAIT: Duration = Duration::from_secs(5);

/// How a try ended for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The server has it.
    Sent,
    /// To be tried again.
    Later,
    /// To be tried again at once, or nearly: our own way out was not there.
    Soon,
    /// Refused for good.
    Never,
    /// The connection was lost before the server's last word: it may have it.
    Unknown,
}

/// How a try ended for one recipient, and what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub ended: Ended,
    pub reply: String,
}

impl Outcome {
    fn of(reply: &Reply) -> Self {
        let ended = match reply.code {
            200..400 => Ended::Sent,
            // Too many recipients at once (RFC 5321 part 4.5.3.1.10), or the log-in is not what the relay
            // wants (RFC 4954): neither is the mail's fault.
            552 | 530 | 534 | 535 | 538 => Ended::Later,
            500..600 => Ended::Never,
            _ => Ended::Later,
        };
        Self { ended, reply: reply.text.clone() }
    }

    pub(super) fn soon(why: impl Into<String>) -> Self {
        Self { ended: Ended::Soon, reply: why.into() }
    }

    pub(super) fn never(why: impl Into<String>) -> Self {
        Self { ended: Ended::Never, reply: why.into() }
    }

    pub(super) fn later(why: impl Into<String>) -> Self {
        Self { ended: Ended::Later, reply: why.into() }
    }
}

/// Why there is no conversation: the account's settings or the server are at fault, never the mail.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoTalk {
    #[error("{0}")]
    Broken(#[from] Broken),
    #[error("{0}")]
    Refused(String),
    #[error("the server does not offer STARTTLS")]
    NoStartTls,
    #[error("the server offers no way to log in that we know")]
    NoLogIn,
    #[error("the log-in failed: {0}")]
    LogIn(String),
}

/// How TLS begins.
pub(super) enum Tls {
    /// It does not.
    None,
    /// By STARTTLS, and nothing is sent without it.
    Starttls(Arc<rustls::ClientConfig>),
    /// By STARTTLS, if the server offers it and then wants it.
    IfOffered(Arc<rustls::ClientConfig>),
    /// With the first byte.
    Implicit(Arc<rustls::ClientConfig>),
}

/// How a server is spoken to.
pub(super) struct Terms<'a> {
    /// The name that its certificate must bear.
    pub host: &'a Host,
    pub tls: Tls,
    /// Name and password.
    pub log_in: Option<(&'a str, &'a Secret)>,
    /// What we call ourselves.
    pub hello: &'a str,
}

impl<'a> Terms<'a> {
    /// As the account's settings say.
    pub(super) fn of(relay: &'a Relay, tls: &Arc<rustls::ClientConfig>, hello: &'a str) -> Self {
        let tls = match relay.tls {
            RelayTls::None => Tls::None,
            RelayTls::Starttls => Tls::Starttls(Arc::clone(tls)),
            RelayTls::Implicit => Tls::Implicit(Arc::clone(tls)),
        };
        let log_in = relay.username.as_deref().zip(relay.password.as_ref());
        Self { host: &relay.host, tls, log_in, hello }
    }
}

/// A step of a conversation that a person may want to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Greeting,
    Hello,
    StartTls,
    LogIn,
    Mail,
}

/// A mail to be sent.
pub(super) struct Letter<'a> {
    /// Empty for mail of a machine.
    pub sender: &'a str,
    pub recipients: &'a [EmailAddress],
    /// With whole lines, signed.
    pub raw: &'a [u8],
}

/// A conversation in which mails can be sent.
pub(super) struct Talk {
    stream: Stream,
    extensions: Vec<String>,
    /// What was said so far, for the settings page.
    pub steps: Vec<(Said, String)>,
    /// Nothing can be sent any more.
    pub is_over: bool,
    /// It goes over TLS.
    pub is_encrypted: bool,
}

impl Talk {
    /// Begins over a connection: up to the point at which mails can be sent.
    pub(super) async fn begin(
        mut stream: Stream,
        terms: &Terms<'_>,
        steps: &mut Vec<(Said, String)>,
    ) -> Result<Self, NoTalk> {
        let mut is_encrypted = false;
        if let Tls::Implicit(tls) = &terms.tls {
            stream = stream.secured(terms.host, tls, COMMAND_WAIT).await?;
            is_encrypted = true;
        }
        let greeting = stream.reply(COMMAND_WAIT).await?;
        steps.push((Said::Greeting, greeting.text.clone()));
        if greeting.code != 220 {
            return Err(NoTalk::Refused(greeting.text));
        }
        let mut extensions = say_hello(&mut stream, terms.hello, steps).await?;
        if let Tls::Starttls(tls) | Tls::IfOffered(tls) = &terms.tls {
            let begins = begin_tls(&mut stream, &extensions, steps).await;
            if begins.is_ok() {
                stream = stream.secured(terms.host, tls, COMMAND_WAIT).await?;
                is_encrypted = true;
                extensions = say_hello(&mut stream, terms.hello, steps).await?;
            } else if !may_do_without(&terms.tls, &begins) {
                begins?;
            }
        }
        if let Some((name, password)) = terms.log_in {
            log_in(&mut stream, &extensions, name, password.expose(), steps).await?;
        }
        Ok(Self { stream, extensions, steps: Vec::new(), is_over: false, is_encrypted })
    }

    /// Sends a mail. One outcome per recipient, in their order.
    pub(super) async fn send(&mut self, letter: &Letter<'_>) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; letter.recipients.len()];
        let rest = match self.try_to_send(letter, &mut outcomes).await {
            Ok(rest) => rest,
            Err(broken) => {
                self.is_over = true;
                Outcome::later(hindrance::broken(&broken))
            }
        };
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| rest.clone())).collect()
    }

    /// Notes in `outcomes` what was said to single recipients, and gives what holds for the others.
    async fn try_to_send(
        &mut self,
        letter: &Letter<'_>,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<Outcome, Broken> {
        let Some(line) = self.mail_line(letter) else {
            return Ok(Outcome { ended: Ended::Never, reply: Hindrance::NoUtf8.note() });
        };
        let reply = self.stream.say(&line, COMMAND_WAIT).await?;
        if !reply.is_good() {
            return Ok(self.refused(&reply));
        }
        let mut accepted = 0;
        for (at, recipient) in letter.recipients.iter().enumerate() {
            let reply = self.stream.say(&format!("RCPT TO:<{recipient}>"), COMMAND_WAIT).await?;
            if reply.is_good() {
                accepted += 1;
            } else {
                outcomes[at] = Some(self.refused(&reply));
                if self.is_over {
                    break;
                }
            }
        }
        if self.is_over {
            return Ok(Outcome::later(Hindrance::Lost.note()));
        }
        let reply = if accepted == 0 { None } else { Some(self.stream.say("DATA", COMMAND_WAIT).await?) };
        if reply.as_ref().is_none_or(|reply| reply.code != 354) {
            let outcome = reply.map_or_else(|| Outcome::later(""), |reply| self.refused(&reply));
            self.is_over |= self.stream.say("RSET", COMMAND_WAIT).await.is_err();
            return Ok(outcome);
        }
        let wait =
            TEXT_WAIT + Duration::from_secs(u64::try_from(letter.raw.len() / 1_000).unwrap_or(u64::MAX));
        // Until the last dot is out, the server cannot have taken it.
        self.stream.send(&text::with_dots(letter.raw), wait).await?;
        let outcome = match self.stream.reply(MAIL_WAIT).await {
            Ok(reply) => {
                self.steps.push((Said::Mail, reply.text.clone()));
                self.refused(&reply)
            }
            Err(broken) => {
                self.is_over = true;
                Outcome { ended: Ended::Unknown, reply: hindrance::broken(&broken) }
            }
        };
        Ok(outcome)
    }

    /// What a reply means; one of 421 ends the conversation.
    fn refused(&mut self, reply: &Reply) -> Outcome {
        self.is_over |= reply.code == 421;
        Outcome::of(reply)
    }

    /// `MAIL FROM` with the parameters that the server offers; none if it cannot carry the addresses.
    fn mail_line(&self, letter: &Letter<'_>) -> Option<String> {
        let offers = |word: &str| self.extensions.iter().any(|offered| offered == word);
        let mut line = format!("MAIL FROM:<{}>", letter.sender);
        if offers("SIZE") {
            let _ = write!(line, " SIZE={}", letter.raw.len());
        }
        let ascii_raw = letter.raw.is_ascii();
        if !ascii_raw && offers("8BITMIME") {
            line += " BODY=8BITMIME";
        }
        let ascii = letter.sender.is_ascii() && letter.recipients.iter().all(|to| to.as_str().is_ascii());
        if !ascii {
            if !offers("SMTPUTF8") {
                return None;
            }
            line += " SMTPUTF8";
        }
        Some(line)
    }

    /// Says good-bye.
    pub(super) async fn end(mut self) {
        if !self.is_over {
            let _ = self.stream.say("QUIT", QUIT_WAIT).await;
        }
    }
}

/// Asks for TLS in a conversation that began in the clear.
async fn begin_tls(
    stream: &mut Stream,
    extensions: &[String],
    steps: &mut Vec<(Said, String)>,
) -> Result<(), NoTalk> {
    if !extensions.iter().any(|word| word == "STARTTLS") {
        return Err(NoTalk::NoStartTls);
    }
    let reply = stream.say("STARTTLS", COMMAND_WAIT).await?;
    steps.push((Said::StartTls, reply.text.clone()));
    if reply.code == 220 { Ok(()) } else { Err(NoTalk::Refused(reply.text)) }
}

/// Whether a server that does not offer TLS, or offers it and then says no, may be spoken to all the same.
fn may_do_without(tls: &Tls, begins: &Result<(), NoTalk>) -> bool {
    matches!(tls, Tls::IfOffered(_)) && matches!(begins, Err(NoTalk::NoStartTls | NoTalk::Refused(_)))
}

async fn say_hello(
    stream: &mut Stream,
    hello: &str,
    steps: &mut Vec<(Said, String)>,
) -> Result<Vec<String>, NoTalk> {
    let reply = stream.say(&format!("EHLO {hello}"), COMMAND_WAIT).await?;
    if reply.is_good() {
        steps.push((Said::Hello, reply.text));
        let word = |line: &String| line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let mechanisms = |line: &String| line.to_ascii_uppercase();
        return Ok(reply
            .lines
            .iter()
            .skip(1)
            .map(|line| if word(line) == "AUTH" { mechanisms(line) } else { word(line) })
            .collect());
    }
    let reply = stream.say(&format!("HELO {hello}"), COMMAND_WAIT).await?;
    steps.push((Said::Hello, reply.text.clone()));
    if reply.is_good() { Ok(Vec::new()) } else { Err(NoTalk::Refused(reply.text)) }
}

/// Logs in by PLAIN (RFC 4616) or LOGIN, whichever is offered.
async fn log_in(
    stream: &mut Stream,
    extensions: &[String],
    name: &str,
    password: &str,
    steps: &mut Vec<(Said, String)>,
) -> Result<(), NoTalk> {
    let offered = extensions.iter().find(|line| line.starts_with("AUTH"));
    let offers = |word: &str| offered.is_some_and(|line| line.split_whitespace().any(|w| w == word));
    let reply = if offers("PLAIN") {
        let answer = BASE64.encode(format!("\0{name}\0{password}").as_bytes());
        stream.say(&format!("AUTH PLAIN {answer}"), COMMAND_WAIT).await?
    } else if offers("LOGIN") {
        let reply = stream.say("AUTH LOGIN", COMMAND_WAIT).await?;
        if reply.code != 334 {
            return Err(NoTalk::LogIn(reply.text));
        }
        stream.say(&BASE64.encode(name.as_bytes()), COMMAND_WAIT).await?;
        stream.say(&BASE64.encode(password.as_bytes()), COMMAND_WAIT).await?
    } else {
        return Err(NoTalk::NoLogIn);
    };
    steps.push((Said::LogIn, reply.text.clone()));
    if reply.code == 235 { Ok(()) } else { Err(NoTalk::LogIn(reply.text)) }
}
