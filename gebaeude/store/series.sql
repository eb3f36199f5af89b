-- name: point(building, point)^
-- One point with its building and the limits of its rule.
SELECT p.id, b.key, b.name, p.key, p.name, p.medium, p.quantity, p.unit, p.kind, p.interval_s, r.low, r.high
FROM point p
JOIN building b ON b.id = p.building_id
LEFT JOIN limit_rule r ON r.point_id = p.id
WHERE b.key = :building AND p.key = :point;

-- name: mounted(point_id)
-- When a meter was mounted at the point, the first one left out.
SELECT mounted_from FROM meter_mount WHERE point_id = :point_id ORDER BY mounted_from OFFSET 1;

-- name: around(point_id, start, end, reach)
-- A range with the reading before it and the one after it, as two arrays in the order of time.
SELECT array_agg(time), array_agg(value)
FROM (SELECT time, value
      FROM readings_before(:point_id, :start, :start::timestamptz - :reach::interval, 1) AS b
      UNION ALL
      SELECT time, value FROM (SELECT time, value FROM reading
                               WHERE point_id = :point_id AND time >= :start AND time <= :end
                               ORDER BY time) AS i
      UNION ALL
      SELECT time, value
      FROM readings_after(:point_id, :end, :end::timestamptz + :reach::interval, 1) AS a) AS r;

-- name: pixels(point_id, start, end, step)
-- The first, last, smallest and largest reading of each pixel that has any, and how many there are.
SELECT array_agg(first_at), array_agg(last_at), array_agg(low_at), array_agg(low), array_agg(high_at),
       array_agg(high), coalesce(sum(readings), 0)::bigint
FROM (SELECT min(time) AS first_at, max(time) AS last_at,
             first(time, value) AS low_at, min(value) AS low,
             last(time, value) AS high_at, max(value) AS high, count(*) AS readings
      FROM reading
      WHERE point_id = :point_id AND time >= :start AND time < :end
      GROUP BY time_bucket(:step::interval, time, :start::timestamptz)
      ORDER BY 1) AS pixel;

-- name: hourly_means(point_id, start, end)
-- The mean of each UTC hour that has readings.
SELECT array_agg(hour), array_agg(mean)
FROM (SELECT time_bucket('1 hour', time) AS hour, avg(value) AS mean
      FROM reading
      WHERE point_id = :point_id AND time >= :start AND time < :end
      GROUP BY 1 ORDER BY 1) AS h;

-- name: page(point_id, after, end, limit)
-- Readings after a moment, in the order of time.
SELECT time, value, quality FROM readings_after(:point_id, :after, :end, :limit);

-- name: span(point_id)^
-- Where the point's readings begin and end.
SELECT (SELECT time FROM oldest WHERE point_id = :point_id),
       (SELECT time FROM newest WHERE point_id = :point_id);
