-- name: begin_change()!
-- Waits for the batches that ingest is writing by the present channels, and holds up the next ones
-- until this is done: none is resolved by the old channels and written after. One at a time.
UPDATE channels_version SET version = version + 1;

-- name: building(key)$
SELECT id FROM building WHERE key = :key;

-- name: put_device(building_id, format, device, name, profile)$
-- The device as it is now; what it is attached to stands in its channels.
INSERT INTO device (building_id, format, external_id, name, profile)
VALUES (:building_id, :format, :device, :name, :profile)
ON CONFLICT (format, external_id) DO UPDATE
SET building_id = excluded.building_id, name = excluded.name,
    profile = coalesce(excluded.profile, device.profile)
RETURNING id;

-- name: put_space(building_id, name)$
INSERT INTO space (building_id, name) VALUES (:building_id, :name)
ON CONFLICT (building_id, name) DO UPDATE SET name = excluded.name
RETURNING id;

-- name: add_point(building_id, space_id, key, name, medium, quantity, unit, kind, interval_s)$
-- Nothing where the building has a point of this key.
INSERT INTO point (building_id, space_id, key, name, medium, quantity, unit, kind, interval_s)
VALUES (:building_id, :space_id, :key, :name, :medium, :quantity, :unit, :kind, :interval_s)
ON CONFLICT (building_id, key) DO NOTHING
RETURNING id;

-- name: point(building_id, key)^
SELECT id, unit FROM point WHERE building_id = :building_id AND key = :key;

-- name: attachments(format, device)
-- All channels of a device, past and present, in the order of time.
SELECT device.id, channel.field,
       CASE WHEN valid_from > '-infinity' THEN valid_from END,
       CASE WHEN valid_to < 'infinity' THEN valid_to END,
       point.id, building.key, point.key, point.name, point.unit, channel.unit, channel.factor
FROM device
JOIN channel ON channel.device_id = device.id
LEFT JOIN point ON point.id = channel.point_id
LEFT JOIN building ON building.id = point.building_id
WHERE device.format = :format AND device.external_id = :device
ORDER BY channel.field, valid_from;

-- name: drop_channel(device_id, field, since)!
DELETE FROM channel
WHERE device_id = :device_id AND field = :field
    AND valid_from = coalesce(:since::timestamptz, '-infinity');

-- name: add_channel(device_id, field, since, until, point_id, unit, factor)!
INSERT INTO channel (device_id, field, valid_from, valid_to, point_id, unit, factor)
VALUES (:device_id, :field, coalesce(:since::timestamptz, '-infinity'),
        coalesce(:until::timestamptz, 'infinity'), :point_id, :unit, :factor);

-- name: drop_device(format, device)!
-- Forgets a device that is attached to nothing any more: it is unknown again.
DELETE FROM device
WHERE format = :format AND external_id = :device
    AND NOT EXISTS (SELECT FROM channel WHERE channel.device_id = device.id);

-- name: other_feeders(point_id, device_id, since, until)
-- Who else sends to a point during a span in which the point has readings.
SELECT DISTINCT device.name
FROM channel JOIN device ON device.id = channel.device_id
WHERE channel.point_id = :point_id AND device.id <> :device_id
    AND valid_from < coalesce(:until::timestamptz, 'infinity')
    AND valid_to > coalesce(:since::timestamptz, '-infinity')
    AND EXISTS (SELECT FROM reading WHERE reading.point_id = :point_id
                AND time >= coalesce(:since::timestamptz, '-infinity')
                AND time < coalesce(:until::timestamptz, 'infinity'));

-- name: withdraw(format, device, field, unit, scale, shift, point_id, since, until)!
-- Takes readings away from a point and keeps them as they were sent: (value − shift) / scale.
WITH gone AS (
    DELETE FROM reading
    WHERE point_id = :point_id AND time >= coalesce(:since::timestamptz, '-infinity')
        AND time < coalesce(:until::timestamptz, 'infinity')
    RETURNING time, value, quality
)
INSERT INTO withdrawn (format, device, field, time, value, unit, quality)
SELECT :format, :device, :field, time, (value - :shift) / :scale, :unit, quality FROM gone
ON CONFLICT (format, device, field, time) DO UPDATE
SET value = excluded.value, unit = excluded.unit, quality = excluded.quality;

-- name: withdrawn_units(format, device, field)
SELECT DISTINCT unit FROM withdrawn
WHERE format = :format AND device = :device AND field = :field;

-- name: restore(format, device, field, unit, scale, shift, point_id, since, until)!
-- Makes withdrawn values readings of a point: value · scale + shift. What came since then counts.
WITH back AS (
    DELETE FROM withdrawn
    WHERE format = :format AND device = :device AND field = :field AND unit = :unit
        AND time >= coalesce(:since::timestamptz, '-infinity')
        AND time < coalesce(:until::timestamptz, 'infinity')
    RETURNING time, value, quality
)
INSERT INTO reading (point_id, time, value, quality)
SELECT :point_id, time, value * :scale + :shift, quality FROM back
ON CONFLICT (point_id, time) DO NOTHING;

-- name: add_event(format, device, actor, kind, detail)!
INSERT INTO device_event (format, device, actor, kind, detail)
VALUES (:format, :device, :actor, :kind, :detail);

-- name: events(format, device)
-- What was done to a device, the newest first.
SELECT at, actor, kind, detail FROM device_event
WHERE format = :format AND device = :device ORDER BY id DESC LIMIT 100;
