-- name: estimated_readings()$
-- How many readings there are, from the planner's statistics; nothing is scanned.
SELECT approximate_row_count('reading');

-- name: exact_readings()$
-- How many readings there are, counted.
SELECT count(*) FROM reading;

-- name: counts()^
-- How much there is of everything else.
SELECT
    (SELECT count(*) FROM building),
    (SELECT count(*) FROM point),
    (SELECT count(*) FROM quarantine),
    (SELECT count(*) FROM finding WHERE closed_at IS NULL),
    (SELECT count(*) FROM ticket WHERE state NOT IN ('done', 'cancelled')),
    (SELECT count(*) FROM ticket),
    (SELECT count(*) FROM mail WHERE sent_at IS NULL);

-- name: reach(since)^
-- The newest reading, and the share of points with a reading before :since.
SELECT
    (SELECT max(newest.time) FROM point CROSS JOIN LATERAL (
        SELECT time FROM reading WHERE point_id = point.id ORDER BY time DESC LIMIT 1) AS newest),
    (SELECT coalesce(avg(EXISTS (
        SELECT FROM reading WHERE point_id = point.id AND time < :since)::int), 0)::float8
     FROM point);
