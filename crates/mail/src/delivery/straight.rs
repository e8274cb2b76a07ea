//! Mail straight to the servers of those one writes to: which they are is asked of the name servers, and
//! each is tried in turn until one takes the mail, or refuses it for good.

use super::{
    conversation::{Ended, Letter, NoTalk, Outcome, Talk, Terms, Tls},
    courier::Means,
    exchanger::{Exchangers, in_order},
    hindrance,
    policy::{self, Policies, Policy},
    stream::{Broken, Stream},
    trust::{Held, Trust},
};
use crate::names::{Answer, LOOKUP_WAIT};
use desk::{Hindrance, Passage};
use egress::{DialError, LookupError, RecordType};
use futures::{StreamExt, future::BoxFuture, stream};
use register::{Ask, Basis};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use words::{AccountId, EmailAddress, Host, Purpose, Time};

/// Servers of a domain that one try goes through (RFC 5321 part 5.1 asks for two at least).
const EXCHANGERS_MAX: usize = 5;
/// Domains of one letter that are seen to at once.
const DOMAINS_AT_ONCE_MAX: usize = 8;
/// A server that could not be reached is left alone for so long: shorter than the first gap between tries,
/// long enough that a queue full of mail for it does not wait for it again and again.
const DOWN_WAIT: Duration = Duration::from_secs(45);
/// Servers that are remembered as not reachable.
const DOWN_MAX: usize = 4_096;

/// Brings mail to the addressees' own servers.
pub(super) struct Straight {
    means: Means,
    trust: Trust,
    policies: Policies,
    /// Servers that could not be reached, until when they are left alone, and what was the matter.
    down: Mutex<HashMap<Host, (Time, Outcome)>>,
}

/// To whom a connection goes, and for whom.
struct Errand<'a> {
    account: AccountId,
    domain: &'a Host,
    host: &'a Host,
    /// The domain names no server, and is asked itself.
    is_implicit: bool,
    /// What the domain demands.
    policy: Option<&'a Policy>,
}

impl Errand<'_> {
    fn demands_tls(&self) -> bool {
        self.policy.is_some_and(Policy::is_enforced)
    }

    fn ask(&self) -> Ask {
        Ask {
            account: Some(self.account),
            purpose: Purpose::MailAddressee,
            host: self.host.clone(),
            port: 25,
            basis: Basis::Addressee { domain: self.domain.clone() },
        }
    }
}

/// Why there is no conversation with a server.
enum NoServer {
    Dial(DialError),
    Talk(NoTalk),
    /// Its domain demands TLS, and there is none that holds.
    NotSecure,
}

impl Straight {
    pub(super) fn new(means: Means) -> Self {
        let trust = Trust::of(Arc::clone(&means.roots));
        Self { means, trust, policies: Policies::default(), down: Mutex::default() }
    }

