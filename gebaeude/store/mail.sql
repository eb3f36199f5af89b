-- name: put(ticket_id, recipient, subject, body, now)!
-- A mail into the outbox, in the transaction of what it tells.
INSERT INTO mail (ticket_id, recipient, subject, body, created_at)
VALUES (:ticket_id, :recipient, :subject, :body, :now);

-- name: newest(ticket_id)$
-- When a mail was last written for a ticket.
SELECT max(created_at) FROM mail WHERE ticket_id = :ticket_id;

-- name: is_due(now)$
-- Whether any mail is to be sent now.
SELECT EXISTS (SELECT FROM mail WHERE sent_at IS NULL AND next_at <= :now);

-- name: next_due(now)^
-- The oldest mail that is to be sent now, locked until the transaction ends; those that another
-- sender holds are passed over.
SELECT m.id, m.recipient, m.subject, m.body, m.created_at, m.attempts, m.ticket_id, t.opened_at
FROM mail m
LEFT JOIN ticket t ON t.id = m.ticket_id
WHERE m.sent_at IS NULL AND m.next_at <= :now
ORDER BY m.id
LIMIT 1
FOR UPDATE OF m SKIP LOCKED;

-- name: sent(id, now)!
-- A mail has left.
UPDATE mail SET sent_at = :now, attempts = attempts + 1, error = NULL WHERE id = :id;

-- name: failed(id, error, next_at)!
-- A mail could not leave; without next_at it is given up.
UPDATE mail
SET attempts = attempts + 1, error = :error, next_at = coalesce(:next_at, 'infinity'::timestamptz)
WHERE id = :id;

-- name: postpone(error, now, next_at)!
-- The server cannot be reached: whatever else is due waits as well, without counting as tried.
UPDATE mail SET error = :error, next_at = :next_at
WHERE id IN (SELECT id FROM mail WHERE sent_at IS NULL AND next_at <= :now FOR UPDATE SKIP LOCKED);

-- name: waiting()^
-- How many mails wait, how many were given up, and when the oldest waiting one was written.
SELECT count(*) FILTER (WHERE next_at < 'infinity'), count(*) FILTER (WHERE next_at = 'infinity'),
       min(created_at) FILTER (WHERE next_at < 'infinity')
FROM mail WHERE sent_at IS NULL;

-- name: of_ticket(ticket_id)
-- The mails of a ticket, oldest first.
SELECT recipient, subject, created_at, sent_at, attempts, error
FROM mail WHERE ticket_id = :ticket_id ORDER BY id;
