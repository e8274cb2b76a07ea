//! The letter crate through its public face, on the mails of `fixtures/`.

mod arrive;
mod bomb;
mod bombs;
mod bounces;
mod calendars;
mod charsets;
mod fixtures;
mod hostile;
mod names;
mod quotes;
