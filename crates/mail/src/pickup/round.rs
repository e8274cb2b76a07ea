//! One look at a mailbox's folder: what is new is taken in, mail by mail, and how far that came is noted with
//! each. Whatever ends it, at whatever point, the next one goes on there.
//!
//! - A mail and the note that it is done are one unit of the store.
//! - A connection notes with which mail it begins. One that does not get past the same mail again and again
//!   leaves that mail for later and goes on with the rest.
//! - A mail that is left is tried again, noted before each try, a bounded number of times.

use super::{
    backoff,
    collector::Means,
    fault::Fault,
    line::{Broken, Failed},
    visit::{Body, Folder, Visit},
};
use crate::reply::Rejection;
use desk::PickupFault;
use register::Access;
use std::time::Duration;
use store::{LeftMail, LeftWhy, PickupPlace, PickupState, Store};
use words::{AccountId, Task, Time};

/// Connections that may begin with the same mail and not get past it.
const TRIES_MAX: i64 = 3;
/// Mails whose sizes are asked for at once.
const SIZES_AT_ONCE: usize = 100;
/// Mails that had been left and are tried again in one look.
const LEFT_AT_ONCE: i64 = 20;
/// If a folder's mails were numbered anew, those are taken that came this long before it was last seen whole:
/// two clocks may differ, and the same mail is known again.
const RENUMBERED_MARGIN: Duration = Duration::from_hours(7 * 24);
/// How often it is noted that all is well.
const LOOKED_EVERY: Duration = Duration::from_mins(1);

/// Where to begin in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// Where we were.
    Resume,
    /// After this mail; below the second number only what is young enough is taken.
    At { last_uid: u32, old_below: u32 },
}

/// Decides where to begin. The rules, in order:
///
/// 1. The same numbering: where we were.
/// 2. Numbered anew (RFC 9051 part 2.3.1.1): from the first mail on. What was seen whole before is known by its
///    age, so that years of mail are not fetched again.
/// 3. The first time: from the first mail on, if the account wants what lies there, else what comes from now on.
fn begin(state: &PickupState, folder: &Folder) -> Begin {
    match state.uid_validity {
        Some(kept) if kept == folder.uid_validity => Begin::Resume,
        Some(_) if state.looked_at.is_some() || !state.pickup.takes_old => {
            Begin::At { last_uid: 0, old_below: folder.uid_next }
        }
        None if !state.pickup.takes_old => {
            Begin::At { last_uid: folder.uid_next.saturating_sub(1), old_below: 0 }
        }
        _ => Begin::At { last_uid: 0, old_below: 0 },
    }
}

/// The day from which on mails are taken that were numbered anew.
fn young_from(state: &PickupState) -> Time {
    state.looked_at.unwrap_or(state.changed_at).before(RENUMBERED_MARGIN)
}

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The mailbox, or the instruction under which it was looked at, is no more.
    #[error("the settings changed")]
    Changed,
}

impl From<Failed> for Ended {
    fn from(failed: Failed) -> Self {
        Self::Fault(failed.into())
    }
}

impl From<PickupFault> for Ended {
    fn from(cause: PickupFault) -> Self {
        Self::Fault(cause.into())
    }
}

pub(super) struct Round<'a> {
    pub means: &'a Means,
    pub account: AccountId,
    pub visit: &'a mut Visit,
    /// As it was read when the connection began, with what this connection did since.
    pub state: PickupState,
    /// This connection has got past a mail.
    pub is_past_one: bool,
    /// When it was last noted that all is well.
    pub noted_at: Option<Time>,
}

