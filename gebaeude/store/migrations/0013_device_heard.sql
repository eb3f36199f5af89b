-- When a device was heard last, and the state of its battery where it tells: written by ingest every
-- few seconds, beside `device` and not in it, for a change there makes ingest read all channels anew.
CREATE TABLE device_heard (
    device_id     integer PRIMARY KEY REFERENCES device ON DELETE CASCADE,
    heard_at      timestamptz NOT NULL,
    battery       double precision,
    battery_unit  text
);
