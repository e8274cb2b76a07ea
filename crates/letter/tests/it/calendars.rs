//! Calendars of many programs, good and broken, as parts of a mail.

use crate::fixtures;
use letter::{Kind, Letter, limits};

#[test]
fn calendars_are_summed_up() {
    let calendars = fixtures::files("calendars", &[".ics"]);
    let (mut with_event, mut summed) = (0, 0);
    for (path, calendar) in &calendars {
        let mut raw = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b-b-b\r\n\r\n--b-b-b\r\n\r\nSee it.\r\n--b-b-b\r\n\
            Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            .to_vec();
        raw.extend(data_encoding::BASE64.encode(calendar).as_bytes());
        raw.extend(b"\r\n--b-b-b--\r\n");
        let letter = Letter::read(&raw);
        assert_eq!(letter.text.trim(), "See it.", "{path}");
        assert_eq!(letter.attachments.len(), 1, "{path}");
        assert_eq!(letter.attachments[0].kind, Kind::Calendar, "{path}");
        assert_eq!(letter.attachments[0].place.bytes(&raw).as_deref(), Some(calendar.as_slice()), "{path}");
        assert!(letter.appointments.len() <= limits::APPOINTMENTS_MAX, "{path}");
        let has_event = memchr::memmem::find(calendar, b"BEGIN:VEVENT").is_some();
        with_event += usize::from(has_event);
        summed += usize::from(has_event && !letter.appointments.is_empty());
    }
    println!("calendars: {} arrive; {summed} of {with_event} with an event are summed up", calendars.len());
    assert_eq!(summed, with_event);
}
