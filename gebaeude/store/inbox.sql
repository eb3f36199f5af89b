-- name: waiting(format, device, limit)
-- What is kept of devices that could be attached, by device, the one heard last first; all or one.
SELECT coalesce(k.format, w.format), coalesce(k.device, w.device), coalesce(k.messages, 0),
       k.first_at, k.last_at, coalesce(k.reasons, '{}'), coalesce(w.readings, 0),
       device.name, building.key, building.name, device.profile,
       EXISTS (SELECT FROM unread WHERE device_id = device.id)
FROM (SELECT format, device, sum(times)::bigint AS messages, min(first_at) AS first_at,
             max(last_at) AS last_at, array_agg(DISTINCT reason ORDER BY reason) AS reasons
      FROM quarantine
      WHERE reason IN ('unknown_device', 'unknown_field', 'undecoded') AND format IS NOT NULL
          AND device IS NOT NULL AND (:format::text IS NULL OR (format, device) = (:format, :device))
      GROUP BY format, device) AS k
FULL JOIN (SELECT format, device, count(*) AS readings FROM withdrawn
           WHERE :format::text IS NULL OR (format, device) = (:format, :device)
           GROUP BY format, device) AS w
    ON w.format = k.format AND w.device = k.device
LEFT JOIN device ON device.format = coalesce(k.format, w.format)
    AND device.external_id = coalesce(k.device, w.device)
LEFT JOIN building ON building.id = device.building_id
ORDER BY k.last_at DESC NULLS LAST, 1, 2 LIMIT :limit;

-- name: newest(format, device, count)
-- The messages that came last of what is kept of a device.
SELECT topic, payload, retained, (extract(epoch FROM last_at) * 1000000)::bigint
FROM quarantine WHERE format = :format AND device = :device
ORDER BY id DESC LIMIT :count;

-- name: withdrawn(format, device)
-- Of each field that has withdrawn readings, the newest of them.
SELECT DISTINCT ON (field) field, value, unit, time FROM withdrawn
WHERE format = :format AND device = :device ORDER BY field, time DESC;

-- name: devices(building, format, device)
-- All devices with what they feed now; those of a building, or one.
SELECT device.format, device.external_id, device.name, building.key, building.name, device.profile,
       heard.heard_at, heard.battery, heard.battery_unit, heard.signal, heard.signal_unit,
       coalesce(fed.points, '{}'),
       (SELECT coalesce(sum(times), 0)::bigint FROM quarantine q
        WHERE q.format = device.format AND q.device = device.external_id),
       EXISTS (SELECT FROM unread WHERE device_id = device.id)
FROM device
JOIN building ON building.id = device.building_id
LEFT JOIN device_heard AS heard ON heard.device_id = device.id
LEFT JOIN (SELECT channel.device_id, array_agg(point.key ORDER BY channel.field) AS points
           FROM channel JOIN point ON point.id = channel.point_id
           WHERE valid_from <= now() AND valid_to > now()
           GROUP BY channel.device_id) AS fed ON fed.device_id = device.id
WHERE (:building::text IS NULL OR building.key = :building)
    AND (:format::text IS NULL OR (device.format, device.external_id) = (:format, :device))
ORDER BY building.name, device.name, device.external_id;

-- name: hear(formats, devices, times, batteries, battery_units, signals, signal_units)!
-- When devices were heard last, and how battery and radio are where they said so. What is decoded
-- again later says nothing new of either.
INSERT INTO device_heard AS known
    (device_id, heard_at, battery, battery_unit, signal, signal_unit)
SELECT device.id, to_timestamp(heard.time / 1e6),
       heard.battery, heard.battery_unit, heard.signal, heard.signal_unit
FROM unnest(:formats::text[], :devices::text[], :times::bigint[], :batteries::float8[],
            :battery_units::text[], :signals::float8[], :signal_units::text[])
     AS heard (format, device, time, battery, battery_unit, signal, signal_unit)
JOIN device ON device.format = heard.format AND device.external_id = heard.device
ORDER BY device.id
ON CONFLICT (device_id) DO UPDATE
SET heard_at = greatest(known.heard_at, excluded.heard_at),
    (battery, battery_unit) = (
        SELECT new.battery, new.battery_unit
        FROM (VALUES (excluded.battery, excluded.battery_unit, excluded.heard_at),
                     (known.battery, known.battery_unit, known.heard_at))
             AS new (battery, battery_unit, at)
        ORDER BY new.battery IS NULL, new.at DESC LIMIT 1),
    (signal, signal_unit) = (
        SELECT new.signal, new.signal_unit
        FROM (VALUES (excluded.signal, excluded.signal_unit, excluded.heard_at),
                     (known.signal, known.signal_unit, known.heard_at))
             AS new (signal, signal_unit, at)
        ORDER BY new.signal IS NULL, new.at DESC LIMIT 1);