    /// Sends a letter to all its recipients, those of a domain together. One outcome each, in their order.
    pub(super) async fn send(&self, account: AccountId, letter: &Letter<'_>) -> Vec<Outcome> {
        let mut domains: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, recipient) in letter.recipients.iter().enumerate() {
            match domains.iter_mut().find(|(domain, _)| *domain == recipient.domain()) {
                Some((_, places)) => places.push(at),
                None => domains.push((recipient.domain(), vec![at])),
            }
        }
        let mut tries: Vec<BoxFuture<'_, (Vec<Outcome>, Vec<usize>)>> = Vec::with_capacity(domains.len());
        for (domain, places) in domains {
            tries.push(Box::pin(async move {
                let recipients = of_places(letter, &places);
                let part = Letter { recipients: &recipients, ..*letter };
                (self.to_domain(account, domain, &part).await, places)
            }));
        }
        let mut tries = stream::iter(tries).buffer_unordered(DOMAINS_AT_ONCE_MAX);
        let mut all = vec![Outcome::later(Hindrance::NotReached.note()); letter.recipients.len()];
        while let Some((outcomes, places)) = tries.next().await {
            for (at, outcome) in places.into_iter().zip(outcomes) {
                all[at] = outcome;
            }
        }
        all
    }

    /// Tries the domain's servers in turn, each for those whom the one before put off.
    async fn to_domain(&self, account: AccountId, domain: &str, letter: &Letter<'_>) -> Vec<Outcome> {
        let all = |outcome: Outcome| vec![outcome; letter.recipients.len()];
        let Ok(domain) = domain.parse::<Host>() else {
            return all(Outcome::never(Hindrance::NoSuchDomain.note()));
        };
        let (hosts, is_implicit) = match self.exchangers(&domain).await {
            Ok(found) => found,
            Err(outcome) => return all(outcome),
        };
        let policy = self.policy(account, &domain).await;
        let mut outcomes = all(Outcome::later(Hindrance::NotReached.note()));
        let mut waiting: Vec<usize> = (0..outcomes.len()).collect();
        for host in hosts.iter().take(EXCHANGERS_MAX) {
            let errand = Errand { account, domain: &domain, host, is_implicit, policy: policy.as_deref() };
            let recipients = of_places(letter, &waiting);
            let said = self.to_host(&errand, &Letter { recipients: &recipients, ..*letter }).await;
            for (at, outcome) in waiting.iter().zip(said) {
                outcomes[*at] = more_telling(&outcomes[*at], outcome);
            }
            waiting.retain(|at| outcomes[*at].ended == Ended::Later);
            if waiting.is_empty() {
                break;
            }
        }
        outcomes
    }

    /// The servers of a domain in the order in which they are tried, and whether it is the domain itself for
    /// lack of any (RFC 5321 part 5.1).
    async fn exchangers(&self, domain: &Host) -> Result<(Vec<Host>, bool), Outcome> {
        if domain.ip().is_some() {
            return Ok((vec![domain.clone()], false));
        }
        let (names, deadline) = (&self.means.names, Instant::now() + LOOKUP_WAIT);
        let records = match names.find_anew(RecordType::Mx, domain.as_str(), deadline).await {
            Answer::Found(records) => records,
            Answer::Nothing if names.has_nobody_to_ask() => {
                return Err(Outcome::later(Hindrance::NoNameServer.note()));
            }
            Answer::Nothing => return Ok((vec![domain.clone()], true)),
            Answer::Failed => return Err(Outcome::later(Hindrance::NamesSilent.note())),
        };
        let draw = || getrandom::u64().expect("the system gives random bytes");
        match in_order(&records, &self.means.hello, draw) {
            Exchangers::These(hosts) => Ok((hosts, false)),
            Exchangers::NoMail => Err(Outcome::never(Hindrance::TakesNoMail.note())),
            Exchangers::Unusable => Err(Outcome::later(Hindrance::NotReached.note())),
        }
    }

    async fn policy(&self, account: AccountId, domain: &Host) -> Option<Arc<Policy>> {
        let means = policy::Means {
            names: &self.means.names,
            egress: &self.means.egress,
            tls: &self.means.tls,
            clock: &self.means.clock,
        };
        self.policies.of(&means, account, domain).await
    }

    /// One try with one server.
    async fn to_host(&self, errand: &Errand<'_>, letter: &Letter<'_>) -> Vec<Outcome> {
        let all = |outcome: Outcome| vec![outcome; letter.recipients.len()];
        if errand.policy.is_some_and(|policy| policy.is_enforced() && !policy.names(errand.host)) {
            return all(Outcome::later(Hindrance::PolicyServer.note_with(errand.host.as_str())));
        }
        let now = self.means.clock.now();
        if let Some(outcome) = self.is_down(errand.host, now) {
            return all(outcome);
        }
        let (mut talk, held) = match self.talk(errand).await {
            Ok(talking) => talking,
            Err(why) => {
                let outcome = without_talk(errand, &why);
                if is_out_of_reach(&why) {
                    self.is_down_now(errand.host, now, &outcome);
                }
                return all(outcome);
            }
        };
        let outcomes = talk.send(letter).await;
        let passage = match (talk.is_encrypted, held.holds()) {
            (true, true) => Passage::Verified,
            (true, false) => Passage::Encrypted,
            (false, _) => Passage::Clear,
        };
        talk.end().await;
        let host = errand.host.as_str();
        outcomes
            .into_iter()
            .map(|outcome| match outcome.ended {
                Ended::Sent => Outcome { reply: passage.note(host, &outcome.reply), ..outcome },
                _ => outcome,
            })
            .collect()
    }

    /// A conversation with the errand's server: over TLS if it offers that. If the server cannot do what it
    /// offers, in the clear, over a connection of its own; but not if its domain demands TLS.
    async fn talk(&self, errand: &Errand<'_>) -> Result<(Talk, Held), NoServer> {
        let (config, held) = self.trust.connection(errand.demands_tls());
        let tls = if errand.demands_tls() { Tls::Starttls(config) } else { Tls::IfOffered(config) };
        let mut steps = Vec::new();
        let begun = self.begin(errand, tls, &mut steps).await;
        // After the greeting and the hello, nothing but TLS can go wrong.
        let is_about_tls = matches!(begun, Err(NoServer::Talk(_))) && steps.len() > 1;
        match begun {
            Ok(talk) => Ok((talk, held)),
            Err(_) if is_about_tls && errand.demands_tls() => Err(NoServer::NotSecure),
            Err(_) if is_about_tls => {
                let talk = self.begin(errand, Tls::None, &mut Vec::new()).await?;
                Ok((talk, Held::default()))
            }
            Err(error) => Err(error),
        }
    }

    async fn begin(
        &self,
        errand: &Errand<'_>,
        tls: Tls,
        steps: &mut Vec<(super::conversation::Said, String)>,
    ) -> Result<Talk, NoServer> {
        let connection = self.means.egress.dial(errand.ask()).await.map_err(NoServer::Dial)?;
        let terms = Terms { host: errand.host, tls, log_in: None, hello: &self.means.hello };
        Talk::begin(Stream::new(connection), &terms, steps).await.map_err(NoServer::Talk)
    }

    fn is_down(&self, host: &Host, now: Time) -> Option<Outcome> {
        let down = self.down();
        down.get(host).filter(|(until, _)| *until > now).map(|(_, outcome)| outcome.clone())
    }

    fn is_down_now(&self, host: &Host, now: Time, outcome: &Outcome) {
        let mut down = self.down();
        if down.len() >= DOWN_MAX {
            down.retain(|_, (until, _)| *until > now);
        }
        if down.len() < DOWN_MAX {
            down.insert(host.clone(), (now.after(DOWN_WAIT), outcome.clone()));
        }
    }

    fn down(&self) -> MutexGuard<'_, HashMap<Host, (Time, Outcome)>> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_places(letter: &Letter<'_>, places: &[usize]) -> Vec<EmailAddress> {
    places.iter().map(|at| letter.recipients[*at].clone()).collect()
}

