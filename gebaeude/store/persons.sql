-- One person: who it is in which table, and what is removed of them.

-- name: technicians(text)
-- Of the team by key, address, or the address of their account.
SELECT t.id, t.key, t.name, t.email, t.phone FROM technician t
LEFT JOIN account a ON a.technician_id = t.id
WHERE t.key = :text OR lower(:text) IN (lower(t.email), lower(a.email));

-- name: accounts(emails, technicians)
SELECT id, name, email FROM account
WHERE lower(email) = ANY (:emails) OR technician_id = ANY (:technicians);

-- name: others(account, technician)
-- What everybody else is called and reached by.
SELECT name, lower(email), NULL FROM account WHERE id IS DISTINCT FROM :account::integer
UNION ALL
SELECT name, lower(email), phone FROM technician WHERE id IS DISTINCT FROM :technician::integer;

-- name: open_tickets(technician)
SELECT id FROM ticket WHERE technician_id = :technician AND closed_at IS NULL ORDER BY id;

-- name: hand_back(technician)!
UPDATE ticket SET technician_id = NULL WHERE technician_id = :technician;

-- name: drop_technician(id)!
DELETE FROM technician WHERE id = :id;

-- name: drop_sessions(account)!
DELETE FROM session WHERE account_id = :account;

-- name: drop_tokens(account)!
DELETE FROM api_token WHERE account_id = :account;

-- name: drop_links(account)!
DELETE FROM one_time_link WHERE account_id = :account;

-- name: drop_account(id)!
DELETE FROM account WHERE id = :id;

-- name: drop_waiting_mails(emails)!
DELETE FROM mail WHERE sent_at IS NULL AND lower(recipient) = ANY (:emails);

-- name: clean_mails(pattern, new)!
UPDATE mail SET recipient = regexp_replace(recipient, :pattern, :new, 'gi'),
    subject = regexp_replace(subject, :pattern, :new, 'gi'),
    body = regexp_replace(body, :pattern, :new, 'gi'),
    error = regexp_replace(error, :pattern, :new, 'gi')
WHERE recipient ~* :pattern OR subject ~* :pattern OR body ~* :pattern OR error ~* :pattern;

-- name: clean_tickets(pattern, new)!
UPDATE ticket SET title = regexp_replace(title, :pattern, :new, 'gi'),
    task = regexp_replace(task, :pattern, :new, 'gi')
WHERE title ~* :pattern OR task ~* :pattern;

-- name: clean_ticket_events(pattern, new)!
UPDATE ticket_event SET actor = regexp_replace(actor, :pattern, :new, 'gi'),
    comment = regexp_replace(comment, :pattern, :new, 'gi')
WHERE actor ~* :pattern OR comment ~* :pattern;

-- name: clean_device_events(pattern, new)!
UPDATE device_event SET actor = regexp_replace(actor, :pattern, :new, 'gi'),
    detail = regexp_replace(detail::text, :pattern, :new, 'gi')::jsonb
WHERE actor ~* :pattern OR detail::text ~* :pattern;

-- name: clean_links(pattern, new)!
UPDATE one_time_link SET detail = regexp_replace(detail, :pattern, :new, 'gi')
WHERE detail ~* :pattern;

-- name: portfolio(pattern)
-- Where the portfolio names them; only its file can change that.
SELECT place FROM (
    SELECT 'Kommune ' || key, concat_ws(' ', name) FROM municipality
    UNION ALL SELECT 'Liegenschaft ' || key, concat_ws(' ', name, address) FROM site
    UNION ALL SELECT 'Gebäude ' || key, name FROM building
    UNION ALL SELECT 'Raum ' || id, name FROM space
    UNION ALL SELECT 'Anlage ' || key, name FROM asset
    UNION ALL SELECT 'Messpunkt ' || key, name FROM point
    UNION ALL SELECT 'Gerät ' || external_id, name FROM device
    UNION ALL SELECT 'Wartungsplan ' || key, concat_ws(' ', name, task) FROM plan
) AS named (place, said)
WHERE said ~* :pattern ORDER BY place;

-- name: remember(now, salt, hashes)$
INSERT INTO erased_person (erased_at, salt, hashes) VALUES (:now, :salt, :hashes) RETURNING id;

-- name: erased()
SELECT id, salt, hashes FROM erased_person ORDER BY id;

-- name: readmit(id)!
DELETE FROM erased_person WHERE id = :id;
