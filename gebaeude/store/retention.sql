-- What is dropped when its time is over. Each statement takes up to so many rows, and leaves those
-- that somebody else has in hand for the next time.

-- name: sessions(before, count)!
DELETE FROM session WHERE id IN (
    SELECT id FROM session WHERE least(revoked_at, expires_at) < :before
    LIMIT :count FOR UPDATE SKIP LOCKED);

-- name: links(before, now, count)!
-- The steps of a sign-in are nothing to remember.
DELETE FROM one_time_link WHERE id IN (
    SELECT id FROM one_time_link
    WHERE least(used_at, expires_at)
        < CASE WHEN purpose IN ('second_factor', 'oidc') THEN :now ELSE :before END::timestamptz
    LIMIT :count FOR UPDATE SKIP LOCKED);

-- name: tokens(before, count)!
DELETE FROM api_token WHERE id IN (
    SELECT id FROM api_token WHERE least(revoked_at, expires_at) < :before
    LIMIT :count FOR UPDATE SKIP LOCKED);

-- name: attempts(before, count)!
DELETE FROM attempt WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM attempt WHERE at < :before ORDER BY at LIMIT :count FOR UPDATE SKIP LOCKED));

-- name: mails(before, count)!
-- Sent, or given up.
DELETE FROM mail WHERE id IN (
    SELECT id FROM mail
    WHERE sent_at < :before OR sent_at IS NULL AND next_at = 'infinity' AND created_at < :before
    LIMIT :count FOR UPDATE SKIP LOCKED);

-- name: closed_tickets(before, count)
-- Tickets closed before then that may still name somebody, locked.
SELECT id FROM ticket
WHERE closed_at < :before AND (people_removed_at IS NULL OR people_removed_at < closed_at)
ORDER BY closed_at LIMIT :count FOR UPDATE SKIP LOCKED;

-- name: lines(tickets)
-- What happened to each, in order.
SELECT ticket_id, id, actor, kind = 'assigned', comment
FROM ticket_event WHERE ticket_id = ANY (:tickets) ORDER BY ticket_id, id;

-- name: rewrite(ids, actors, comments)!
UPDATE ticket_event SET actor = given.actor, comment = given.comment
FROM unnest(:ids::bigint[], :actors::text[], :comments::text[]) AS given (id, actor, comment)
WHERE ticket_event.id = given.id;

-- name: mark(tickets, now)!
UPDATE ticket SET technician_id = NULL, people_removed_at = :now WHERE id = ANY (:tickets);

-- name: device_names(before, nobody, count)!
UPDATE device_event SET actor = :nobody WHERE id IN (
    SELECT id FROM device_event WHERE at < :before AND actor <> :nobody
    LIMIT :count FOR UPDATE SKIP LOCKED);

-- name: audit(before, now, count)!
-- What was done stays, and that nothing is missing; who, from where and with which values goes.
UPDATE audit SET account_id = NULL, actor = NULL, origin = NULL, before = NULL, after = NULL,
    subject = split_part(subject, '/', 1), emptied_at = :now
WHERE id IN (
    SELECT id FROM audit
    WHERE at < :before AND emptied_at IS NULL AND hash IS NOT NULL
    ORDER BY at LIMIT :count FOR UPDATE SKIP LOCKED);

-- name: forget_traces(now)!
-- What this very transaction has left in the audit, which would keep what is removed here.
UPDATE audit SET account_id = NULL, actor = NULL, origin = NULL, before = NULL, after = NULL,
    subject = split_part(subject, '/', 1), emptied_at = :now
WHERE hash IS NULL;
