//! The pages of the desk, the API and the live events.

pub mod assets;
pub mod language;
pub mod view;
