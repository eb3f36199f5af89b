-- name: create_reading()#
-- The table that the peers write: what Gebäude's own is, without what belongs to Gebäude.
CREATE TABLE reading (
    point text NOT NULL,
    time timestamptz NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (point, time)
);

-- name: create_collectd_insert()#
-- What collectd calls for each value; its handbook advises a function, with these nine parameters.
-- Values that are about collectd itself are none of ours.
CREATE FUNCTION collectd_insert(
    at timestamptz, host text, plugin text, plugin_instance text, type text, type_instance text,
    names text[], types text[], measured double precision[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF plugin = 'room' THEN
        INSERT INTO reading (point, time, value) VALUES (host, at, measured[1])
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- name: count_readings()$
-- How many are stored.
SELECT count(*) FROM reading;
