-- Who changed what from which value to which, when, from where. Entries are written by triggers and
-- by `audit_note`, never changed, and chained by hash, so that a removed or altered one shows.

CREATE TABLE audit (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at               timestamptz NOT NULL,
    account_id       integer,       -- who; no references: entries outlive what they tell of
    actor            text,          -- their name, or that of a process or command
    origin           text,          -- IP address
    action           text NOT NULL, -- insert, update, delete; sign_in, refused …
    subject          text NOT NULL, -- table/key
    municipality_id  integer,       -- whose it is; NULL: nobody's
    building_id      integer,
    before           jsonb,         -- of a change only what differs; never a secret
    after            jsonb,
    position         bigint UNIQUE, -- in the chain, without gaps; from here on set at the commit
    content          bytea,         -- SHA-256 of all of the above but the id
    previous         bytea,         -- the hash of the entry before
    hash             bytea,         -- SHA-256 of previous and content
    emptied_at       timestamptz    -- when what it said of people was removed
);
CREATE INDEX ON audit USING brin (at);
CREATE INDEX ON audit (municipality_id, position);
CREATE INDEX ON audit (building_id, position);
CREATE INDEX audit_unchained ON audit (id) WHERE hash IS NULL;

-- Where the chain ends: also the last entry cannot vanish unnoticed. Whoever holds its lock is the
-- one who appends, from the end of a transaction to its commit.
CREATE TABLE audit_head (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position  bigint NOT NULL,
    hash      bytea NOT NULL
) WITH (fillfactor = 10);
INSERT INTO audit_head (position, hash) VALUES (0, '');

CREATE FUNCTION audit_content(entry audit) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        entry.position, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.account_id,
        entry.actor, entry.origin, entry.action, entry.subject, entry.municipality_id,
        entry.building_id, entry.before, entry.after)::text, 'UTF8'))
$$;

-- At the end of a transaction, all its entries at once: the first of them finds the others. Plans
-- that were made while a table was empty are kept, and must not read it whole when it is not.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    entry audit;
    head audit_head;
BEGIN
    IF NOT EXISTS (SELECT FROM audit WHERE id = NEW.id AND hash IS NULL) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    FOR entry IN SELECT * FROM audit WHERE hash IS NULL ORDER BY id LOOP
        head.position := head.position + 1;
        entry.position := head.position;
        entry.content := audit_content(entry);
        UPDATE audit SET position = head.position, content = entry.content, previous = head.hash,
            hash = sha256(head.hash || entry.content) WHERE id = entry.id
        RETURNING hash INTO STRICT head.hash;
    END LOOP;
    UPDATE audit_head SET position = head.position, hash = head.hash;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_chain();

-- Nobody changes or removes an entry that was committed, its owner neither, but for emptying what it
-- says of people after the time that it is kept for.
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    people CONSTANT text[] :=
        ARRAY['account_id', 'actor', 'origin', 'before', 'after', 'emptied_at'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.emptied_at IS NULL AND NEW.emptied_at IS NOT NULL
            AND num_nonnulls(NEW.account_id, NEW.actor, NEW.origin, NEW.before, NEW.after) = 0
            AND to_jsonb(OLD) - people = to_jsonb(NEW) - people
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is kept as it is' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER keep BEFORE UPDATE ON audit
    FOR EACH ROW WHEN (OLD.hash IS NOT NULL) EXECUTE FUNCTION audit_keep();
CREATE TRIGGER keep_row BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();

-- Who acts in this session: as the settings say, else the program that has connected.
CREATE FUNCTION audit_actor() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('gebaeude.actor', true), ''),
                    current_setting('application_name'))
$$;

