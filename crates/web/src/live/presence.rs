//! Who looks at a conversation and who writes in it: in memory, gone when nobody says so any more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use words::{AgentId, ConversationId, Time};

/// For so long it is believed: browsers say it again every 25 seconds.
const BELIEVED_SECONDS: u64 = 40;
/// Conversations that are looked at at once, at most.
const CONVERSATIONS_MAX: usize = 10_000;

/// What somebody does at a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// They look.
    Looks,
    /// They write.
    Writes,
    /// They went on.
    Away,
}

/// Who is where, of one account.
#[derive(Default)]
pub struct Presences(Mutex<HashMap<ConversationId, Vec<Present>>>);

struct Present {
    agent: AgentId,
    writes: bool,
    until: Time,
}

impl Presences {
    /// Notes what somebody does. Tells whether others see a difference.
    pub fn note(&self, id: ConversationId, agent: AgentId, doing: Doing, now: Time) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CONVERSATIONS_MAX && !all.contains_key(&id) {
            all.retain(|_, here| here.iter().any(|one| now < one.until));
        }
        let here = all.entry(id).or_default();
        let shown = |here: &[Present]| -> Vec<_> {
            here.iter().filter(|one| now < one.until).map(|one| (one.agent, one.writes)).collect()
        };
        let before = shown(here);
        here.retain(|one| one.agent != agent && now < one.until);
        if doing != Doing::Away {
            let until = now.after(Duration::from_secs(BELIEVED_SECONDS));
            here.push(Present { agent, writes: doing == Doing::Writes, until });
        }
        here.sort_by_key(|one| one.agent);
        let changed = before != shown(here);
        if here.is_empty() {
            all.remove(&id);
        }
        changed
    }

    /// Who else is at a conversation, and whether they write.
    pub fn others(&self, id: ConversationId, me: AgentId, now: Time) -> Vec<(AgentId, bool)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = all.get(&id).map_or(&[][..], Vec::as_slice);
        here.iter()
            .filter(|one| one.agent != me && now < one.until)
            .map(|one| (one.agent, one.writes))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_here_is_believed_for_a_while() {
        let (now, presences) = (Time::from_seconds(1_000), Presences::default());
        let (id, me, other) = (ConversationId::new(now), AgentId::new(now), AgentId::new(now));
        assert!(presences.note(id, other, Doing::Looks, now));
        assert!(!presences.note(id, other, Doing::Looks, now));
        assert!(presences.note(id, other, Doing::Writes, now));
        assert_eq!(presences.others(id, me, now), [(other, true)]);
        assert!(presences.others(id, other, now).is_empty());
        assert!(presences.others(id, me, now.after(Duration::from_secs(41))).is_empty());
        assert!(presences.note(id, other, Doing::Away, now));
        assert!(presences.others(id, me, now).is_empty());
    }
}
