//! One connection to a mailbox's server: log-in, a folder opened read-only, what is new in it, single mails,
//! and the wait for more.

use super::{
    fault::{Fault, about},
    folder,
    line::{ANSWER_BYTES_MAX, Broken, COMMAND_WAIT, Failed, Line},
};
use data_encoding::BASE64;
use desk::PickupFault;
use egress::Egress;
use imap_proto::{AttributeValue, Capability, MailboxDatum, Response, ResponseCode, Status};
use register::{Ask, Basis};
use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};
use store::{Pickup, RelayTls};
use tokio::time::timeout;
use words::{AccountId, Purpose, Time};

/// The longest list of mails that is read.
const LIST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How much larger a mail may turn out to be than the server said: some count line ends differently.
const SIZE_SLACK_BYTES: usize = 64 * 1024;
/// The slowest rate at which a mail may come.
const BYTES_PER_SECOND_MIN: u64 = 2_000;
/// How long the good-bye may take: nothing hangs on it.
const BYE_WAIT: Duration = Duration::from_secs(3);

/// A connection that is logged in.
pub(super) struct Visit {
    line: Line,
    /// The version and cipher of TLS, if it is there.
    pub tls: Option<String>,
    can_idle: bool,
}

/// A folder as it was when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folder {
    pub uid_validity: u32,
    /// The number that the next mail gets, or one that is not above it.
    pub uid_next: u32,
    /// Mails in it.
    pub mails: u32,
}

/// What a mail came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Whole(Vec<u8>),
    /// It is not there any more.
    Gone,
    /// The server does not give it.
    Refused,
}

/// What a wait for mails came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// It was told that something came, or the time was over.
    Over,
    /// The server cannot tell: one has to look now and then.
    CannotTell,
}

impl Visit {
    /// Connects and logs in.
    pub(super) async fn begin(
        egress: &Egress,
        tls: &Arc<rustls::ClientConfig>,
        account: AccountId,
        pickup: &Pickup,
    ) -> Result<Self, Fault> {
        let password = pickup.password.as_ref().ok_or(PickupFault::NoPassword)?;
        let connection = egress.dial(ask(account, pickup)).await.map_err(|error| Fault::from(&error))?;
        if pickup.tls == RelayTls::None {
            let peer = connection.peer().map_err(|_| Broken::Lost)?;
            if !is_inside(peer.ip()) {
                return Err(PickupFault::InTheClear.into());
            }
        }
        let (mut line, mut how) = (Line::new(connection), None);
        if pickup.tls == RelayTls::Implicit {
            let (secured, with) = line.secured(&pickup.host, tls).await?;
            (line, how) = (secured, Some(with));
        }
        greeting(&mut line).await?;
        if pickup.tls == RelayTls::Starttls {
            if !capabilities(&mut line).await?.iter().any(|word| word == "STARTTLS") {
                return Err(PickupFault::NoStartTls.into());
            }
            line.simple("STARTTLS").await.map_err(about(PickupFault::NoStartTls))?;
            let (secured, with) = line.secured(&pickup.host, tls).await?;
            (line, how) = (secured, Some(with));
        }
        // What was said in the clear does not count.
        let offered = capabilities(&mut line).await?;
        log_in(&mut line, &offered, &pickup.username, password.expose()).await?;
        let can_idle = capabilities(&mut line).await?.iter().any(|word| word == "IDLE");
        Ok(Self { line, tls: how, can_idle })
    }

    /// Opens a folder, read-only: no mark changes by what we do.
    pub(super) async fn open(&mut self, name: &str) -> Result<Folder, Fault> {
        let (mut validity, mut next, mut mails) = (None, None, 0);
        let command = format!("EXAMINE {}", folder::quoted(name));
        let each = |response| match response {
            Response::Data { status: Status::Ok, outcome } => match outcome.code {
                Some(ResponseCode::UidValidity(number)) => validity = Some(number),
                Some(ResponseCode::UidNext(number)) => next = Some(number),
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(number)) => mails = number,
            _ => {}
        };
        let opened = self.line.command(&command, COMMAND_WAIT, ANSWER_BYTES_MAX, each).await;
        opened.map_err(about(PickupFault::NoFolder))?;
        let Some(uid_validity) = validity else { return Err(Broken::NotImap.into()) };
        let uid_next = match next {
            Some(next) => next,
            None => self.numbers("UID *").await?.last().map_or(1, |last| last.saturating_add(1)),
        };
        Ok(Folder { uid_validity, uid_next, mails })
    }

