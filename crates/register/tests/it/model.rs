//! A plain model of the egress door's rules, written from the law and not from the code: it looks through
//! the whole history for every ask. The door must never permit what it refuses, and the other way round.

use jiff::civil::Date;
use proptest::prelude::*;
use register::{
    Ask, Authorisation, Basis, Change, Duty, Entry, Mechanism, OperatorFile, Recorded, Register, Rulebook,
    Rules, Snapshot, State, explain,
};
use words::{AccountId, Category, Purpose, Time};

use crate::world::{self, ENTRIES, HOURS, hour};

/// Everything that was done, in order.
struct Story {
    done: Vec<Recorded>,
}

impl Story {
    fn facts(&self, id: &str) -> Option<&Entry> {
        self.done.iter().rev().find_map(|done| match &done.change {
            Change::Put { entry } if entry.id.as_str() == id => Some(&**entry),
            _ => None,
        })
    }

    /// The states that an entry went through, with their hours.
    fn states(&self, id: &str) -> Vec<(State, Time)> {
        let steps = self.done.iter().filter_map(|done| match &done.change {
            Change::Step { entry, to } if entry.as_str() == id => Some((*to, done.at)),
            _ => None,
        });
        steps.collect()
    }

    fn state(&self, id: &str) -> State {
        self.states(id).last().map_or(State::Draft, |(state, _)| *state)
    }

    /// The hour since which an entry that is active now was in use; a suspension does not end that.
    fn in_use_since(&self, id: &str) -> Option<Time> {
        let states = self.states(id);
        let last = states.iter().rev();
        last.take_while(|(state, _)| matches!(state, State::Active | State::Suspended))
            .last()
            .map(|(_, at)| *at)
    }

    /// Whether the account objected and has not taken that back.
    fn objects(&self, account: AccountId, id: &str) -> bool {
        let said = self.done.iter().rev().find_map(|done| match &done.change {
            Change::Objected { account: who, entry } if *who == account && entry.as_str() == id => Some(true),
            Change::ObjectionWithdrawn { account: who, entry } if *who == account && entry.as_str() == id => {
                Some(false)
            }
            _ => None,
        });
        said.unwrap_or(false)
    }

    /// The number of the change by which the entry was last announced.
    fn announced(&self, id: &str) -> u64 {
        let announced = self.done.iter().rev().find(|done| {
            matches!(&done.change, Change::Step { entry, to: State::Announced } if entry.as_str() == id)
        });
        announced.map_or(0, |done| done.number)
    }

    /// When the account was first told of the entry as it was last announced.
    fn told(&self, account: AccountId, id: &str) -> Option<Time> {
        let since = self.announced(id);
        let told = self.done.iter().filter(|done| done.number > since).find(|done| {
            matches!(&done.change, Change::Told { account: who, entry } if *who == account && entry.as_str() == id)
        });
        told.map(|done| done.at)
    }

    /// When it last said yes to the entry as it was last announced, and has not objected since.
    fn accepted(&self, account: AccountId, id: &str) -> Option<Time> {
        let since = self.announced(id);
        for done in self.done.iter().rev().filter(|done| done.number > since) {
            match &done.change {
                Change::Accepted { account: who, entry } if *who == account && entry.as_str() == id => {
                    return Some(done.at);
                }
                Change::Objected { account: who, entry } if *who == account && entry.as_str() == id => {
                    return None;
                }
                _ => {}
            }
        }
        None
    }

    fn terms(&self, account: AccountId) -> Option<&register::Terms> {
        self.done.iter().rev().find_map(|done| match &done.change {
            Change::Terms { account: who, terms } if *who == account => Some(&**terms),
            _ => None,
        })
    }

