-- name: add(email, name, technician, now)$
-- A new account without a password; nothing where the address is taken.
INSERT INTO account (email, name, technician_id, created_at)
VALUES (:email, :name, (SELECT id FROM technician WHERE key = :technician), :now)
ON CONFLICT (lower(email)) DO NOTHING
RETURNING id;

-- name: accounts(ids, municipalities)
-- Accounts by name: of these ids, with a role in one of these municipalities (ids), NULL: all.
SELECT a.id, a.email, a.name, t.key, a.password_hash IS NOT NULL, a.totp_secret IS NOT NULL,
       a.oidc_subject IS NOT NULL, a.created_at, a.disabled_at, r.held
FROM account a
LEFT JOIN technician t ON t.id = a.technician_id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_array(m.id, m.key, m.name, r.role) ORDER BY m.name), '[]')
           AS held
    FROM account_role r JOIN municipality m ON m.id = r.municipality_id
    WHERE r.account_id = a.id
) r
WHERE (:ids::integer[] IS NULL OR a.id = ANY (:ids))
  AND (:municipalities::integer[] IS NULL OR EXISTS (
      SELECT FROM account_role x
      WHERE x.account_id = a.id AND x.municipality_id = ANY (:municipalities)))
ORDER BY a.name, a.id;

-- name: id_of(email)$
-- Whose address this is.
SELECT id FROM account WHERE lower(email) = lower(:email);

-- name: id_of_subject(issuer, subject)$
-- Who signs in elsewhere under this name.
SELECT id FROM account WHERE oidc_issuer = :issuer AND oidc_subject = :subject;

-- name: bind_subject(id, issuer, subject)!
-- From now on this name elsewhere is this account, where none of that issuer was yet.
UPDATE account SET oidc_issuer = :issuer, oidc_subject = :subject
WHERE id = :id AND oidc_issuer IS DISTINCT FROM :issuer;

-- name: unbind_subject(id)!
UPDATE account SET oidc_issuer = NULL, oidc_subject = NULL WHERE id = :id;

-- name: secrets(id)^
-- What proves who they are; of a disabled account too.
SELECT id, email, password_hash, totp_secret, totp_last, disabled_at IS NOT NULL
FROM account WHERE id = :id;

-- name: set_password(id, hash)!
UPDATE account SET password_hash = :hash WHERE id = :id;

-- name: rename(id, name)!
UPDATE account SET name = :name WHERE id = :id;

-- name: set_totp(id, secret, step)!
-- A second factor, or none; the code that proved it counts no more.
UPDATE account SET totp_secret = :secret, totp_last = :step WHERE id = :id;

-- name: reseal(id, sealed)!
-- The same second factor, encrypted anew.
UPDATE account SET totp_secret = :sealed WHERE id = :id AND totp_secret IS NOT NULL;

-- name: second_factors()
SELECT id, totp_secret FROM account WHERE totp_secret IS NOT NULL ORDER BY id FOR UPDATE;

-- name: take_totp(id, step)!
-- A code counts once, and none before it counts any more. One of a future that only a wrong clock
-- can have told of does not keep those of now from counting.
UPDATE account SET totp_last = :step
WHERE id = :id AND (totp_last < :step OR totp_last > :step + 2);

-- name: drop_recovery(id)!
DELETE FROM recovery_code WHERE account_id = :id;

-- name: add_recovery(id, hashes)!
INSERT INTO recovery_code (account_id, hash) SELECT :id, unnest(:hashes::bytea[]);

-- name: recovery(id)
-- What is kept of the recovery codes that are still good.
SELECT hash FROM recovery_code WHERE account_id = :id AND used_at IS NULL;

-- name: take_recovery(id, hash, now)!
-- A recovery code counts once.
UPDATE recovery_code SET used_at = :now
WHERE account_id = :id AND hash = :hash AND used_at IS NULL;

-- name: recovery_left(id)$
SELECT count(*) FROM recovery_code WHERE account_id = :id AND used_at IS NULL;

-- name: set_disabled(id, at)!
UPDATE account SET disabled_at = :at WHERE id = :id;

-- name: give_role(id, municipality, role)!
-- The one role of an account in a municipality (key).
INSERT INTO account_role (account_id, municipality_id, role)
SELECT :id, m.id, :role FROM municipality m WHERE m.key = :municipality
ON CONFLICT (account_id, municipality_id) DO UPDATE SET role = excluded.role;

-- name: take_role(id, municipality)!
DELETE FROM account_role
WHERE account_id = :id
  AND municipality_id = (SELECT m.id FROM municipality m WHERE m.key = :municipality);

-- name: set_technician(id, technician)!
-- Which of the team they are (key), or none.
UPDATE account SET technician_id = (SELECT t.id FROM technician t WHERE t.key = :technician)
WHERE id = :id;

-- name: technician_of(email)$
-- Who of the team has this address.
SELECT key FROM technician WHERE lower(email) = lower(:email) LIMIT 1;

-- name: municipalities()
-- What roles can be given in.
SELECT id, key, name FROM municipality ORDER BY name;

-- name: administrators(municipality)$
-- How many can administer a municipality (id) and sign in.
SELECT count(*) FROM account_role r JOIN account a ON a.id = r.account_id
WHERE r.municipality_id = :municipality AND r.role = 'administrator' AND a.disabled_at IS NULL;

-- name: are_there_any()$
SELECT EXISTS (SELECT FROM account);
