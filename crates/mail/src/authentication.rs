//! Asks what the sender's domain says of a mail: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989),
//! ARC (RFC 8617).
//!
//! The checks themselves do no IO. They run over what is known of names ([`Run`]) and note what is
//! missing; that is looked up through the door, and they run again, until nothing is missing.

mod run;

use crate::names::Names;
use desk::{Authentication, Signature, Verdict};
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, Parameters, SpfResult,
    dmarc::verify::DmarcParameters,
    hickory_resolver::{
        TokioResolver,
        config::{ResolveHosts, ResolverConfig, ResolverOpts},
        net::runtime::TokioRuntimeProvider,
    },
    spf::verify::SpfParameters,
};
use run::Run;
use std::{net::IpAddr, sync::LazyLock, time::Duration};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
    time::Instant,
};

/// How often the checks are run over more names: SPF may lead from one to the next ten times (RFC 7208
/// part 4.6.4), and to addresses at its end.
const ROUNDS_MAX: usize = 14;
/// Names that one mail may make us look up.
const LOOKUPS_MAX: usize = 60;
/// How long the look-ups of one mail may take; what is missing then is a temporary error.
const LOOKUP_SECONDS_MAX: u64 = 3;
/// Larger mails are hashed where nobody waits.
const READ_HERE_BYTES_MAX: usize = 64 * 1024;
/// Signatures of one mail that are checked (RFC 6376 part 6.1 leaves it to us).
const SIGNATURES_MAX: usize = 10;

/// How a mail came: what SPF goes by.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Who sent it; none if a server of the operator's passed it on, which hides that.
    pub remote: Option<IpAddr>,
    /// What the client called itself.
    pub hello: &'a str,
    /// The envelope's sender; empty for the sender of bounces.
    pub sender: &'a str,
    /// What we call ourselves.
    pub host: &'a str,
}

/// The library asks this when it does not find a name in the cache, which [`Run`] does not let happen.
/// It has no name server and opens no socket.
static NOBODY: LazyLock<Option<MessageAuthenticator>> = LazyLock::new(|| {
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    let config = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    resolver.with_options(options).build().ok().map(MessageAuthenticator)
});

/// Checks a mail. Nothing is checked, at once, when there is no name server to ask.
pub async fn check(names: &Names, envelope: Envelope<'_>, raw: &[u8]) -> Authentication {
    let Some(library) = NOBODY.as_ref() else { return Authentication::default() };
    if names.has_nobody_to_ask() {
        return Authentication::default();
    }
    let deadline = Instant::now() + Duration::from_secs(LOOKUP_SECONDS_MAX);
    let mut message = parsed(raw);
    if let Some(message) = &mut message {
        message.dkim_headers.truncate(SIGNATURES_MAX);
    }
    let mut lookups = 0;
    for _ in 0..ROUNDS_MAX {
        let run = Run::new(names, envelope);
        let found = evaluate(library, &run, envelope, message.as_ref()).await;
        let missing = run.into_missing();
        if missing.is_empty() {
            return found;
        }
        lookups += missing.len();
        if lookups > LOOKUPS_MAX || Instant::now() >= deadline {
            break;
        }
        names.learn(missing, deadline).await;
        if names.has_nobody_to_ask() {
            return Authentication::default();
        }
    }
    let run = Run::new(names, envelope).without_hope();
    evaluate(library, &run, envelope, message.as_ref()).await
}

/// Reads the mail and hashes its body: of a large one, not where others wait for their turn.
fn parsed(raw: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    let has_others = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if raw.len() > READ_HERE_BYTES_MAX && has_others {
        return block_in_place(|| AuthenticatedMessage::parse(raw));
    }
    AuthenticatedMessage::parse(raw)
}