    fn may_be_used(&self, account: AccountId, id: &str, now: Time) -> bool {
        let (Some(terms), Some(since)) = (self.terms(account), self.in_use_since(id)) else { return false };
        if since <= terms.signed_at {
            return true;
        }
        if let Some(yes) = self.accepted(account, id) {
            return yes <= now;
        }
        match terms.authorisation {
            Authorisation::Specific => false,
            Authorisation::General => self.told(account, id).is_some_and(|told| {
                register::ends_at(
                    told,
                    register::Period::Days(terms.objection_days),
                    &register::Calendar::utc(),
                )
                .is_some_and(|end| end <= now)
            }),
        }
    }

    fn permits(&self, ask: &Ask, now: Time) -> bool {
        let has_host = |id: &&str| self.facts(id).is_some_and(|entry| !entry.sample && has_host(entry, ask));
        let with_host: Vec<&str> = ENTRIES.into_iter().filter(has_host).collect();
        let listed = |id: &&str| self.state(id) != State::Ended;
        let shut = with_host.iter().filter(|id| listed(id)).any(|id| {
            self.state(id) == State::Suspended || ask.account.is_some_and(|account| self.objects(account, id))
        });
        if shut || !account_belongs(ask) {
            return false;
        }
        match &ask.basis {
            Basis::Operator => false,
            Basis::Instruction => matches!(ask.purpose, Purpose::MailRelay | Purpose::Webhook),
            Basis::Addressee { .. } => ask.purpose == Purpose::MailAddressee && ask.port == 25,
            Basis::Entry => with_host.iter().any(|id| self.entry_permits(id, ask, now)),
        }
    }

    fn entry_permits(&self, id: &str, ask: &Ask, now: Time) -> bool {
        let Some(entry) = self.facts(id) else { return false };
        let today = register::day(now);
        let region = ask.account.and_then(|account| self.terms(account)).map(|terms| &terms.region);
        let served = ask.account.is_none()
            || region.is_some_and(|region| entry.serves.is_empty() || entry.serves.contains(region));
        self.state(id) == State::Active
            && is_for(entry, ask)
            && is_bound(entry, today)
            && is_decided(entry, today)
            && has_mechanisms(entry, today)
            && may_get(entry, ask.purpose)
            && served
            && ask.account.is_none_or(|account| self.may_be_used(account, id, now))
    }

    /// Whether more than one active entry has the host for the purpose: then the door may be stricter.
    fn is_shared(&self, ask: &Ask) -> bool {
        let active = |id: &&str| {
            self.state(id) == State::Active && self.facts(id).is_some_and(|entry| is_for(entry, ask))
        };
        ENTRIES.into_iter().filter(active).count() > 1
    }
}

fn account_belongs(ask: &Ask) -> bool {
    match ask.purpose {
        Purpose::Certificates => true,
        Purpose::Database => ask.account.is_none(),
        _ => ask.account.is_some(),
    }
}

fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == pattern,
    }
}

fn has_host(entry: &Entry, ask: &Ask) -> bool {
    entry
        .endpoints
        .iter()
        .any(|end| end.port == ask.port && host_matches(&end.host.to_string(), ask.host.as_str()))
}

fn is_for(entry: &Entry, ask: &Ask) -> bool {
    entry.purposes.contains(&ask.purpose)
        && entry.endpoints.iter().any(|end| {
            end.port == ask.port
                && host_matches(&end.host.to_string(), ask.host.as_str())
                && (end.purposes.is_empty() || end.purposes.contains(&ask.purpose))
        })
}

/// Certificates carry who talks to whom; the other purposes of these stories carry what people wrote, too.
fn may_get(entry: &Entry, purpose: Purpose) -> bool {
    let metadata = entry.categories.contains(&Category::Metadata);
    metadata && (purpose == Purpose::Certificates || entry.categories.contains(&Category::Content))
}

fn within(from: Date, to: Option<Date>, today: Date) -> bool {
    from <= today && to.is_none_or(|to| today <= to)
}

fn is_bound(entry: &Entry, today: Date) -> bool {
    Duty::ALL.iter().all(|duty| {
        entry.duties.iter().any(|one| one.duty == *duty && within(one.valid_from, one.valid_to, today))
    })
}

