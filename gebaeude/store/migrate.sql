-- name: take_lock()!
-- Held until the session ends, so that two migrations never run at once.
SELECT pg_advisory_lock(7261);

-- name: has_version_table()$
-- Whether this database was ever migrated.
SELECT to_regclass('alembic_version') IS NOT NULL;

-- name: version()$
-- The newest applied migration.
SELECT version_num FROM alembic_version;

-- name: has_job_tables()$
-- Whether the job queue's tables are there.
SELECT to_regclass('procrastinate_jobs') IS NOT NULL;
