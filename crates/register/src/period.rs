//! How the law counts time: Regulation (EEC, Euratom) 1182/71, Article 3.
//!
//! One pure function. Holidays and the time zone are data, passed in by the caller.

use std::{collections::BTreeSet, time::Duration};

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use words::Time;

/// How many days in a row may be no working days before a calendar is taken for a wrong one.
const FREE_DAYS_MAX: usize = 31;
/// The longest period that is counted, in working days.
const WORKING_DAYS_MAX: u32 = 3_650;
/// Working days that a period of two days or more has at least (Art. 3(5)).
const WORKING_DAYS_MIN: usize = 2;
/// An hour.
const HOUR: Duration = Duration::from_hours(1);

/// A period as a contract or a law writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Hours: never extended by free days.
    Hours(u32),
    /// Calendar days.
    Days(u32),
    /// Working days.
    WorkingDays(u32),
    /// Weeks.
    Weeks(u32),
    /// Months.
    Months(u32),
}

/// By which days and clock a period is counted.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Public holidays of the place, other than Saturdays and Sundays.
    pub holidays: BTreeSet<Date>,
    /// Whose days they are.
    pub zone: TimeZone,
}

impl Calendar {
    /// Days by UTC, and no holidays.
    pub const fn utc() -> Self {
        Self { holidays: BTreeSet::new(), zone: TimeZone::UTC }
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }
}

/// The first instant after a period that an event starts; none if the calendar cannot tell. The rules, in
/// order:
///
/// 1. The hour or day of the event is not counted (Art. 3(1)).
/// 2. Hours end with the last of them, whatever day it is (Art. 3(2)(a), 3(4)).
/// 3. Days end with the last of them; weeks and months on the same weekday or date, or on the last day of a
///    month that has no such date (Art. 3(2)(b), (c)).
/// 4. Two days or more include two working days at least (Art. 3(5)).
/// 5. What would end on a free day ends with the next working day (Art. 3(4)).
pub fn ends_at(event: Time, period: Period, calendar: &Calendar) -> Option<Time> {
    let first = date_of(event, calendar)?;
    let last = match period {
        Period::Hours(hours) => return end_of_hours(event, hours),
        Period::Days(days) => first.checked_add(i64::from(days).days()).ok()?,
        Period::Weeks(weeks) => first.checked_add(i64::from(weeks).weeks()).ok()?,
        Period::Months(months) => first.checked_add(i64::from(months).months()).ok()?,
        Period::WorkingDays(days) => nth_working_day(first, days, calendar)?,
    };
    let counts_two = match period {
        Period::Days(days) => days >= 2,
        Period::Weeks(count) | Period::Months(count) => count > 0,
        Period::Hours(_) | Period::WorkingDays(_) => false,
    };
    let last = if counts_two { with_two_working_days(first, last, calendar)? } else { last };
    end_of(working_day_from(last, calendar)?, calendar)
}

fn date_of(at: Time, calendar: &Calendar) -> Option<Date> {
    let instant = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
    Some(calendar.zone.to_datetime(instant).date())
}

fn end_of_hours(event: Time, hours: u32) -> Option<Time> {
    let begun = event.seconds().div_euclid(3_600).checked_add(1)?;
    Some(Time::from_seconds(begun.checked_mul(3_600)?).after(HOUR * hours))
}

fn nth_working_day(first: Date, days: u32, calendar: &Calendar) -> Option<Date> {
    if days > WORKING_DAYS_MAX {
        return None;
    }
    (0..days).try_fold(first, |day, _| working_day_from(day.tomorrow().ok()?, calendar))
}

/// The day itself if people work on it, else the next on which they do.
fn working_day_from(day: Date, calendar: &Calendar) -> Option<Date> {
    std::iter::successors(Some(day), |day| day.tomorrow().ok())
        .take(FREE_DAYS_MAX)
        .find(|day| calendar.is_working_day(*day))
}

fn with_two_working_days(first: Date, last: Date, calendar: &Calendar) -> Option<Date> {
    let counted = std::iter::successors(first.tomorrow().ok(), |day| day.tomorrow().ok());
    let working = counted.take_while(|day| *day <= last).filter(|day| calendar.is_working_day(*day));
    let missing = WORKING_DAYS_MIN - working.take(WORKING_DAYS_MIN).count();
    (0..missing).try_fold(last, |day, _| working_day_from(day.tomorrow().ok()?, calendar))
}