    /// The numbers of the mails from `first` on, up to `last` if there is one, that came on the day of `since`
    /// or later if there is one; in order.
    pub(super) async fn mails(
        &mut self,
        first: u32,
        last: Option<u32>,
        since: Option<Time>,
    ) -> Result<Vec<u32>, Fault> {
        let last_word = last.map_or_else(|| "*".to_owned(), |last| last.to_string());
        let since = since.map(|since| format!(" SINCE {}", day(since))).unwrap_or_default();
        let mut numbers = self.numbers(&format!("UID {first}:{last_word}{since}")).await?;
        // `9:*` names the last mail even if its number is lower.
        numbers.retain(|number| *number >= first && last.is_none_or(|last| *number <= last));
        Ok(numbers)
    }

    async fn numbers(&mut self, which: &str) -> Result<Vec<u32>, Fault> {
        let mut numbers = Vec::new();
        let each = |response| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                numbers.extend(found);
            }
        };
        self.line.command(&format!("UID SEARCH {which}"), COMMAND_WAIT, LIST_BYTES_MAX, each).await?;
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// The sizes of these mails in bytes, as the server counts them. One that is missing is gone.
    pub(super) async fn sizes(&mut self, numbers: &[u32]) -> Result<HashMap<u32, u32>, Fault> {
        let set: Vec<String> = numbers.iter().map(u32::to_string).collect();
        let mut sizes = HashMap::new();
        let each = |response| {
            let Response::Fetch(_, values) = response else { return };
            let size = values.iter().find_map(|value| match value {
                AttributeValue::Rfc822Size(size) => Some(*size),
                _ => None,
            });
            if let (Some(number), Some(size)) = (number(&values), size) {
                sizes.insert(number, size);
            }
        };
        let command = format!("UID FETCH {} (UID RFC822.SIZE)", set.join(","));
        self.line.command(&command, COMMAND_WAIT, LIST_BYTES_MAX, each).await?;
        Ok(sizes)
    }

    /// A mail, without marking it as read. Larger than `bytes_max` and some: [`Broken::TooMuch`].
    pub(super) async fn body(&mut self, uid: u32, bytes_max: usize) -> Result<Body, Failed> {
        let mut found = None;
        let each = |response| {
            let Response::Fetch(_, values) = response else { return };
            if number(&values) != Some(uid) {
                return;
            }
            for value in values {
                if let AttributeValue::BodySection { section: None, index: None, data: Some(data) } = value {
                    found = Some(data.into_owned());
                }
            }
        };
        let for_bytes = Duration::from_secs(bytes_max as u64 / BYTES_PER_SECOND_MIN);
        let wait = COMMAND_WAIT + for_bytes;
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[])");
        match self.line.command(&command, wait, bytes_max + SIZE_SLACK_BYTES, each).await {
            Ok(_) => {}
            Err(Failed::Said(_)) => return Ok(Body::Refused),
            Err(broken) => return Err(broken),
        }
        match found {
            Some(mail) => Ok(Body::Whole(mail)),
            None if self.is_there(uid).await? => Ok(Body::Refused),
            None => Ok(Body::Gone),
        }
    }

    /// Whether the mail is there: asked before one is taken for gone.
    pub(super) async fn is_there(&mut self, uid: u32) -> Result<bool, Failed> {
        let mut is_there = false;
        let each = |response| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                is_there |= found.contains(&uid);
            }
        };
        let command = format!("UID SEARCH UID {uid}");
        self.line.command(&command, COMMAND_WAIT, ANSWER_BYTES_MAX, each).await?;
        Ok(is_there)
    }

    /// Whether it was told, since this was last asked, that mails came.
    pub(super) fn takes_news(&mut self) -> bool {
        self.line.takes_news()
    }

    /// Waits until it is told that something came, at most so long (RFC 2177).
    pub(super) async fn wait(&mut self, most: Duration) -> Result<Waited, Fault> {
        if !self.can_idle {
            return Ok(Waited::CannotTell);
        }
        let tag = self.line.begin("IDLE").await?;
        match timeout(COMMAND_WAIT, self.until_it_waits(&tag)).await {
            Ok(Ok(())) => {}
            Ok(Err(failed)) => return Err(failed.into()),
            Err(_) => return Err(Broken::TooSlow.into()),
        }
        // What was told before it waited counts as well.
        if !self.takes_news() {
            // That the time is over is as good as being told.
            timeout(most, self.until_it_is_told()).await.unwrap_or(Ok(()))?;
        }
        self.line.send("DONE\r\n").await?;
        let ended = self.line.end(&tag, ANSWER_BYTES_MAX, |_| {});
        timeout(COMMAND_WAIT, ended).await.map_err(|_| Broken::TooSlow)??;
        Ok(Waited::Over)
    }

    async fn until_it_waits(&mut self, tag: &str) -> Result<(), Failed> {
        loop {
            match self.line.next(ANSWER_BYTES_MAX).await? {
                Response::Continue(_) => return Ok(()),
                Response::Done { tag: ended, .. } if ended.0 == tag => return Err(Broken::NotImap.into()),
                Response::Data { status: Status::Bye, .. } => return Err(Broken::Lost.into()),
                _ => {}
            }
        }
    }

    async fn until_it_is_told(&mut self) -> Result<(), Broken> {
        loop {
            match self.line.next(ANSWER_BYTES_MAX).await? {
                Response::MailboxData(MailboxDatum::Exists(_)) => return Ok(()),
                Response::Data { status: Status::Bye, .. } | Response::Done { .. } => {
                    return Err(Broken::Lost);
                }
                _ => {}
            }
        }
    }

    /// Says good-bye.
    pub(super) async fn end(mut self) {
        let _ = timeout(BYE_WAIT, self.line.begin("LOGOUT")).await;
    }
}

