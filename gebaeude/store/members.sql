-- name: lock()!
-- One change of the members at a time.
LOCK TABLE ingest_generation IN EXCLUSIVE MODE;

-- name: latest()^
-- The newest generation: its number and its members.
SELECT number, members FROM ingest_generation ORDER BY number DESC LIMIT 1;

-- name: members(number)$
-- The members of a generation.
SELECT members FROM ingest_generation WHERE number = :number;

-- name: generation(client)$
-- The generation a session goes by.
SELECT generation FROM ingest_session WHERE client = :client;

-- name: add(number, members)!
INSERT INTO ingest_generation (number, members) VALUES (:number, :members);

-- name: go_by(client, generation)!
-- From now on the session goes by this generation.
INSERT INTO ingest_session (client, generation) VALUES (:client, :generation)
ON CONFLICT (client) DO UPDATE SET generation = excluded.generation;

-- name: forget(client)!
-- Everything that is known of a session.
WITH ledger AS (DELETE FROM delivery WHERE client = :client)
DELETE FROM ingest_session WHERE client = :client;
