-- When what a closed ticket says of people was removed.
ALTER TABLE ticket ADD COLUMN people_removed_at timestamptz;

-- People whose data was deleted on their demand. No more than hashes of their key and addresses,
-- so that a portfolio file that still names them does not bring them back unnoticed.
CREATE TABLE erased_person (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erased_at  timestamptz NOT NULL,
    salt       bytea NOT NULL,
    hashes     bytea[] NOT NULL          -- SHA-256 of the salt and one of them in lower case
);

-- Emptying an entry of the audit also takes away whom it is about: the key behind the table's name.
CREATE OR REPLACE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    chaining CONSTANT text[] := ARRAY['position', 'content', 'previous', 'hash'];
    emptying CONSTANT text[] := ARRAY['account_id', 'actor', 'origin', 'before', 'after', 'subject', 'emptied_at'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.hash IS NULL AND to_jsonb(OLD) - chaining = to_jsonb(NEW) - chaining THEN
            RETURN NEW;
        END IF;
        IF OLD.emptied_at IS NULL AND NEW.emptied_at IS NOT NULL
            AND num_nonnulls(NEW.account_id, NEW.actor, NEW.origin, NEW.before, NEW.after) = 0
            AND NEW.subject IN (OLD.subject, split_part(OLD.subject, '/', 1))
            AND to_jsonb(OLD) - emptying = to_jsonb(NEW) - emptying THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is kept as it is' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE INDEX audit_full ON audit (at) WHERE emptied_at IS NULL;
