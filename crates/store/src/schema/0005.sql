-- Which way the account's mail leaves: relay, or straight to the servers of those it writes to.
ALTER TABLE account ADD COLUMN mail_way text NOT NULL DEFAULT 'relay';
