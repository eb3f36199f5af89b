-- What maintenance remembers beyond the first house.

-- Several findings may be one job: the ticket that takes care of each. ticket.finding_id is the first.
ALTER TABLE finding ADD COLUMN ticket_id bigint REFERENCES ticket;
CREATE INDEX ON finding (ticket_id) WHERE ticket_id IS NOT NULL;

-- When a ticket that nobody had taken closed because all its findings had.
ALTER TABLE ticket ADD COLUMN lapsed_at timestamptz;
CREATE INDEX ticket_closed ON ticket (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX ON ticket (technician_id) WHERE closed_at IS NULL;

ALTER TABLE ticket_event DROP CONSTRAINT ticket_event_kind_check;
ALTER TABLE ticket_event ADD CONSTRAINT ticket_event_kind_check CHECK (kind IN
    ('opened', 'assigned', 'state', 'comment', 'mail', 'finding_opened', 'finding_closed'));

-- Which ticket took up which due date of a plan: its own, or the one that was still open.
CREATE TABLE plan_due (
    plan_id    integer NOT NULL REFERENCES plan,
    due_on     date NOT NULL,
    ticket_id  bigint NOT NULL REFERENCES ticket,
    PRIMARY KEY (plan_id, due_on)
);
CREATE INDEX ON plan_due (ticket_id);

-- The next attempt is not before next_at; 'infinity' where the mail was given up.
ALTER TABLE mail ADD COLUMN next_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX ON mail (ticket_id);

-- The spans of time in which readings came from anywhere. Outside of them no point was silent: the
-- system was deaf.
CREATE TABLE listening (
    began  timestamptz PRIMARY KEY,
    ended  timestamptz NOT NULL CHECK (ended >= began)
);