impl Round<'_> {
    /// Opens the folder and finds out where to begin.
    pub(super) async fn open(&mut self) -> Result<(), Ended> {
        let folder = self.visit.open(&self.state.pickup.folder).await?;
        if let Begin::At { last_uid, old_below } = begin(&self.state, &folder) {
            let at = PickupPlace { uid_validity: folder.uid_validity, ..self.place(last_uid) };
            if !self.write(move |tx| tx.pickup_begins(at, old_below)).await? {
                return Err(Ended::Changed);
            }
            self.state.uid_validity = Some(folder.uid_validity);
            (self.state.last_uid, self.state.old_below, self.state.tried) = (last_uid, old_below, (0, 0));
        }
        Ok(())
    }

    /// Takes in all that is new, and what is due of what had been left.
    pub(super) async fn look(&mut self) -> Result<(), Ended> {
        self.try_left().await?;
        loop {
            self.visit.takes_news();
            let first = self.state.last_uid.saturating_add(1);
            let is_old = first < self.state.old_below;
            let last = is_old.then(|| self.state.old_below - 1);
            let since = is_old.then(|| young_from(&self.state));
            let numbers = self.visit.mails(first, last, since).await?;
            for some in numbers.chunks(SIZES_AT_ONCE) {
                self.take_some(some).await?;
            }
            match last {
                Some(last) => self.advance(last).await?,
                None if numbers.is_empty() && !self.visit.takes_news() => break,
                None => {}
            }
        }
        let now = self.means.clock.now();
        if self.noted_at.is_none_or(|at| now.since(at) >= LOOKED_EVERY) {
            let (mailbox, changed_at) = (self.state.pickup.mailbox, self.state.changed_at);
            self.write(move |tx| tx.pickup_looked(mailbox, changed_at)).await?;
            (self.noted_at, self.state.looked_at) = (Some(now), Some(now));
        }
        Ok(())
    }

    async fn take_some(&mut self, numbers: &[u32]) -> Result<(), Ended> {
        let sizes = self.visit.sizes(numbers).await?;
        for &uid in numbers {
            match sizes.get(&uid) {
                Some(size) => self.take_one(uid, *size as usize).await?,
                // Not given with the others: asked for alone, so that none is taken for gone by mistake.
                None => self.take_one(uid, 0).await?,
            }
        }
        match numbers.last() {
            Some(last) => self.advance(*last).await,
            None => Ok(()),
        }
    }

    async fn take_one(&mut self, uid: u32, size: usize) -> Result<(), Ended> {
        if size > self.means.mail_bytes_max {
            return self.leave(uid, LeftWhy::TooLarge, size).await;
        }
        if !self.is_past_one {
            if self.state.tried.0 == uid && self.state.tried.1 >= TRIES_MAX {
                return self.leave(uid, LeftWhy::Broken, size).await;
            }
            let at = self.place(uid);
            if !self.write(move |tx| tx.pickup_tries(at)).await? {
                return Err(Ended::Changed);
            }
        }
        let (means, bytes_max) = (self.means, self.most(size));
        // Until it is stored.
        let _room = means.room(bytes_max).await;
        let mail = match self.visit.body(uid, bytes_max).await.map_err(Ended::from) {
            Ok(mail) => mail,
            Err(Ended::Fault(fault)) if fault.cause == PickupFault::TooMuch => {
                self.leave(uid, LeftWhy::TooLarge, size).await?;
                return Err(fault.into());
            }
            Err(ended) => return Err(ended),
        };
        match mail {
            Body::Whole(raw) => {
                if self.store(uid, raw).await? {
                    self.is_at(uid);
                } else {
                    self.leave(uid, LeftWhy::TooLarge, size).await?;
                }
            }
            Body::Refused => self.leave(uid, LeftWhy::Refused, size).await?,
            Body::Gone => {}
        }
        Ok(())
    }

    /// How large a mail of this size may turn out to be. Nobody knows that of one whose size was not told.
    fn most(&self, size: usize) -> usize {
        if size == 0 { self.means.mail_bytes_max } else { size }
    }

    /// Takes a mail in. False: it is too large after all.
    async fn store(&mut self, uid: u32, raw: Vec<u8>) -> Result<bool, Ended> {
        if raw.len() > self.means.mail_bytes_max {
            return Ok(false);
        }
        let came = crate::receive::PickedUp {
            account: self.account,
            place: self.place(uid),
            raw,
            host: self.state.pickup.host.clone(),
            tls: self.visit.tls.clone(),
        };
        match self.means.reception.pick_up(came).await {
            Ok(()) => Ok(true),
            Err(Rejection::TooLarge) => Ok(false),
            Err(Rejection::NoSuchMailbox) => Err(Ended::Changed),
            Err(rejection) => Err(Fault::from(rejection).into()),
        }
    }

    /// Leaves a mail at the other server, to be tried again if that may help.
    async fn leave(&mut self, uid: u32, why: LeftWhy, size: usize) -> Result<(), Ended> {
        let now = self.means.clock.now();
        let next_at = if why == LeftWhy::TooLarge { None } else { backoff::next_try(1, now) };
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let mail = LeftMail { uid, why, size, tries: 1, next_at, left_at: now };
        let at = self.place(uid);
        tracing::warn!(account = %self.account, mailbox = %at.mailbox, uid, why = why.name(), "a mail was left");
        metrics::counter!("havn_pickup_left_total", "why" => why.name()).increment(1);
        self.write(move |tx| tx.pickup_leaves(at, &mail)).await?;
        self.is_at(uid);
        Ok(())
    }

    /// Tries again what had been left and is due.
    async fn try_left(&mut self) -> Result<(), Ended> {
        let (mailbox, now) = (self.state.pickup.mailbox, self.means.clock.now());
        let (store, access) = self.access().await?;
        let due = store.read(&access, move |read| read.pickup_left_due(mailbox, now, LEFT_AT_ONCE)).await;
        for mut mail in due.map_err(Fault::from)? {
            // Noted before the try: it may be the one that ends us.
            mail.tries += 1;
            mail.next_at = backoff::next_try(mail.tries, now);
            let (at, uid) = (self.place(mail.uid), mail.uid);
            let size = usize::try_from(mail.size).unwrap_or(0);
            self.write(move |tx| tx.pickup_leaves(at, &mail)).await?;
            let (means, bytes_max) = (self.means, self.most(size));
            let _room = means.room(bytes_max).await;
            match self.visit.body(uid, bytes_max).await? {
                Body::Whole(raw) => drop(self.store(uid, raw).await?),
                Body::Gone => self.write(move |tx| tx.pickup_left_is_gone(mailbox, uid)).await?,
                Body::Refused => {}
            }
        }
        Ok(())
    }

    /// Notes that all up to this mail are done, if that is not noted yet: those that were gone.
    async fn advance(&mut self, uid: u32) -> Result<(), Ended> {
        if self.state.last_uid < uid {
            let at = self.place(uid);
            self.write(move |tx| tx.pickup_advances(at)).await?;
            self.is_at(uid);
        }
        Ok(())
    }

    fn is_at(&mut self, uid: u32) {
        self.state.last_uid = self.state.last_uid.max(uid);
        self.is_past_one = true;
    }

    fn place(&self, uid: u32) -> PickupPlace {
        PickupPlace {
            mailbox: self.state.pickup.mailbox,
            changed_at: self.state.changed_at,
            uid_validity: self.state.uid_validity.unwrap_or_default(),
            uid,
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut store::Tx<'_>) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Ended> {
        let (store, access) = self.access().await?;
        Ok(store.write(&access, work).await.map_err(Fault::from)?)
    }

    async fn access(&self) -> Result<(Store, Access), Ended> {
        Ok(self.means.accounts.open_task(self.account, Task::Receive).await.map_err(Fault::from)?)
    }
}

