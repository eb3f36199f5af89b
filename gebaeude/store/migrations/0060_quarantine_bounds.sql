-- What the bounds of quarantine made us drop: numbers outlive the messages.
CREATE TABLE quarantine_dropped (
    day       date NOT NULL,             -- UTC, on which they were dropped
    cause     text NOT NULL CHECK (cause IN ('age', 'size')),
    reason    text NOT NULL,             -- for which they had been kept
    messages  bigint NOT NULL,           -- different ones
    times     bigint NOT NULL,           -- how often they had come, all together
    newest    timestamptz NOT NULL,      -- when one of them last came
    PRIMARY KEY (day, cause, reason)
);
