-- Which messages the broker may deliver a second time, and when each first came: one page for each
-- transaction of ingest, the newest ones of each session.
CREATE TABLE delivery (
    client   text NOT NULL,     -- the session's client id
    number   bigint NOT NULL,   -- of the page
    entries  bytea NOT NULL,    -- packed: message id, checksum, moment
    PRIMARY KEY (client, number)
);
-- Compressing them would cost more than it saves.
ALTER TABLE delivery ALTER COLUMN entries SET STORAGE EXTERNAL;
