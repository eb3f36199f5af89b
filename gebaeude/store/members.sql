-- name: lock()!
-- One change of the members at a time.
LOCK TABLE ingest_generation IN EXCLUSIVE MODE;

-- name: newest(number, base)^
-- The newest generation of those who share under a client id, or the one of this number if it is
-- theirs; null: whosever it is. What does not say whose it is was made when there was one share.
SELECT number, members FROM ingest_generation
WHERE (:number::bigint IS NULL OR number = :number::bigint)
  AND (:base::text IS NULL OR base = :base
       OR base IS NULL AND EXISTS (SELECT FROM unnest(members) AS m
                                   WHERE m = :base OR starts_with(m, :base || '-')))
ORDER BY number DESC LIMIT 1;

-- name: generation(client)$
-- The generation a session goes by.
SELECT generation FROM ingest_session WHERE client = :client;

-- name: add(number, base, members)!
INSERT INTO ingest_generation (number, base, members) VALUES (:number, :base, :members);

-- name: go_by(client, generation)!
-- From now on the session goes by this generation.
INSERT INTO ingest_session (client, generation) VALUES (:client, :generation)
ON CONFLICT (client) DO UPDATE SET generation = excluded.generation;

-- name: forget(client)!
-- Everything that is known of a session.
WITH ledger AS (DELETE FROM delivery WHERE client = :client)
DELETE FROM ingest_session WHERE client = :client;
