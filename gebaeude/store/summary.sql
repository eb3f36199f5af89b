-- name: municipalities()
-- All municipalities with what they own.
SELECT m.key, m.name, m.ags, m.population, count(b.id), coalesce(sum(b.floor_area_m2), 0)::float8
FROM municipality m
LEFT JOIN site s ON s.municipality_id = m.id
LEFT JOIN building b ON b.site_id = s.id
GROUP BY m.id ORDER BY m.name;

-- name: buildings(building, municipality)
-- Buildings by name with their place and what is open; one or all, of one municipality or all.
SELECT b.key, b.name, m.key, m.name, b.use, b.floor_area_m2, b.built, b.renovated,
       s.name, s.address, s.latitude, s.longitude,
       coalesce(f.findings, 0), coalesce(f.warnings, 0), coalesce(f.critical, 0), coalesce(t.tickets, 0)
FROM building b
JOIN site s ON s.id = b.site_id
JOIN municipality m ON m.id = s.municipality_id
LEFT JOIN (SELECT p.building_id, count(*) AS findings,
                  count(*) FILTER (WHERE f.severity IN ('warning', 'critical')) AS warnings,
                  count(*) FILTER (WHERE f.severity = 'critical') AS critical
           FROM finding f JOIN point p ON p.id = f.point_id
           WHERE f.closed_at IS NULL GROUP BY p.building_id) f ON f.building_id = b.id
LEFT JOIN (SELECT building_id, count(*) AS tickets FROM ticket
           WHERE state IN ('open', 'accepted', 'in_progress')
           GROUP BY building_id) t ON t.building_id = b.id
WHERE (:building::text IS NULL OR b.key = :building)
  AND (:municipality::text IS NULL OR m.key = :municipality)
ORDER BY b.name, b.key;

-- name: points(building, point, medium)
-- Points with their newest reading, limits and devices; one, those of a building or all.
SELECT p.id, b.key, b.name, m.key, m.name, p.key, p.name, s.name, p.medium, p.quantity, p.unit, p.kind,
       p.interval_s, w.key, l.time, l.value, l.quality, r.low, r.high,
       coalesce((SELECT array_agg(DISTINCT d.name ORDER BY d.name)
                 FROM channel c JOIN device d ON d.id = c.device_id
                 WHERE c.point_id = p.id AND c.valid_to > now() AND c.valid_from <= now()), '{}')
FROM point p
JOIN building b ON b.id = p.building_id
JOIN site t ON t.id = b.site_id
JOIN municipality m ON m.id = t.municipality_id
LEFT JOIN space s ON s.id = p.space_id
LEFT JOIN point w ON w.id = p.within_id
LEFT JOIN limit_rule r ON r.point_id = p.id
LEFT JOIN LATERAL (SELECT time, value, quality FROM newest WHERE point_id = p.id LIMIT 1) l ON true
WHERE (:building::text IS NULL OR b.key = :building)
  AND (:point::text IS NULL OR p.key = :point)
  AND (:medium::text IS NULL OR p.medium = :medium)
ORDER BY b.name, b.key, p.medium, p.kind, p.name, p.key;

-- name: heard()
-- When each point sent its last reading, and how often it should.
SELECT b.key, p.interval_s, l.time
FROM point p
JOIN building b ON b.id = p.building_id
LEFT JOIN LATERAL (SELECT time FROM newest WHERE point_id = p.id LIMIT 1) l ON true;

-- name: counters_on_two_days(building, from_1, to_1, from_2, to_2, reach)
-- Readings of the main counters on two days, with those around each day, as two arrays a counter.
SELECT b.key, p.medium, p.unit, p.quantity, p.interval_s,
       (SELECT array_agg(m.mounted_from) FROM meter_mount m WHERE m.point_id = p.id), r.times, r.vals