impl From<Broken> for Ended {
    fn from(broken: Broken) -> Self {
        Self::Fault(broken.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{Pickup, RelayTls};
    use words::MailboxId;

    const NOW: Time = Time::from_seconds(1_795_521_600);

    fn state(uid_validity: Option<u32>, takes_old: bool, looked_at: Option<Time>) -> PickupState {
        PickupState {
            pickup: Pickup {
                mailbox: MailboxId::new(NOW),
                host: "imap.example".parse().unwrap(),
                port: 993,
                tls: RelayTls::Implicit,
                username: "support".into(),
                password: None,
                folder: "INBOX".into(),
                takes_old,
            },
            changed_at: NOW,
            uid_validity,
            last_uid: 5,
            old_below: 0,
            tried: (0, 0),
            mails: 0,
            mail_at: None,
            looked_at,
            fault: None,
        }
    }

    #[test]
    fn each_case_has_its_beginning() {
        let folder = Folder { uid_validity: 7, uid_next: 100, mails: 9 };
        let at = |last_uid, old_below| Begin::At { last_uid, old_below };
        let cases = [
            ("where we were", state(Some(7), false, None), Begin::Resume),
            ("first, from now on", state(None, false, None), at(99, 0)),
            ("first, with what lies there", state(None, true, None), at(0, 0)),
            ("numbered anew", state(Some(6), false, Some(NOW)), at(0, 100)),
            ("numbered anew, all seen", state(Some(6), true, Some(NOW)), at(0, 100)),
            ("numbered anew, before all was seen", state(Some(6), true, None), at(0, 0)),
            ("numbered anew, never looked", state(Some(6), false, None), at(0, 100)),
        ];
        for (name, state, expected) in cases {
            assert_eq!(begin(&state, &folder), expected, "{name}");
        }
        assert_eq!(young_from(&state(None, true, Some(NOW))), NOW.before(RENUMBERED_MARGIN));
    }
}
