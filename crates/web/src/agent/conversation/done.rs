//! What was done in a conversation, as thin lines between its letters.

use store::{Event, EventKind};
use words::{AgentId, DepartmentId, Principal, TagId, Task, Time};

use super::letters::by_name;
use crate::{
    directory::Directory,
    view::conversation::{Change, Event as Line},
};

/// The line of an event, if it has one.
pub fn line(event: &Event, directory: &Directory, contact: &str) -> Option<Line> {
    let change = change(event, directory)?;
    let by = match (event.kind, event.caused_by) {
        (EventKind::Received, _) => contact.to_owned(),
        (_, by) => by_name(&by.to_string(), directory),
    };
    Some(Line { number: event.number, by, at: event.at, change })
}

fn change(event: &Event, directory: &Directory) -> Option<Change> {
    let text = |name: &str| event.data.get(name).and_then(serde_json::Value::as_str);
    let yes = |name: &str| event.data.get(name).and_then(serde_json::Value::as_bool) == Some(true);
    Some(match event.kind {
        EventKind::Assigned => match text("to").and_then(|id| id.parse::<AgentId>().ok()) {
            Some(agent) => Change::Assigned(directory.agent(agent).name),
            None => Change::Unassigned,
        },
        EventKind::Moved => {
            let to: DepartmentId = text("to")?.parse().ok()?;
            // It stands twice in the log: once for those who see the old department, once for the new.
            if event.department != Some(to) {
                return None;
            }
            Change::Moved(directory.department(to).name)
        }
        EventKind::Tagged => {
            let tag = text("tag")?.parse::<TagId>().ok()?;
            let name = directory.tag(tag)?.name.clone();
            if yes("on") { Change::Tagged(name) } else { Change::Untagged(name) }
        }
        EventKind::Closed => Change::Closed,
        EventKind::Answered if yes("closed") => Change::Closed,
        EventKind::Reopened if event.caused_by == Principal::System(Task::Housekeeping) => Change::Woke,
        EventKind::Reopened => Change::Reopened,
        EventKind::Received if yes("opened") => Change::Reopened,
        EventKind::Snoozed => {
            let until = event.data.get("until").and_then(serde_json::Value::as_i64)?;
            Change::Snoozed(Time::from_micros(until))
        }
        EventKind::MarkedSpam => Change::Spam,
        EventKind::TakenBack => Change::Undone,
        EventKind::Started
        | EventKind::Received
        | EventKind::Answered
        | EventKind::Noted
        | EventKind::Delivery
        | EventKind::Settings => return None,
    })
}
