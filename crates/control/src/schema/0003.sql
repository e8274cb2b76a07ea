-- Which entry of the operator's log tells of an account's checkpoint.
CREATE TABLE account_checkpoints (
    account_id BLOB NOT NULL,
    size INTEGER NOT NULL,           -- entries of the account's log
    number INTEGER NOT NULL,         -- of the entry; the last, if there are two: the account's log was forked
    PRIMARY KEY (account_id, size)
) STRICT, WITHOUT ROWID;
