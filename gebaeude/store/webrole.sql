-- name: group_exists()$
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gebaeude_web');

-- name: create_group()!
CREATE ROLE gebaeude_web NOLOGIN;

-- name: revoke_everything()!
-- What was granted before and is not any more shall not stay.
REVOKE ALL ON ALL TABLES IN SCHEMA public, scope FROM gebaeude_web;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA scope FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- name: grant_rights()!
-- All that the web process may do. What is not here it does not need: readings but through the
-- views in `scope`, the ledger of ingest, the job queue, the text of mails.
GRANT USAGE ON SCHEMA public, scope TO gebaeude_web;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA scope TO gebaeude_web;

-- Reading pages and resources.
GRANT SELECT ON municipality, site, building, space, asset, point, meter_mount, device, channel,
    device_heard, device_event, unread, withdrawn, quarantine, limit_rule, finding, plan, plan_due, ticket,
    ticket_event, technician, technician_municipality, heartbeat, channels_version, alembic_version,
    audit,
    sparkplug_birth, sparkplug_node, homie_description, scope.reading, scope.newest, scope.oldest
    TO gebaeude_web;
GRANT SELECT (id, ticket_id, recipient, subject, created_at, sent_at, attempts, error, next_at)
    ON mail TO gebaeude_web;

-- Tickets; whoever gets one is told by mail.
GRANT UPDATE (state, closed_at, lapsed_at, technician_id) ON ticket TO gebaeude_web;
GRANT INSERT ON ticket_event, mail TO gebaeude_web;

-- Attaching devices: what is kept of them becomes readings, and back.
GRANT INSERT, UPDATE, DELETE ON device, unread, quarantine, withdrawn, scope.reading TO gebaeude_web;
GRANT INSERT, DELETE ON channel TO gebaeude_web;
GRANT INSERT, UPDATE ON space, device_heard TO gebaeude_web;
GRANT INSERT ON point, device_event TO gebaeude_web;
GRANT UPDATE ON channels_version TO gebaeude_web;

-- Its own sign of life.
GRANT INSERT, UPDATE ON heartbeat TO gebaeude_web;

-- Signing in, and who may.
GRANT SELECT, INSERT, UPDATE, DELETE ON account, account_role, recovery_code, one_time_link, session,
    api_token, attempt TO gebaeude_web;

-- name: login(name)^
-- What a role can do and belongs to.
SELECT rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb,
       CASE WHEN rolsuper THEN false ELSE pg_has_role(oid, 'gebaeude_web', 'member') END
FROM pg_roles WHERE rolname = :name;

-- name: role()^
-- As whom this connection is here: its name, whether policies do not bind it, and whether it has
-- (by itself or by a role it belongs to) any of our tables.
SELECT current_user, rolsuper OR rolbypassrls, EXISTS (
    SELECT FROM pg_class c
    WHERE c.relnamespace IN ('public'::regnamespace, coalesce(to_regnamespace('scope'), 'public'))
        AND c.relkind IN ('r', 'v') AND pg_has_role(c.relowner, 'member'))
FROM pg_roles WHERE rolname = current_user;
