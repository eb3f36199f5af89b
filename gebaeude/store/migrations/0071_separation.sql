-- What a municipality owns is visible only within a scope: settings of the session that say which
-- municipalities are asked for. Unset, nothing is. The tables' owner (ingest, worker, commands) is
-- not bound by it; the web process connects as a role that is. Its rights are in webrole.sql.

CREATE SCHEMA scope;

-- The scope, as the session's settings tell it ---------------------------------------------------

-- gebaeude.municipalities: '{1,2}'.
CREATE FUNCTION scope.municipalities() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('gebaeude.municipalities', true), ''), '{}')::integer[]
$$;

-- gebaeude.building: narrows the scope to one building, for a guest.
CREATE FUNCTION scope.building() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('gebaeude.building', true), '')::integer
$$;

-- gebaeude.unassigned: 'on' to see what belongs to nobody yet, such as unknown devices.
CREATE FUNCTION scope.unassigned() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('gebaeude.unassigned', true), '') = 'on'
        AND scope.building() IS NULL
$$;

-- What lies in it. These look past the policies, or the policies would ask each other in circles;
-- in PL/pgSQL, because that keeps its plans.

CREATE FUNCTION scope.buildings() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 100 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT b.id FROM public.building b JOIN public.site s ON s.id = b.site_id
    WHERE s.municipality_id = ANY (scope.municipalities())
        AND b.id = coalesce(scope.building(), b.id);
END
$$;

CREATE FUNCTION scope.sites() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 100 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.id FROM public.site s
    WHERE s.municipality_id = ANY (scope.municipalities())
        AND (scope.building() IS NULL OR EXISTS (
            SELECT FROM public.building b WHERE b.site_id = s.id AND b.id = scope.building()));
END
$$;

CREATE FUNCTION scope.points() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 1000 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.id FROM public.point p WHERE p.building_id IN (SELECT scope.buildings());
END
$$;

CREATE FUNCTION scope.devices() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 1000 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT d.id FROM public.device d WHERE d.building_id IN (SELECT scope.buildings());
END
$$;

-- Who works for one of these municipalities, or has one of its tickets in hand.
CREATE FUNCTION scope.technicians() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 20 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF scope.building() IS NOT NULL THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT w.technician_id FROM public.technician_municipality w
    WHERE w.municipality_id = ANY (scope.municipalities())
    UNION SELECT t.technician_id FROM public.ticket t
    WHERE t.technician_id IS NOT NULL AND t.closed_at IS NULL
        AND t.building_id IN (SELECT scope.buildings());
END
$$;

-- Messages and withdrawn readings name a device as it names itself. So that nobody learns the names
-- of others' devices here, they are told as hashes.
CREATE FUNCTION scope.name_hash(format text, device text) RETURNS bigint LANGUAGE sql IMMUTABLE
PARALLEL SAFE RETURN hashtextextended(format || '/' || device, 7262);

CREATE FUNCTION scope.own_devices() RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 1000 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT scope.name_hash(d.format, d.external_id) FROM public.device d
    WHERE d.building_id IN (SELECT scope.buildings());
END
$$;

CREATE FUNCTION scope.others_devices() RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 1000 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT scope.name_hash(d.format, d.external_id) FROM public.device d
    WHERE d.building_id NOT IN (SELECT scope.buildings());
END
$$;

-- For our own processes, and to find out who asks.
CREATE FUNCTION scope.every_municipality() RETURNS integer[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(m.id ORDER BY m.id), '{}') FROM public.municipality m
$$;

-- Readings: row level security and compression exclude each other, so the web role has no right on
-- the table. It finds under the same names, in the schema that comes first in its search path,
-- views that let only readings of visible points through, also when they are written. A barrier
-- keeps conditions of the query's own from seeing others' rows; it also keeps ORDER BY … LIMIT
-- outside, which must not read a whole history for one row: therefore the names below.

-- The newest and the oldest reading of each point that has any.
CREATE VIEW public.newest AS
SELECT p.id AS point_id, r.time, r.value, r.quality
FROM public.point p CROSS JOIN LATERAL (
    SELECT time, value, quality FROM public.reading WHERE point_id = p.id ORDER BY time DESC LIMIT 1
) AS r;
CREATE VIEW public.oldest AS
SELECT p.id AS point_id, r.time, r.value, r.quality
FROM public.point p CROSS JOIN LATERAL (
    SELECT time, value, quality FROM public.reading WHERE point_id = p.id ORDER BY time LIMIT 1
) AS r;

-- The latest readings before a moment and not before another, the newest first.
CREATE FUNCTION public.readings_before(point integer, before timestamptz, since timestamptz, count integer)
RETURNS TABLE ("time" timestamptz, value double precision, quality smallint)
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT r.time, r.value, r.quality FROM public.reading r
    WHERE r.point_id = $1 AND r.time < $2 AND r.time >= $3 ORDER BY r.time DESC LIMIT $4
$$;

-- The first readings after a moment and before another, in the order of time.
CREATE FUNCTION public.readings_after(point integer, after timestamptz, until timestamptz, count integer)
RETURNS TABLE ("time" timestamptz, value double precision, quality smallint)
LANGUAGE sql STABLE ROWS 1000 AS $$
    SELECT r.time, r.value, r.quality FROM public.reading r
    WHERE r.point_id = $1 AND r.time > $2 AND r.time < $3 ORDER BY r.time LIMIT $4
$$;

