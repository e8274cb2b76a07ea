//! The rows of a try: claimed before it, settled after it, each in one transaction with the state of the
//! message and an event.

use super::{
    backoff::{SOON, next_try},
    conversation::{Ended, Outcome},
};
use desk::Hindrance;
use serde_json::json;
use store::{
    Delivery, DeliveryState, EventKind, MailWay, Message, MessageState, NewEvent, Read, Relay, Result, Tx,
};
use words::{Host, Time};

/// Deliveries that are looked at to find the next message.
const DUE_MAX: i64 = 500;

/// A message that is due, with what sending it takes.
pub(super) struct Due {
    pub message: Message,
    /// Claimed: nobody else sends them.
    pub deliveries: Vec<Delivery>,
    pub way: MailWay,
    pub relay: Option<Relay>,
    /// The domain that signs, if the account signs for it.
    pub domain: Option<store::Domain>,
}

impl Due {
    /// The same outcome for each delivery.
    pub(super) fn all(&self, outcome: &Outcome) -> Vec<Outcome> {
        vec![outcome.clone(); self.deliveries.len()]
    }
}

/// How far a message is when its deliveries are thus far: the worst of them counts.
pub(super) fn summary(states: impl IntoIterator<Item = DeliveryState>) -> Option<MessageState> {
    let state = |state| match state {
        DeliveryState::Bounced => (0, MessageState::Bounced),
        DeliveryState::Failed => (1, MessageState::Failed),
        DeliveryState::Deferred => (2, MessageState::Deferred),
        DeliveryState::Queued | DeliveryState::Sending => (3, MessageState::Queued),
        DeliveryState::Sent => (4, MessageState::Sent),
    };
    states.into_iter().map(state).min_by_key(|(rank, _)| *rank).map(|(_, state)| state)
}

/// What is to be seen to in an account.
pub(super) struct Outlook {
    /// Deliveries are due.
    pub is_due: bool,
    /// A try is under way, or was when we were stopped.
    pub is_sending: bool,
    /// There is a way out now, a relay or straight, and deliveries that waited for one.
    pub has_way_at_last: bool,
    /// When the next delivery is due.
    pub next_at: Option<Time>,
}

/// Looks at an account's queue.
pub(super) fn outlook(read: &Read<'_>) -> Result<Outlook> {
    let next_at = read.next_delivery_at()?;
    Ok(Outlook {
        is_due: next_at.is_some_and(|at| at <= read.now()),
        is_sending: !read.sending_deliveries()?.is_empty(),
        has_way_at_last: read.waits_for(&Hindrance::NoRelay.note())?
            && (read.relay()?.is_some() || read.mail_way()? == MailWay::Straight),
        next_at,
    })
}

/// Makes due at once what waited for a way out.
pub(super) fn hurry(tx: &mut Tx<'_>) -> Result<()> {
    tx.hurry_deliveries(&Hindrance::NoRelay.note())?;
    Ok(())
}

/// Claims the deliveries of the message that has waited longest; none if nothing is due.
pub(super) fn claim(tx: &mut Tx<'_>) -> Result<Option<Due>> {
    let (message, deliveries) = loop {
        let due = tx.due_deliveries(DUE_MAX)?;
        let Some(first) = due.first() else { return Ok(None) };
        let id = first.message;
        let deliveries: Vec<Delivery> = due.into_iter().filter(|delivery| delivery.message == id).collect();
        match tx.message(id)? {
            Some(message) => break (message, deliveries),
            // Its conversation was erased meanwhile.
            None => no_mail(tx, &deliveries)?,
        }
    };
    for delivery in &deliveries {
        tx.claim_delivery(delivery.id)?;
    }
    let state = tell(tx, &message)?.unwrap_or(message.state);
    let domain = message.from_address.rsplit_once('@').and_then(|(_, domain)| domain.parse::<Host>().ok());
    let domain = match domain {
        Some(domain) => tx.domain_by_name(&domain)?,
        None => None,
    };
    let (way, relay) = (tx.mail_way()?, tx.relay()?);
    Ok(Some(Due { message: Message { state, ..message }, deliveries, way, relay, domain }))
}

