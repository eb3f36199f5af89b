-- name: keep(fingerprints, reasons, details, formats, devices, topics, payloads, retained, first, last, times, counted)!
-- Keeps messages that could not become readings; one that is kept already is counted, once for
-- each time it came (counted = 1), but not when it was only looked at again (counted = 0).
INSERT INTO quarantine AS kept (fingerprint, reason, detail, format, device, topic, payload,
                                retained, first_at, last_at, times)
SELECT fingerprint, reason, detail, format, device, topic, payload, retained,
       to_timestamp(first / 1e6), to_timestamp(last / 1e6), times
FROM unnest(:fingerprints::bytea[], :reasons::text[], :details::text[], :formats::text[],
            :devices::text[], :topics::bytea[], :payloads::bytea[], :retained::boolean[],
            :first::bigint[], :last::bigint[], :times::bigint[])
     AS message (fingerprint, reason, detail, format, device, topic, payload, retained,
                 first, last, times)
ON CONFLICT (fingerprint, reason) DO UPDATE
SET times = kept.times + excluded.times * :counted,
    last_at = greatest(kept.last_at, excluded.last_at),
    detail = excluded.detail, device = excluded.device;

-- name: newest()$
-- The highest id there is.
SELECT coalesce(max(id), 0) FROM quarantine;

-- name: page(reasons, after, last, count)
-- Kept messages with ids above one and up to another, optionally of some reasons only, locked for
-- this transaction.
SELECT id, reason, topic, payload, retained,
       (extract(epoch FROM first_at) * 1000000)::bigint,
       (extract(epoch FROM last_at) * 1000000)::bigint, times, device
FROM quarantine
WHERE id > :after AND id <= :last AND (:reasons::text[] IS NULL OR reason = ANY (:reasons))
ORDER BY id LIMIT :count FOR UPDATE;

-- name: page_of(format, device, reasons, after, last, count)
-- The same for what one device sent.
SELECT id, reason, topic, payload, retained,
       (extract(epoch FROM first_at) * 1000000)::bigint,
       (extract(epoch FROM last_at) * 1000000)::bigint, times, device
FROM quarantine
WHERE format = :format AND device = :device AND id > :after AND id <= :last
    AND (:reasons::text[] IS NULL OR reason = ANY (:reasons))
ORDER BY id LIMIT :count FOR UPDATE;

-- name: release(ids)!
-- Forgets kept messages that have become readings.
DELETE FROM quarantine WHERE id = ANY (:ids);
