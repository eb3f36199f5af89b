-- name: dispatch_lock()!
-- One ticket is given out at a time, so that the counts it goes by are true; held to the commit.
SELECT pg_advisory_xact_lock(7262);

-- name: insert_ticket(building_id, finding_id, plan_id, due_on, title, task, priority, skill, now)$
-- A new ticket.
INSERT INTO ticket (building_id, finding_id, plan_id, due_on, title, task, priority, skill, opened_at)
VALUES (:building_id, :finding_id, :plan_id, :due_on, :title, :task, :priority, :skill, :now)
RETURNING id;

-- name: hold_ticket(id)!
-- Locks a ticket until the transaction ends. A statement of its own: one that waits for the lock
-- and joins would see the ticket as it is then, and what it refers to as it was before.
SELECT FROM ticket WHERE id = :id FOR UPDATE;

-- name: ticket(id)^
-- A ticket with what deciding about it needs.
SELECT t.id, t.opened_at, t.state, t.title, t.task, t.priority, t.skill, t.due_on, b.id, b.name,
       s.address, m.key, m.name, t.technician_id, w.name
FROM ticket t
JOIN building b ON b.id = t.building_id
JOIN site s ON s.id = b.site_id
JOIN municipality m ON m.id = s.municipality_id
LEFT JOIN technician w ON w.id = t.technician_id
WHERE t.id = :id;

-- name: team()
-- Everybody with what they can, where they work, and how many tickets are theirs.
SELECT w.id, w.key, w.name, w.email, w.skills,
       ARRAY(SELECT m.key FROM technician_municipality tm JOIN municipality m ON m.id = tm.municipality_id
             WHERE tm.technician_id = w.id),
       (SELECT count(*) FROM ticket t WHERE t.technician_id = w.id AND t.closed_at IS NULL)
FROM technician w
ORDER BY w.key;

-- name: set_state(id, state, closed_at, lapsed_at)!
-- Where a ticket stands now.
UPDATE ticket SET state = :state, closed_at = :closed_at, lapsed_at = :lapsed_at WHERE id = :id;

-- name: set_technician(id, technician_id)!
-- Whose ticket it is.
UPDATE ticket SET technician_id = :technician_id WHERE id = :id;

-- name: set_text(id, title, task)!
-- What a ticket says.
UPDATE ticket SET title = :title, task = :task WHERE id = :id;

-- name: set_due(id, due_on)!
-- By when a ticket should be done.
UPDATE ticket SET due_on = :due_on WHERE id = :id;

-- name: add_event(ticket_id, at, actor, kind, state, comment)!
-- A line in a ticket's history.
INSERT INTO ticket_event (ticket_id, at, actor, kind, state, comment)
VALUES (:ticket_id, :at, :actor, :kind, :state, :comment);
