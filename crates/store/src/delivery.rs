//! Table `deliveries`: one row per message and recipient, from queued to its end.

use words::{DeliveryId, EmailAddress, MessageId, Principal, Time};

use crate::{Error, Read, Result, Row, Tx, params};

/// The longest reply of another server that is kept, in characters.
const REPLY_CHARS_MAX: usize = 500;

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It waits for its time.
    Queued,
    /// A try is under way; found at a start, nobody knows how it ended.
    Sending,
    /// The next server has it.
    Sent,
    /// It is tried again later.
    Deferred,
    /// The other side refused it for good, then or in a later report.
    Bounced,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    const ALL: [Self; 6] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Deferred, Self::Bounced, Self::Failed];

    /// The name in rows and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
        }
    }
}

/// A message on its way to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The message.
    pub message: MessageId,
    /// To whom.
    pub recipient: EmailAddress,
    /// How far it has come.
    pub state: DeliveryState,
    /// Tries begun.
    pub attempts: i64,
    /// When the next try is due.
    pub next_at: Time,
    /// What the other side, or we, said last.
    pub last_reply: String,
    /// Nobody knows how a try ended, by a crash or a lost connection: it may have arrived before it was
    /// sent again.
    pub maybe_twice: bool,
    /// Who wrote the message.
    pub caused_by: Principal,
    /// When it was queued.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT d.id, d.message_id, d.recipient, d.state, d.attempts, d.next_at, d.last_reply,
                d.maybe_twice, d.caused_by, d.created_at, d.updated_at FROM deliveries d ",
            $tail
        )
    };
}

const OF_MESSAGE: &str = select!(
    "JOIN messages m ON m.account_id = $1 AND m.id = d.message_id
    JOIN conversations c ON c.account_id = $1 AND c.id = m.conversation_id
    WHERE d.account_id = $1
      AND ($2 = 1 OR c.department_id IN
        (SELECT department_id FROM agent_departments WHERE account_id = $1 AND agent_id = $3))
      AND d.message_id = $4 ORDER BY d.created_at, d.recipient"
);
const DUE: &str = select!(
    "WHERE d.account_id = $1 AND d.state IN ('queued', 'deferred') AND d.next_at <= $2
    ORDER BY d.next_at, d.message_id, d.recipient LIMIT $3"
);
const SENDING: &str = select!("WHERE d.account_id = $1 AND d.state = 'sending' ORDER BY d.next_at, d.id");
const NEXT_AT: &str = "
    SELECT next_at FROM deliveries WHERE account_id = $1 AND state IN ('queued', 'deferred')
    ORDER BY next_at LIMIT 1";

const INSERT: &str = "
    INSERT INTO deliveries (account_id, id, message_id, recipient, state, attempts, next_at, last_reply,
        maybe_twice, caused_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, 'queued', 0, $5, '', $6, $7, $8, $8)";
const CLAIM: &str = "
    UPDATE deliveries SET state = 'sending', attempts = attempts + 1, updated_at = $3
    WHERE account_id = $1 AND id = $2 AND state IN ('queued', 'deferred')";
const SETTLE: &str = "
    UPDATE deliveries SET state = $3, next_at = $4, last_reply = $5, updated_at = $6
    WHERE account_id = $1 AND id = $2";
const SET_INTERRUPTED: &str = "
    UPDATE deliveries SET state = 'deferred', next_at = $3, last_reply = $4, maybe_twice = $5, updated_at = $6
    WHERE account_id = $1 AND id = $2 AND state = 'sending'";
const HURRY: &str = "
    UPDATE deliveries SET next_at = $2
    WHERE account_id = $1 AND state = 'deferred' AND next_at > $2 AND last_reply = $3";
const WAITS_FOR: &str = "
    SELECT 1 FROM deliveries WHERE account_id = $1 AND state = 'deferred' AND last_reply = $2 LIMIT 1";
const COUNT_BEGUN: &str =
    "SELECT count(*) FROM deliveries WHERE account_id = $1 AND message_id = $2 AND state <> 'queued'";
const DELETE: &str = "DELETE FROM deliveries WHERE account_id = $1 AND message_id = $2";

