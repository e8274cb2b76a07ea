//! What the domains of addressees demand of those who bring them mail (MTA-STS, RFC 8461): asked of their
//! name servers at each try, fetched when it is new, and kept in memory for as long as it says.

mod fetch;
mod text;

pub(super) use text::Policy;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use egress::{Egress, Record, RecordType};
use tokio::time::Instant;
use words::{AccountId, Clock, Host, Time};

use crate::{
    Names,
    names::{Answer, LOOKUP_WAIT},
};

/// Policies that are kept at once.
const POLICIES_MAX: usize = 4_096;
/// After a fetch that failed, the next is tried after this at the earliest (RFC 8461 part 3.3).
const FETCH_AGAIN_AFTER: Duration = Duration::from_mins(5);

/// What fetching a policy takes.
pub(super) struct Means<'a> {
    pub names: &'a Names,
    pub egress: &'a Egress,
    /// Certificates must hold.
    pub tls: &'a Arc<rustls::ClientConfig>,
    pub clock: &'a Clock,
}

/// The policies of the domains that were written to. One for the whole process.
#[derive(Default)]
pub(super) struct Policies {
    known: Mutex<HashMap<Host, Known>>,
}

struct Known {
    /// The policy with its id; none if none could be fetched yet.
    policy: Option<(String, Arc<Policy>)>,
    /// Until when the policy holds.
    until: Time,
    /// The id of the policy that could not be fetched, and until when that is not tried again.
    failed: Option<(String, Time)>,
}

impl Policies {
    /// The policy that holds for mail to this domain, if it has one. One that is kept holds to its end, also
    /// when its record is gone or a new one cannot be fetched (RFC 8461 part 5.1): whoever is in between
    /// cannot wish it away.
    pub(super) async fn of(
        &self,
        means: &Means<'_>,
        account: AccountId,
        domain: &Host,
    ) -> Option<Arc<Policy>> {
        let now = means.clock.now();
        let kept = self.kept(domain, now);
        let name = format!("_mta-sts.{domain}");
        let asked = means.names.find_anew(RecordType::Txt, &name, Instant::now() + LOOKUP_WAIT).await;
        let (Answer::Found(records), true) = (asked, domain.ip().is_none()) else {
            return kept.map(|(_, policy)| policy);
        };
        let texts = records.iter().filter_map(|record| match record {
            Record::Txt(text) => Some(text.as_str()),
            _ => None,
        });
        let Some(id) = text::id(texts) else { return kept.map(|(_, policy)| policy) };
        if kept.as_ref().is_some_and(|(known, _)| *known == id) || self.failed_lately(domain, &id, now) {
            return kept.map(|(_, policy)| policy);
        }
        let fetched = fetch::fetch(means.egress, means.tls, account, domain).await;
        let why = match fetched.map(|text| text::policy(&text)) {
            Ok(Some(policy)) => return Some(self.keep(domain, id, policy, now)),
            Ok(None) => "what lies there is no policy".to_owned(),
            Err(error) => error.to_string(),
        };
        self.failed(domain, id, now, &why);
        kept.map(|(_, policy)| policy)
    }

    fn kept(&self, domain: &Host, now: Time) -> Option<(String, Arc<Policy>)> {
        let known = self.known();
        let known = known.get(domain).filter(|known| known.until > now)?;
        known.policy.clone()
    }

    fn failed_lately(&self, domain: &Host, id: &str, now: Time) -> bool {
        let known = self.known();
        let failed = known.get(domain).and_then(|known| known.failed.as_ref());
        failed.is_some_and(|(failed, until)| failed == id && *until > now)
    }

    fn keep(&self, domain: &Host, id: String, policy: Policy, now: Time) -> Arc<Policy> {
        let until = now.after(Duration::from_secs(policy.max_age_seconds));
        let policy = Arc::new(policy);
        self.put(domain, now, Known { policy: Some((id, Arc::clone(&policy))), until, failed: None });
        policy
    }

    /// Notes that a policy could not be fetched.
    fn failed(&self, domain: &Host, id: String, now: Time, why: &str) {
        tracing::info!(why, "a policy of mail could not be fetched");
        let until = now.after(FETCH_AGAIN_AFTER);
        let failed = Some((id, until));
        if let Some(known) = self.known().get_mut(domain) {
            known.failed = failed;
            return;
        }
        self.put(domain, now, Known { policy: None, until, failed });
    }

    /// Makes room first: for what holds no longer, then for what ends first.
    fn put(&self, domain: &Host, now: Time, new: Known) {
        let mut known = self.known();
        if known.len() >= POLICIES_MAX {
            known.retain(|_, known| known.until > now);
        }
        if known.len() >= POLICIES_MAX
            && let Some(first) =
                known.iter().min_by_key(|(_, known)| known.until).map(|(host, _)| host.clone())
        {
            known.remove(&first);
        }
        known.insert(domain.clone(), new);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Host, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
