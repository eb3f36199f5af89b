-- The portfolio, written from rows of JSON that name what they belong to by key. `n` is the order
-- of the file: ids follow it, so that what is read back comes in the same order.

-- name: lock_imports()!
-- One import at a time: the second one compares with what the first one wrote.
SELECT pg_advisory_xact_lock(hashtext('gebaeude.portfolio'));

-- name: put_municipality(rows)!
INSERT INTO municipality (key, name, ags, population)
SELECT key, name, ags, population
FROM jsonb_to_recordset(:rows) AS given (n integer, key text, name text, ags text, population integer)
ORDER BY n
ON CONFLICT (key) DO UPDATE
SET name = excluded.name, ags = excluded.ags, population = excluded.population;

-- name: put_technician(rows)!
INSERT INTO technician (key, name, email, phone, skills)
SELECT key, name, email, phone, skills
FROM jsonb_to_recordset(:rows)
    AS given (n integer, key text, name text, email text, phone text, skills text[])
ORDER BY n
ON CONFLICT (key) DO UPDATE
SET name = excluded.name, email = excluded.email, phone = excluded.phone, skills = excluded.skills;

-- name: drop_technician_municipalities(rows)!
DELETE FROM technician_municipality
USING technician
WHERE technician.id = technician_municipality.technician_id
    AND technician.key IN (SELECT key FROM jsonb_to_recordset(:rows) AS given (key text));

-- name: put_technician_municipalities(rows)!
INSERT INTO technician_municipality (technician_id, municipality_id)
SELECT technician.id, municipality.id
FROM jsonb_to_recordset(:rows) AS given (key text, municipalities text[])
JOIN technician USING (key)
JOIN municipality ON municipality.key = ANY (given.municipalities);

-- name: put_site(rows)!
INSERT INTO site (municipality_id, key, name, address, latitude, longitude)
SELECT municipality.id, given.key, given.name, address, latitude, longitude
FROM jsonb_to_recordset(:rows) AS given (
    n integer, municipality text, key text, name text, address text,
    latitude double precision, longitude double precision
)
JOIN municipality ON municipality.key = given.municipality
ORDER BY n
ON CONFLICT (key) DO UPDATE
SET municipality_id = excluded.municipality_id, name = excluded.name, address = excluded.address,
    latitude = excluded.latitude, longitude = excluded.longitude;

-- name: put_building(rows)!
INSERT INTO building (site_id, key, name, use, floor_area_m2, built, renovated)
SELECT site.id, given.key, given.name, use, floor_area_m2, built, renovated
FROM jsonb_to_recordset(:rows) AS given (
    n integer, site text, key text, name text, use text, floor_area_m2 double precision,
    built smallint, renovated smallint
)
JOIN site ON site.key = given.site
ORDER BY n
ON CONFLICT (key) DO UPDATE
SET site_id = excluded.site_id, name = excluded.name, use = excluded.use,
    floor_area_m2 = excluded.floor_area_m2, built = excluded.built, renovated = excluded.renovated;

-- name: put_asset(rows)!
INSERT INTO asset (building_id, key, name, kind, cost_group, vdma_part, installed, power_kw)
SELECT building.id, given.key, given.name, kind, cost_group, vdma_part, installed, power_kw
FROM jsonb_to_recordset(:rows) AS given (
    n integer, building text, key text, name text, kind text, cost_group text, vdma_part smallint,
    installed smallint, power_kw double precision
)
JOIN building ON building.key = given.building
ORDER BY n
ON CONFLICT (building_id, key) DO UPDATE
SET name = excluded.name, kind = excluded.kind, cost_group = excluded.cost_group,
    vdma_part = excluded.vdma_part, installed = excluded.installed, power_kw = excluded.power_kw;

-- name: put_space(rows)!
-- Spaces have no more than their name; they come with the points in them.
INSERT INTO space (building_id, name)
SELECT building.id, given.space
FROM jsonb_to_recordset(:rows) AS given (n integer, building text, space text)
JOIN building ON building.key = given.building
WHERE given.space IS NOT NULL
GROUP BY building.id, given.space
ORDER BY min(n)
ON CONFLICT DO NOTHING;

-- name: put_point(rows)!
INSERT INTO point (building_id, space_id, key, name, medium, quantity, unit, kind, interval_s)
SELECT building.id, space.id, given.key, given.name, medium, quantity, unit, kind, every_s
FROM jsonb_to_recordset(:rows) AS given (
    n integer, building text, space text, key text, name text, medium text, quantity text,
    unit text, kind text, every_s integer
)
JOIN building ON building.key = given.building
LEFT JOIN space ON space.building_id = building.id AND space.name = given.space
ORDER BY n
ON CONFLICT (building_id, key) DO UPDATE
SET space_id = excluded.space_id, name = excluded.name, medium = excluded.medium,
    quantity = excluded.quantity, unit = excluded.unit, kind = excluded.kind,
    interval_s = excluded.interval_s;

