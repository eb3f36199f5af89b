-- The first house: who owns what, what is measured where, who sends it, what came of it.
-- Times are timestamptz in UTC; `key` is the short name by which the portfolio file and addresses know a row.

CREATE TABLE municipality (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text NOT NULL UNIQUE,
    name        text NOT NULL,
    ags         text NOT NULL UNIQUE CHECK (ags ~ '^[0-9]{8}$'),
    population  integer NOT NULL CHECK (population > 0)
);

CREATE TABLE site (
    id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    municipality_id  integer NOT NULL REFERENCES municipality,
    key              text NOT NULL UNIQUE,
    name             text NOT NULL,
    address          text NOT NULL,
    latitude         double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude        double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180)
);
CREATE INDEX ON site (municipality_id);

CREATE TABLE building (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id        integer NOT NULL REFERENCES site,
    key            text NOT NULL UNIQUE,
    name           text NOT NULL,
    use            text NOT NULL,
    floor_area_m2  double precision NOT NULL CHECK (floor_area_m2 > 0),
    built          smallint NOT NULL,
    renovated      smallint
);
CREATE INDEX ON building (site_id);

CREATE TABLE space (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id  integer NOT NULL REFERENCES building,
    name         text NOT NULL,
    UNIQUE (building_id, name)
);

CREATE TABLE asset (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id  integer NOT NULL REFERENCES building,
    key          text NOT NULL,
    name         text NOT NULL,
    kind         text NOT NULL,
    cost_group   text NOT NULL,          -- DIN 276
    vdma_part    smallint,               -- VDMA 24186
    installed    smallint,
    power_kw     double precision,
    UNIQUE (building_id, key)
);

CREATE TABLE point (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id  integer NOT NULL REFERENCES building,
    space_id     integer REFERENCES space,
    key          text NOT NULL,
    name         text NOT NULL,
    medium       text NOT NULL,
    quantity     text NOT NULL,
    unit         text NOT NULL,          -- the canonical unit of the quantity
    kind         text NOT NULL CHECK (kind IN ('counter', 'gauge', 'state')),
    interval_s   integer NOT NULL CHECK (interval_s > 0),   -- a new value is expected this often
    UNIQUE (building_id, key)
);

CREATE TABLE meter_mount (
    point_id          integer NOT NULL REFERENCES point,
    mounted_from      timestamptz NOT NULL,
    mounted_to        timestamptz CHECK (mounted_to > mounted_from),
    serial            text NOT NULL,
    calibrated_until  date,
    PRIMARY KEY (point_id, mounted_from)
);

CREATE TABLE device (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id  integer NOT NULL REFERENCES building,
    format       text NOT NULL,
    external_id  text NOT NULL,
    name         text NOT NULL,
    UNIQUE (format, external_id)
);

-- A channel ties a field of a device to a point for a span of time; without a point the field is known and not wanted.
CREATE TABLE channel (
    device_id    integer NOT NULL REFERENCES device ON DELETE CASCADE,
    field        text NOT NULL,
    valid_from   timestamptz NOT NULL DEFAULT '-infinity',
    valid_to     timestamptz NOT NULL DEFAULT 'infinity' CHECK (valid_to > valid_from),
    point_id     integer REFERENCES point,
    unit         text,                   -- what the device sends, where its message does not say
    factor       double precision NOT NULL DEFAULT 1,
    PRIMARY KEY (device_id, field, valid_from)
);
CREATE INDEX ON channel (point_id);

CREATE TABLE reading (
    point_id  integer NOT NULL,
    time      timestamptz NOT NULL,
    value     double precision NOT NULL,
    quality   smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (point_id, time)
);

-- What could not become a reading. A message that comes again is the same row, counted.
CREATE TABLE quarantine (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint  bytea NOT NULL,         -- of topic and payload
    reason       text NOT NULL,
    detail       text NOT NULL,
    format       text,
    device       text,                   -- the external id, where the message still told it
    topic        bytea NOT NULL,
    payload      bytea NOT NULL,
    retained     boolean NOT NULL DEFAULT false,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    times        bigint NOT NULL DEFAULT 1,
    UNIQUE (fingerprint, reason)
);
CREATE INDEX ON quarantine (last_at);

