-- name: fill_building()!
-- Somewhere for the devices to be.
WITH m AS (INSERT INTO municipality (key, name, ags, population)
           VALUES ('bench', 'Bench', '00000000', 1) RETURNING id),
     s AS (INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
           SELECT id, 'bench', 'Bench', 'Bench', 52, 9 FROM m RETURNING id)
INSERT INTO building (site_id, key, name, use, floor_area_m2, built)
SELECT id, 'bench', 'Bench', 'school', 1000, 1974 FROM s;

-- name: leave_no_trace()!
-- What this connection writes starts no triggers. The audit of 400,000 rows would take minutes, and
-- a chain that long is nobody's portfolio.
SET session_replication_role = replica;

-- name: fill_points(devices)!
-- Two points a device: a room's temperature, and a meter's count.
INSERT INTO point (building_id, key, name, medium, quantity, unit, kind, interval_s)
SELECT b.id, q.key || n, 'Bench', 'climate', q.quantity, q.unit, q.kind, 900
FROM building b, generate_series(0, :devices - 1) n,
     (VALUES ('room-', 'temperature', '°C', 'gauge'),
             ('meter-', 'energy', 'kWh', 'counter')) AS q (key, quantity, unit, kind);

-- name: fill_devices(devices)!
-- One room sensor and one logger for each number.
INSERT INTO device (building_id, format, external_id, name)
SELECT b.id, f.format, f.before || lpad(to_hex(n), 16, '0') || f.after, n::text
FROM building b, generate_series(0, :devices - 1) n,
     (VALUES ('chirpstack', '', ''), ('senml', 'urn:dev:mac:', ':')) AS f (format, before, after);

-- name: fill_channels()!
-- The sensor's temperature and the logger's count.
INSERT INTO channel (device_id, field, point_id)
SELECT d.id, CASE d.format WHEN 'senml' THEN 'waerme' ELSE 'temperature' END, p.id
FROM device d
JOIN point p ON p.key = CASE d.format WHEN 'senml' THEN 'meter-' ELSE 'room-' END || d.name;

-- name: point_ids(prefix)
-- Ids of the points whose key begins so, in the order of their number.
SELECT id FROM point WHERE starts_with(key, :prefix)
ORDER BY substr(key, length(:prefix) + 1)::integer;
