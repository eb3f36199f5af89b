-- name: place(point_id)^
-- A point by the names people use, its building and its use, and what its limit rule says.
SELECT b.name, p.name, s.name, p.medium, p.quantity, p.unit, p.building_id, r.severity, r.skill, b.use
FROM point p
JOIN building b ON b.id = p.building_id
LEFT JOIN space s ON s.id = p.space_id
LEFT JOIN limit_rule r ON r.point_id = p.id
WHERE p.id = :point_id;

-- name: insert_finding(rule, point_id, severity, now, evidence)$
-- A new finding; null where the point has an open one of this rule.
INSERT INTO finding (rule, point_id, severity, opened_at, evidence)
VALUES (:rule, :point_id, :severity, :now, :evidence)
ON CONFLICT (rule, point_id) WHERE closed_at IS NULL DO NOTHING
RETURNING id;

-- name: set_ticket(finding_id, ticket_id)!
-- The ticket that takes care of a finding.
UPDATE finding SET ticket_id = :ticket_id WHERE id = :finding_id;

-- name: ticket_to_join(rule, point_id, building_id, lapsed_since)$
-- The ticket that already takes care of the same trouble: of this point, or where points are
-- silent, of this building. One that closed by itself a short while ago counts as well.
SELECT t.id
FROM ticket t
WHERE t.building_id = :building_id
  AND (t.closed_at IS NULL OR t.lapsed_at >= :lapsed_since)
  AND EXISTS (
    SELECT FROM finding f
    WHERE f.ticket_id = t.id AND f.rule = :rule AND (f.point_id = :point_id OR :rule = 'silent'))
ORDER BY t.closed_at IS NULL DESC, t.id DESC
LIMIT 1;

-- name: open_finding(id)^
-- A finding that is open, locked until the transaction ends; no row where it is closed.
SELECT rule, point_id, evidence, ticket_id FROM finding
WHERE id = :id AND closed_at IS NULL
FOR UPDATE;

-- name: extremes(point_id, since)^
-- The lowest and the highest value of a point since a time.
SELECT min(value), max(value) FROM reading
WHERE point_id = :point_id AND time >= :since AND quality IN (0, 3);

-- name: close_finding(id, now, evidence)!
-- Closes a finding, with what is known of it now that it is over.
UPDATE finding SET closed_at = greatest(opened_at, :now), evidence = :evidence WHERE id = :id;

-- name: has_open(ticket_id)$
-- Whether any finding that a ticket takes care of is still open.
SELECT EXISTS (SELECT FROM finding WHERE ticket_id = :ticket_id AND closed_at IS NULL);

-- name: of_ticket(ticket_id)
-- The findings a ticket takes care of, oldest first.
SELECT f.id, f.point_id, f.rule, f.severity, f.opened_at, f.closed_at, b.key, p.key, f.evidence,
       b.name, p.name, s.name, p.medium, p.quantity, p.unit
FROM finding f
JOIN point p ON p.id = f.point_id
JOIN building b ON b.id = p.building_id
LEFT JOIN space s ON s.id = p.space_id
WHERE f.ticket_id = :ticket_id
ORDER BY f.id;

-- name: findings(open_only, building, before, limit)
-- Findings, newest first.
SELECT f.id, f.rule, f.severity, f.opened_at, f.closed_at, f.evidence, b.key, m.key, p.key,
       t.id, t.opened_at, b.name, p.name, s.name, p.medium, p.quantity, p.unit
FROM finding f
JOIN point p ON p.id = f.point_id
JOIN building b ON b.id = p.building_id
JOIN site ON site.id = b.site_id
JOIN municipality m ON m.id = site.municipality_id
LEFT JOIN space s ON s.id = p.space_id
LEFT JOIN ticket t ON t.id = f.ticket_id
WHERE (NOT :open_only OR f.closed_at IS NULL)
  AND (CAST(:building AS text) IS NULL OR b.key = :building)
  AND (CAST(:before AS bigint) IS NULL OR f.id < :before)
ORDER BY f.id DESC
LIMIT :limit;