/// What the door is asked for: the account's server, on its instruction.
fn ask(account: AccountId, pickup: &Pickup) -> Ask {
    Ask {
        account: Some(account),
        purpose: Purpose::MailPickup,
        host: pickup.host.clone(),
        port: pickup.port,
        basis: Basis::Instruction,
    }
}

/// Whether an address lies inside a network: the door dials one only if the operator's file names it, and
/// only there a password may go in the clear.
fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

async fn greeting(line: &mut Line) -> Result<(), Fault> {
    let greeting =
        timeout(COMMAND_WAIT, line.next(ANSWER_BYTES_MAX)).await.map_err(|_| Broken::TooSlow)??;
    match greeting {
        Response::Data { status: Status::Ok, .. } => Ok(()),
        Response::Data { status: Status::Bye, outcome } => {
            let reply = outcome.information.map(std::borrow::Cow::into_owned).unwrap_or_default();
            Err(Fault { cause: PickupFault::Refused, reply })
        }
        // Logged in before anybody said who they are: not with us.
        _ => Err(Broken::NotImap.into()),
    }
}

/// What the server offers, in upper case.
async fn capabilities(line: &mut Line) -> Result<Vec<String>, Fault> {
    let mut words = Vec::new();
    let each = |response| {
        if let Response::Capabilities(all) = response {
            words.extend(all.into_iter().map(|one| match one {
                Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                Capability::Auth(name) => format!("AUTH={}", name.to_uppercase()),
                Capability::Atom(name) => name.to_uppercase(),
            }));
        }
    };
    line.command("CAPABILITY", COMMAND_WAIT, ANSWER_BYTES_MAX, each).await?;
    Ok(words)
}

async fn log_in(line: &mut Line, offered: &[String], name: &str, password: &str) -> Result<(), Fault> {
    let offers = |word: &str| offered.iter().any(|one| one == word);
    if offers("AUTH=PLAIN") {
        let said = timeout(COMMAND_WAIT, authenticate(line, name, password)).await;
        return said.map_err(|_| Broken::TooSlow)?.map_err(about(PickupFault::LogIn));
    }
    if offers("LOGINDISABLED") || !name.is_ascii() || !password.is_ascii() {
        return Err(PickupFault::NoLogIn.into());
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let command = format!("LOGIN {} {}", quoted(name), quoted(password));
    line.simple(&command).await.map_err(about(PickupFault::LogIn))?;
    Ok(())
}

/// RFC 4616 over RFC 9051 part 6.2.2.
async fn authenticate(line: &mut Line, name: &str, password: &str) -> Result<(), Failed> {
    let tag = line.begin("AUTHENTICATE PLAIN").await?;
    loop {
        match line.next(ANSWER_BYTES_MAX).await? {
            Response::Continue(_) => break,
            Response::Done { tag: ended, .. } if ended.0 == tag => {
                return Err(Failed::Said(String::new()));
            }
            Response::Data { status: Status::Bye, .. } => return Err(Broken::Lost.into()),
            _ => {}
        }
    }
    let words = BASE64.encode(format!("\0{name}\0{password}").as_bytes());
    line.send(&format!("{words}\r\n")).await?;
    line.end(&tag, ANSWER_BYTES_MAX, |_| {}).await?;
    Ok(())
}

fn number(values: &[AttributeValue<'_>]) -> Option<u32> {
    values.iter().find_map(|value| match value {
        AttributeValue::Uid(number) => Some(*number),
        _ => None,
    })
}

/// A day as IMAP writes it (RFC 9051 part 9, `date`).
fn day(time: Time) -> String {
    let at = jiff::Timestamp::from_second(time.seconds()).unwrap_or_default();
    at.strftime("%d-%b-%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_imap_does() {
        assert_eq!(day(Time::from_seconds(1_795_521_600)), "24-Nov-2026");
    }

    #[test]
    fn a_password_goes_in_the_clear_only_inside() {
        for ip in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1"] {
            assert!(is_inside(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "2606:4700::1111", "::ffff:10.0.0.1"] {
            assert!(!is_inside(ip.parse().unwrap()), "{ip}");
        }
    }
}