fn is_decided(entry: &Entry, today: Date) -> bool {
    entry.diligence.as_ref().is_some_and(|diligence| {
        let by_another =
            diligence.decision.as_ref().is_some_and(|one| one.accepted && one.by != diligence.author);
        by_another && diligence.renew_by.is_none_or(|last| today <= last)
    })
}

fn has_mechanisms(entry: &Entry, today: Date) -> bool {
    entry.places.iter().all(|place| match place.country.map(|country| country.to_string()).as_deref() {
        Some("DK") => true,
        Some("US") => entry
            .transfers
            .iter()
            .any(|one| one.mechanism != Mechanism::Derogation && within(one.valid_from, one.valid_to, today)),
        _ => false,
    })
}

/// Makes what the register lets be made; the refused changes nothing.
fn tell(changes: Vec<(i64, Change)>) -> (Register, Story) {
    let (mut register, mut done) = (Register::default(), Vec::new());
    let mut at = 0;
    for (hours, mut change) in changes {
        at = (at + hours).min(HOURS);
        if let Change::Terms { terms, .. } = &mut change {
            terms.signed_at = hour(at);
        }
        let recorded = Recorded {
            number: register.number + 1,
            at: hour(at),
            author: "jens".into(),
            reason: "because".into(),
            change,
        };
        let before = register.clone();
        match register.apply(&recorded) {
            Ok(()) => done.push(recorded),
            Err(refusal) => assert!(register == before, "a refusal changes nothing: {refusal}"),
        }
    }
    (register, Story { done })
}

fn stories() -> impl Strategy<Value = Vec<(i64, Change)>> {
    let ways = prop::collection::vec(world::ways_into_use(), 1..4).prop_map(|ways| ways.concat());
    let more = prop::collection::vec(world::changes(), 1..30);
    (prop::collection::vec(world::changes(), 0..4), ways, more).prop_flat_map(|(first, ways, more)| {
        let changes = [first, ways, more].concat();
        let hours = prop::collection::vec(prop_oneof![3 => Just(0), 2 => 1..200_i64], changes.len());
        hours.prop_map(move |hours| hours.into_iter().zip(changes.clone()).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_door_and_the_model_agree(
        story in stories(),
        later in prop_oneof![Just(0), 1..HOURS],
        asks in prop::collection::vec(world::asks(), 1..30),
    ) {
        let (register, story) = tell(story);
        let made = register.updated_at.unwrap_or(hour(0));
        let now = made.after(std::time::Duration::from_secs(u64::try_from(later).unwrap() * 3_600));
        let (file, old) = (OperatorFile::default(), Rulebook::Signed(Box::new(Snapshot::new(Rules::of(&register, made)))));
        let fresh = Rulebook::Signed(Box::new(Snapshot::new(Rules::of(&register, now))));
        for ask in asks {
            let model = story.permits(&ask, now);
            for book in [&old, &fresh] {
                let (decision, rules) = explain(&file, book, &ask, now);
                prop_assert!(decision.is_err() || model, "permitted, and the model refuses: {ask:?}");
                prop_assert_eq!(decision.is_ok(), rules.iter().all(|rule| rule.answer == "held"));
            }
            let (decision, _) = explain(&file, &fresh, &ask, now);
            if !story.is_shared(&ask) {
                prop_assert!(decision.is_ok() || !model, "refused, and the model permits: {decision:?} {ask:?}");
            }
        }
    }

    #[test]
    fn the_history_makes_the_register_again(story in stories(), until in 0..HOURS) {
        let (register, story) = tell(story);
        prop_assert_eq!(Register::replay(&story.done), Ok(register));
        let early: Vec<_> = story.done.iter().filter(|done| done.at <= hour(until)).cloned().collect();
        prop_assert_eq!(Register::at(&story.done, hour(until)), Register::replay(&early));
    }
}
