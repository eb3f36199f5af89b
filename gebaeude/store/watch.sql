-- name: limits()
-- Every limit rule with its point, and the open finding of it if there is one; also the points
-- whose rule was taken away while a finding was open.
SELECT p.id, r.low, r.high, coalesce(r.hysteresis, 0), coalesce(r.delay_s, 0), p.interval_s, f.id
FROM point p
LEFT JOIN limit_rule r ON r.point_id = p.id
LEFT JOIN finding f ON f.rule = 'limit' AND f.point_id = p.id AND f.closed_at IS NULL
WHERE r.id IS NOT NULL OR f.id IS NOT NULL
ORDER BY p.id;

-- name: recent(points, starts, horizon)
-- The readings of each point since its start, as arrays; none is older than the horizon, which
-- keeps the older chunks out of the plan. Substituted and suspect values prove nothing.
SELECT w.point_id, array_agg(r.time ORDER BY r.time), array_agg(r.value ORDER BY r.time)
FROM unnest(CAST(:points AS integer[]), CAST(:starts AS timestamptz[])) AS w (point_id, start)
CROSS JOIN LATERAL (
    SELECT time, value FROM reading
    WHERE point_id = w.point_id AND time >= w.start AND time >= :horizon AND quality IN (0, 3)
    ORDER BY time
) AS r
GROUP BY w.point_id;

-- name: hearing(now)
-- When each point was last heard, for how many seconds of the time since then readings came from
-- anywhere, and the open finding of its silence if there is one. Of a point whose devices were all
-- taken away nobody expects to hear.
SELECT p.id, p.building_id, p.interval_s, newest.time,
       CASE WHEN newest.time IS NULL THEN NULL
            WHEN EXISTS (SELECT FROM channel WHERE point_id = p.id)
                AND NOT EXISTS (SELECT FROM channel WHERE point_id = p.id AND valid_to > :now) THEN 0
            ELSE coalesce(heard.seconds, 0) END, f.id
FROM point p
LEFT JOIN LATERAL (
    SELECT time FROM reading WHERE point_id = p.id ORDER BY time DESC LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL (
    SELECT extract(epoch FROM sum(least(l.ended, :now) - greatest(l.began, newest.time)))::float8
    FROM listening l
    WHERE l.ended > newest.time AND l.began < :now
) AS heard (seconds) ON true
LEFT JOIN finding f ON f.rule = 'silent' AND f.point_id = p.id AND f.closed_at IS NULL
ORDER BY p.building_id, p.id;

-- name: listen_on(newest, tolerance)$
-- Extends the last span of listening to the newest reading; null where the pause was too long.
UPDATE listening SET ended = greatest(ended, :newest)
WHERE began = (SELECT max(began) FROM listening) AND ended >= :newest - CAST(:tolerance AS interval)
RETURNING began;

-- name: listen_anew(newest)!
-- A new span of listening.
INSERT INTO listening (began, ended) VALUES (:newest, :newest) ON CONFLICT DO NOTHING;
