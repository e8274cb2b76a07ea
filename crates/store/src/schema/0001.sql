-- One schema for both databases. SQLite takes PostgreSQL's type names as they are (its affinities:
-- bigint is INTEGER, text is TEXT, the others keep what they are given). Instants are microseconds
-- since 1970 UTC. Every key begins with account_id. The table for search differs: see dialect/. What is
-- marked `clustered` lies in its primary key itself on SQLite (see migrate.rs): small rows, one tree less. In
-- what is marked `numbered` the number is the row's place there.

CREATE TABLE account (
    account_id uuid PRIMARY KEY,
    name text NOT NULL,
    language text NOT NULL,
    time_zone text NOT NULL,
    fencing bigint NOT NULL,          -- the number of the lease that wrote last
    next_event bigint NOT NULL,
    next_message bigint NOT NULL,     -- also the row number in search
    next_conversation bigint NOT NULL,
    acknowledgement text,             -- the automatic answer; null: none is sent
    created_at bigint NOT NULL
);

-- Keys of the signed part of our Message-IDs and reply addresses; the newest signs, all verify.
CREATE TABLE reply_keys (
    account_id uuid NOT NULL,
    key_id bigint NOT NULL,
    secret bytea NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, key_id)
);

CREATE TABLE departments (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    from_name text NOT NULL,          -- the name in From
    signature text NOT NULL,          -- clean HTML
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name)
);

CREATE TABLE mailboxes (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    address text NOT NULL,
    address_key text NOT NULL,        -- lower case
    department_id uuid NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, address_key)
);

CREATE TABLE relay (
    account_id uuid PRIMARY KEY,
    host text NOT NULL,
    port bigint NOT NULL,
    tls text NOT NULL,                -- none, starttls, implicit
    username text,
    password text,
    changed_at bigint NOT NULL,
    changed_by text NOT NULL
);

CREATE TABLE domains (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    selector text NOT NULL,
    private_key bytea NOT NULL,       -- PKCS#8
    record text NOT NULL,             -- the TXT record to publish
    checked_at bigint,
    check_result text,                -- found, missing, different, not-checked
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name)
);

CREATE TABLE tags (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    colour bigint NOT NULL,           -- 0 to 7
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
);

CREATE TABLE agents (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    address_key text NOT NULL,
    role text NOT NULL,               -- agent, admin, owner
    all_departments boolean NOT NULL,
    language text NOT NULL,
    password_hash text,               -- argon2id; null: cannot log in with one
    disabled_at bigint,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, address_key)
);

CREATE TABLE agent_departments (
    account_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    department_id uuid NOT NULL,
    PRIMARY KEY (account_id, agent_id, department_id)
); -- clustered

CREATE TABLE invitations (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    agent_id uuid NOT NULL,           -- the agent that it lets in
    ends_at bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, token_hash)
);

CREATE TABLE sessions (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    agent_id uuid NOT NULL,
    form_token text NOT NULL,         -- against forged forms
    style_nonce text NOT NULL,
    browser text NOT NULL,            -- first words of User-Agent
    remote text NOT NULL,             -- network address at log-in
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, token_hash)
);
CREATE INDEX sessions_by_agent ON sessions (account_id, agent_id);

CREATE TABLE tokens (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    agent_id uuid NOT NULL,           -- on whose behalf it acts
    scope text NOT NULL,              -- read, write
    created_at bigint NOT NULL,
    used_at bigint,
    ends_at bigint,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, token_hash)
);

CREATE TABLE contacts (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE contact_addresses (
    account_id uuid NOT NULL,
    address_key text NOT NULL,
    address text NOT NULL,
    contact_id uuid NOT NULL,
    proved_at bigint,                 -- an authenticated mail came from it
    PRIMARY KEY (account_id, address_key)
);
CREATE INDEX contact_addresses_by_contact ON contact_addresses (account_id, contact_id);

CREATE TABLE conversations (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL,
    subject text NOT NULL,
    preview text NOT NULL,            -- first words of the newest letter
    status text NOT NULL,             -- open, snoozed, closed, spam
    department_id uuid NOT NULL,
    assignee_id uuid,
    contact_id uuid NOT NULL,
    contact_name text NOT NULL,       -- as the list shows it
    contact_address text NOT NULL,
    waiting_since bigint,             -- the oldest letter without an answer
    snoozed_until bigint,
    last_message_at bigint NOT NULL,
    last_message_number bigint NOT NULL,
    message_count bigint NOT NULL,
    tags text NOT NULL,               -- names, joined by line ends, for the list
    linked_id uuid,                   -- the conversation it was kept apart from, or its twin
    linked_reason text,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, number)
);
CREATE INDEX conversations_by_status ON conversations (account_id, status, last_message_at, id);
CREATE INDEX conversations_by_assignee ON conversations (account_id, assignee_id, status, last_message_at, id);
CREATE INDEX conversations_by_department ON conversations (account_id, department_id, status, last_message_at, id);
CREATE INDEX conversations_by_time ON conversations (account_id, last_message_at, id);
CREATE INDEX conversations_by_waiting ON conversations (account_id, status, waiting_since);
CREATE INDEX conversations_by_contact ON conversations (account_id, contact_id, last_message_at);
CREATE INDEX conversations_by_snooze ON conversations (account_id, snoozed_until)
    WHERE snoozed_until IS NOT NULL;

