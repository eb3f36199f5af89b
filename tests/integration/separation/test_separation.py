"""With the filter forgotten, nothing of another municipality comes out, of any table there is."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from gebaeude.access.roles import Role
from gebaeude.store.database import Connection

OF_BUILDING = (
    "ARRAY(SELECT s.municipality_id FROM building b JOIN site s ON s.id = b.site_id"
    " WHERE b.id = {})"
)
BUILDING = OF_BUILDING.format("t.building_id")
POINT = OF_BUILDING.format("(SELECT p.building_id FROM point p WHERE p.id = t.point_id)")
TICKET = OF_BUILDING.format("(SELECT x.building_id FROM ticket x WHERE x.id = t.ticket_id)")
DEVICE = OF_BUILDING.format("(SELECT d.building_id FROM device d WHERE d.id = t.device_id)")
NAMED = OF_BUILDING.format(
    "(SELECT d.building_id FROM device d WHERE (d.format, d.external_id) = (t.format, t.device))"
)

# Table → whose a row `t` is: the municipalities' ids; empty: nobody's.
OWNED: dict[str, str] = {
    "public.municipality": "ARRAY[t.id]",
    "public.site": "ARRAY[t.municipality_id]",
    "public.building": OF_BUILDING.format("t.id"),
    "public.space": BUILDING,
    "public.asset": BUILDING,
    "public.point": BUILDING,
    "public.device": BUILDING,
    "public.plan": BUILDING,
    "public.ticket": BUILDING,
    "public.meter_mount": POINT,
    "public.limit_rule": POINT,
    "public.finding": POINT,
    "public.channel": DEVICE,
    "public.device_heard": DEVICE,
    "public.unread": DEVICE,
    "public.ticket_event": TICKET,
    "public.mail": TICKET,
    "public.plan_due": TICKET,
    "public.technician": (
        "ARRAY(SELECT w.municipality_id FROM technician_municipality w"
        " WHERE w.technician_id = t.id)"
    ),
    "public.audit": "array_remove(ARRAY[t.municipality_id], NULL) || t.municipalities",
    "public.technician_municipality": "ARRAY[t.municipality_id]",
    "public.quarantine": NAMED,
    "public.withdrawn": NAMED,
    "public.device_event": NAMED,
    "scope.reading": POINT,
    "scope.newest": POINT,
    "scope.oldest": POINT,
}
UNASSIGNED = {"public.audit", "public.quarantine", "public.withdrawn", "public.device_event"}
COLUMNS = {"public.mail": "id, ticket_id, recipient, subject, created_at, sent_at, attempts, error"}

NO_RIGHT = "the web role has no right on it"
# What is no municipality's, and why the web role may see it, or that it may not.
NOT_OWNED: dict[str, str] = {
    "public.account": "people may have roles in several; who asks is found out by it",
    "public.account_role": "read before it is known who asks",
    "public.recovery_code": "hashes, checked while somebody signs in",
    "public.one_time_link": "hashes, checked while somebody signs in",
    "public.session": "hashes, checked before it is known who asks",
    "public.api_token": "hashes, checked before it is known who asks",
    "public.attempt": "counts wrong attempts, before it is known whose",
    "public.alembic_version": "the state of the schema",
    "public.channels_version": "one number",
    "public.heartbeat": "which processes are alive",
    "public.audit_head": NO_RIGHT,
    "public.reading": NO_RIGHT,
    "public.newest": NO_RIGHT,
    "public.oldest": NO_RIGHT,
    "public.delivery": NO_RIGHT,
    "public.listening": NO_RIGHT,
    "public.quarantine_dropped": NO_RIGHT,
    "public.ingest_generation": NO_RIGHT,
    "public.ingest_session": NO_RIGHT,
    "public.sparkplug_birth": "names, types and units of metrics; kept messages are read by it",
    "public.sparkplug_node": "how certain that is",
    "public.homie_description": "types and units of properties; kept messages are read by it",
    "public.erased_person": NO_RIGHT,
    "public.procrastinate_events": NO_RIGHT,
    "public.procrastinate_jobs": NO_RIGHT,
    "public.procrastinate_periodic_defers": NO_RIGHT,
    "public.procrastinate_workers": NO_RIGHT,
}

TABLES = """
SELECT n.nspname || '.' || c.relname,
       c.relkind IN ('v', 'm') OR c.relrowsecurity,
       has_any_column_privilege('gebaeude_web', c.oid, 'SELECT, INSERT, UPDATE')
           OR has_table_privilege('gebaeude_web', c.oid, 'DELETE, TRUNCATE, REFERENCES, TRIGGER'),
       d.objid IS NOT NULL
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e'
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
"""


def rows(connection: Connection, table: str) -> set[str]:
    """Everything a connection gets out of a table without any filter."""
    wanted = f"SELECT {COLUMNS.get(table, '*')} FROM {table}"
    return {row[0] for row in connection.execute(f"SELECT t::text FROM ({wanted}) t".encode())}


def owned_rows(world: Any, table: str) -> dict[str, frozenset[int]]:
    """Every row there is, and whose it is."""
    wanted = f"SELECT {COLUMNS.get(table, '*')} FROM {table.replace('scope.', 'public.')}"
    found = world.ask(f"SELECT t::text, {OWNED[table]} FROM ({wanted}) t")
    return {row: frozenset(of) for row, of in found}


def test_every_table_is_owned_or_explained(world: Any) -> None:
    found = {name: rest for name, *rest in world.ask(TABLES)}
    ours = {name for name, (_bound, _right, extension) in found.items() if not extension}
    chunks = {name for name in ours if name.startswith("_timescaledb_internal.")}
    assert ours - chunks == OWNED.keys() | NOT_OWNED.keys()
    assert not OWNED.keys() & NOT_OWNED.keys()
    assert all(found[name][0] for name in OWNED)
    unreachable = {name for name, why in NOT_OWNED.items() if why == NO_RIGHT} | chunks
    assert chunks
    assert {name for name in ours if not found[name][1]} == unreachable


def test_a_forgotten_filter_shows_nothing_foreign(world: Any) -> None:
    ids = dict(world.ask("SELECT key, id FROM municipality"))
    for table in OWNED:
        _forget_the_filter(world, table, ids)


def _forget_the_filter(world: Any, table: str, ids: dict[str, int]) -> None:
    everything = owned_rows(world, table)
    for key in ("kalletal", "barntrup"):
        own = {row for row, of in everything.items() if ids[key] in of}
        assert own, f"nothing to see in {table}"
        assert everything.keys() - own, f"nothing foreign in {table}"
        with world.as_(key) as connection:
            assert rows(connection, table) == own
        nobodys = {row for row, of in everything.items() if not of and table in UNASSIGNED}
        with world.as_(key, role=Role.FACILITY_MANAGER) as connection:
            assert rows(connection, table) == own | nobodys
    with world.unscoped() as connection:
        assert rows(connection, table) == set()


def test_a_guest_sees_one_building(world: Any) -> None:
    with world.as_("kalletal", role=Role.GUEST, building="halle") as connection:
        seen = {table: rows(connection, table) for table in OWNED}
        keys = connection.execute("SELECT key FROM building").fetchall()
        (readings,) = connection.execute("SELECT count(DISTINCT point_id) FROM reading").fetchone()
    assert keys == [("halle",)]
    assert readings == 1
    assert not seen["public.technician"] | seen["public.technician_municipality"]
    with world.as_("barntrup", role=Role.GUEST, building="halle") as connection:
        assert not any(rows(connection, table) for table in OWNED if table != "public.municipality")


def test_a_connection_goes_back_as_nobodys(world: Any) -> None:
    with world.as_("kalletal") as connection:
        connection.execute("SELECT 1")
    with pytest.raises(psycopg.errors.DivisionByZero), world.as_("kalletal") as connection:
        connection.execute("SELECT 1/0")
    with world.as_("kalletal") as connection:
        connection.rollback()
        assert rows(connection, "public.building")
    with world.unscoped() as one, world.unscoped() as other:
        assert not rows(one, "public.building") | rows(other, "public.building")


def test_functions_tell_nothing_foreign(world: Any) -> None:
    foreign = world.one("SELECT id FROM point WHERE key = 'strom'")
    own = world.one("SELECT id FROM point WHERE key = 'raum'")
    ask = "SELECT count(*) FROM readings_after(%s, '-infinity', 'infinity', 9)"
    back = "SELECT count(*) FROM readings_before(%s, 'infinity', '-infinity', 9)"
    with world.as_("kalletal") as connection:
        for query in (ask, back):
            assert connection.execute(query.encode(), (foreign,)).fetchone() == (0,)
            assert connection.execute(query.encode(), (own,)).fetchone() == (9,)
    with world.unscoped() as connection:
        assert connection.execute(ask.encode(), (own,)).fetchone() == (0,)


def test_conditions_of_its_own_meet_no_foreign_row(world: Any) -> None:
    """A condition that fails, or tells what it is given, is asked only about rows in the scope."""
    with world.as_("kalletal") as connection:
        assert connection.execute("SELECT count(*) FROM reading WHERE 1 / value > 0").fetchone()
    with pytest.raises(psycopg.errors.DivisionByZero), world.as_("barntrup") as connection:
        connection.execute("SELECT count(*) FROM reading WHERE 1 / value > 0")
    with psycopg.connect(world.url, autocommit=True) as owner:
        owner.execute(LEAKY)
    for table, column in {"building": "name", "quarantine": "device", "newest": "point_id"}.items():
        heard = _leaked(world, f"SELECT FROM {table} WHERE public.leak({column}::text)")
        shown = world.ask(f"SELECT {column}::text FROM {table}")
        assert heard
        assert len(heard) < len(shown)
        assert not {"Rathaus Barntrup", "dev-rathaus"} & {*heard}


def _leaked(world: Any, query: str) -> list[str]:
    heard: list[str] = []
    with world.as_("kalletal") as connection:
        connection.add_notice_handler(lambda said: heard.append(str(said.message_primary)))
        assert connection.execute(query.encode()).rowcount == len(heard)
    return heard


LEAKY = """
CREATE FUNCTION leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
$$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$
"""


SWITCHES = (
    "SET ROLE gebaeude",
    "SET SESSION AUTHORIZATION gebaeude",
    "ALTER TABLE building DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE building OWNER TO gebaeude_web_tests",
    "DROP POLICY scope ON building",
    "CREATE POLICY mine ON building USING (true)",
    "ALTER POLICY scope ON building USING (true)",
    "ALTER ROLE gebaeude_web_tests BYPASSRLS",
    "ALTER ROLE gebaeude_web_tests SUPERUSER",
    "CREATE ROLE other",
    "GRANT SELECT ON public.reading TO gebaeude_web_tests",
    "CREATE OR REPLACE FUNCTION scope.buildings() RETURNS SETOF integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION scope.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE public.mine (x int)",
    "CREATE TEMPORARY TABLE mine (x int)",
    "CREATE SCHEMA mine",
    "CREATE EXTENSION dblink",
    "SELECT * FROM public.reading",
    "SELECT * FROM public.newest",
    "SELECT * FROM public.readings_after(1, '-infinity', 'infinity', 9)",
    "COPY building TO PROGRAM 'cat'",
    "COPY public.reading TO STDOUT",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT body FROM mail",
    "SELECT drop_chunks('public.reading', now())",
    "TRUNCATE building",
    "DELETE FROM building",
    "UPDATE municipality SET name = 'x'",
    "UPDATE ticket SET building_id = 1",
    "UPDATE ticket_event SET actor = 'x'",
    "DELETE FROM ticket_event",
    "LOCK TABLE building IN ACCESS EXCLUSIVE MODE",
    "SET row_security = off; SELECT * FROM building",
)


def test_the_role_cannot_switch_it_off(world: Any) -> None:
    done = [one for one in SWITCHES if not _is_refusal(world.refuses(one, "kalletal"))]
    assert done == []


def _is_refusal(error: psycopg.Error | None) -> bool:
    return isinstance(error, psycopg.errors.InsufficientPrivilege)


def test_forgetting_the_scope_shows_nothing(world: Any) -> None:
    with psycopg.connect(world.web_url, autocommit=True) as connection:
        for statement in ("RESET ALL", "DISCARD ALL", "RESET gebaeude.municipalities"):
            connection.execute("SET gebaeude.municipalities = '{1}'")
            assert rows(connection, "public.building")
            connection.execute(statement.encode())
            assert not rows(connection, "public.building")


def test_what_runs_with_the_owners_rights_is_known(world: Any) -> None:
    found = world.ask(
        "SELECT p.oid::regprocedure::text FROM pg_proc p LEFT JOIN pg_depend d"
        " ON d.objid = p.oid AND d.deptype = 'e'"
        " WHERE p.prosecdef AND d.objid IS NULL AND p.pronamespace > 16383"
        " AND has_function_privilege('gebaeude_web', p.oid, 'EXECUTE')"
    )
    names = {name.partition("(")[0] for (name,) in found}
    assert names == {
        "scope.buildings", "scope.sites", "scope.points", "scope.devices", "scope.technicians",
        "scope.own_devices", "scope.others_devices", "scope.every_municipality",
        "scope.accounts", "scope.audit_note",
        "scope.readings_after", "scope.readings_before",
    }  # fmt: skip
    loose = world.ask(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'scope'::regnamespace"
        " AND proconfig::text IS DISTINCT FROM '{\"search_path=pg_catalog, public, pg_temp\"}'"
    )
    assert loose == []
