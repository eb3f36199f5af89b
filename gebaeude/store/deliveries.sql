-- name: keep(client, number, entries, oldest)!
-- Keeps a page, and forgets those before `oldest`. A page that is there already was committed.
WITH forgotten AS (DELETE FROM delivery WHERE client = :client AND number < :oldest)
INSERT INTO delivery (client, number, entries) VALUES (:client, :number, :entries)
ON CONFLICT DO NOTHING;

-- name: pages(client)
-- Every page of a session, the oldest first.
SELECT number, entries FROM delivery WHERE client = :client ORDER BY number;
