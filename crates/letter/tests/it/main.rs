//! The letter crate through its public face, on the mails of `fixtures/`.

mod arrive;
mod bounces;
mod fixtures;
mod hostile;
mod quotes;
