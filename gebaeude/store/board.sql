-- name: cards(closed_since, id, municipality, skill, technician)
-- Tickets that are not finished, and those that were since a time; or the one of an id. `-` as
-- technician: those that nobody has.
SELECT t.id, t.title, t.state, t.priority, t.skill, b.key, b.name, m.key, m.name, w.key, w.name,
       t.opened_at, t.closed_at, t.due_on, t.plan_id IS NOT NULL, f.severity, f.total, f.open, t.task
FROM ticket t
JOIN building b ON b.id = t.building_id
JOIN site s ON s.id = b.site_id
JOIN municipality m ON m.id = s.municipality_id
LEFT JOIN technician w ON w.id = t.technician_id
CROSS JOIN LATERAL (
    SELECT (ARRAY['info', 'warning', 'critical'])[
               max(array_position(ARRAY['info', 'warning', 'critical'], severity))] AS severity,
           count(*) AS total, count(*) FILTER (WHERE closed_at IS NULL) AS open
    FROM finding WHERE ticket_id = t.id
) AS f
WHERE CASE WHEN CAST(:id AS bigint) IS NOT NULL THEN t.id = :id
      ELSE t.closed_at IS NULL OR t.closed_at >= :closed_since END
  AND (CAST(:municipality AS text) IS NULL OR m.key = :municipality)
  AND (CAST(:skill AS text) IS NULL OR t.skill = :skill)
  AND (CAST(:technician AS text) IS NULL OR coalesce(w.key, '-') = :technician);

-- name: ticket(id)^
-- What only a ticket's own page shows.
SELECT s.address, s.latitude, s.longitude, a.name, p.name, w.phone, w.email
FROM ticket t
JOIN building b ON b.id = t.building_id
JOIN site s ON s.id = b.site_id
LEFT JOIN plan p ON p.id = t.plan_id
LEFT JOIN asset a ON a.id = p.asset_id
LEFT JOIN technician w ON w.id = t.technician_id
WHERE t.id = :id;

-- name: history(ticket_id)
-- What happened to a ticket, oldest first.
SELECT at, actor, kind, state, comment FROM ticket_event WHERE ticket_id = :ticket_id ORDER BY id;

-- name: municipalities()
-- Every municipality by its name.
SELECT key, name FROM municipality ORDER BY name;

-- name: counts(today)^
-- Open findings, tickets that are not finished, and how many of those are late.
SELECT (SELECT count(*) FROM finding WHERE closed_at IS NULL),
       count(*), count(*) FILTER (WHERE due_on < :today)
FROM ticket WHERE closed_at IS NULL;