-- name: put_within(rows)!
-- Which counter a sub-meter's consumption runs through; after the points, which it refers to.
UPDATE point
SET within_id = upper.id
FROM jsonb_to_recordset(:rows) AS given (building text, key text, within text)
JOIN building ON building.key = given.building
LEFT JOIN point AS upper ON upper.building_id = building.id AND upper.key = given.within
WHERE point.building_id = building.id AND point.key = given.key
    AND point.within_id IS DISTINCT FROM upper.id;

-- name: put_limits(rows)!
INSERT INTO limit_rule (point_id, low, high, hysteresis, delay_s, severity, skill)
SELECT point.id, limits.low, limits.high, limits.hysteresis, limits.delay_s,
    limits.severity, limits.skill
FROM jsonb_to_recordset(:rows) AS given (building text, key text, limits jsonb)
JOIN building ON building.key = given.building
JOIN point ON point.building_id = building.id AND point.key = given.key,
jsonb_to_record(given.limits) AS limits (
    low double precision, high double precision, hysteresis double precision, delay_s integer,
    severity text, skill text
)
WHERE jsonb_typeof(given.limits) = 'object'
ON CONFLICT (point_id) DO UPDATE
SET low = excluded.low, high = excluded.high, hysteresis = excluded.hysteresis,
    delay_s = excluded.delay_s, severity = excluded.severity, skill = excluded.skill;

-- name: drop_limits(rows)!
-- The limits of points that have none any more.
DELETE FROM limit_rule
USING jsonb_to_recordset(:rows) AS given (building text, key text, limits jsonb), building, point
WHERE building.key = given.building
    AND point.building_id = building.id AND point.key = given.key
    AND limit_rule.point_id = point.id
    AND coalesce(jsonb_typeof(given.limits), 'null') = 'null';

-- name: put_meter(rows)!
INSERT INTO meter_mount (point_id, mounted_from, mounted_to, serial, calibrated_until)
SELECT point.id, mounted_from, mounted_to, serial, calibrated_until
FROM jsonb_to_recordset(:rows) AS given (
    building text, point text, mounted_from timestamptz, mounted_to timestamptz, serial text,
    calibrated_until date
)
JOIN building ON building.key = given.building
JOIN point ON point.building_id = building.id AND point.key = given.point
ON CONFLICT (point_id, mounted_from) DO UPDATE
SET mounted_to = excluded.mounted_to, serial = excluded.serial,
    calibrated_until = excluded.calibrated_until;

-- name: drop_meters(rows)!
DELETE FROM meter_mount
USING jsonb_to_recordset(:rows) AS given (building text, point text, mounted_from timestamptz),
    building, point
WHERE building.key = given.building
    AND point.building_id = building.id AND point.key = given.point
    AND meter_mount.point_id = point.id AND meter_mount.mounted_from = given.mounted_from;

-- name: put_device(rows)!
INSERT INTO device (building_id, format, external_id, name, profile)
SELECT building.id, format, given.id, given.name, profile
FROM jsonb_to_recordset(:rows)
    AS given (n integer, building text, format text, id text, name text, profile text)
JOIN building ON building.key = given.building
ORDER BY n
ON CONFLICT (format, external_id) DO UPDATE
SET building_id = excluded.building_id, name = excluded.name, profile = excluded.profile;

-- name: drop_channels(rows)!
-- The present channels of the given devices that are not as given; past ones are history.
DELETE FROM channel
USING jsonb_to_recordset(:rows)
        AS given (building text, format text, id text, channels jsonb, ignore jsonb), device
WHERE device.format = given.format AND device.external_id = given.id
    AND channel.device_id = device.id AND channel.valid_to = 'infinity'
    AND NOT (channel.point_id IS NULL AND jsonb_exists(given.ignore, channel.field))
    AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(given.channels)
            AS wanted (field text, point text, unit text, factor double precision)
        JOIN building ON building.key = given.building
        JOIN point ON point.building_id = building.id AND point.key = wanted.point
        WHERE (wanted.field, point.id, wanted.factor)
                = (channel.field, channel.point_id, channel.factor)
            AND wanted.unit IS NOT DISTINCT FROM channel.unit
    );

-- name: put_channels(rows)!
-- Those that are not there yet; a field that fed something else before goes on from where that ended.
INSERT INTO channel (device_id, field, valid_from, point_id, unit, factor)
SELECT device.id, channel.field,
    coalesce((SELECT max(valid_to) FROM channel AS past
              WHERE past.device_id = device.id AND past.field = channel.field), '-infinity'),
    point.id, channel.unit, channel.factor
