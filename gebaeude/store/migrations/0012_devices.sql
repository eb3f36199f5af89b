-- Which kind of device it is: the key of a profile.
ALTER TABLE device ADD COLUMN profile text;

-- The inbox groups kept messages by the device that sent them, and a claim replays those of one.
CREATE INDEX quarantine_by_device ON quarantine (format, device, id)
    INCLUDE (reason, first_at, last_at, times) WHERE device IS NOT NULL;

-- Readings that a wrong attachment had made: kept as the device had sent them, until the field is
-- attached again and they become readings of the right point. The device is named as it names
-- itself, for it may be unknown again by then.
CREATE TABLE withdrawn (
    format   text NOT NULL,
    device   text NOT NULL,
    field    text NOT NULL,
    time     timestamptz NOT NULL,
    value    double precision NOT NULL,   -- before the channel's factor
    unit     text NOT NULL,               -- of that value
    quality  smallint NOT NULL,
    PRIMARY KEY (format, device, field, time)
);

-- Who attached and detached what, and when.
CREATE TABLE device_event (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    format  text NOT NULL,
    device  text NOT NULL,
    actor   text NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('claimed', 'replaced', 'released')),
    detail  jsonb NOT NULL
);
CREATE INDEX ON device_event (format, device, id);