FROM point p
JOIN building b ON b.id = p.building_id
LEFT JOIN LATERAL (
    SELECT array_agg(time) AS times, array_agg(value) AS vals FROM (
        SELECT time, value FROM (SELECT time, value FROM reading
            WHERE point_id = p.id AND time < :from_1
              AND time >= :from_1::timestamptz - :reach::interval
            ORDER BY time DESC LIMIT 1) AS before_1
        UNION ALL
        SELECT time, value FROM (SELECT time, value FROM reading
            WHERE point_id = p.id AND time >= :from_1 AND time <= :to_1 ORDER BY time) AS day_1
        UNION ALL
        SELECT time, value FROM (SELECT time, value FROM reading
            WHERE point_id = p.id AND time > :to_1
              AND time <= :to_1::timestamptz + :reach::interval
            ORDER BY time LIMIT 1) AS after_1
        UNION ALL
        SELECT time, value FROM (SELECT time, value FROM reading
            WHERE point_id = p.id AND time < :from_2
              AND time >= :from_2::timestamptz - :reach::interval
            ORDER BY time DESC LIMIT 1) AS before_2
        UNION ALL
        SELECT time, value FROM (SELECT time, value FROM reading
            WHERE point_id = p.id AND time >= :from_2 AND time <= :to_2 ORDER BY time) AS day_2
        UNION ALL
        SELECT time, value FROM (SELECT time, value FROM reading
            WHERE point_id = p.id AND time > :to_2
              AND time <= :to_2::timestamptz + :reach::interval
            ORDER BY time LIMIT 1) AS after_2
    ) AS both_days) AS r ON true
WHERE p.kind = 'counter' AND p.within_id IS NULL
  AND (:building::text IS NULL OR b.key = :building);

-- name: outside_on_two_days(from_1, to_1, from_2, to_2)
-- Mean temperature outside on two days at each place that measures it, from the means of its hours
-- (readings may come at any pace), and how many hours of each day are known.
SELECT avg(h.value) FILTER (WHERE h.day = 1), count(*) FILTER (WHERE h.day = 1),
       avg(h.value) FILTER (WHERE h.day = 2), count(*) FILTER (WHERE h.day = 2)
FROM point p
CROSS JOIN LATERAL (
    SELECT 1 AS day, avg(value) AS value FROM reading
    WHERE point_id = p.id AND time >= :from_1 AND time < :to_1 AND quality IN (0, 3)
    GROUP BY date_trunc('hour', time)
    UNION ALL
    SELECT 2, avg(value) FROM reading
    WHERE point_id = p.id AND time >= :from_2 AND time < :to_2 AND quality IN (0, 3)
    GROUP BY date_trunc('hour', time)
) AS h
WHERE p.medium = 'climate' AND p.quantity = 'temperature' AND starts_with(p.key, 'aussentemperatur')
GROUP BY p.id;

-- name: assets(building)
-- Plants of a building.
SELECT a.key, a.name, a.kind, a.cost_group, a.installed, a.power_kw
FROM asset a JOIN building b ON b.id = a.building_id
WHERE b.key = :building ORDER BY a.cost_group, a.name, a.key;

-- name: active_tickets(building)
-- Tickets of a building that are not done and not cancelled.
SELECT t.id, t.title, t.state, t.priority, b.key, b.name, h.name, t.opened_at, t.due_on
FROM ticket t
JOIN building b ON b.id = t.building_id
LEFT JOIN technician h ON h.id = t.technician_id
WHERE b.key = :building AND t.state IN ('open', 'accepted', 'in_progress')
ORDER BY t.opened_at DESC, t.id DESC;

-- name: quarantine_by_reason()
-- How much is in quarantine for each reason, with the message that came last.
SELECT g.reason, g.messages, g.times, g.first_at, g.last_at, e.id, e.topic, e.device, e.detail
FROM (SELECT reason, count(*) AS messages, sum(times)::bigint AS times, min(first_at) AS first_at,
             max(last_at) AS last_at
      FROM quarantine GROUP BY reason) g
CROSS JOIN LATERAL (SELECT id, topic, device, detail FROM quarantine q
                    WHERE q.reason = g.reason ORDER BY q.last_at DESC LIMIT 1) e
ORDER BY g.last_at DESC, g.reason;

-- name: quarantine(reason, before, limit)
-- Messages in quarantine without their payload, the newest row first.
SELECT id, reason, detail, format, device, topic, octet_length(payload), retained, first_at, last_at, times
FROM quarantine
WHERE (:reason::text IS NULL OR reason = :reason) AND (:before::bigint IS NULL OR id < :before)
ORDER BY id DESC LIMIT :limit;

-- name: quarantined(id)^
-- One message in quarantine.
SELECT id, reason, detail, format, device, topic, octet_length(payload), retained, first_at, last_at, times,
       payload
FROM quarantine WHERE id = :id;
