-- name: create(hash, account, name, scopes, municipalities, now, expires)$
INSERT INTO api_token (hash, account_id, name, scopes, municipalities, created_at, expires_at)
VALUES (:hash, :account, :name, :scopes, :municipalities, :now, :expires)
RETURNING id;

-- name: find(hash, now)^
-- Whose token it is, with their roles where it counts; as long as token and account are good.
SELECT k.id, k.scopes, k.used_at, a.id, a.email, a.name, t.key, r.held
FROM api_token k
JOIN account a ON a.id = k.account_id
LEFT JOIN technician t ON t.id = a.technician_id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_array(m.id, m.key, m.name, x.role) ORDER BY m.name), '[]')
           AS held
    FROM account_role x JOIN municipality m ON m.id = x.municipality_id
    WHERE x.account_id = a.id AND (k.municipalities IS NULL OR m.id = ANY (k.municipalities))
) r
WHERE k.hash = :hash AND k.revoked_at IS NULL AND k.expires_at > :now AND a.disabled_at IS NULL;

-- name: used(id, now)!
UPDATE api_token SET used_at = :now WHERE id = :id AND revoked_at IS NULL;

-- name: tokens(account)
-- Tokens that were not revoked, newest first.
SELECT k.id, k.name, k.scopes, k.created_at, k.expires_at, k.used_at,
       (SELECT array_agg(m.name ORDER BY m.name) FROM municipality m
        WHERE m.id = ANY (k.municipalities))
FROM api_token k
WHERE k.account_id = :account AND k.revoked_at IS NULL
ORDER BY k.id DESC;

-- name: revoke(id, account, now)!
UPDATE api_token SET revoked_at = :now
WHERE id = :id AND account_id = :account AND revoked_at IS NULL;

-- name: revoke_all(account, now)!
UPDATE api_token SET revoked_at = :now WHERE account_id = :account AND revoked_at IS NULL;
