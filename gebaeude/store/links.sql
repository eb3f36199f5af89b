-- name: create(hash, purpose, account, building, detail, created_by, now, expires)$
INSERT INTO one_time_link (hash, purpose, account_id, building_id, detail, created_by,
                           created_at, expires_at)
VALUES (:hash, :purpose, :account, (SELECT b.id FROM building b WHERE b.key = :building), :detail,
        :created_by, :now, :expires)
RETURNING id;

-- name: find(hash, purposes, now)^
-- A link that still counts.
SELECT l.id, l.purpose, l.account_id, l.building_id, l.detail, l.expires_at
FROM one_time_link l
LEFT JOIN account a ON a.id = l.account_id
WHERE l.hash = :hash AND l.purpose = ANY (:purposes) AND l.used_at IS NULL AND l.expires_at > :now
  AND a.disabled_at IS NULL;

-- name: use(id, now)!
-- Uses a link up: of two who are as fast, one gets it.
UPDATE one_time_link SET used_at = :now WHERE id = :id AND used_at IS NULL;

-- name: withdraw(account, purposes, now)!
-- Links sent earlier count no more.
UPDATE one_time_link SET used_at = :now
WHERE account_id = :account AND purpose = ANY (:purposes) AND used_at IS NULL;

-- name: guests(municipalities, now)
-- Guests' links that still count, into buildings of these municipalities (ids).
SELECT l.id, b.key, b.name, l.created_at, l.expires_at, a.name
FROM one_time_link l
JOIN building b ON b.id = l.building_id
JOIN site s ON s.id = b.site_id
LEFT JOIN account a ON a.id = l.created_by
WHERE l.purpose = 'guest' AND l.used_at IS NULL AND l.expires_at > :now
  AND s.municipality_id = ANY (:municipalities)
ORDER BY l.expires_at, l.id;

-- name: end_guest(id, municipalities, now)!
-- A guest's link, and with it their sessions, count no more.
UPDATE one_time_link l SET expires_at = :now, used_at = :now
FROM building b JOIN site s ON s.id = b.site_id
WHERE l.id = :id AND b.id = l.building_id AND l.purpose = 'guest'
  AND s.municipality_id = ANY (:municipalities);

-- name: is_building(building)$
SELECT EXISTS (SELECT FROM building WHERE key = :building);

-- name: building_key(id)$
SELECT b.key FROM one_time_link l JOIN building b ON b.id = l.building_id WHERE l.id = :id;

-- name: building_name(id)$
SELECT b.name FROM one_time_link l JOIN building b ON b.id = l.building_id WHERE l.id = :id;