impl Read<'_> {
    /// The deliveries of a message, if the access sees it.
    pub fn deliveries_of_message(&self, message: MessageId) -> Result<Vec<Delivery>> {
        let (all, agent) = self.scope();
        self.rows(OF_MESSAGE, &[self.account().into(), all, agent, message.into()], delivery)
    }

    /// Deliveries whose time has come, the longest waiting first.
    pub fn due_deliveries(&self, limit: i64) -> Result<Vec<Delivery>> {
        self.rows(DUE, params![self.account(), self.now(), limit], delivery)
    }

    /// Deliveries of which a try is under way.
    pub fn sending_deliveries(&self) -> Result<Vec<Delivery>> {
        self.rows(SENDING, params![self.account()], delivery)
    }

    /// Whether a delivery was put off with this note.
    pub fn waits_for(&self, note: &str) -> Result<bool> {
        Ok(self.row(WAITS_FOR, params![self.account(), note], |row| row.get::<i64>(0))?.is_some())
    }

    /// When the next delivery is due; none if nothing waits.
    pub fn next_delivery_at(&self) -> Result<Option<Time>> {
        self.row(NEXT_AT, params![self.account()], |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Queues a message for a recipient, to be sent from `at` on.
    pub fn queue_delivery(
        &mut self,
        message: MessageId,
        recipient: &EmailAddress,
        at: Time,
    ) -> Result<DeliveryId> {
        let (account, now, by) = (self.account(), self.now(), self.principal());
        let id = DeliveryId::new(now);
        self.change_one(INSERT, params![account, id, message, recipient.as_str(), at, false, by, now])?;
        Ok(id)
    }

    /// Takes the deliveries of a message back. False, and nothing changed, if a try has begun.
    pub fn withdraw_deliveries(&mut self, message: MessageId) -> Result<bool> {
        let account = self.account();
        let begun = self.row(COUNT_BEGUN, params![account, message], |row| row.get::<i64>(0))?;
        if begun.unwrap_or(0) > 0 {
            return Ok(false);
        }
        self.change(DELETE, params![account, message])?;
        Ok(true)
    }

    /// Begins a try. False if it is not waiting any more.
    pub fn claim_delivery(&mut self, id: DeliveryId) -> Result<bool> {
        let (account, now) = (self.account(), self.now());
        Ok(self.change(CLAIM, params![account, id, now])? == 1)
    }

    /// Notes how a try ended: its state, when the next is due, and what was said.
    pub fn settle_delivery(
        &mut self,
        id: DeliveryId,
        state: DeliveryState,
        next_at: Time,
        reply: &str,
    ) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        let reply = bounded(reply);
        self.change_one(SETTLE, params![account, id, state.name(), next_at, reply, now])
    }

    /// Puts a try whose end nobody knows back into the queue, marked: it may have arrived, and is sent
    /// again.
    pub fn delivery_interrupted(&mut self, id: DeliveryId, next_at: Time, reply: &str) -> Result<()> {
        let (account, now) = (self.account(), self.now());
        self.change_one(SET_INTERRUPTED, params![account, id, next_at, bounded(reply), true, now])
    }

    /// Makes what was put off with this note due now, for when its hindrance is gone. Tells how many.
    pub fn hurry_deliveries(&mut self, note: &str) -> Result<u64> {
        let (account, now) = (self.account(), self.now());
        self.change(HURRY, params![account, now, note])
    }

    /// Notes that a report came back: `recipient` did not get the message. False if it was not sent
    /// there.
    pub fn delivery_bounced(&mut self, message: MessageId, recipient: &str, reply: &str) -> Result<bool> {
        let recipient = recipient.trim().to_lowercase();
        let deliveries = self.deliveries_of_message(message)?;
        let mut any = false;
        for delivery in deliveries.iter().filter(|delivery| delivery.recipient.key() == recipient) {
            self.settle_delivery(delivery.id, DeliveryState::Bounced, delivery.next_at, reply)?;
            any = true;
        }
        Ok(any)
    }
}

/// What another server says, on one line and not too long.
fn bounded(reply: &str) -> String {
    let line = reply.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(REPLY_CHARS_MAX).collect::<String>().trim().to_owned()
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
    let state: String = row.get(3)?;
    Ok(Delivery {
        id: row.get(0)?,
        message: row.get(1)?,
        recipient: row.get::<String>(2)?.parse().map_err(|_| Error::Column(2))?,
        state: DeliveryState::ALL.into_iter().find(|s| s.name() == state).ok_or(Error::Column(3))?,
        attempts: row.get(4)?,
        next_at: row.get(5)?,
        last_reply: row.get(6)?,
        maybe_twice: row.get(7)?,
        caused_by: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}