async fn evaluate(
    library: &MessageAuthenticator,
    run: &Run<'_>,
    envelope: Envelope<'_>,
    message: Option<&AuthenticatedMessage<'_>>,
) -> Authentication {
    let mut found = Authentication::default();
    let spf = match envelope.remote {
        Some(remote) => {
            let asked = SpfParameters::verify(remote, envelope.hello, envelope.host, envelope.sender);
            let spf = library.verify_spf(parameters(run, asked)).await;
            found.spf = run.unless_failed(spf_verdict(spf.result()));
            spf.domain().clone_into(&mut found.spf_domain);
            Some(spf)
        }
        None => None,
    };
    let Some(message) = message else { return found };
    let dkim = library.verify_dkim(parameters(run, message)).await;
    found.dkim = dkim.iter().filter_map(signature).collect();
    found.arc = dkim_verdict(library.verify_arc(parameters(run, message)).await.result());
    // SPF that was not asked has no say in DMARC.
    let spf = spf.unwrap_or_else(|| mail_auth::SpfOutput::new(String::new()));
    let sender_domain = domain_of(envelope.sender).unwrap_or(envelope.hello);
    let asked = DmarcParameters::new(message, &dkim, sender_domain, &spf);
    let dmarc = library.verify_dmarc(parameters(run, asked)).await;
    found.dmarc = dmarc_verdict(&dmarc.result());
    found.aligned = match found.dmarc {
        Verdict::Pass => true,
        Verdict::None => vouched_for(&found, message, sender_domain),
        _ => false,
    };
    found
}

fn parameters<'a, P>(
    run: &'a Run<'a>,
    params: P,
) -> Parameters<'a, P, Run<'a>, Run<'a>, Run<'a>, Run<'a>, Run<'a>> {
    Parameters {
        params,
        cache_txt: Some(run),
        cache_mx: Some(run),
        cache_ptr: Some(run),
        cache_ipv4: Some(run),
        cache_ipv6: Some(run),
    }
}

/// Without a DMARC record nobody says which names belong together: then a domain is vouched for only by
/// itself or by a name above it, who owns both.
fn vouched_for(found: &Authentication, message: &AuthenticatedMessage<'_>, sender_domain: &str) -> bool {
    let [from] = message.from.as_slice() else { return false };
    let Some(from) = domain_of(from).map(str::to_lowercase) else { return false };
    let vouches = |domain: &str| {
        let domain = domain.to_lowercase();
        domain.contains('.')
            && from.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let signed =
        found.dkim.iter().any(|signature| signature.verdict == Verdict::Pass && vouches(&signature.domain));
    signed || (found.spf == Verdict::Pass && vouches(sender_domain))
}

fn domain_of(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

fn signature(output: &DkimOutput<'_>) -> Option<Signature> {
    let domain = output.signature()?.d.clone();
    Some(Signature { domain, verdict: dkim_verdict(output.result()) })
}

fn spf_verdict(result: SpfResult) -> Verdict {
    match result {
        SpfResult::Pass => Verdict::Pass,
        SpfResult::Fail => Verdict::Fail,
        SpfResult::SoftFail => Verdict::SoftFail,
        SpfResult::Neutral => Verdict::Neutral,
        SpfResult::TempError => Verdict::TemporaryError,
        SpfResult::PermError => Verdict::PermanentError,
        SpfResult::None => Verdict::None,
    }
}

fn dkim_verdict(result: &DkimResult) -> Verdict {
    match result {
        DkimResult::Pass => Verdict::Pass,
        // The body was changed, or the signature is over: not theirs any more.
        DkimResult::Neutral(_) | DkimResult::Fail(_) => Verdict::Fail,
        DkimResult::PermError(_) => Verdict::PermanentError,
        DkimResult::TempError(_) => Verdict::TemporaryError,
        DkimResult::None => Verdict::None,
    }
}

fn dmarc_verdict(result: &DmarcResult) -> Verdict {
    match result {
        DmarcResult::Pass => Verdict::Pass,
        DmarcResult::Fail(_) => Verdict::Fail,
        DmarcResult::TempError(_) => Verdict::TemporaryError,
        DmarcResult::PermError(_) => Verdict::PermanentError,
        DmarcResult::None => Verdict::None,
    }
}

#[cfg(test)]
mod tests;