-- As people call a ticket: A-2026-0042.
CREATE FUNCTION audit_ticket(id bigint, opened_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'A-' || extract(year FROM $2 AT TIME ZONE 'Europe/Berlin') || '-'
        || repeat('0', 4 - length($1::text)) || $1
$$;

-- All rows that a statement has changed, with one statement more. The trigger's arguments: the
-- columns that tell rows apart; what joins a row `r` (jsonb) to its building and site; the key by
-- which people know it; its municipality; its building.
CREATE FUNCTION audit_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format($insert$
        INSERT INTO audit (at, account_id, actor, origin, action, subject, municipality_id,
                           building_id, before, after)
        SELECT clock_timestamp(), nullif(current_setting('gebaeude.account', true), '')::integer,
            audit_actor(), nullif(current_setting('gebaeude.origin', true), ''),
            CASE WHEN before IS NULL THEN 'insert' WHEN after IS NULL THEN 'delete'
                 ELSE 'update' END,
            %L || coalesce(%s, r ->> 'id', '?'), %s, %s,
            CASE WHEN after IS NULL THEN before ELSE
                (SELECT jsonb_object_agg(key, value) FROM jsonb_each(before)
                 WHERE value IS DISTINCT FROM after -> key) END,
            CASE WHEN before IS NULL THEN after ELSE
                (SELECT jsonb_object_agg(key, value) FROM jsonb_each(after)
                 WHERE value IS DISTINCT FROM before -> key) END
        FROM (SELECT before, after, coalesce(after, before) FROM (%s) AS x (before, after)
              WHERE before IS DISTINCT FROM after) AS changed (before, after, r) %s
        $insert$,
        TG_TABLE_NAME || '/', TG_ARGV[2], TG_ARGV[3], TG_ARGV[4],
        CASE TG_OP
            WHEN 'INSERT' THEN 'SELECT NULL::jsonb, to_jsonb(n) FROM new_rows n'
            WHEN 'DELETE' THEN 'SELECT to_jsonb(o), NULL::jsonb FROM old_rows o'
            ELSE format('SELECT to_jsonb(o), to_jsonb(n) FROM old_rows o'
                        ' FULL JOIN new_rows n USING (%s)', TG_ARGV[0])
        END, TG_ARGV[1]);
    RETURN NULL;
END
$$;

-- Accounts and what lets people in: row by row, for what is secret in them is left out.
CREATE FUNCTION audit_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    secret CONSTANT text[] :=
        ARRAY['password_hash', 'totp_secret', 'totp_last', 'hash', 'detail', 'browser'];
    old_row jsonb := to_jsonb(OLD) - secret;
    new_row jsonb := to_jsonb(NEW) - secret;
    given jsonb := coalesce(new_row, old_row);
    key text := lower(given ->> 'email');
    building integer := given ->> 'building_id';
    municipality integer := given ->> 'municipality_id';
BEGIN
    IF TG_TABLE_NAME <> 'account' THEN
        SELECT lower(a.email) INTO key FROM account a WHERE a.id = (given ->> 'account_id')::integer;
    END IF;
    IF building IS NOT NULL THEN
        SELECT s.municipality_id INTO municipality
        FROM building b JOIN site s ON s.id = b.site_id WHERE b.id = building;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, new_row -> o.key)
        INTO old_row, new_row
        FROM jsonb_each(old_row) o WHERE o.value IS DISTINCT FROM new_row -> o.key;
        IF TG_TABLE_NAME = 'account' THEN
            -- That it was changed is told, and never what it is.
            IF OLD.password_hash IS DISTINCT FROM NEW.password_hash THEN
                new_row := coalesce(new_row, '{}') || '{"password": "changed"}';
            END IF;
            IF OLD.totp_secret IS DISTINCT FROM NEW.totp_secret THEN
                new_row := coalesce(new_row, '{}')
                    || jsonb_build_object('second_factor', NEW.totp_secret IS NOT NULL);
            END IF;
        END IF;
        IF new_row IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit (at, account_id, actor, origin, action, subject, municipality_id, building_id,
                       before, after)
    VALUES (clock_timestamp(), nullif(current_setting('gebaeude.account', true), '')::integer,
            audit_actor(), nullif(current_setting('gebaeude.origin', true), ''), lower(TG_OP),
            TG_TABLE_NAME || '/' || coalesce(key, 'guest'), municipality, building, old_row, new_row);
    RETURN NULL;
END
$$;

