//! `POST` and `DELETE /conversations/{id}/snooze`: putting it off, and taking it up again.

use axum::response::Response;
use desk::conversation;
use http::HeaderMap;
use jiff::{Timestamp, ToSpan, ZonedDateTime, civil, tz::TimeZone};
use words::{ConversationId, Time};

use super::changed;
use crate::{
    error::{Error, Flaw, Result},
    fields::{At, Form},
    session::Signed,
};

/// The hour at which what was put off to another day comes back.
const MORNING_HOUR: i8 = 8;
/// Later today is so many hours from now.
const LATER_HOURS: i64 = 3;

/// Puts it off.
pub async fn create(
    signed: Signed,
    At(id): At<ConversationId>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response> {
    let choice = form.one("until")?.ok_or(Error::field("until", Flaw::Missing))?;
    let zone = signed.directory().await?.time_zone.clone();
    let until = until(choice, signed.now(), &zone).ok_or(Error::field("until", Flaw::Value))?;
    conversation::snooze(&signed.store, signed.access(), id, until).await?;
    changed(&signed, &headers, id).await
}

/// Takes it up again.
pub async fn delete(signed: Signed, At(id): At<ConversationId>, headers: HeaderMap) -> Result<Response> {
    conversation::reopen(&signed.store, signed.access(), id).await?;
    changed(&signed, &headers, id).await
}

/// The time of a choice, in the account's time zone; or a time in RFC 3339.
fn until(choice: &str, now: Time, zone: &str) -> Option<Time> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let now = Timestamp::from_microsecond(now.micros()).ok()?.to_zoned_datetime(zone);
    let at = match choice {
        "later-today" => now.checked_add(LATER_HOURS.hours()).ok()?,
        "tomorrow" => morning(&now.checked_add(1.day()).ok()?)?,
        "next-week" => morning(&now.nth_weekday(1, civil::Weekday::Monday).ok()?)?,
        other => other.parse::<Timestamp>().ok()?.to_zoned_datetime(TimeZone::UTC),
    };
    Some(Time::from_micros(at.timestamp().as_microsecond()))
}

fn morning(day: &ZonedDateTime) -> Option<ZonedDateTime> {
    day.date().at(MORNING_HOUR, 0, 0, 0).to_zoned_datetime(day.time_zone().clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mornings_are_those_of_the_account() {
        // A Tuesday in Copenhagen, 15:05 there.
        let now = Time::from_seconds(1_795_529_105);
        let said = |choice| {
            let at = until(choice, now, "Europe/Copenhagen").expect("a time");
            Timestamp::from_microsecond(at.micros()).unwrap().to_string()
        };
        assert_eq!(said("later-today"), "2026-11-24T17:05:05Z");
        assert_eq!(said("tomorrow"), "2026-11-25T07:00:00Z");
        assert_eq!(said("next-week"), "2026-11-30T07:00:00Z");
        assert_eq!(said("2027-01-01T00:00:00Z"), "2027-01-01T00:00:00Z");
        assert_eq!(until("soon", now, "UTC"), None);
    }
}
