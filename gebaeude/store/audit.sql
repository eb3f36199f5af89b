-- name: note(action, subject, municipality, building, detail)!
-- Something that somebody did and that changed no row.
SELECT scope.audit_note(:action, :subject, :municipality, :building, :detail);

-- name: entries(before, limit, account, actor, subject, action, since, until, municipality, building)
-- The newest first; of those that the filters let through.
SELECT e.position, e.at, e.account_id, e.actor, e.origin, e.action, e.subject,
       coalesce(m.name, (SELECT string_agg(o.name, ', ' ORDER BY o.name) FROM municipality o
                         WHERE o.id = ANY (e.municipalities))),
       b.key, b.name, e.before, e.after, e.emptied_at
FROM audit e
LEFT JOIN municipality m ON m.id = e.municipality_id
LEFT JOIN building b ON b.id = e.building_id
WHERE e.position IS NOT NULL AND (:before::bigint IS NULL OR e.position < :before)
    AND (:account::integer IS NULL OR e.account_id = :account)
    AND (:actor::text IS NULL OR e.actor = :actor)
    AND (:subject::text IS NULL OR starts_with(e.subject, :subject))
    AND (:action::text IS NULL OR e.action = :action)
    AND (:since::timestamptz IS NULL OR e.at >= :since)
    AND (:until::timestamptz IS NULL OR e.at < :until)
    AND (:municipality::text IS NULL OR m.key = :municipality OR EXISTS (
        SELECT FROM municipality o WHERE o.key = :municipality AND o.id = ANY (e.municipalities)))
    AND (:building::text IS NULL OR b.key = :building)
ORDER BY e.position DESC LIMIT :limit;

-- name: actors()
-- Who has acted, by name.
SELECT DISTINCT actor FROM audit WHERE actor IS NOT NULL ORDER BY actor;

-- name: refused(since, actions)$
-- How often somebody was not let in.
SELECT count(*) FROM audit WHERE at >= :since AND action = ANY (:actions);

-- name: broken()^
-- The first entry that is not as it was written, or that misses the one before it.
SELECT position, at, fault FROM (
    SELECT e.position, e.at, CASE
        WHEN e.hash IS NULL THEN 'unchained'
        WHEN e.position <> 1 + coalesce(lag(e.position) OVER chain, 0) THEN 'missing'
        WHEN e.previous <> coalesce(lag(e.hash) OVER chain, '') THEN 'unlinked'
        WHEN e.hash <> sha256(e.previous || e.content) THEN 'altered'
        WHEN e.emptied_at IS NULL AND e.content <> audit_content(e) THEN 'altered'
    END AS fault
    FROM audit e WINDOW chain AS (ORDER BY e.position)
) AS checked
WHERE fault IS NOT NULL ORDER BY position NULLS LAST LIMIT 1;

-- name: head()^
-- Where the chain ends, by its own account and by its last entry; how many entries were emptied.
SELECT h.position, h.hash, coalesce(e.position, 0), coalesce(e.hash, ''),
       (SELECT count(*) FROM audit WHERE emptied_at IS NOT NULL)
FROM audit_head h
LEFT JOIN LATERAL (
    SELECT position, hash FROM audit WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1
) AS e ON true;

-- name: empty(before)!
-- Removes what old entries say of people; that there was one, and what it was about, stays.
UPDATE audit SET account_id = NULL, actor = NULL, origin = NULL, before = NULL, after = NULL,
    emptied_at = clock_timestamp()
WHERE at < :before AND emptied_at IS NULL AND hash IS NOT NULL;
