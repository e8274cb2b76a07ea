//! A test mail to a relay, for the settings page: every step with what the relay said.

use super::{
    conversation::{Ended, Letter, Said, Talk, Terms},
    courier::ask,
    hindrance,
    stream::Stream,
    text,
};
use desk::Hindrance;
use egress::Egress;
use std::{sync::Arc, time::Duration};
use store::Relay;
use tokio::time::timeout;
use words::{AccountId, EmailAddress};

/// How long a test may take: somebody waits for it.
const TEST_WAIT: Duration = Duration::from_secs(45);

/// A relay to be tried.
pub struct RelayTest<'a> {
    /// Whose relay it is.
    pub account: AccountId,
    /// The relay.
    pub relay: &'a Relay,
    /// The sender: a mailbox of the account.
    pub from: &'a EmailAddress,
    /// Who gets it: mostly the agent who asks.
    pub to: &'a EmailAddress,
    /// The mail, as `letter::compose` makes it.
    pub raw: &'a [u8],
    /// Signs it, if the account signs for the domain of `from`.
    pub domain: Option<&'a store::Domain>,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `connection`, `greeting`, `hello`, `starttls`, `log-in`, `mail`.
    pub name: &'static str,
    /// Whether it went well.
    pub went_well: bool,
    /// What the relay said, or a note of ours that begins with [`desk::OURS`].
    pub reply: String,
}

/// Sends the mail and tells what happened, step by step. The last step is the first that went wrong, if
/// one did.
pub async fn test_relay(
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    hello: &str,
    test: RelayTest<'_>,
) -> Vec<Step> {
    let mut said = Vec::new();
    let result = timeout(TEST_WAIT, try_relay(egress, tls, hello, &test, &mut said)).await;
    let mut steps: Vec<Step> =
        said.into_iter().map(|(said, reply)| Step { name: name(said), went_well: true, reply }).collect();
    let failure = match result {
        Ok(Ok(())) => return steps,
        Ok(Err(failure)) => failure,
        Err(_) => (None, Hindrance::NoAnswer.note()),
    };
    let (step, reply) = failure;
    // The step whose reply was bad is there already, as the last.
    let known = steps.last_mut().filter(|last| reply.ends_with(&last.reply) && step.is_none());
    if let Some(last) = known {
        last.went_well = false;
    } else {
        steps.push(Step { name: step.unwrap_or("mail"), went_well: false, reply });
    }
    steps
}

type Failure = (Option<&'static str>, String);

async fn try_relay(
    egress: &Egress,
    tls: &Arc<rustls::ClientConfig>,
    hello: &str,
    test: &RelayTest<'_>,
    said: &mut Vec<(Said, String)>,
) -> Result<(), Failure> {
    let raw = text::whole_lines(test.raw);
    let raw = match test.domain {
        Some(domain) => {
            super::sign::signed(&raw, domain).map_err(|_| (Some("mail"), Hindrance::Key.note()))?
        }
        None => raw.into_owned(),
    };
    let connection = egress.dial(ask(test.account, test.relay)).await;
    let connection =
        connection.map_err(|error| (Some("connection"), hindrance::no_connection(&error).reply))?;
    let terms = Terms::of(test.relay, tls, hello);
    let begun = Talk::begin(Stream::new(connection), &terms, said).await;
    let mut talk = begun.map_err(|error| (next_step(said), hindrance::no_talk(&error)))?;
    let recipients = std::slice::from_ref(test.to);
    let outcomes = talk.send(&Letter { sender: test.from.as_str(), recipients, raw: &raw }).await;
    let outcome = outcomes.into_iter().next();
    talk.end().await;
    match outcome {
        Some(outcome) if outcome.ended == Ended::Sent => {
            said.push((Said::Mail, outcome.reply));
            Ok(())
        }
        outcome => Err((Some("mail"), outcome.map(|outcome| outcome.reply).unwrap_or_default())),
    }
}

/// The step that did not come about after those that did; none if the last one itself went wrong.
fn next_step(said: &[(Said, String)]) -> Option<&'static str> {
    match said.last() {
        None => Some("greeting"),
        Some((_, reply)) if !reply.starts_with(['2', '3']) => None,
        Some((Said::Greeting, _)) => Some("hello"),
        Some((Said::Hello, _)) if said.iter().any(|(said, _)| *said == Said::StartTls) => Some("log-in"),
        Some((Said::Hello | Said::StartTls, _)) => Some("starttls"),
        Some((Said::LogIn | Said::Mail, _)) => Some("mail"),
    }
}

const fn name(said: Said) -> &'static str {
    match said {
        Said::Greeting => "greeting",
        Said::Hello => "hello",
        Said::StartTls => "starttls",
        Said::LogIn => "log-in",
        Said::Mail => "mail",
    }
}
