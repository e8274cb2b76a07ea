//! What people see: functions from plain structs to HTML. They read nothing and decide nothing.
mod folder;
pub mod icon;
mod people;
pub mod shell;
mod time;

pub mod conversation;
pub mod inbox;

pub use folder::{Filter, Folder};
pub use people::{Agent, Department, Tag};
pub use time::{Telling, time};