fn no_mail(tx: &mut Tx<'_>, deliveries: &[Delivery]) -> Result<()> {
    let note = Hindrance::NoMail.note();
    for delivery in deliveries {
        tx.settle_delivery(delivery.id, DeliveryState::Failed, delivery.next_at, &note)?;
    }
    Ok(())
}

/// Notes how a try ended: one outcome per delivery, in their order.
pub(super) fn settle(tx: &mut Tx<'_>, due: &Due, outcomes: &[Outcome]) -> Result<()> {
    let now = tx.now();
    for (delivery, outcome) in due.deliveries.iter().zip(outcomes) {
        let later = next_try(delivery.attempts + 1, delivery.created_at, now);
        match (outcome.ended, later) {
            (Ended::Sent, _) => tx.settle_delivery(delivery.id, DeliveryState::Sent, now, &outcome.reply)?,
            (Ended::Never, _) => {
                tx.settle_delivery(delivery.id, DeliveryState::Bounced, now, &outcome.reply)?;
            }
            (Ended::Later, Some(next)) => {
                tx.settle_delivery(delivery.id, DeliveryState::Deferred, next, &outcome.reply)?;
            }
            (Ended::Soon, Some(next)) => {
                let next = next.min(now.after(SOON));
                tx.settle_delivery(delivery.id, DeliveryState::Deferred, next, &outcome.reply)?;
            }
            (Ended::Unknown, Some(next)) => tx.delivery_interrupted(delivery.id, next, &outcome.reply)?,
            (Ended::Later | Ended::Soon | Ended::Unknown, None) => {
                let note = Hindrance::GaveUp.note_with(&outcome.reply);
                tx.settle_delivery(delivery.id, DeliveryState::Failed, now, &note)?;
            }
        }
    }
    tell(tx, &due.message)?;
    Ok(())
}

/// Puts back what was under way when we were stopped: nobody knows whether it arrived. To be called
/// before the first try of an account, when no other can be under way.
pub(super) fn recover(tx: &mut Tx<'_>) -> Result<usize> {
    let interrupted = tx.sending_deliveries()?;
    let now = tx.now();
    for delivery in &interrupted {
        tx.delivery_interrupted(delivery.id, now, &Hindrance::Interrupted.note())?;
    }
    let mut messages: Vec<_> = interrupted.iter().map(|delivery| delivery.message).collect();
    messages.dedup();
    for id in messages {
        if let Some(message) = tx.message(id)? {
            tell(tx, &message)?;
        }
    }
    Ok(interrupted.len())
}

/// Brings the message's state in line with its deliveries, and tells the pages that they changed. Gives
/// the new state, if it changed.
fn tell(tx: &mut Tx<'_>, message: &Message) -> Result<Option<MessageState>> {
    let deliveries = tx.deliveries_of_message(message.id)?;
    let Some(state) = summary(deliveries.iter().map(|delivery| delivery.state)) else { return Ok(None) };
    let changed = state != message.state;
    if changed {
        tx.set_message_state(message.id, state, message.send_at)?;
    } else if state == MessageState::Queued {
        return Ok(None);
    }
    let department = tx.conversation(message.conversation)?.map(|conversation| conversation.department);
    tx.append_event(&NewEvent {
        kind: EventKind::Delivery,
        conversation: Some(message.conversation),
        message: Some(message.id),
        department,
        data: json!({ "state": state.name() }),
    })?;
    Ok(changed.then_some(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_delivery_is_the_messages_state() {
        use DeliveryState as D;
        let cases: [(&[D], Option<MessageState>); 8] = [
            (&[], None),
            (&[D::Sent, D::Sent], Some(MessageState::Sent)),
            (&[D::Sent, D::Queued], Some(MessageState::Queued)),
            (&[D::Sending], Some(MessageState::Queued)),
            (&[D::Deferred, D::Sent, D::Queued], Some(MessageState::Deferred)),
            (&[D::Failed, D::Deferred], Some(MessageState::Failed)),
            (&[D::Failed, D::Bounced, D::Sent], Some(MessageState::Bounced)),
            (&[D::Bounced, D::Deferred], Some(MessageState::Bounced)),
        ];
        for (states, expected) in cases {
            assert_eq!(summary(states.iter().copied()), expected, "{states:?}");
        }
    }
}
