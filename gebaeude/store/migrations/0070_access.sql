-- Who may see and do what: accounts with roles, their sessions, tokens and links, and how often
-- somebody was wrong. Secrets are kept as hashes (SHA-256 of 256 random bits; passwords argon2id).

CREATE TABLE account (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email          text NOT NULL CHECK (email ~ '^[^@\s]+@[^@\s]+$'),
    name           text NOT NULL,
    technician_id  integer UNIQUE REFERENCES technician ON DELETE SET NULL,
    password_hash  text,                 -- argon2id; NULL: none set, or signs in elsewhere
    totp_secret    text,                 -- base 32; NULL: no second factor
    totp_last      bigint NOT NULL DEFAULT 0,   -- the last half minute a code was taken for
    oidc_issuer    text,                 -- who else says who they are, once they have
    oidc_subject   text,
    created_at     timestamptz NOT NULL,
    disabled_at    timestamptz,
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
    UNIQUE (oidc_issuer, oidc_subject)
);
CREATE UNIQUE INDEX account_email ON account (lower(email));

CREATE TABLE account_role (
    account_id       integer NOT NULL REFERENCES account ON DELETE CASCADE,
    municipality_id  integer NOT NULL REFERENCES municipality,
    role             text NOT NULL CHECK (role IN
        ('administrator', 'facility_manager', 'technician', 'treasurer', 'reader')),
    PRIMARY KEY (account_id, municipality_id)
);
CREATE INDEX ON account_role (municipality_id);

CREATE TABLE recovery_code (
    account_id  integer NOT NULL REFERENCES account ON DELETE CASCADE,
    hash        bytea NOT NULL,
    used_at     timestamptz,
    PRIMARY KEY (account_id, hash)
);

-- What was sent to somebody, or stands between two steps of a sign-in.
CREATE TABLE one_time_link (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash         bytea NOT NULL UNIQUE,
    purpose      text NOT NULL CHECK (purpose IN
        ('first', 'reset', 'invite', 'guest', 'second_factor', 'oidc')),
    account_id   integer REFERENCES account ON DELETE CASCADE,
    building_id  integer REFERENCES building ON DELETE CASCADE,   -- a guest's
    detail       text,                   -- whatever the next step needs
    created_by   integer REFERENCES account ON DELETE SET NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    CHECK (account_id IS NOT NULL OR purpose IN ('guest', 'oidc')),
    CHECK ((building_id IS NOT NULL) = (purpose = 'guest'))
);
CREATE INDEX ON one_time_link (account_id);

CREATE TABLE session (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash           bytea NOT NULL UNIQUE,
    account_id     integer REFERENCES account ON DELETE CASCADE,
    guest_link_id  integer REFERENCES one_time_link ON DELETE CASCADE,
    strength       text NOT NULL CHECK (strength IN
        ('password', 'second_factor', 'oidc', 'demo', 'link')),
    browser        bytea,                -- hash of a secret the browser keeps beyond the session
    origin         text NOT NULL,        -- IP address
    agent          text NOT NULL,        -- what the browser says it is
    created_at     timestamptz NOT NULL,
    seen_at        timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    CHECK ((account_id IS NULL) <> (guest_link_id IS NULL))
);
CREATE INDEX ON session (account_id);

CREATE TABLE api_token (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash            bytea NOT NULL UNIQUE,
    account_id      integer NOT NULL REFERENCES account ON DELETE CASCADE,
    name            text NOT NULL,
    scopes          text[] NOT NULL,     -- rights
    municipalities  integer[],           -- ids; NULL: wherever the account has a role
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    revoked_at      timestamptz
);
CREATE INDEX ON api_token (account_id);

-- Wrong attempts, for the time they make the next one wait.
CREATE TABLE attempt (
    kind  text NOT NULL,
    key   text NOT NULL,
    at    timestamptz NOT NULL
);
CREATE INDEX ON attempt (kind, key, at);
CREATE INDEX ON attempt (at);