/// Of two outcomes after which it is tried again: what a server said tells more than what hindered us.
fn more_telling(before: &Outcome, now: Outcome) -> Outcome {
    let is_said = |outcome: &Outcome| !outcome.reply.starts_with(desk::OURS);
    let keeps = now.ended == Ended::Later && is_said(before) && !is_said(&now);
    if keeps { before.clone() } else { now }
}

/// Whether nobody was there, so that asking again at once is of no use.
fn is_out_of_reach(why: &NoServer) -> bool {
    matches!(
        why,
        NoServer::Dial(DialError::NobodyListens | DialError::NoAnswer | DialError::Unreachable)
            | NoServer::Talk(NoTalk::Broken(Broken::TooSlow))
    )
}

/// What comes of a try without a conversation.
fn without_talk(errand: &Errand<'_>, why: &NoServer) -> Outcome {
    match why {
        NoServer::Dial(DialError::Name(LookupError::NoResolver)) => {
            Outcome::later(Hindrance::NoNameServer.note())
        }
        NoServer::Dial(DialError::Name(why)) if errand.is_implicit && !why.is_temporary() => {
            Outcome::never(Hindrance::NoSuchDomain.note())
        }
        NoServer::Dial(
            error @ (DialError::Name(_)
            | DialError::NobodyListens
            | DialError::NoAnswer
            | DialError::Unreachable),
        ) => Outcome::later(Hindrance::NotReached.note_with(&format!("{}: {error}", errand.host))),
        NoServer::Dial(error) => hindrance::no_connection(error),
        NoServer::NotSecure => Outcome::later(Hindrance::PolicyTls.note_with(errand.host.as_str())),
        NoServer::Talk(NoTalk::Refused(reply)) => Outcome::later(Hindrance::Refused.note_with(reply)),
        NoServer::Talk(error) => {
            Outcome::later(Hindrance::NotReached.note_with(&format!("{}: {error}", errand.host)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(reply: &str) -> Outcome {
        Outcome::later(reply)
    }

    #[test]
    fn what_a_server_said_is_kept_over_what_hindered_us() {
        let (said, ours) = (later("451 4.7.1 greylisted"), later("havn:not-reached"));
        assert_eq!(more_telling(&said, ours.clone()), said);
        assert_eq!(more_telling(&ours, said.clone()), said);
        assert_eq!(more_telling(&said, later("452 full")).reply, "452 full");
        assert_eq!(more_telling(&said, Outcome::never("havn:x")).reply, "havn:x");
    }
}
