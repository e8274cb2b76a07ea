//! What a calendar part says, in a few lines for a reader (RFC 5545). Repetitions are named, never laid
//! out: a rule may ask for millions.

use crate::{clean, limits::APPOINTMENTS_MAX};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Characters of one value.
const VALUE_CHARS_MAX: usize = 300;

/// An appointment of a calendar part. Every text is cleaned and short.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Appointment {
    /// `REQUEST`, `REPLY`, `CANCEL`, `PUBLISH`, …; empty if not said.
    pub method: String,
    /// What it is about.
    pub summary: String,
    /// As written in the calendar, `2026-11-24 14:00` and the zone if one is named; `UTC` for universal time.
    pub start: String,
    /// Like `start`.
    pub end: String,
    /// Where.
    pub location: String,
    /// Who asks: an address or a name.
    pub organizer: String,
    /// It repeats.
    pub repeats: bool,
}

impl fmt::Debug for Appointment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Appointment(…)")
    }
}

/// Adds the appointments of a calendar, up to [`APPOINTMENTS_MAX`] in all.
pub(crate) fn read(calendar: &str, found: &mut Vec<Appointment>) {
    let mut method = String::new();
    let mut open: Option<Appointment> = None;
    let mut inner = 0_usize;
    for line in unfolded(calendar) {
        let Some((name, parameters, value)) = property(&line) else { continue };
        match (name.as_str(), open.as_mut()) {
            ("METHOD", None) => method = clean::line(value, 20).to_ascii_uppercase(),
            ("BEGIN", None) if is_appointment(value) => {
                open = Some(Appointment { method: method.clone(), ..Appointment::default() });
            }
            ("BEGIN", Some(_)) => inner += 1,
            ("END", Some(_)) if inner > 0 => inner -= 1,
            ("END", Some(_)) => {
                found.extend(open.take().filter(|_| found.len() < APPOINTMENTS_MAX));
                if found.len() >= APPOINTMENTS_MAX {
                    return;
                }
            }
            (name, Some(appointment)) if inner == 0 => take(appointment, name, parameters, value),
            _ => (),
        }
    }
    found.extend(open.filter(|a| !a.summary.is_empty() || !a.start.is_empty()));
}

fn is_appointment(value: &str) -> bool {
    ["VEVENT", "VTODO", "VJOURNAL"].iter().any(|kind| value.trim().eq_ignore_ascii_case(kind))
}

fn take(appointment: &mut Appointment, name: &str, parameters: &str, value: &str) {
    match name {
        "SUMMARY" => appointment.summary = text(value),
        "LOCATION" => appointment.location = text(value),
        "ORGANIZER" => {
            let name = parameter(parameters, "CN").unwrap_or_default();
            let address =
                value.get(..7).filter(|v| v.eq_ignore_ascii_case("mailto:")).map_or(value, |_| &value[7..]);
            let both = if name.is_empty() { address.to_owned() } else { format!("{name} <{address}>") };
            appointment.organizer = text(&both);
        }
        "DTSTART" => appointment.start = time(parameters, value),
        "DTEND" | "DUE" => appointment.end = time(parameters, value),
        "RRULE" | "RDATE" => appointment.repeats = true,
        _ => (),
    }
}

/// Lines with their continuations (a line that begins with a blank) joined.
fn unfolded(calendar: &str) -> impl Iterator<Item = String> {
    let mut lines = calendar.lines().peekable();
    std::iter::from_fn(move || {
        let mut line = lines.next()?.trim_end_matches('\r').to_owned();
        while let Some(more) = lines.next_if(|l| l.starts_with([' ', '\t'])) {
            line.push_str(more[1..].trim_end_matches('\r'));
        }
        Some(line)
    })
}

/// `NAME;PARAMETERS:VALUE`; a colon within quotes is part of a parameter.
fn property(line: &str) -> Option<(String, &str, &str)> {
    let mut quoted = false;
    let colon = line.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == ':' && !quoted).then_some(at)
    })?;
    let (head, value) = (&line[..colon], &line[colon + 1..]);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim().to_ascii_uppercase(), parameters, value))
}

fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|p| {
        let (key, value) = p.split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
    })
}

/// A value without its escapes (RFC 5545 part 3.3.11), as one line.
fn text(value: &str) -> String {
    let short: String = value.chars().take(VALUE_CHARS_MAX * 2).collect();
    let plain = short
        .replace("\\n", " ")
        .replace("\\N", " ")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\");
    clean::line(&plain, VALUE_CHARS_MAX)
}

/// `20261124T140000Z` as `2026-11-24 14:00 UTC`; what has another form stays as it is.
fn time(parameters: &str, value: &str) -> String {
    let value = value.trim();
    let digits =
        |range: std::ops::Range<usize>| value.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(4..6), digits(6..8)) else {
        return text(value);
    };
    let date = format!("{year}-{month}-{day}");
    let (Some(hour), Some(minute)) = (digits(9..11), digits(11..13)) else { return date };
    let zone = if value.ends_with('Z') {
        "UTC".to_owned()
    } else {
        text(parameter(parameters, "TZID").unwrap_or_default())
    };
    format!("{date} {hour}:{minute} {zone}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_up_an_invitation() {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Lunch\\, with\r\n  cake\r\n\
            DTSTART;TZID=\"Europe/Copenhagen\":20261124T120000\r\nDTEND:20261124T120000Z\r\nRRULE:FREQ=SECONDLY\r\n\
            ORGANIZER;CN=Anna:mailto:a@b.dk\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR";
        let mut found = Vec::new();
        read(calendar, &mut found);
        let a = &found[0];
        assert_eq!((a.method.as_str(), a.summary.as_str()), ("REQUEST", "Lunch, with cake"));
        assert_eq!(
            (a.start.as_str(), a.end.as_str()),
            ("2026-11-24 12:00 Europe/Copenhagen", "2026-11-24 12:00 UTC")
        );
        assert_eq!((a.organizer.as_str(), a.repeats), ("Anna <a@b.dk>", true));
    }
}
