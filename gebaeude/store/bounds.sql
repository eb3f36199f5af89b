-- name: drop_oldest(cause, before, bytes, overhead, now, count)^
-- Drops up to so many messages that last came before a moment, oldest first, until these bytes are
-- free, and counts them. What a replay has in its hands is left for the next time.
WITH oldest AS (
    SELECT id, last_at,
           pg_column_size(topic) + pg_column_size(payload) + pg_column_size(detail) + :overhead
               AS bytes
    FROM quarantine WHERE last_at < :before::timestamptz
    ORDER BY last_at, id LIMIT :count FOR UPDATE SKIP LOCKED
), summed AS (
    SELECT id, bytes, sum(bytes) OVER (ORDER BY last_at, id) - bytes AS freed FROM oldest
), dropped AS (
    DELETE FROM quarantine USING summed
    WHERE quarantine.id = summed.id AND freed < :bytes::bigint
    RETURNING quarantine.reason, quarantine.times, quarantine.last_at, summed.bytes
), counted AS (
    INSERT INTO quarantine_dropped AS known (day, cause, reason, messages, times, newest)
    SELECT (:now::timestamptz AT TIME ZONE 'UTC')::date, :cause, reason, count(*), sum(times),
           max(last_at)
    FROM dropped GROUP BY reason
    ON CONFLICT (day, cause, reason) DO UPDATE
    SET messages = known.messages + excluded.messages, times = known.times + excluded.times,
        newest = greatest(known.newest, excluded.newest)
)
SELECT count(*), coalesce(sum(bytes), 0)::bigint, max(last_at) FROM dropped;

-- name: stored_bytes()$
-- What the table takes on disk with its indexes, room of deleted rows included; cheap.
SELECT pg_total_relation_size('quarantine');

-- name: kept_bytes(overhead)$
-- What the messages themselves take; looks at every row, but not at what lies outside of it.
SELECT coalesce(sum(pg_column_size(topic) + pg_column_size(payload) + pg_column_size(detail)
                    + :overhead), 0)::bigint
FROM quarantine;

-- name: dropped()
-- What the bounds have cost, latest day first.
SELECT day, cause, reason, messages, times, newest FROM quarantine_dropped
ORDER BY day DESC, cause, reason;
