-- What lists show beside a conversation, written when it comes about, so that a list reads no message.
CREATE TABLE conversation_marks (
    account_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    mark text NOT NULL,               -- files: a message brought some; suspect: a sender proved nothing
    PRIMARY KEY (account_id, conversation_id, mark)
); -- clustered
INSERT INTO conversation_marks (account_id, conversation_id, mark)
    SELECT DISTINCT m.account_id, m.conversation_id, 'files' FROM messages m
    JOIN attachments a ON a.account_id = m.account_id AND a.message_id = m.id
    WHERE NOT a.inline;
INSERT INTO conversation_marks (account_id, conversation_id, mark)
    SELECT DISTINCT account_id, conversation_id, 'suspect' FROM messages
    WHERE facts LIKE '%"spam":true%' OR facts LIKE '%"dmarc":"fail"%'
        OR (facts LIKE '%"sender_not_verified":true%' AND facts NOT LIKE '%"dmarc":"not_checked"%');

-- The few letters that did not arrive.
CREATE INDEX messages_undelivered ON messages (account_id, conversation_id, number)
    WHERE state IN ('bounced', 'failed');

-- First letters that are still being written: one for each agent.
CREATE TABLE first_drafts (
    account_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    id uuid NOT NULL,                 -- by which draft_files names it
    mailbox_id uuid,                  -- from which it is written; null: not chosen yet
    to_typed text NOT NULL,           -- as typed: what is no address yet is kept too
    cc_typed text NOT NULL,
    subject text NOT NULL,
    html text NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (account_id, agent_id)
);
