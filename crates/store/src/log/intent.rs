//! Table `evidence_intents`: acts outside the store that were announced and are not over.

use evidence::{Act, Ending, Kind, Stage};
use words::{ActId, Time};

use crate::{Error, Read, Result, Tx, params};

/// Intents that are settled at once.
const INTENTS_MAX: i64 = 1_000;

const OPEN: &str = "SELECT act_id, kind FROM evidence_intents WHERE account_id = $1 ORDER BY act_id LIMIT $2";
const BEGIN: &str = "INSERT INTO evidence_intents (account_id, act_id, kind) VALUES ($1, $2, $3)";
const END: &str = "DELETE FROM evidence_intents WHERE account_id = $1 AND act_id = $2";

impl Read<'_> {
    /// The acts that were announced and of whose end nobody has told, up to 1,000.
    pub fn open_intents(&self) -> Result<Vec<(Kind, ActId)>> {
        self.rows(OPEN, params![self.account(), INTENTS_MAX], |row| {
            let id: ActId = row.get(0)?;
            let kind = Kind::of(&row.get::<String>(1)?).ok_or(Error::Column(1))?;
            Ok((kind, id))
        })
    }
}

impl Tx<'_> {
    /// Tells of each act that was announced before the start of this process that its end is not known:
    /// nobody is left who could tell. Gives how many, up to 1,000: until it gives none, there may be more.
    pub fn settle_intents(&mut self, start: Time) -> Result<usize> {
        let mut open = self.open_intents()?;
        open.retain(|(_, id)| was_made_before(*id, start));
        for (kind, id) in &open {
            self.record(Act::outcome(*kind, *id, Ending::Unknown))?;
        }
        Ok(open.len())
    }

    /// Keeps an intent in mind until its outcome comes.
    pub(super) fn follow_intent(&mut self, act: &Act) -> Result<()> {
        let account = self.account();
        match act.stage() {
            Stage::Act => Ok(()),
            Stage::Intent(id) => self.change_one(BEGIN, params![account, id, act.kind().name()]),
            // An outcome that comes after the act was given up as unknown is told all the same.
            Stage::Outcome(id, _) => self.change(END, params![account, id]).map(|_| ()),
        }
    }
}

/// Whether an id was made before this moment. The id itself says when, by the clock of its maker.
fn was_made_before(id: ActId, moment: Time) -> bool {
    let made = id.uuid().get_timestamp().map(|at| at.to_unix());
    made.is_none_or(|(seconds, nanos)| {
        let micros = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
        micros.saturating_add(i64::from(nanos / 1_000)) < moment.micros()
    })
}
