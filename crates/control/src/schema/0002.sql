-- The register of sub-processors: each change in order. The state is what they make (crate register).
CREATE TABLE register_changes (
    number INTEGER PRIMARY KEY,      -- from 1, without gaps
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    change TEXT NOT NULL,            -- JSON
    salt BLOB NOT NULL               -- of the hash that the log's entry gives of the change
) STRICT;

-- The operator's log: an act and its entry commit as one (crate evidence).
CREATE TABLE log_entries (
    number INTEGER PRIMARY KEY,      -- from 0
    entry BLOB NOT NULL
) STRICT;

-- Tiles of its tree, but for those of the lowest level that are not full: those are the entries' hashes.
CREATE TABLE log_tiles (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

-- What was signed of it.
CREATE TABLE log_checkpoints (
    size INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
