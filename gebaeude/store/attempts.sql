-- name: note(kind, key, now)!
INSERT INTO attempt (kind, key, at) VALUES (:kind, :key, :now);

-- name: failures(kind, key, since, until)^
SELECT count(*), max(at) FROM attempt
WHERE kind = :kind AND key = :key AND at BETWEEN :since AND :until;

-- name: forgive(kind, key)!
DELETE FROM attempt WHERE kind = :kind AND key = :key;

-- name: forgive_last(kind, key)!
DELETE FROM attempt WHERE ctid = (
    SELECT ctid FROM attempt WHERE kind = :kind AND key = :key ORDER BY at DESC LIMIT 1);
