//! What is around every page of the desk, from the account's names and counts.

use register::Departments;
use store::{Count, Status};

use crate::{
    directory::Directory,
    session::Signed,
    view::{
        self, Department,
        shell::{Head, Here, Notice, Rail, Shell},
    },
};

/// How many conversations lie where, as far as the agent sees.
pub struct Counted {
    /// By department, status and assignee.
    pub counts: Vec<Count>,
    /// The number of the newest event that these count.
    pub newest: i64,
}

impl Counted {
    /// Reads it.
    pub fn read(read: &store::Read<'_>) -> store::Result<Self> {
        // The number first: what is committed between the two is shown twice rather than never.
        Ok(Self { newest: read.newest_event()?, counts: read.conversation_counts()? })
    }

    /// How many fulfil a condition.
    pub fn of(&self, holds: impl Fn(&Count) -> bool) -> u64 {
        let sum: i64 = self.counts.iter().filter(|count| holds(count)).map(|count| count.n).sum();
        u64::try_from(sum).unwrap_or(0)
    }
}

/// The shell of a page.
pub fn shell(signed: &Signed, directory: &Directory, counted: &Counted, here: Here) -> Shell {
    Shell {
        head: head(signed, directory),
        me: view::Agent { id: signed.agent(), name: directory.agent(signed.agent()).name },
        role: signed.role(),
        rail: rail(signed, directory, counted, here),
        live_after: counted.newest,
        notice: None,
    }
}

/// The shell of a page that says what was just done.
pub fn shell_with(
    signed: &Signed,
    directory: &Directory,
    counted: &Counted,
    here: Here,
    notice: Option<Notice>,
) -> Shell {
    Shell { notice, ..shell(signed, directory, counted, here) }
}

/// The head of a page of somebody who is logged in.
pub fn head(signed: &Signed, directory: &Directory) -> Head {
    Head {
        texts: signed.texts(),
        theme: signed.theme,
        nonce: signed.seen.session.style_nonce.clone(),
        account: directory.name.clone(),
    }
}

/// The departments that somebody sees, with what is open in each.
pub fn departments(directory: &Directory, seen: &Departments, counted: &Counted) -> Vec<(Department, u64)> {
    let with_count = |department: Department| {
        let here = |count: &Count| count.status == Status::Open && count.department == department.id;
        let n = counted.of(here);
        (department, n)
    };
    directory.departments_seen(seen).into_iter().map(with_count).collect()
}

fn rail(signed: &Signed, directory: &Directory, counted: &Counted, here: Here) -> Rail {
    let me = Some(signed.agent());
    let open = |count: &Count| count.status == Status::Open;
    Rail {
        here,
        open: counted.of(open),
        mine: counted.of(|count| open(count) && count.assignee == me),
        unassigned: counted.of(|count| open(count) && count.assignee.is_none()),
        snoozed: counted.of(|count| count.status == Status::Snoozed),
        spam: counted.of(|count| count.status == Status::Spam),
        departments: departments(directory, signed.access().departments(), counted),
        tags: directory.tags.clone(),
    }
}