-- How many conversations lie where, kept in the transaction that moves one.
CREATE TABLE conversation_counts (
    account_id uuid NOT NULL,
    department_id uuid NOT NULL,
    status text NOT NULL,
    assignee_id uuid NOT NULL,        -- all zeros: nobody
    n bigint NOT NULL,
    PRIMARY KEY (account_id, department_id, status, assignee_id)
); -- clustered

CREATE TABLE conversation_tags (
    account_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    PRIMARY KEY (account_id, conversation_id, tag_id)
); -- clustered
CREATE INDEX conversation_tags_by_tag ON conversation_tags (account_id, tag_id, conversation_id);

CREATE TABLE participants (
    account_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    address_key text NOT NULL,
    address text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,               -- contact: writes and reads; reader: an agent answered to them; seen: named in a Cc only
    PRIMARY KEY (account_id, conversation_id, address_key)
); -- clustered

CREATE TABLE messages (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL,
    conversation_id uuid NOT NULL,
    kind text NOT NULL,               -- letter-in, letter-out, note
    author text NOT NULL,             -- a principal, or contact:<id>
    author_name text NOT NULL,
    from_address text NOT NULL,
    envelope text NOT NULL,           -- JSON: to, cc, reply_to as sent or received
    subject text NOT NULL,
    message_id text NOT NULL,         -- the header, without brackets
    created_at bigint NOT NULL,       -- came, or was written
    dated_at bigint,                  -- the Date header
    text text NOT NULL,
    html text,                        -- of notes and letters out: clean HTML; letters in: see raw_letters
    preview text NOT NULL,
    facts text NOT NULL,              -- JSON: marks, authentication, automatic, why it joined or did not
    state text NOT NULL,              -- received, waiting (can be undone), queued, sent, deferred, bounced, failed, note
    send_at bigint,                   -- when the ten seconds are over
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, number)
);
CREATE INDEX messages_by_conversation ON messages (account_id, conversation_id, number);
CREATE INDEX messages_by_sending ON messages (account_id, send_at) WHERE state = 'waiting';

-- By which a mail is found again: the SHA-256 of its Message-ID (for threads), or of mailbox and
-- content (for duplicates).
CREATE TABLE message_keys (
    account_id uuid NOT NULL,
    key bytea NOT NULL,
    message_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    PRIMARY KEY (account_id, key, conversation_id)
); -- clustered
CREATE INDEX message_keys_by_message ON message_keys (account_id, message_id);

CREATE TABLE raw_letters (
    account_id uuid NOT NULL,
    message_id uuid NOT NULL,
    size bigint NOT NULL,
    bytes bytea,                      -- up to 256 KiB
    file_id uuid,                     -- else
    trace text NOT NULL,              -- how it came: our own lines, never mixed into the raw mail
    PRIMARY KEY (account_id, message_id)
);

CREATE TABLE attachments (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    content_id text,
    inline boolean NOT NULL,
    kind text NOT NULL,
    part text,                        -- where in the raw mail, for letters that came
    file_id uuid,                     -- else
    PRIMARY KEY (account_id, id)
);
CREATE INDEX attachments_by_message ON attachments (account_id, message_id, position);

CREATE TABLE files (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    hash bytea NOT NULL,              -- SHA-256 of the content
    size bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, hash)
);

CREATE TABLE deliveries (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    recipient text NOT NULL,
    state text NOT NULL,              -- queued, sending, sent, deferred, bounced, failed
    attempts bigint NOT NULL,
    next_at bigint NOT NULL,
    last_reply text NOT NULL,         -- what the other side said
    maybe_twice boolean NOT NULL,     -- a try whose end we do not know
    caused_by text NOT NULL,          -- a principal
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX deliveries_by_time ON deliveries (account_id, state, next_at);
CREATE INDEX deliveries_by_message ON deliveries (account_id, message_id);

CREATE TABLE events (
    account_id uuid NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    kind text NOT NULL,
    conversation_id uuid,
    message_id uuid,
    department_id uuid,               -- who may see it
    caused_by text NOT NULL,
    data text NOT NULL,               -- JSON
    PRIMARY KEY (account_id, number)
); -- numbered
CREATE INDEX events_by_conversation ON events (account_id, conversation_id, number);

CREATE TABLE drafts (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    kind text NOT NULL,               -- answer, note
    html text NOT NULL,
    recipients text NOT NULL,         -- JSON
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, conversation_id, agent_id, kind)
);

CREATE TABLE draft_files (
    account_id uuid NOT NULL,
    draft_id uuid NOT NULL,
    position bigint NOT NULL,
    file_id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY (account_id, draft_id, position)
);

CREATE TABLE reads (
    account_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_number bigint NOT NULL,   -- the newest that the agent has seen
    PRIMARY KEY (account_id, agent_id, conversation_id)
); -- clustered

CREATE TABLE idempotency (
    account_id uuid NOT NULL,
    token_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status bigint NOT NULL,
    response text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (account_id, token_id, key)
);

CREATE TABLE imports (
    account_id uuid NOT NULL,
    source text NOT NULL,             -- the folder or file
    position text NOT NULL,           -- how far it came
    taken bigint NOT NULL,
    doubled bigint NOT NULL,
    odd text NOT NULL,                -- JSON: count by what was odd
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, source)
);