fn end_of(day: Date, calendar: &Calendar) -> Option<Time> {
    let midnight = day.tomorrow().ok()?.at(0, 0, 0, 0);
    Some(Time::from_micros(calendar.zone.to_timestamp(midnight).ok()?.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(day: Date, hour: i8, minute: i8) -> Time {
        let instant = TimeZone::UTC.to_timestamp(day.at(hour, minute, 0, 0)).unwrap();
        Time::from_micros(instant.as_microsecond())
    }

    fn last_day(event: Date, period: Period, calendar: &Calendar) -> Date {
        let end = ends_at(at(event, 10, 20), period, calendar).unwrap();
        date_of(end, calendar).unwrap().yesterday().unwrap()
    }

    #[test]
    fn each_kind_ends_as_the_regulation_says() {
        let christmas = BTreeSet::from([date(2026, 12, 24), date(2026, 12, 25)]);
        let calendar = Calendar { holidays: christmas, zone: TimeZone::UTC };
        let cases = [
            (date(2026, 11, 2), Period::Days(30), date(2026, 12, 2), "the day of the event is not counted"),
            (date(2026, 11, 5), Period::Days(30), date(2026, 12, 7), "a Saturday: the Monday after"),
            (date(2026, 11, 24), Period::Days(30), date(2026, 12, 28), "a holiday, then a weekend"),
            (date(2026, 11, 27), Period::Days(2), date(2026, 12, 1), "two working days at least"),
            (date(2026, 11, 27), Period::Days(1), date(2026, 11, 30), "one day only moves on"),
            (date(2026, 11, 25), Period::Weeks(1), date(2026, 12, 2), "the same weekday"),
            (date(2026, 1, 31), Period::Months(1), date(2026, 3, 2), "28 February is a Saturday"),
            (date(2027, 1, 29), Period::Months(1), date(2027, 3, 1), "28 February is a Sunday"),
            (date(2026, 3, 31), Period::Months(1), date(2026, 4, 30), "the last day of a shorter month"),
            (date(2026, 12, 22), Period::WorkingDays(3), date(2026, 12, 29), "free days are not counted"),
        ];
        for (event, period, last, why) in cases {
            assert_eq!(last_day(event, period, &calendar), last, "{why}");
        }
    }

    #[test]
    fn hours_do_not_wait_for_a_working_day() {
        let friday = date(2026, 11, 27);
        let end = ends_at(at(friday, 10, 20), Period::Hours(72), &Calendar::utc());
        assert_eq!(end, Some(at(date(2026, 11, 30), 11, 0)));
    }

    #[test]
    fn a_day_ends_where_the_calendar_is() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let calendar = Calendar { holidays: BTreeSet::new(), zone };
        // Half past midnight in Denmark: the day before in UTC.
        let event = at(date(2026, 11, 1), 23, 30);
        assert_eq!(ends_at(event, Period::Days(30), &calendar), Some(at(date(2026, 12, 2), 23, 0)));
    }

    #[test]
    fn a_calendar_without_working_days_tells_nothing() {
        let days = std::iter::successors(Some(date(2026, 11, 1)), |day| day.tomorrow().ok());
        let calendar = Calendar { holidays: days.take(400).collect(), zone: TimeZone::UTC };
        assert_eq!(ends_at(at(date(2026, 11, 2), 9, 0), Period::Days(30), &calendar), None);
        assert_eq!(ends_at(Time::from_micros(i64::MAX), Period::Days(30), &Calendar::utc()), None);
    }

    fn periods() -> impl Strategy<Value = Period> {
        prop_oneof![
            (0..400_u32).prop_map(Period::Days),
            (0..60_u32).prop_map(Period::Weeks),
            (0..40_u32).prop_map(Period::Months),
            (0..200_u32).prop_map(Period::WorkingDays),
        ]
    }

    proptest! {
        #[test]
        fn a_period_ends_on_a_working_day_and_never_before_its_length(
            seconds in 1_500_000_000..2_000_000_000_i64,
            period in periods(),
            offset in -11..=13_i8,
            free in prop::collection::btree_set(0..2_000_i64, 0..40),
        ) {
            let holidays = free.into_iter().filter_map(|n| date(2018, 1, 1).checked_add(n.days()).ok()).collect();
            let calendar = Calendar { holidays, zone: TimeZone::fixed(jiff::tz::offset(offset)) };
            let event = Time::from_seconds(seconds);
            let Some(end) = ends_at(event, period, &calendar) else { return Ok(()) };
            let last = date_of(end, &calendar).unwrap().yesterday().unwrap();
            prop_assert!(calendar.is_working_day(last));
            prop_assert!(end > event);
            let least = match period {
                Period::Hours(_) => 0,
                Period::Days(days) | Period::WorkingDays(days) => days,
                Period::Weeks(weeks) => weeks * 7,
                Period::Months(months) => months * 28,
            };
            prop_assert!(end.since(event) >= HOUR * 24 * least);
            if least >= 2 {
                let first = date_of(event, &calendar).unwrap();
                let counted = std::iter::successors(first.tomorrow().ok(), |day| day.tomorrow().ok());
                let working = counted.take_while(|day| *day <= last).filter(|day| calendar.is_working_day(*day));
                prop_assert!(working.count() >= 2);
            }
        }

        #[test]
        fn a_longer_period_or_a_later_event_never_ends_earlier(
            seconds in 1_500_000_000..2_000_000_000_i64,
            later in 0..10_000_000_i64,
            days in 0..400_u32,
            more in 0..50_u32,
        ) {
            let calendar = Calendar::utc();
            let ends = |at, days| ends_at(Time::from_seconds(at), Period::Days(days), &calendar).unwrap();
            prop_assert!(ends(seconds, days) <= ends(seconds, days + more));
            prop_assert!(ends(seconds, days) <= ends(seconds + later, days));
            let hours = |at| ends_at(Time::from_seconds(at), Period::Hours(days), &calendar).unwrap();
            prop_assert!(hours(seconds) <= hours(seconds + later));
            prop_assert!(hours(seconds).since(Time::from_seconds(seconds)) <= HOUR * (days + 1));
        }
    }
}
