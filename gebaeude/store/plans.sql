-- name: plans()
-- Every plan with the newest due date that was taken up.
SELECT p.id, p.rrule, p.starts_on, p.lead_days, max(d.due_on)
FROM plan p
LEFT JOIN plan_due d ON d.plan_id = p.id
GROUP BY p.id
ORDER BY p.id;

-- name: is_taken_up(plan_id, due_on)$
-- Whether a ticket has this due date.
SELECT EXISTS (SELECT FROM plan_due WHERE plan_id = :plan_id AND due_on = :due_on);

-- name: open_ticket(plan_id)$
-- The ticket of the plan that is not finished.
SELECT id FROM ticket WHERE plan_id = :plan_id AND closed_at IS NULL ORDER BY id DESC LIMIT 1;

-- name: plan(id)^
-- What a plan's ticket is made of.
SELECT p.building_id, p.name, p.task, p.skill, b.name, a.name
FROM plan p
JOIN building b ON b.id = p.building_id
LEFT JOIN asset a ON a.id = p.asset_id
WHERE p.id = :id;

-- name: take_up(plan_id, due_on, ticket_id)!
-- A ticket takes up a due date; the key lets it happen once.
INSERT INTO plan_due (plan_id, due_on, ticket_id) VALUES (:plan_id, :due_on, :ticket_id);
