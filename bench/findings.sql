-- name: limited_points(count)
-- Points with an upper limit, as (id, key, building).
SELECT p.id, p.key, b.key
FROM limit_rule r
JOIN point p ON p.id = r.point_id
JOIN building b ON b.id = p.building_id
WHERE r.high IS NOT NULL AND r.severity <> 'info'
ORDER BY p.id
LIMIT :count;

-- name: without_delay()!
-- Every limit counts at once, so that what is measured is us and not the rule's patience.
UPDATE limit_rule SET delay_s = 0;

-- name: beyond(point_id)!
-- A value beyond the point's limit, now.
INSERT INTO reading (point_id, time, value)
SELECT point_id, clock_timestamp(), high + 5 FROM limit_rule WHERE point_id = :point_id;

-- name: all_calm()!
-- A value inside the limits at every point that has some, now.
INSERT INTO reading (point_id, time, value)
SELECT point_id, clock_timestamp(), coalesce((low + high) / 2, high - 10, low + 10) FROM limit_rule;