FROM jsonb_to_recordset(:rows) AS given (building text, format text, id text, channels jsonb)
JOIN device ON device.format = given.format AND device.external_id = given.id
JOIN building ON building.key = given.building,
jsonb_to_recordset(given.channels)
    AS channel (field text, point text, unit text, factor double precision)
JOIN point ON point.key = channel.point
WHERE point.building_id = building.id
    AND NOT EXISTS (SELECT FROM channel AS present
                    WHERE present.device_id = device.id AND present.field = channel.field
                        AND present.valid_to = 'infinity');

-- name: put_ignored(rows)!
-- Fields that are known and not wanted: channels without a point.
INSERT INTO channel (device_id, field, valid_from)
SELECT device.id, ignored.field,
    coalesce((SELECT max(valid_to) FROM channel AS past
              WHERE past.device_id = device.id AND past.field = ignored.field), '-infinity')
FROM jsonb_to_recordset(:rows) AS given (format text, id text, ignore jsonb)
JOIN device ON device.format = given.format AND device.external_id = given.id,
jsonb_array_elements_text(given.ignore) AS ignored (field)
WHERE NOT EXISTS (SELECT FROM channel AS present
                  WHERE present.device_id = device.id AND present.field = ignored.field
                      AND present.valid_to = 'infinity');

-- name: put_plan(rows)!
INSERT INTO plan (building_id, asset_id, key, name, task, rrule, starts_on, lead_days, skill)
SELECT building.id, asset.id, given.key, given.name, task, rrule, starts_on, lead_days, skill
FROM jsonb_to_recordset(:rows) AS given (
    n integer, building text, asset text, key text, name text, task text, rrule text,
    starts_on date, lead_days integer, skill text
)
JOIN building ON building.key = given.building
LEFT JOIN asset ON asset.building_id = building.id AND asset.key = given.asset
ORDER BY n
ON CONFLICT (building_id, key) DO UPDATE
SET asset_id = excluded.asset_id, name = excluded.name, task = excluded.task,
    rrule = excluded.rrule, starts_on = excluded.starts_on, lead_days = excluded.lead_days,
    skill = excluded.skill;

-- name: points_with_readings(rows)
-- Those of the given points that have readings.
SELECT given.building, given.key
FROM jsonb_to_recordset(:rows) AS given (building text, key text)
JOIN building ON building.key = given.building
JOIN point ON point.building_id = building.id AND point.key = given.key
WHERE EXISTS (SELECT FROM reading WHERE reading.point_id = point.id);

-- name: municipalities()
SELECT key, name, ags, population FROM municipality ORDER BY id;

-- name: technicians()
SELECT technician.key, technician.name, email, phone, skills,
    array(
        SELECT municipality.key
        FROM technician_municipality JOIN municipality ON municipality.id = municipality_id
        WHERE technician_id = technician.id
        ORDER BY municipality.id
    )
FROM technician
ORDER BY technician.id;

-- name: sites()
SELECT site.key, municipality.key, site.name, address, latitude, longitude
FROM site JOIN municipality ON municipality.id = municipality_id
ORDER BY site.id;

-- name: buildings()
SELECT site.key, building.key, building.name, use, floor_area_m2, built, renovated
FROM building JOIN site ON site.id = site_id
ORDER BY building.id;

-- name: assets()
SELECT building.key, asset.key, asset.name, kind, cost_group, vdma_part, installed, power_kw
FROM asset JOIN building ON building.id = building_id
ORDER BY asset.id;

-- name: points()
SELECT building.key, point.key, point.name, point.medium, point.quantity, point.kind,
    point.interval_s, space.name, upper.key, limit_rule.severity, limit_rule.skill, low, high, hysteresis, delay_s
FROM point
JOIN building ON building.id = point.building_id
LEFT JOIN space ON space.id = point.space_id
LEFT JOIN point AS upper ON upper.id = point.within_id
LEFT JOIN limit_rule ON limit_rule.point_id = point.id
ORDER BY point.id;

-- name: meters()
SELECT building.key, point.key, serial, mounted_from, mounted_to, calibrated_until
FROM meter_mount
JOIN point ON point.id = point_id
JOIN building ON building.id = building_id
ORDER BY point.id, mounted_from;

-- name: devices()
SELECT building.key, device.id, format, external_id, device.name, profile
FROM device JOIN building ON building.id = building_id
ORDER BY device.id;

-- name: channels()
-- The present channels; without a point where the field is not wanted.
SELECT device_id, field, point.key, channel.unit, factor
FROM channel LEFT JOIN point ON point.id = point_id
WHERE valid_to = 'infinity'
ORDER BY device_id, field;

-- name: plans()
SELECT building.key, plan.key, plan.name, task, rrule, starts_on, skill, lead_days, asset.key
FROM plan
JOIN building ON building.id = plan.building_id
LEFT JOIN asset ON asset.id = asset_id
ORDER BY plan.id;
