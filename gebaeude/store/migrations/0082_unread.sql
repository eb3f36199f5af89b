-- Devices that were attached while not all that is kept of them is read yet. Whoever attaches one
-- marks it in the same transaction, and whoever has read everything takes the mark away: what dies
-- between leaves it to the worker.
CREATE TABLE unread (
    device_id integer PRIMARY KEY REFERENCES device ON DELETE CASCADE,
    since timestamptz NOT NULL  -- of the newest attachment
);
ALTER TABLE unread ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON unread USING (device_id IN (SELECT scope.devices()));

-- What was left lying so far: a known device has no messages of an unknown one.
INSERT INTO unread
SELECT id, now() FROM device
WHERE (format, external_id) IN (SELECT format, device FROM quarantine WHERE reason = 'unknown_device');