-- What people have done that is no change of a row: signing in, and what was refused. They cannot
-- be taken for changes.
CREATE FUNCTION scope.audit_note(action text, subject text, municipality integer, building integer, detail jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF action IN ('insert', 'update', 'delete') OR length(action) > 100 OR length(subject) > 500
        OR length(detail::text) > 20000 THEN
        RAISE EXCEPTION 'not to be noted: %', left(action, 100);
    END IF;
    INSERT INTO public.audit (at, account_id, actor, origin, action, subject, municipality_id,
                              building_id, after)
    VALUES (clock_timestamp(), nullif(current_setting('gebaeude.account', true), '')::integer,
            audit_actor(), nullif(current_setting('gebaeude.origin', true), ''), action, subject,
            municipality, building, detail);
END
$$;

-- Whose accounts have a role in one of the municipalities asked for.
CREATE FUNCTION scope.accounts() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER
ROWS 20 SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.account_id FROM public.account_role r
    WHERE r.municipality_id = ANY (scope.municipalities()) AND scope.building() IS NULL;
END
$$;

-- Entries of a municipality; those of none where one of its people acted, or nobody is known.
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON audit FOR SELECT USING (
    (SELECT scope.building()) IS NULL AND (
        municipality_id = ANY ((SELECT scope.municipalities())::integer[])
        OR (municipality_id IS NULL AND (account_id IN (SELECT scope.accounts())
            OR (account_id IS NULL AND (SELECT scope.unassigned()))))));

DO $$
DECLARE
    site CONSTANT text := ' LEFT JOIN site s ON s.id = b.site_id';
    house CONSTANT text := 'LEFT JOIN building b ON b.id = (r ->> ''building_id'')::integer' || site;
    point CONSTANT text := 'LEFT JOIN point p ON p.id = (r ->> ''point_id'')::integer'
        ' LEFT JOIN building b ON b.id = p.building_id' || site;
    device CONSTANT text := 'LEFT JOIN device d ON d.id = (r ->> ''device_id'')::integer'
        ' LEFT JOIN building b ON b.id = d.building_id' || site;
    ticket CONSTANT text := 'LEFT JOIN ticket t ON t.id = (r ->> ''ticket_id'')::bigint'
        ' LEFT JOIN building b ON b.id = t.building_id' || site;
    key CONSTANT text := 'r ->> ''key''';
    in_house CONSTANT text := 'b.key || ''/'' || coalesce(r ->> ''key'', r ->> ''name'')';
    at_point CONSTANT text := 'b.key || ''/'' || p.key';
    nobody CONSTANT text := 'NULL::integer';
    owner CONSTANT text := 's.municipality_id';
    one record;
    event text;
BEGIN
    FOR one IN VALUES
        ('municipality', 'id', '', key, '(r ->> ''id'')::integer', nobody),
        ('technician', 'id', '', key, nobody, nobody),
        ('technician_municipality', 'technician_id, municipality_id',
         'LEFT JOIN technician t ON t.id = (r ->> ''technician_id'')::integer', 't.key',
         '(r ->> ''municipality_id'')::integer', nobody),
        ('site', 'id', '', key, '(r ->> ''municipality_id'')::integer', nobody),
        ('building', 'id', 'LEFT JOIN site s ON s.id = (r ->> ''site_id'')::integer', key, owner,
         '(r ->> ''id'')::integer'),
        ('space', 'id', house, in_house, owner, 'b.id'),
        ('asset', 'id', house, in_house, owner, 'b.id'),
        ('point', 'id', house, in_house, owner, 'b.id'),
        ('plan', 'id', house, in_house, owner, 'b.id'),
        ('device', 'id', house, '(r ->> ''format'') || ''/'' || (r ->> ''external_id'')', owner, 'b.id'),
        ('channel', 'device_id, field, valid_from', device,
         'd.format || ''/'' || d.external_id || ''/'' || (r ->> ''field'')', owner, 'b.id'),
        ('meter_mount', 'point_id, mounted_from', point, at_point, owner, 'b.id'),
        ('limit_rule', 'id', point, at_point, owner, 'b.id'),
        ('ticket', 'id', house,
         'audit_ticket((r ->> ''id'')::bigint, (r ->> ''opened_at'')::timestamptz)', owner, 'b.id'),
        -- Its history is only ever added to; what else happens to that is told.
        ('ticket_event', 'id', ticket, 'audit_ticket(t.id, t.opened_at)', owner, 'b.id')
    LOOP
        FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE'] LOOP
            CONTINUE WHEN event = 'INSERT' AND one.column1 = 'ticket_event';
            EXECUTE format(
                'CREATE TRIGGER audit_%s AFTER %s ON %I REFERENCING %s FOR EACH STATEMENT'
                ' EXECUTE FUNCTION audit_rows(%L, %L, %L, %L, %L)', lower(event), event, one.column1,
                CASE event WHEN 'INSERT' THEN 'NEW TABLE AS new_rows'
                           WHEN 'DELETE' THEN 'OLD TABLE AS old_rows'
                           ELSE 'OLD TABLE AS old_rows NEW TABLE AS new_rows' END,
                one.column2, one.column3, one.column4, one.column5, one.column6);
        END LOOP;
    END LOOP;
END
$$;

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON account
    FOR EACH ROW EXECUTE FUNCTION audit_access();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON account_role
    FOR EACH ROW EXECUTE FUNCTION audit_access();
-- Only what somebody does with them, and not that they are used or over.
CREATE TRIGGER audit AFTER INSERT ON api_token
    FOR EACH ROW EXECUTE FUNCTION audit_access();
CREATE TRIGGER audit_revoked AFTER UPDATE ON api_token
    FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at)
    EXECUTE FUNCTION audit_access();
CREATE TRIGGER audit AFTER INSERT ON one_time_link
    FOR EACH ROW WHEN (NEW.purpose NOT IN ('second_factor', 'oidc'))
    EXECUTE FUNCTION audit_access();
CREATE TRIGGER audit_used AFTER UPDATE ON one_time_link
    FOR EACH ROW WHEN (OLD.purpose NOT IN ('second_factor', 'oidc')
                       AND (OLD.used_at, OLD.expires_at) IS DISTINCT FROM (NEW.used_at, NEW.expires_at))
    EXECUTE FUNCTION audit_access();
CREATE TRIGGER audit AFTER INSERT ON session
    FOR EACH ROW EXECUTE FUNCTION audit_access();
CREATE TRIGGER audit_revoked AFTER UPDATE ON session
    FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at)
    EXECUTE FUNCTION audit_access();
