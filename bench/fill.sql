-- name: fill_points(days, until, silent_every, never_every)!
-- Readings of all points as their loggers deliver history: meters every quarter of an hour, climate
-- every hour; counters count with the hour of the day, gauges swing. A few points end days early or
-- never sent anything. They are written in the order of time, as they arrive while a system runs: the
-- readings of one point lie far apart on the disk then, which is the hard case for reading them.
INSERT INTO reading (point_id, time, value)
SELECT p.id, t.time,
       CASE WHEN p.kind = 'counter'
            THEN 1000 * (mod(p.id, 97)) + (mod(p.id, 13) + 1) * (h.hours + 3 * sin(h.hours * pi() / 12))
            ELSE u.base + u.swing * sin(h.hours * pi() / 12 + p.id) + u.swing * sin(h.hours * 12.9898 + p.id) / 4
       END
FROM point p
CROSS JOIN LATERAL (
    SELECT CASE p.quantity WHEN 'co2' THEN 900 WHEN 'humidity' THEN 45 WHEN 'power' THEN 30 ELSE 21 END AS base,
           CASE p.quantity WHEN 'co2' THEN 500 WHEN 'humidity' THEN 10 WHEN 'power' THEN 25 ELSE 3 END AS swing,
           CASE WHEN p.medium = 'climate' THEN 3600 ELSE 900 END AS step) u
CROSS JOIN LATERAL generate_series(
    :until::timestamptz - CASE WHEN mod(p.id, :silent_every) = 0 THEN INTERVAL '3 days' ELSE INTERVAL '0' END,
    :until::timestamptz - make_interval(secs => :days * 86400.0),
    make_interval(secs => -u.step)) AS t(time)
CROSS JOIN LATERAL (SELECT extract(epoch FROM t.time)::float8 / 3600 - 490000 AS hours) h
WHERE mod(p.id, :never_every) <> 0
ORDER BY t.time;

-- name: per_day()$
-- How many readings a day of `fill_points` has.
SELECT sum(86400.0 / CASE WHEN medium = 'climate' THEN 3600 ELSE 900 END)::float8 FROM point;

-- name: fill_findings(until)!
-- An open finding at every twentieth point, with its ticket, and as many old ones.
WITH found AS (
    INSERT INTO finding (rule, point_id, severity, opened_at, closed_at, evidence)
    SELECT 'silent', p.id, CASE WHEN mod(p.id, 60) = 0 THEN 'critical' ELSE 'warning' END,
           :until::timestamptz - make_interval(hours => mod(p.id, 200) + 48 * age),
           CASE WHEN age > 0 THEN :until::timestamptz - make_interval(hours => mod(p.id, 200)) END,
           jsonb_build_object('last', :until::timestamptz - INTERVAL '3 days', 'interval_s', p.interval_s)
    FROM point p, generate_series(0, 3) AS age WHERE mod(p.id, 20) = 0
    RETURNING id, point_id, opened_at, closed_at
)
INSERT INTO ticket (building_id, finding_id, title, task, priority, skill, state, opened_at, closed_at)
SELECT p.building_id, f.id, p.name || ' meldet sich nicht', 'Bitte prüfen.', 'normal', 'metering',
       CASE WHEN f.closed_at IS NULL THEN 'open' ELSE 'done' END, f.opened_at, f.closed_at
FROM found f JOIN point p ON p.id = f.point_id;

-- name: link_findings()!
-- Each finding knows the ticket that takes care of it.
UPDATE finding f SET ticket_id = t.id FROM ticket t WHERE t.finding_id = f.id;

-- name: fill_quarantine(messages, until)!
-- Messages of many kinds that could not become readings.
INSERT INTO quarantine (fingerprint, reason, detail, format, device, topic, payload, first_at, last_at, times)
SELECT sha256(n::text::bytea),
       (ARRAY['unknown_device', 'invalid_json', 'not_a_number', 'unknown_field', 'time_ahead'])[mod(n, 5) + 1],
       'made for measuring', 'senml', 'urn:dev:' || n, convert_to('senml/' || n, 'UTF8'),
       convert_to(repeat('{"n":"x"}', 40), 'UTF8'),
       :until::timestamptz - make_interval(mins => n), :until::timestamptz - make_interval(secs => n), mod(n, 7) + 1
FROM generate_series(1, :messages) AS n;
