//! Search: which conversations hold the words looked for, and are shown to the access.

mod words;

use ::words::{ConversationId, DepartmentId};

use crate::{
    Error, Read, Result, Row, Status, Tx, Value,
    connection::{Dialect, Indexing},
    dialect, params,
};

use self::words::tsvector;
pub use self::words::{Query, Remembered, Tokens, query, tokens};

/// Conversations on one page.
const PAGE_MAX: usize = 100;
/// Hits that are looked through for one page; the rest is left to the next.
const HITS_MAX: usize = 20_000;

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SearchFilter {
    /// Conversations of one status, or of all.
    pub status: Option<Status>,
    /// Conversations of one department, or of all that the access sees.
    pub department: Option<DepartmentId>,
}

/// A conversation that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchHit {
    /// Its id.
    pub conversation: ConversationId,
    /// The number of its newest message that holds what was looked for.
    pub message_number: i64,
}

/// A page of what was found, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPage {
    /// Each conversation once.
    pub hits: Vec<SearchHit>,
    /// Where the next page begins; none if this is the last.
    pub next: Option<i64>,
}

/// A message that holds what was looked for.
struct Hit {
    number: i64,
    conversation: ConversationId,
    last_message_number: i64,
    is_shown: bool,
}

impl Read<'_> {
    /// Conversations with a message that holds what is looked for, as far as the access sees, by their
    /// newest such message. `before` is the `next` of the page before.
    pub fn search(
        &self,
        query: &Query,
        filter: &SearchFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<SearchPage> {
        let limit = limit.clamp(1, PAGE_MAX);
        let words = self.look_for(query)?;
        let mut page = SearchPage::default();
        let (mut from, mut count) = (before.unwrap_or(i64::MAX), limit + limit / 4 + 1);
        let mut looked = 0;
        loop {
            let hits = self.hits(&words, filter, from, count)?;
            let is_last = hits.len() < count;
            looked += hits.len();
            for hit in hits {
                if page.hits.len() == limit {
                    page.next = Some(from);
                    return Ok(page);
                }
                from = hit.number;
                if hit.is_shown && !self.is_on_a_page(&page, &hit, before, &words)? {
                    page.hits.push(SearchHit { conversation: hit.conversation, message_number: hit.number });
                }
            }
            if is_last {
                return Ok(page);
            }
            if looked >= HITS_MAX {
                page.next = Some(from);
                return Ok(page);
            }
            count = (count * 2).min(2_000);
        }
    }

    /// Whether the conversation stands on this page already, or on one before: then it holds a newer
    /// message that was found.
    fn is_on_a_page(&self, page: &SearchPage, hit: &Hit, before: Option<i64>, words: &Value) -> Result<bool> {
        if page.hits.iter().any(|other| other.conversation == hit.conversation) {
            return Ok(true);
        }
        let Some(before) = before.filter(|before| hit.last_message_number >= *before) else {
            return Ok(false);
        };
        let sql = match self.dialect() {
            Dialect::Sqlite => dialect::sqlite::NEWER_HIT,
            Dialect::Postgres => dialect::postgres::NEWER_HIT,
        };
        let params = [self.account().into(), hit.conversation.into(), before.into(), words.clone()];
        Ok(self.row(sql, &params, |row| row.get::<i64>(0))?.is_some())
    }

    /// Up to `count` messages that hold the words, newest first.
    fn hits(&self, words: &Value, filter: &SearchFilter, before: i64, count: usize) -> Result<Vec<Hit>> {
        let (all, agent) = self.scope();
        let mut params = [
            self.account().into(),
            all,
            agent,
            before.into(),
            i64::try_from(count).map_err(|_| Error::Parameter(5))?.into(),
            filter.status.map(Status::name).into(),
            filter.department.into(),
            words.clone(),
        ];
        if self.dialect() == Dialect::Sqlite {
            return self.rows(dialect::sqlite::HITS, &params, hit);
        }
        let next = self.row(dialect::postgres::NEXT_MESSAGE, params![self.account()], |row| row.get(0))?;
        params[7] = next.unwrap_or(0).min(before).saturating_sub(dialect::postgres::NEAR).into();
        let mut hits = self.rows(dialect::postgres::NEAR_HITS, &params, hit)?;
        if hits.len() < count {
            params[4] = i64::try_from(count - hits.len()).map_err(|_| Error::Parameter(5))?.into();
            hits.extend(self.rows(dialect::postgres::FAR_HITS, &params, hit)?);
        }
        Ok(hits)
    }

    /// Makes the words looked for known where the database wants them; gives them as a parameter.
    fn look_for(&self, query: &Query) -> Result<Value> {
        match self.dialect() {
            Dialect::Sqlite => Ok(query.fts5().into()),
            Dialect::Postgres => {
                let words = Value::from(query.tsquery(self.account()));
                self.row(dialect::postgres::LOOK_FOR, std::slice::from_ref(&words), |_| Ok(()))?;
                Ok(words)
            }
        }
    }

    /// How many messages are findable.
    pub(crate) fn count_findable(&self) -> Result<i64> {
        let sql = match self.dialect() {
            Dialect::Sqlite => dialect::sqlite::COUNT_FINDABLE,
            Dialect::Postgres => {
                self.row(dialect::postgres::LOOK_FOR, params![dialect::postgres::EVERYTHING], |_| Ok(()))?;
                dialect::postgres::COUNT_FINDABLE
            }
        };
        Ok(self.row(sql, params![self.account()], |row| row.get(0))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Makes a new message findable by its words, once the unit is kept.
    pub fn index_message(&mut self, number: i64, tokens: &Tokens) -> Result<()> {
        match self.dialect() {
            Dialect::Sqlite => {
                self.index_later(Indexing::Add(number, tokens.as_str().to_owned()));
                Ok(())
            }
            Dialect::Postgres => {
                let account = self.account();
                self.change_one(dialect::postgres::INDEX, params![account, number, tsvector(tokens, account)])
            }
        }
    }

    /// Makes a message findable by other words than before.
    pub fn reindex_message(&mut self, number: i64, tokens: &Tokens) -> Result<()> {
        self.unindex_message(number)?;
        self.index_message(number, tokens)
    }

    /// Takes a message out of the search. One that is not in it is left alone.
    pub fn unindex_message(&mut self, number: i64) -> Result<()> {
        match self.dialect() {
            Dialect::Sqlite => self.index_later(Indexing::Remove(number)),
            Dialect::Postgres => {
                self.row(dialect::postgres::LOOK_FOR, params![dialect::postgres::EVERYTHING], |_| Ok(()))?;
                self.change(dialect::postgres::UNINDEX, params![self.account(), number])?;
            }
        }
        Ok(())
    }
}

fn hit(row: &Row<'_>) -> Result<Hit> {
    Ok(Hit {
        number: row.get(0)?,
        conversation: row.get(1)?,
        last_message_number: row.get(2)?,
        is_shown: row.get(3)?,
    })
}
