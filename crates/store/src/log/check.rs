//! Whether the log is whole: entries against tiles, and events against entries.

use evidence::{Checkpoint, Edge, Entry, EntryError, Ref, RefName, TILE_WIDTH, Tile};

use super::append::{size, tile};
use crate::{Problem, Read, Result, params};

/// Problems of the log that are told.
const PROBLEMS_MAX: usize = 1_000;

const EVENTS: &str = "SELECT logged_from, next_event FROM account WHERE account_id = $1";

/// How far the check has come.
struct Walk {
    edge: Edge,
    /// The event that the next entry of an event must tell of.
    next_event: u64,
    problems: Vec<Problem>,
}

impl Read<'_> {
    /// What is wrong with the log.
    pub(crate) fn check_log(&self) -> Result<Vec<Problem>> {
        let account = self.account();
        let events =
            self.row(EVENTS, params![account], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)))?;
        let Some((first, next)) = events else { return Ok(Vec::new()) };
        let next_event = u64::try_from(first).unwrap_or(1);
        let mut walk = Walk { edge: Edge::empty(), next_event, problems: Vec::new() };
        let size = self.ask(|database| size(database, account))?;
        let signed = self.checkpoint_up_to(size)?;
        let signed = signed.and_then(|kept| Checkpoint::read(&kept.note).ok());
        while walk.edge.size() < size && walk.problems.len() < PROBLEMS_MAX {
            let from = walk.edge.size();
            let entries = self.log_entries(from, from + TILE_WIDTH)?;
            if entries.is_empty() {
                walk.problems.push(Problem::Entry(from));
                break;
            }
            for entry in &entries {
                self.look_at(&mut walk, entry)?;
                if let Some(signed) = &signed
                    && signed.size == walk.edge.size()
                    && signed.root != walk.edge.root()
                {
                    walk.problems.push(Problem::LogNotAsSigned(signed.size));
                }
            }
        }
        if super::KEEPS_EVIDENCE && i64::try_from(walk.next_event) != Ok(next) && walk.problems.is_empty() {
            walk.problems.push(Problem::EventWithoutEntry(walk.next_event));
        }
        Ok(walk.problems)
    }

    fn look_at(&self, walk: &mut Walk, bytes: &[u8]) -> Result<()> {
        let number = walk.edge.size();
        match Entry::read(bytes) {
            Ok(entry) if entry.number == number => {
                if let Some(Ref::Number(event)) = entry.act.reference(RefName::Event) {
                    if *event != walk.next_event {
                        walk.problems.push(Problem::EventWithoutEntry(walk.next_event));
                    }
                    walk.next_event = event + 1;
                }
            }
            // Written by a newer program; the tree covers it all the same.
            Err(EntryError::Unknown) => {}
            _ => walk.problems.push(Problem::Entry(number)),
        }
        for tile in walk.edge.append(bytes) {
            self.compare(walk, &tile)?;
        }
        Ok(())
    }

    /// Compares what a tile is with what it must be. One that grows is compared as far as it has come.
    fn compare(&self, walk: &mut Walk, tile_now: &Tile) -> Result<()> {
        let stored = self.ask(|database| tile(database, self.account(), tile_now.id))?;
        // Above an entry that is not what it was, no tile is.
        if stored == tile_now.hashes || (tile_now.id.level > 0 && !walk.problems.is_empty()) {
            return Ok(());
        }
        let hashes = tile_now.hashes.chunks(evidence::HASH_BYTES).zip(stored.chunks(evidence::HASH_BYTES));
        let wrong = (0_u64..).zip(hashes).find(|(_, (ours, theirs))| ours != theirs);
        let problem = match wrong {
            Some((place, _)) if tile_now.id.level == 0 => {
                Problem::Entry(tile_now.id.position * TILE_WIDTH + place)
            }
            _ => Problem::Tile(tile_now.id.path()),
        };
        walk.problems.push(problem);
        Ok(())
    }
}
