-- The account's log of what was done, of which outsiders can check that it only grew: docs/evidence.md.
-- The first entry has number 0; `entry` is the bytes that are hashed.
CREATE TABLE evidence_entries (
    account_id uuid NOT NULL,
    entry bytea NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (account_id, number)
); -- numbered

-- Tiles of the tree over the entries: the lowest when they are full, those above as they grow.
CREATE TABLE evidence_tiles (
    account_id uuid NOT NULL,
    level bigint NOT NULL,
    position bigint NOT NULL,
    hashes bytea NOT NULL,            -- of 32 bytes, up to 256 of them
    PRIMARY KEY (account_id, level, position)
);

CREATE TABLE evidence_checkpoints (
    account_id uuid NOT NULL,
    size bigint NOT NULL,
    at bigint NOT NULL,
    note text NOT NULL,               -- as it was signed
    PRIMARY KEY (account_id, size)
); -- clustered

-- Acts outside the store that were announced and of whose end nobody has told yet.
CREATE TABLE evidence_intents (
    account_id uuid NOT NULL,
    act_id uuid NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (account_id, act_id)
); -- clustered

-- Beside the log, so that they can be erased: then nobody can tell of what a hash in it was.
CREATE TABLE evidence_salts (
    account_id uuid NOT NULL,
    about uuid NOT NULL,              -- the thing whose content was hashed
    name text NOT NULL,               -- by which name the entry gives the hash
    salt bytea NOT NULL,
    PRIMARY KEY (account_id, about, name)
); -- clustered

-- The first event that has an entry: those before it are older than the log.
ALTER TABLE account ADD COLUMN logged_from bigint NOT NULL DEFAULT 1;
UPDATE account SET logged_from = next_event;
