-- A mailbox whose mail lies at another server, from which Havn picks it up by IMAP: the account's
-- instruction, how far it came, and what is wrong.
CREATE TABLE pickups (
    account_id uuid NOT NULL,
    mailbox_id uuid NOT NULL,
    host text NOT NULL,
    port bigint NOT NULL,
    tls text NOT NULL,                -- none, starttls, implicit
    username text NOT NULL,
    password text,
    folder text NOT NULL,             -- as people read it
    takes_old boolean NOT NULL,       -- also what lay there before
    changed_at bigint NOT NULL,
    changed_by text NOT NULL,
    uid_validity bigint,              -- which numbering the folder has; null: never looked at
    last_uid bigint NOT NULL,         -- what comes up to here is done
    old_below bigint NOT NULL,        -- below: numbered anew; only what is younger than the pickup is taken
    trying_uid bigint NOT NULL,       -- the mail that a connection began with,
    tries bigint NOT NULL,            -- and how often without getting past it
    mails bigint NOT NULL,            -- picked up so far
    mail_at bigint,                   -- when the last one was
    looked_at bigint,                 -- when the folder was last seen whole
    fault text,                       -- what keeps it from being looked at; null: nothing
    fault_reply text NOT NULL,        -- what the other server said
    fault_at bigint,                  -- since when
    PRIMARY KEY (account_id, mailbox_id)
);

-- Mails that were left at the other server, so that the rest could go on.
CREATE TABLE pickup_left (
    account_id uuid NOT NULL,
    mailbox_id uuid NOT NULL,
    uid bigint NOT NULL,
    why text NOT NULL,                -- too-large, refused, broken
    size bigint NOT NULL,             -- as the server says
    tries bigint NOT NULL,
    next_at bigint,                   -- tried again then; null: never
    left_at bigint NOT NULL,
    PRIMARY KEY (account_id, mailbox_id, uid)
); -- clustered
