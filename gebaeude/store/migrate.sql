-- name: take_lock()!
-- Held until the session ends, so that two migrations never run at once.
SELECT pg_advisory_lock(7261);

-- name: has_job_tables()$
-- Whether the job queue's tables are there.
SELECT to_regclass('procrastinate_jobs') IS NOT NULL;
