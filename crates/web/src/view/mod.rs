//! What people see: functions from plain structs to HTML. They read nothing and decide nothing.
mod folder;
mod form;
pub mod icon;
mod letter_page;
mod people;
mod room;
pub mod shell;
mod time;

pub mod conversation;
pub mod entrance;
pub mod inbox;
pub mod me;
pub mod problem;
pub mod search;
pub mod settings;

pub use folder::{Filter, Folder};
pub use form::Flaws;
pub use letter_page::{letter_page, letter_script_hash, letter_style_hash};
pub use people::{Agent, Department, Tag};
pub use time::{Telling, time};
