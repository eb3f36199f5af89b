-- name: count_at(time)$
-- How many readings are of this moment.
SELECT count(*) FROM reading WHERE time = :time;

-- name: count_readings()$
-- All of them.
SELECT count(*) FROM reading;

-- name: backends_of_ingest()
-- The processes of the database server that work for ingest, in this database.
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'gebaeude-ingest';
