-- name: start(hash, account, guest_link, strength, browser, origin, agent, now, expires, told)$
INSERT INTO session (hash, account_id, guest_link_id, strength, browser, origin, agent,
                     created_at, seen_at, expires_at, told)
VALUES (:hash, :account, :guest_link, :strength, :browser, :origin, :agent, :now, :now, :expires,
        :told)
RETURNING id;

-- name: find(hash, now)^
-- The session with who it is, as long as it counts: neither over nor revoked, account not disabled,
-- guest's link still good. A guest reads one building as a guest of its municipality.
SELECT s.id, s.strength, s.created_at, s.seen_at, s.expires_at, a.id, a.email, a.name,
       t.key, l.building_id, r.held
FROM session s
LEFT JOIN account a ON a.id = s.account_id
LEFT JOIN technician t ON t.id = a.technician_id
LEFT JOIN one_time_link l ON l.id = s.guest_link_id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_array(m.id, m.key, m.name, x.role) ORDER BY m.name), '[]')
           AS held
    FROM (
        SELECT municipality_id, role FROM account_role WHERE account_id = a.id
        UNION ALL
        SELECT i.municipality_id, 'guest'
        FROM building b JOIN site i ON i.id = b.site_id WHERE b.id = l.building_id
    ) x
    JOIN municipality m ON m.id = x.municipality_id
) r
WHERE s.hash = :hash AND s.revoked_at IS NULL AND s.expires_at > :now
  AND a.disabled_at IS NULL AND (l.id IS NULL OR l.expires_at > :now);

-- name: ended(hash)^
-- Of a session that counts no more, as long as it is kept: whose it was, from where, and its end.
SELECT a.email, s.origin, s.expires_at, s.revoked_at
FROM session s LEFT JOIN account a ON a.id = s.account_id WHERE s.hash = :hash;

-- name: touch(id, now, expires)!
-- Somebody is still there.
UPDATE session SET seen_at = :now, expires_at = :expires
WHERE id = :id AND revoked_at IS NULL;

-- name: sessions(account, now)
-- Sessions that count, last used first.
SELECT id, strength, origin, agent, created_at, seen_at, expires_at
FROM session
WHERE account_id = :account AND revoked_at IS NULL AND expires_at > :now
ORDER BY seen_at DESC, id DESC;

-- name: revoke(id, account, now)!
UPDATE session SET revoked_at = :now
WHERE id = :id AND revoked_at IS NULL AND (:account::integer IS NULL OR account_id = :account);

-- name: revoke_all(account, but, now)!
UPDATE session SET revoked_at = :now
WHERE account_id = :account AND revoked_at IS NULL AND id IS DISTINCT FROM :but;

-- name: is_known(account, browser, since)$
-- Whether somebody has signed in to the account with this browser since then.
SELECT EXISTS (SELECT FROM session
               WHERE account_id = :account AND browser = :browser AND created_at >= :since);

-- name: places(account, since)
-- Where sessions of an account have begun since then.
SELECT DISTINCT browser, origin, agent FROM session
WHERE account_id = :account AND created_at >= :since;

-- name: told(account, since)$
-- Of how many sessions the owner of an account was told by mail since then.
SELECT count(*) FROM session WHERE account_id = :account AND told AND created_at >= :since;
