-- name: beat(process, detail)!
-- Marks a process as alive.
INSERT INTO heartbeat (process, at, detail) VALUES (:process, clock_timestamp(), :detail)
ON CONFLICT (process) DO UPDATE SET at = EXCLUDED.at, detail = EXCLUDED.detail;

-- name: heartbeats()
-- The last sign of life of each process, with its age in seconds.
SELECT process, at, extract(epoch FROM clock_timestamp() - at)::float8, detail FROM heartbeat;

-- name: forget(process)!
-- Forgets a process that has ended for good.
DELETE FROM heartbeat WHERE process = :process;
