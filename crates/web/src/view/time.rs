//! Times in pages: written in UTC by the server, told in the reader's own way by the script `times.js`.

use maud::{Markup, PreEscaped};
use words::Time;

use crate::language::Texts;

/// How the script is to tell a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// As short as can be, for rows: `14:05`, `3 h`, `Tue`, `24 Nov`.
    Short,
    /// With the hour, for letters: `Tuesday 24 November, 14:05`.
    Long,
    /// As short as can be, of what is to come: less than a minute away it is no "now".
    Coming,
}

/// A moment, as `<time>`. Without script it reads `24 Nov 2026 14:05`, UTC being said in the title.
pub fn time(t: &Texts, at: Time, telling: Telling) -> Markup {
    let parts = Parts::of(at);
    let mut page = String::with_capacity(110);
    match telling {
        Telling::Short => page.push_str(r#"<time datetime=""#),
        Telling::Long => page.push_str(r#"<time data-long datetime=""#),
        Telling::Coming => {
            page.push_str(r#"<time data-soon=""#);
            page.push_str(t.get("time-soon"));
            page.push_str(r#"" datetime=""#);
        }
    }
    parts.machine(&mut page);
    page.push_str(r#"">"#);
    parts.short(t, &mut page);
    if telling == Telling::Long {
        page.push(' ');
        parts.hour(&mut page);
        page.push_str(" UTC");
    }
    page.push_str("</time>");
    PreEscaped(page)
}

/// A day and time of UTC, worked out without a calendar's tables: a page has fifty of them.
struct Parts {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl Parts {
    fn of(at: Time) -> Self {
        let seconds = at.seconds();
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let two = |n: i64| u8::try_from(n).unwrap_or(0);
        Self { year, month, day, hour: two(rest / 3600), minute: two(rest / 60 % 60), second: two(rest % 60) }
    }

    /// RFC 3339.
    fn machine(&self, page: &mut String) {
        digits(page, self.year, 4);
        page.push('-');
        digits(page, self.month.into(), 2);
        page.push('-');
        digits(page, self.day.into(), 2);
        page.push('T');
        self.hour(page);
        page.push(':');
        digits(page, self.second.into(), 2);
        page.push('Z');
    }

    fn hour(&self, page: &mut String) {
        digits(page, self.hour.into(), 2);
        page.push(':');
        digits(page, self.minute.into(), 2);
    }

    fn short(&self, t: &Texts, page: &mut String) {
        digits(page, self.day.into(), 1);
        page.push(' ');
        page.push_str(t.get(match self.month {
            1 => "month-1",
            2 => "month-2",
            3 => "month-3",
            4 => "month-4",
            5 => "month-5",
            6 => "month-6",
            7 => "month-7",
            8 => "month-8",
            9 => "month-9",
            10 => "month-10",
            11 => "month-11",
            _ => "month-12",
        }));
        page.push(' ');
        digits(page, self.year, 4);
    }
}

/// Year, month and day of a number of days after 1970-01-01, in the Gregorian calendar
/// (Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// Writes a number with at least so many digits.
fn digits(page: &mut String, number: i64, least: usize) {
    let mut buffer = [b'0'; 20];
    let (mut rest, mut at) = (number.unsigned_abs(), buffer.len());
    while rest > 0 || buffer.len() - at < least {
        at -= 1;
        buffer[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    buffer[at..].iter().for_each(|digit| page.push(char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use words::Language;

    use super::*;

    #[test]
    fn a_moment_reads_for_machines_and_people() {
        let at = Time::from_seconds(1_795_529_105);
        let page = time(Texts::of(Language::En), at, Telling::Long).into_string();
        assert!(page.contains(r#"datetime="2026-11-24T14:05:05Z""#), "{page}");
        assert!(page.contains(">24 Nov 2026 14:05 UTC<"), "{page}");
    }

    #[test]
    fn what_is_to_come_brings_the_words_for_soon() {
        for (language, soon) in [(Language::En, "in under a minute"), (Language::Da, "om under et minut")] {
            let page = time(Texts::of(language), Time::from_seconds(1), Telling::Coming).into_string();
            assert!(page.starts_with(&format!(r#"<time data-soon="{soon}" datetime=""#)), "{page}");
        }
    }

    #[test]
    fn the_calendar_agrees_with_counting_day_by_day() {
        let (mut year, mut month, mut day) = (1970_i64, 1_u8, 1_u8);
        for days in 0..60_000 {
            assert_eq!(civil(days), (year, month, day));
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            let length = match month {
                2 => 28 + u8::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!(civil(-1), (1969, 12, 31));
    }
}
