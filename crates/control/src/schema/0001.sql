-- Control data. Instants are microseconds since 1970 UTC; ids are the 16 bytes of a UUID.

-- What the region's key answers when it is asked for its name; the key itself lies elsewhere.
CREATE TABLE region_keys (
    region TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE data_centres (
    name TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    state TEXT NOT NULL,             -- creating, active
    wrapped_key BLOB NOT NULL,       -- under the region's key
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Processes that hold accounts; one row is renewed for all that a process holds.
CREATE TABLE holders (
    id TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE homes (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id),
    data_centre TEXT NOT NULL REFERENCES data_centres (name),
    fencing INTEGER NOT NULL,        -- rises with each new holder
    holder TEXT                      -- a row of holders; gone: nobody holds it
) STRICT, WITHOUT ROWID;
CREATE INDEX homes_by_holder ON homes (holder);

-- Whose a mail address is: an address belongs to one account.
CREATE TABLE mailboxes (
    address_key TEXT PRIMARY KEY,    -- lower case
    domain TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    mailbox_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mailboxes_by_domain ON mailboxes (domain);
CREATE INDEX mailboxes_by_account ON mailboxes (account_id);

-- Domains all of whose addresses are reply addresses of one account.
CREATE TABLE reply_domains (
    name TEXT PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;

-- One short automatic mail per address and day over all accounts.
CREATE TABLE automatic_mail (
    day INTEGER NOT NULL,            -- days since 1970 UTC
    address_hash BLOB NOT NULL,      -- with the pepper below, so that nobody reads addresses here
    PRIMARY KEY (day, address_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE pepper (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret TEXT NOT NULL
) STRICT;

-- Each time an account's key was unwrapped: an intent, and its outcome. It lies here and not in the
-- account's store, because the store cannot be written before its key is unwrapped.
CREATE TABLE key_uses (
    id INTEGER PRIMARY KEY,
    account_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    principal TEXT NOT NULL,
    outcome TEXT                     -- opened, failed; null: not known
) STRICT;
CREATE INDEX key_uses_by_account ON key_uses (account_id, id);
