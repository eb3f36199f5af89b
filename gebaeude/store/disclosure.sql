-- What the system has on a person, as they get it: one object a row, its fields in German.

-- name: account(account)
SELECT jsonb_build_object('E-Mail', a.email, 'Name', a.name, 'Kürzel im Team', t.key,
    'Kennwort', CASE WHEN a.password_hash IS NULL THEN 'keines' ELSE 'gesetzt, nur als Hash' END,
    'Zweiter Faktor', CASE WHEN a.totp_secret IS NULL THEN 'keiner' ELSE 'eingerichtet' END,
    'Wiederherstellungscodes', (SELECT count(*) FROM recovery_code WHERE account_id = a.id),
    'Anmeldedienst', a.oidc_issuer, 'Kennung beim Anmeldedienst', a.oidc_subject,
    'Angelegt', a.created_at, 'Gesperrt', a.disabled_at)
FROM account a LEFT JOIN technician t ON t.id = a.technician_id WHERE a.id = :account;

-- name: account_role(account)
SELECT jsonb_build_object('Kommune', m.name, 'Rolle', r.role)
FROM account_role r JOIN municipality m ON m.id = r.municipality_id
WHERE r.account_id = :account ORDER BY m.name;

-- name: session(account)
SELECT jsonb_build_object('Beginn', created_at, 'Zuletzt genutzt', seen_at, 'Ende', expires_at,
    'Beendet', revoked_at, 'Art der Anmeldung', strength, 'IP-Adresse', origin, 'Programm', agent,
    'Per Mail gemeldet', told)
FROM session WHERE account_id = :account ORDER BY id;

-- name: api_token(account)
SELECT jsonb_build_object('Bezeichnung', name, 'Rechte', scopes, 'Angelegt', created_at,
    'Zuletzt genutzt', used_at, 'Ende', expires_at, 'Zurückgezogen', revoked_at)
FROM api_token WHERE account_id = :account ORDER BY id;

-- name: one_time_link(account)
SELECT jsonb_build_object('Zweck', purpose, 'Erstellt', created_at, 'Ende', expires_at,
    'Benutzt', used_at, 'Von dieser Person erstellt', coalesce(created_by = :account, false))
FROM one_time_link WHERE account_id = :account OR created_by = :account ORDER BY id;

-- name: technician(technician)
SELECT jsonb_build_object('Kürzel', key, 'Name', name, 'E-Mail', email, 'Telefon', phone,
    'Fachgebiete', skills)
FROM technician WHERE id = :technician;

-- name: technician_municipality(technician)
SELECT jsonb_build_object('Kommune', m.name)
FROM technician_municipality w JOIN municipality m ON m.id = w.municipality_id
WHERE w.technician_id = :technician ORDER BY m.name;

-- name: ticket(technician, pattern)
SELECT jsonb_build_object('Auftrag', t.id, 'Titel', t.title, 'Aufgabe', t.task, 'Gebäude', b.name, 'Stand', t.state,
    'Eröffnet', t.opened_at, 'Abgeschlossen', t.closed_at)
FROM ticket t JOIN building b ON b.id = t.building_id
WHERE t.technician_id = :technician OR t.title ~* :pattern OR t.task ~* :pattern ORDER BY t.id;

-- name: ticket_event(pattern)
SELECT jsonb_build_object('Auftrag', ticket_id, 'Zeitpunkt', at, 'Wer', actor, 'Art', kind,
    'Stand', state, 'Text', comment)
FROM ticket_event
WHERE actor ~* :pattern OR comment ~* :pattern
ORDER BY id;

-- name: mail(emails, pattern)
SELECT jsonb_build_object('Empfänger', recipient, 'Betreff', subject, 'Text', body,
    'Geschrieben', created_at, 'Gesendet', sent_at, 'Fehler', error)
FROM mail
WHERE lower(recipient) = ANY (:emails) OR subject ~* :pattern OR body ~* :pattern
ORDER BY id;

-- name: device_event(pattern)
SELECT jsonb_build_object('Zeitpunkt', at, 'Wer', actor, 'Art', kind, 'Format', format,
    'Gerät', device, 'Einzelheiten', detail)
FROM device_event
WHERE actor ~* :pattern OR detail::text ~* :pattern ORDER BY id;

-- name: audit(account, emails, key, pattern)
-- What they did, and what was done to their account or entry in the team.
SELECT jsonb_build_object('Zeitpunkt', at, 'Wer', actor, 'IP-Adresse', origin, 'Was', action,
    'Woran', subject, 'Vorher', before, 'Nachher', after)
FROM audit
WHERE account_id = :account OR lower(split_part(subject, '/', 2)) = ANY (:emails)
    OR subject IN ('technician/' || :key, 'technician_municipality/' || :key) OR actor ~* :pattern
    OR before::text ~* :pattern OR after::text ~* :pattern
ORDER BY id;