CREATE TABLE limit_rule (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    point_id    integer NOT NULL UNIQUE REFERENCES point ON DELETE CASCADE,
    low         double precision,
    high        double precision,
    hysteresis  double precision NOT NULL DEFAULT 0 CHECK (hysteresis >= 0),
    delay_s     integer NOT NULL DEFAULT 0 CHECK (delay_s >= 0),
    severity    text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    skill       text NOT NULL,
    CHECK (low IS NOT NULL OR high IS NOT NULL)
);

CREATE TABLE finding (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule       text NOT NULL,            -- 'limit', 'silent'
    point_id   integer NOT NULL REFERENCES point,
    severity   text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz CHECK (closed_at >= opened_at),
    evidence   jsonb NOT NULL
);
CREATE UNIQUE INDEX finding_one_open ON finding (rule, point_id) WHERE closed_at IS NULL;
CREATE INDEX ON finding (point_id, opened_at);

CREATE TABLE technician (
    id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key     text NOT NULL UNIQUE,
    name    text NOT NULL,
    email   text NOT NULL,
    phone   text,
    skills  text[] NOT NULL
);
CREATE TABLE technician_municipality (
    technician_id    integer NOT NULL REFERENCES technician ON DELETE CASCADE,
    municipality_id  integer NOT NULL REFERENCES municipality,
    PRIMARY KEY (technician_id, municipality_id)
);

CREATE TABLE plan (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id  integer NOT NULL REFERENCES building,
    asset_id     integer REFERENCES asset,
    key          text NOT NULL,
    name         text NOT NULL,
    task         text NOT NULL,
    rrule        text NOT NULL,          -- RFC 5545, without DTSTART
    starts_on    date NOT NULL,          -- local date of the first due day
    lead_days    integer NOT NULL DEFAULT 14 CHECK (lead_days >= 0),
    skill        text NOT NULL,
    UNIQUE (building_id, key)
);

CREATE TABLE ticket (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id     integer NOT NULL REFERENCES building,
    finding_id      bigint UNIQUE REFERENCES finding,
    plan_id         integer REFERENCES plan,
    due_on          date,
    title           text NOT NULL,
    task            text NOT NULL,
    priority        text NOT NULL CHECK (priority IN ('low', 'normal', 'high')),
    skill           text NOT NULL,
    state           text NOT NULL DEFAULT 'open'
                    CHECK (state IN ('open', 'accepted', 'in_progress', 'done', 'cancelled')),
    technician_id   integer REFERENCES technician,
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz,
    UNIQUE (plan_id, due_on)
);
CREATE INDEX ON ticket (state);
CREATE INDEX ON ticket (building_id);

CREATE TABLE ticket_event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id  bigint NOT NULL REFERENCES ticket,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,            -- a person's name, or the rule or plan that acted
    kind       text NOT NULL CHECK (kind IN ('opened', 'assigned', 'state', 'comment', 'mail', 'finding_closed')),
    state      text,                     -- the new state, where the kind is 'state'
    comment    text
);
CREATE INDEX ON ticket_event (ticket_id, at);

-- Mails leave by this box: written in the transaction that causes them, sent by the worker.
CREATE TABLE mail (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id  bigint REFERENCES ticket,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at    timestamptz,
    attempts   integer NOT NULL DEFAULT 0,
    error      text
);
CREATE INDEX mail_waiting ON mail (id) WHERE sent_at IS NULL;

-- One row per process that is alive: what `gebaeude status` and the health page read.
CREATE TABLE heartbeat (
    process   text PRIMARY KEY,
    at        timestamptz NOT NULL,
    detail    jsonb NOT NULL DEFAULT '{}'
);