CREATE VIEW scope.reading WITH (security_barrier) AS
SELECT r.point_id, r.time, r.value, r.quality FROM public.reading r
WHERE EXISTS (SELECT FROM public.point p
              WHERE p.id = r.point_id AND p.building_id = ANY (ARRAY(SELECT scope.buildings())))
WITH CASCADED CHECK OPTION;

CREATE VIEW scope.newest WITH (security_barrier) AS
SELECT p.id AS point_id, r.time, r.value, r.quality
FROM public.point p CROSS JOIN LATERAL (
    SELECT time, value, quality FROM public.reading WHERE point_id = p.id ORDER BY time DESC LIMIT 1
) AS r
WHERE p.building_id = ANY (ARRAY(SELECT scope.buildings()));

CREATE VIEW scope.oldest WITH (security_barrier) AS
SELECT p.id AS point_id, r.time, r.value, r.quality
FROM public.point p CROSS JOIN LATERAL (
    SELECT time, value, quality FROM public.reading WHERE point_id = p.id ORDER BY time LIMIT 1
) AS r
WHERE p.building_id = ANY (ARRAY(SELECT scope.buildings()));

CREATE FUNCTION scope.readings_before(point integer, before timestamptz, since timestamptz, count integer)
RETURNS TABLE ("time" timestamptz, value double precision, quality smallint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF point IN (SELECT scope.points()) THEN
        RETURN QUERY SELECT * FROM public.readings_before(point, before, since, count);
    END IF;
END
$$;

CREATE FUNCTION scope.readings_after(point integer, after timestamptz, until timestamptz, count integer)
RETURNS TABLE ("time" timestamptz, value double precision, quality smallint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF point IN (SELECT scope.points()) THEN
        RETURN QUERY SELECT * FROM public.readings_after(point, after, until, count);
    END IF;
END
$$;

-- Policies ---------------------------------------------------------------------------------------
-- Each subquery that does not name the row is evaluated once for a statement.

ALTER TABLE municipality ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON municipality USING (id = ANY ((SELECT scope.municipalities())::integer[]));
ALTER TABLE site ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON site USING (id IN (SELECT scope.sites()));
ALTER TABLE building ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON building USING (id IN (SELECT scope.buildings()));

ALTER TABLE space ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON space USING (building_id IN (SELECT scope.buildings()));
ALTER TABLE asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON asset USING (building_id IN (SELECT scope.buildings()));
ALTER TABLE point ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON point USING (building_id IN (SELECT scope.buildings()));
ALTER TABLE device ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON device USING (building_id IN (SELECT scope.buildings()));
ALTER TABLE plan ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON plan USING (building_id IN (SELECT scope.buildings()));
ALTER TABLE ticket ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON ticket USING (building_id IN (SELECT scope.buildings()));

ALTER TABLE meter_mount ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON meter_mount USING (point_id IN (SELECT scope.points()));
ALTER TABLE limit_rule ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON limit_rule USING (point_id IN (SELECT scope.points()));
ALTER TABLE finding ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON finding USING (point_id IN (SELECT scope.points()));

ALTER TABLE channel ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON channel USING (device_id IN (SELECT scope.devices()))
    WITH CHECK (device_id IN (SELECT scope.devices())
                AND (point_id IS NULL OR point_id IN (SELECT scope.points())));
ALTER TABLE device_heard ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_heard USING (device_id IN (SELECT scope.devices()));

ALTER TABLE plan_due ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON plan_due USING (EXISTS (SELECT FROM plan WHERE plan.id = plan_id));
ALTER TABLE ticket_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON ticket_event USING (EXISTS (SELECT FROM ticket WHERE ticket.id = ticket_id));
ALTER TABLE mail ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON mail USING (EXISTS (SELECT FROM ticket WHERE ticket.id = ticket_id));
CREATE POLICY letters ON mail FOR INSERT WITH CHECK (ticket_id IS NULL);

ALTER TABLE technician ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON technician USING (id IN (SELECT scope.technicians()));
ALTER TABLE technician_municipality ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON technician_municipality USING (
    municipality_id = ANY ((SELECT scope.municipalities())::integer[])
    AND (SELECT scope.building()) IS NULL);

ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON quarantine USING (
    CASE WHEN (SELECT scope.unassigned())
    THEN (scope.name_hash(format, device) IN (SELECT scope.others_devices())) IS NOT TRUE
    ELSE scope.name_hash(format, device) IN (SELECT scope.own_devices()) END);
ALTER TABLE withdrawn ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON withdrawn USING (
    CASE WHEN (SELECT scope.unassigned())
    THEN scope.name_hash(format, device) NOT IN (SELECT scope.others_devices())
    ELSE scope.name_hash(format, device) IN (SELECT scope.own_devices()) END);
ALTER TABLE device_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_event USING (
    CASE WHEN (SELECT scope.unassigned())
    THEN scope.name_hash(format, device) NOT IN (SELECT scope.others_devices())
    ELSE scope.name_hash(format, device) IN (SELECT scope.own_devices()) END);

-- Everybody may know which processes are alive; each says so of itself.
ALTER TABLE heartbeat ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON heartbeat FOR SELECT USING (true);
CREATE POLICY own ON heartbeat USING (process = 'web');

-- Quarantine by reason goes on being answered from its index alone.
DROP INDEX quarantine_by_reason;
CREATE INDEX quarantine_by_reason ON quarantine (reason, last_at)
    INCLUDE (first_at, times, id, format, device);
