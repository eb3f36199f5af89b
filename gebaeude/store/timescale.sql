-- name: extension_available()$
-- Whether the server has the extension at hand.
SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'timescaledb';

-- name: license()$
-- The edition's name as the running extension says it; null where it is not loaded.
SELECT current_setting('timescaledb.license', true);

-- name: create_extension()!
-- The extension in this database.
CREATE EXTENSION IF NOT EXISTS timescaledb;

-- name: make_hypertable()!
-- Chunks of 30 days: about half a million readings of 300 points, so that the newest stays in memory.
SELECT create_hypertable('reading', 'time', chunk_time_interval => INTERVAL '30 days',
                         create_default_indexes => false, if_not_exists => true,
                         migrate_data => true);
