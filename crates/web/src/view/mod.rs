//! What people see: functions from plain structs to HTML. They read nothing and decide nothing.
//!
//! # What the pages ask of the server
//!
//! Forms are plain: without script they post and get a redirect (303), or the page again with what was typed
//! and `Flaws` (422). With script Turbo sends them with `Accept: text/vnd.turbo-stream.html`, and the answer may
//! be turbo-streams instead. `?method=delete` on a POST stands for DELETE. Links in the list and forms in the pane
//! bear `Turbo-Frame: pane`: the answer is then only `<turbo-frame id="pane">` (`conversation::frame`,
//! `inbox::nothing_open_frame`, `problem::frame`).
//!
//! | method, path | fields | the answer changes |
//! | --- | --- | --- |
//! | GET `/conversations?status=&department=&tag=&cursor=` | | page, or `pane` |
//! | GET `/conversations/new?to=&status=…` | | page, or `pane` |
//! | POST `/conversations?status=…` | multipart `mailbox`, `to`, `cc`, `subject`, `html` or `text`, `file`×n, `files`×n | redirect to it, or the page with its flaws |
//! | PUT, DELETE `/conversations/new/draft` | the same without files | 204; redirect |
//! | POST `/conversations/new/draft/files`, DELETE `…/{file}` | multipart `files` | append to, remove from `draft-files-new` |
//! | POST `/conversations/next?status=…` | | redirect to the one taken, in `pane` |
//! | POST `/conversations/bulk?status=…` | `conversation`×n and one of `close`, `reopen`, `agent` (empty: nobody), `department`, `tag`, `spam` (`yes`, `no`) | rows, counts |
//! | GET `/conversations/{id}?status=…&before=` | | page, or `pane` |
//! | POST, DELETE `/conversations/{id}/closure` | | `head-{id}`, an `entry` |
//! | POST, DELETE `/conversations/{id}/assignment` | `agent` | the same |
//! | POST `/conversations/{id}/department` | `department` | the same |
//! | POST `/conversations/{id}/tags` | `tag`×n (all that shall be on it), `new` | the same |
//! | POST, DELETE `/conversations/{id}/snooze` | `until`: `later-today`, `tomorrow`, `next-week` | the same |
//! | POST, DELETE `/conversations/{id}/spam` | | the same |
//! | POST `/conversations/{id}/presence` | `state`: `looking`, `writing`, `away` | 204; others see `presence-{id}` |
//! | PUT `/conversations/{id}/draft` | `kind` (`answer`, `note`), `to`, `cc`, `html` or `text`, `file`×n | 204 |
//! | POST `/conversations/{id}/draft/files` | multipart `files` | append `draft_file` to `draft-files-{id}` |
//! | DELETE `/conversations/{id}/draft/files/{file}` | | remove `draft-file-{file}` |
//! | POST `/conversations/{id}/replies` | multipart `seen`, `to`, `cc`, `html` or `text`, `file`×n, `files`×n, `close` | an `entry`, replace `composer-{id}`, append `sent_toast` to `toasts` |
//! | POST `/conversations/{id}/notes` | `seen`, `text` | an `entry`, replace `composer-{id}` |
//! | POST `/replies/{message}/undo` | | remove `message-{message}` and `sent-{message}`, replace `composer-{id}` |
//! | GET `/messages/{id}/original` | | the raw mail, in a tab of its own |
//! | GET `/search?q=&cursor=` | | page |
//! | GET `/live?after=` | | server-sent events: `id:` is the number, `data:` turbo-streams |
//! | GET, POST `/login` | `email`, `password`, `next` | |
//! | POST `/logout` | | |
//! | GET, POST `/invitations/{token}` | `name`, `password` | |
//! | GET, POST `/me` | `name`, `language` | |
//! | POST `/me/password` | `current`, `new` | |
//! | DELETE `/me/sessions/{id}`, `/me/sessions` (all others) | | |
//! | GET, POST `/settings/account` | `name`, `language`, `time_zone`, `acknowledgement` | |
//! | GET, POST `/settings/departments`; POST, DELETE `…/{id}` | `name`, `from_name`, `signature` (plain text) | |
//! | GET, POST `/settings/mailboxes`; POST, DELETE `…/{id}` | `address`, `department` | |
//! | GET, POST, DELETE `/settings/mailboxes/{id}/pickup`; POST `…/test` | `host`, `port`, `tls`, `username`, `password` (empty: as kept), `folder`, `takes_old` | |
//! | GET, POST, DELETE `/settings/relay` | `host`, `port`, `tls` (`implicit`, `starttls`, `none`), `username`, `password` (empty: as kept) | |
//! | POST `/settings/relay/way` | `way` (`relay`, `straight`) | |
//! | POST `/settings/relay/test` | `to` | |
//! | GET, POST `/settings/domains`; DELETE `…/{id}`; POST `…/{id}/check` | `name` | |
//! | GET, POST `/settings/tags`; POST, DELETE `…/{id}` | `name`, `colour` (0 to 7) | |
//! | GET, POST `/settings/agents`; POST `…/{id}` | `email` (new ones), `role`, `all_departments` (`yes`), `department`×n | |
//! | POST, DELETE `/settings/agents/{id}/disablement`; POST `…/{id}/invitation` | | |
//! | GET `/settings/sub-processors` | | |
//! | GET, POST `/settings/tokens`; DELETE `…/{id}` | `name`, `scope` (`read`, `write`), `days` (empty: no end) | |
//! | letter host: GET `/letters/{id}?key=`, `/files/{id}?key=` | | `letter_page`; policy with `letter_script_hash` |
//!
//! # Targets of turbo-streams
//!
//! Turbo's own `replace`, `remove`, `append` on: `count-open`, `count-mine`, `count-unassigned`, `count-snoozed`,
//! `count-spam`, `count-department-{id}` (`shell::count`); `head-{conversation}`; `presence-{conversation}`;
//! `composer-{conversation}`; `deliveries-{message}`; `message-{message}`; `toasts`. Two actions of our own:
//! `row` on `row-{conversation}` with `inbox::live_row`, which each open list puts in, moves or takes out by its own
//! filter; `entry` on `messages-{conversation}` with `conversation::entry`, appended once and replaced if it is there.
//! A target that a page does not show is passed over. Cookies read by the server: `theme` (`shell::Theme`).

mod folder;
mod form;
mod hindrance;
pub mod icon;
mod letter_page;
mod people;
pub(crate) mod pickup_fault;
mod room;
pub mod shell;
mod time;

pub mod beginning;
pub mod conversation;
pub mod entrance;
pub mod inbox;
pub mod me;
pub mod problem;
pub mod search;
pub mod settings;
pub mod trust;

pub use folder::{Filter, Folder};
pub use form::Flaws;
pub use letter_page::{letter_page, letter_script_hash, letter_style_hash};
pub use people::{Agent, Department, Tag};
pub use time::{Telling, time};
