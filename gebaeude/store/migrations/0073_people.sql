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
