-- name: mark(device_id)!
-- What is kept of the device is to be read by the channels that it has from now on.
INSERT INTO unread (device_id, since) VALUES (:device_id, clock_timestamp())
ON CONFLICT (device_id) DO UPDATE SET since = excluded.since;

-- name: since(format, device)$
-- Since when that is so; nothing where all is read.
SELECT since FROM unread JOIN device ON device.id = device_id
WHERE format = :format AND external_id = :device;

-- name: forget(format, device, since)!
-- All is read, unless something was attached meanwhile.
DELETE FROM unread USING device
WHERE device.id = device_id AND format = :format AND external_id = :device AND since = :since;

-- name: devices()
-- Those with something unread, the one that waits longest first.
SELECT format, external_id FROM unread JOIN device ON device.id = device_id ORDER BY since;

-- name: lock(format, device)!
-- Waits until nobody else reads what is kept of the device.
SELECT pg_advisory_lock(hashtextextended(:format || '/' || :device, 82));

-- name: try_lock(format, device)$
-- Whether nobody else does.
SELECT pg_try_advisory_lock(hashtextextended(:format || '/' || :device, 82));

-- name: unlock(format, device)!
SELECT pg_advisory_unlock(hashtextextended(:format || '/' || :device, 82));
