//! Looks whether an account is whole: its database, its files, and what one table says of another.

use register::Access;
use words::{DepartmentId, FileId, MessageId};

use crate::{Error, Read, Result, Store, connection::Dialect, file::blocking, params};

/// Problems of one kind that are told.
const PROBLEMS_MAX: i64 = 1_000;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The database says so of itself.
    Database(String),
    /// A file that a row names is not there.
    FileMissing(FileId),
    /// A file's content is not what was stored.
    FileDamaged(FileId),
    /// A letter that came has no raw mail.
    RawMissing(MessageId),
    /// The counts of a department are not what its conversations are.
    Counts(DepartmentId),
    /// Events are missing: so many of so many.
    Events {
        /// How many there are.
        found: i64,
        /// How many there must be.
        expected: i64,
    },
    /// An entry of the log of what was done is missing, or not what it was.
    Entry(u64),
    /// A tile of the log is missing, or not what it was.
    Tile(String),
    /// The log is not what was signed when it had so many entries.
    LogNotAsSigned(u64),
    /// An event has no entry in the log, or not in its turn.
    EventWithoutEntry(u64),
    /// Not as many messages are findable as there are.
    Search {
        /// How many are findable.
        found: i64,
        /// How many there are.
        expected: i64,
    },
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Messages.
    pub messages: i64,
    /// Files.
    pub files: usize,
    /// What is not as it must be.
    pub problems: Vec<Problem>,
}

const MESSAGES: &str = "SELECT count(*) FROM messages WHERE account_id = $1";
const EVENTS: &str = "
    SELECT count(e.number), coalesce(max(e.number), 0), max(a.next_event) - 1
    FROM account a LEFT JOIN events e ON e.account_id = $1 WHERE a.account_id = $1";
const WITHOUT_RAW: &str = "
    SELECT m.id FROM messages m WHERE m.account_id = $1 AND m.kind = 'letter-in'
      AND NOT EXISTS (SELECT 1 FROM raw_letters r WHERE r.account_id = $1 AND r.message_id = m.id)
    ORDER BY m.number LIMIT $2";
// What the counts say less what the conversations are must be nothing, department by department.
const WRONG_COUNTS: &str = "
    SELECT DISTINCT department_id FROM (
        SELECT department_id, status, assignee_id, sum(n) AS n FROM (
            SELECT department_id, status, assignee_id, n FROM conversation_counts WHERE account_id = $1
            UNION ALL
            SELECT department_id, status, coalesce(assignee_id, $2), -1 FROM conversations WHERE account_id = $1
        ) AS both_sides GROUP BY department_id, status, assignee_id
    ) AS sums WHERE n <> 0";

impl Store {
    /// Looks at everything. What cannot be read at all is an error: [`Error::Damaged`],
    /// [`Error::WrongKey`].
    pub async fn check(&self, access: &Access) -> Result<Checked> {
        let (messages, mut problems) = self.read(access, |read| read.check()).await?;
        let rows = self.read(access, |read| read.files()).await?;
        let (files, count) = (self.files().clone(), rows.len());
        let wrong = blocking(move || {
            let mut wrong = Vec::new();
            for row in rows {
                match files.verify(row.hash) {
                    Ok(size) if i64::try_from(size) == Ok(row.size) => {}
                    Ok(_) | Err(Error::FileDamaged(_)) => wrong.push(Problem::FileDamaged(row.id)),
                    Err(Error::FileMissing(_)) => wrong.push(Problem::FileMissing(row.id)),
                    Err(error) => return Err(error),
                }
            }
            Ok(wrong)
        })
        .await?;
        problems.extend(wrong);
        Ok(Checked { messages, files: count, problems })
    }
}

impl Read<'_> {
    /// How many messages there are, and what is wrong with the rows.
    fn check(&self) -> Result<(i64, Vec<Problem>)> {
        let account = self.account();
        let mut problems = Vec::new();
        if self.dialect() == Dialect::Sqlite {
            for question in ["PRAGMA integrity_check", "PRAGMA cipher_integrity_check"] {
                let said = self.rows(question, &[], |row| row.get::<String>(0))?;
                problems.extend(said.into_iter().filter(|said| said != "ok").map(Problem::Database));
            }
        }
        let messages = self.row(MESSAGES, params![account], |row| row.get(0))?.unwrap_or(0);
        let findable = self.count_findable()?;
        if findable != messages {
            problems.push(Problem::Search { found: findable, expected: messages });
        }
        let events = self.row(EVENTS, params![account], |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?))
        })?;
        if let Some((found, newest, expected)) =
            events.filter(|(found, newest, all)| found != all || newest != all)
        {
            problems.push(Problem::Events { found: found.min(newest), expected });
        }
        problems.extend(self.check_log()?);
        let without_raw = self.rows(WITHOUT_RAW, params![account, PROBLEMS_MAX], |row| row.get(0))?;
        problems.extend(without_raw.into_iter().map(Problem::RawMissing));
        let nobody = crate::Value::Uuid(uuid::Uuid::nil());
        let counts = self.rows(WRONG_COUNTS, &[account.into(), nobody], |row| row.get(0))?;
        problems.extend(counts.into_iter().map(Problem::Counts));
        Ok((messages, problems))
    }
}
