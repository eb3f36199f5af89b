-- Several ingests share the messages. Each generation is one way of dealing them out: the sessions
-- that take part, by their client ids, in the order that counts. A message of the broker itself
-- says where in the stream a generation begins.
CREATE TABLE ingest_generation (
    number   bigint PRIMARY KEY,
    members  text[] NOT NULL,
    made_at  timestamptz NOT NULL DEFAULT now()
);

-- Which generation each session goes by. It lags behind until the session has come to that message.
CREATE TABLE ingest_session (
    client      text PRIMARY KEY,
    generation  bigint NOT NULL REFERENCES ingest_generation
);

-- The channels stay as they are until the transaction ends; raises GB001 where they are no longer of
-- this version. A lock of the table and not of the row: whoever wants to change them waits for those
-- who write now, and those who come after him wait for him. With shared locks of the row several
-- ingests that write by turns would keep him waiting for ever.
CREATE FUNCTION hold_channels(expected bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE channels_version IN SHARE MODE;
    -- A statement of its own: it sees what was committed while the lock was waited for.
    PERFORM FROM channels_version WHERE version = expected;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the channels have changed' USING ERRCODE = 'GB001';
    END IF;
END
$$;
