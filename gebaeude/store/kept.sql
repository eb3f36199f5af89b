-- name: unknown_devices(most)$
-- How many devices that nobody has attached wait in the inbox, at most so many. Steps from device
-- to device in the index, so that it costs the same however much of each is kept.
WITH RECURSIVE step AS (
    (SELECT format, device FROM quarantine WHERE format IS NOT NULL AND device IS NOT NULL
     ORDER BY format, device LIMIT 1)
    UNION ALL
    SELECT following.format, following.device
    FROM step CROSS JOIN LATERAL (
        SELECT q.format, q.device FROM quarantine q
        WHERE q.device IS NOT NULL AND (q.format, q.device) > (step.format, step.device)
        ORDER BY q.format, q.device LIMIT 1
    ) AS following
)
SELECT count(*) FROM (
    SELECT FROM step
    WHERE NOT EXISTS (SELECT FROM device WHERE device.format = step.format
                      AND device.external_id = step.device)
        AND EXISTS (SELECT FROM quarantine q WHERE q.format = step.format AND q.device = step.device
                    AND q.reason IN ('unknown_device', 'unknown_field', 'undecoded'))
    LIMIT :most
) AS waiting;

-- name: messages(reason, formats, device, before, limit)
-- Kept messages without their payload, the newest row first; device: a part of what it calls itself.
SELECT id, reason, detail, format, device, topic, octet_length(payload), retained, first_at, last_at, times
FROM quarantine
WHERE (:reason::text IS NULL OR reason = :reason)
    AND (:formats::text[] IS NULL OR format = ANY (:formats))
    AND (:device::text IS NULL OR strpos(lower(device), lower(:device)) > 0)
    AND (:before::bigint IS NULL OR id < :before)
ORDER BY id DESC LIMIT :limit;

-- name: readings(points, since, until)$
-- How many readings points have in a span.
SELECT count(*) FROM reading
WHERE point_id = ANY (:points) AND time >= coalesce(:since::timestamptz, '-infinity')
    AND time < coalesce(:until::timestamptz, 'infinity');

-- name: reasons(formats, devices)
-- Of each of these devices, why the message of it that was kept last is no reading.
SELECT asked.format, asked.device, last.reason
FROM unnest(:formats::text[], :devices::text[]) AS asked (format, device)
CROSS JOIN LATERAL (
    SELECT reason FROM quarantine q WHERE q.format = asked.format AND q.device = asked.device
    ORDER BY last_at DESC LIMIT 1
) AS last;
