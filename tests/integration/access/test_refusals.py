"""Whatever is refused leaves a trace in the audit, and a flood of it no flood of traces."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from gebaeude.access import table
from gebaeude.access.person import Person
from gebaeude.access.roles import Right, Role
from gebaeude.config import Settings
from gebaeude.signin.clock import ClockWatch
from gebaeude.signin.refusals import KINDS, Ledger, Refusal
from gebaeude.signin.site import Site
from gebaeude.store import audit, sessions
from gebaeude.store.database import connect
from gebaeude.store.scope import open_scoped_pool

API = "/api/v1"
CALLBACK = "/_dash-update-component"
PAGE = "..page.children...title.data...navigation.children.."


def traces(world: Any, since: int) -> list[tuple[str, str, dict[str, Any], str, list[int] | None]]:
    """(action, subject, what is said, where from, whose people) of what was noted since then."""
    found: list[tuple[str, str, dict[str, Any], str, list[int] | None]] = world.ask(
        "SELECT action, subject, after, origin, municipalities FROM audit"
        " WHERE id > %s AND action LIKE '%%.%%' ORDER BY id", since,
    )  # fmt: skip
    return found


def newest(world: Any) -> int:
    return int(world.one("SELECT coalesce(max(id), 0) FROM audit"))


def open_page(world: Any, path: str, headers: dict[str, str]) -> Any:
    """What the browser asks for when it comes to a page of the dashboard."""
    told = {"pathname": path, "search": ""}
    inputs = [{"id": "url", "property": name, "value": value} for name, value in told.items()]
    inputs.append({"id": "view", "property": "data", "value": {"width": 1000, "scheme": "light"}})
    inputs.append({"id": "version", "property": "data", "value": 0})
    outputs = [dict(zip(("id", "property"), one.split("."), strict=True))
               for one in PAGE.strip(".").split("...")]  # fmt: skip
    body = {"output": PAGE, "outputs": outputs, "inputs": inputs, "state": [],
            "changedPropIds": ["url.pathname"]}  # fmt: skip
    return world.client.post(CALLBACK, json=body, headers=headers)


def filled(world: Any, pattern: str) -> str:
    """A route or page with what belongs to Kalletal."""
    message = world.one("SELECT id FROM quarantine WHERE device = 'dev-schule'")
    put = {
        "{building}": "schule", "{point}": "waerme", "{format}": "senml", "{message}": message,
        "{device:path}": "dev-schule", "{number}": world.ticket(), "<key>": "schule",
        "<format>": "senml", "<device>": "dev-schule", "<message>": message,
        "<number>": world.ticket(),
    }  # fmt: skip
    for name, value in put.items():
        pattern = pattern.replace(name, str(value))
    return pattern


BODIES: dict[str, dict[str, Any]] = {
    "cancel": {"comment": "x"}, "reopen": {"comment": "x"}, "comment": {"comment": "x"},
    "reassign": {"technician": "a-adler"}, "claim": {"building": "schule", "name": "x"},
}  # fmt: skip


def test_a_foreign_id_in_every_route_and_page_leaves_its_trace(world: Any) -> None:
    boss = world.person("boss", "administrator", barntrup=Role.ADMINISTRATOR)
    barntrup = world.one("SELECT id FROM municipality WHERE key = 'barntrup'")
    routes = [one for one in table.API if "{" in one]
    pages = [one for one in table.PAGES if "<" in one]
    asked, since = {}, newest(world)
    for name in routes:
        method, pattern = name.split(" ")
        asked[name] = API + filled(world, pattern)
        body = BODIES.get(pattern.rsplit("/", 1)[-1], {}) if method == "POST" else None
        answer = world.program.request(method, asked[name], json=body, headers=boss.headers)
        assert answer.status_code == 404, (name, answer.text)
    for pattern in pages:
        asked[f"page {pattern}"] = filled(world, pattern)
        answer = open_page(world, asked[f"page {pattern}"], boss.headers)
        assert answer.json()["response"]["title"]["data"].startswith("Nicht gefunden"), pattern
    found = traces(world, since)
    assert {said["what"]: said["path"] for _a, _s, said, *_rest in found} == asked
    assert {(action, said["status"]) for action, _s, said, *_rest in found} == {
        ("access.missing", 404)
    }
    assert {(origin, *(whose or ())) for *_rest, origin, whose in found} == {
        ("127.0.0.1", barntrup)
    }
    assert len(found) == len(routes) + len(pages)


def test_who_may_reads_of_it_in_german_and_others_do_not(world: Any) -> None:
    reader = world.person("reader", "reader", barntrup=Role.READER)
    assert world.client.get(f"{API}/buildings/schule", headers=reader.headers).status_code == 404
    name = world.one(
        "SELECT a.name FROM account a JOIN session s ON s.account_id = a.id"
        " WHERE s.hash = sha256(%s)", reader.secret.encode(),
    )  # fmt: skip
    own = world.person("own", "administrator", barntrup=Role.ADMINISTRATOR)
    others = world.person("others", "administrator", kalletal=Role.ADMINISTRATOR)
    page = open_page(world, "/protokoll", own.headers).text
    page = json.dumps(json.loads(page), ensure_ascii=False)
    for said in (name, "nicht gefunden oder fremd", "gehört einer anderen Kommune",
                 f"{API}/buildings/schule"):  # fmt: skip
        assert said in page
    assert f"{API}/buildings/schule" not in open_page(world, "/protokoll", others.headers).text


def test_a_callback_on_what_is_foreign_leaves_its_trace(world: Any) -> None:
    boss = world.person("boss", "facility_manager", barntrup=Role.FACILITY_MANAGER)
    since = newest(world)
    body = {
        "output": "payload-file.data",
        "outputs": {"id": "payload-file", "property": "data"},
        "inputs": [[{"id": {"save": "payload"}, "property": "n_clicks", "value": 1}]],
        "state": [{"id": "url", "property": "pathname",
                   "value": filled(world, "/quarantaene/<message>")}],
        "changedPropIds": ['{"save":"payload"}.n_clicks'],
    }  # fmt: skip
    assert world.client.post(CALLBACK, json=body, headers=boss.headers).status_code in (200, 204)
    assert [(action, said["what"]) for action, _s, said, *_r in traces(world, since)] == [
        ("access.missing", "message file")
    ]


def test_what_is_turned_away_at_the_door_leaves_its_trace(world: Any) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    parts, since = urlsplit(world.address), newest(world)
    path = f"{API}/tickets/A-2026-0001/comment"
    elsewhere = {"X-Forwarded-For": "203.0.113.91"}
    with socket.create_connection((parts.hostname, parts.port), 10) as raw:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {boss.headers['Cookie']}\r\n"
            "X-Forwarded-For: 203.0.113.91\r\n"
            f"Content-Type: application/json\r\nContent-Length: {2 * 1024**3}\r\n\r\n"
        )
        raw.sendall(head.encode())
        assert b" 413 " in raw.recv(100)
    bomb = gzip.compress(json.dumps({"comment": "x" * 50_000_000}).encode(), 9)
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    for _try in range(3):
        answer = world.client.post(path, content=bomb, headers=boss.headers | packed | elsewhere)
        assert answer.status_code == 415
    foreign = {"Sec-Fetch-Site": "cross-site", "X-Forwarded-For": "203.0.113.92"}
    assert world.client.post("/anmelden", headers=foreign).status_code == 403
    found = traces(world, since)
    assert [(action, said.get("status"), origin) for action, _s, said, origin, _w in found] == [
        ("request.refused", 413, "203.0.113.91"),
        ("request.refused", 415, "203.0.113.91"),
        ("access.refused", 403, "203.0.113.92"),
    ]
    # Who it was is known where they had signed in; what strangers have typed is not kept.
    assert [bool(whose) for *_rest, whose in found] == [True, True, False]
    assert [said.get("path") for _a, _s, said, *_rest in found] == [path, path, None]


NASTY = (
    "'; DROP TABLE ticket; --",
    '<script>alert("x")</script>',
    "{{7*7}} %(x)s \\' ||pg_sleep(9)--",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_sql_and_script_leave_their_trace(world: Any, nasty: str) -> None:
    """As what they are where any text is taken, else as what was refused."""
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    number, since = world.ticket(), newest(world)
    tried: dict[str, dict[str, Any]] = {
        f"{API}/tickets/{number}/reassign": {"technician": nasty},
        f"{API}/inbox/senml/{world.unknown()}/claim": {"building": nasty, "name": nasty},
        f"{API}/inbox/senml/{world.device()}/release": {"fields": [nasty]},
    }
    for path, body in tried.items():
        answer = world.client.post(path, json=body, headers=boss.headers)
        assert 400 <= answer.status_code < 500, path
    for path in ("/benutzer", "/benutzer/gast"):
        told = dict.fromkeys(("name", "email", "kommune", "rolle", "gebaeude", "tage"), nasty)
        answer = world.client.post(path, data=told | {"form": boss.form}, headers=boss.headers)
        assert 400 <= answer.status_code < 500, path
    refused = [said["what"] for _a, _s, said, *_rest in traces(world, since)]
    assert len(refused) == len(tried) + 2
    body = {"comment": nasty}
    path = f"{API}/tickets/{number}/comment"
    assert world.client.post(path, json=body, headers=boss.headers).status_code == 200
    kept = world.one("SELECT comment FROM ticket_event ORDER BY id DESC LIMIT 1")
    assert kept == nasty
    assert world.client.post("/konto/name", data={"name": nasty, "form": boss.form},
                             headers=boss.headers).status_code == 303  # fmt: skip
    renamed = world.one("SELECT after FROM audit WHERE subject LIKE 'account/%' ORDER BY id DESC")
    assert renamed["name"] == " ".join(nasty.split())


def test_a_stolen_old_cookie_and_a_tampered_one_leave_their_trace(world: Any) -> None:
    reader = world.account(kalletal=Role.READER)
    email = world.one("SELECT email FROM account WHERE id = %s", reader)
    good, old, lunch = (world.session(reader) for _session in range(3))
    with world.connect() as connection:
        found = sessions.find(connection, old, datetime.now(UTC))
        assert found is not None
        sessions.revoke(connection, found.id, datetime.now(UTC))
        connection.execute(
            "UPDATE session SET expires_at = now() WHERE hash = sha256(%s)", [lunch.encode()]
        )
    since = newest(world)

    def ask(cookie: str, origin: str) -> int:
        headers = {"Cookie": f"gebaeude={cookie}", "X-Forwarded-For": origin}
        return int(world.client.get(f"{API}/buildings", headers=headers).status_code)

    assert ask(old, "203.0.113.93") == 401
    assert ask(good.swapcase(), "203.0.113.94") == 401
    assert ask(lunch, "192.0.2.1") == 401  # from where it was: away too long, and no more
    assert ask(good, "203.0.113.95") == 200  # whose it is goes on
    assert [(action, about, said["how"]) for action, about, said, *_r in traces(world, since)] == [
        ("session.refused", f"account/{email}", "revoked"),
        ("session.refused", "session", "unknown"),
    ]
    assert ask(lunch, "203.0.113.96") == 401
    assert traces(world, since)[-1][2]["how"] == "expired"


def test_a_tampered_token_and_a_used_link_leave_their_trace(world: Any) -> None:
    token = world.token(world.account(kalletal=Role.READER), Right.SEE_BUILDINGS)
    since, secret = newest(world), "ein-geheimer-link"
    here = {"X-Forwarded-For": "203.0.113.97"}
    bad = {"Authorization": token["Authorization"][:-1] + "!"} | here
    for _try in range(50):
        assert world.program.get(f"{API}/buildings", headers=bad).status_code == 401
    assert world.program.get(f"/kennwort/{secret}", headers=here).status_code == 410
    assert world.program.get(f"{API}/buildings", headers=token | here).status_code == 200
    found = traces(world, since)
    assert [action for action, *_rest in found] == ["token.refused", "link.refused"]
    assert secret not in repr(found)


@pytest.fixture
def site(database_url: str, as_web: Callable[[str], str]) -> Iterator[Site]:
    with open_scoped_pool(as_web(database_url), name="test-web", max_size=2) as pool:
        yield Site(pool, Settings(web_database_url=as_web(database_url)))


def noted(url: str) -> list[tuple[str, dict[str, Any] | None]]:
    with connect(url, name="test") as connection:
        found = audit.entries(connection, audit.Filters(), limit=2 * KINDS)
    return [(one.action, one.after) for one in reversed(found) if "." in one.action]


def test_a_flood_is_two_lines_a_minute_and_says_how_large_it_was(
    site: Site, database_url: str
) -> None:
    clock = [0.0]
    ledger = Ledger(site, steady=lambda: clock[0])
    person = Person(None, "", "Gast", (), session=7, origin="203.0.113.98")
    for n in range(5_000):
        ledger.note(person, Refusal("access.missing", "GET /buildings/{building}", 404, f"/b/{n}"))
    ledger.flush()
    one = {"what": "GET /buildings/{building}", "path": "/b/0", "status": 404}
    assert noted(database_url) == [("access.missing", one)]
    clock[0] = 61.0
    ledger.flush()
    more = one | {"times": 4_999, "paths": [f"/b/{n}" for n in range(1, 6)]}
    assert noted(database_url)[1:] == [("access.missing", more)]
    ledger.flush(everything=True)
    assert len(noted(database_url)) == 2


def test_a_flood_of_many_kinds_is_bounded_too(site: Site, database_url: str) -> None:
    ledger = Ledger(site)
    for n in range(KINDS + 300):
        person = Person(None, "", "", (), origin=f"198.51.100.{n}")
        ledger.is_news(person, Refusal("token.refused", "", 401, subject="api_token"))
    ledger.flush(everything=True)
    assert noted(database_url) == [("request.refused", {"times": 300, "paths": []})]


def test_a_clock_that_jumps_leaves_a_trace(site: Site, database_url: str) -> None:
    wall, steady = [1_000_000.0], [50.0]
    watch = ClockWatch(site, wall=lambda: wall[0], steady=lambda: steady[0])
    for passed, set_by in ((5, 0), (5, 3_600), (5, 0), (5, -7_200), (5, 0.5)):
        wall[0] += passed + set_by
        steady[0] += passed
        watch.look()
    assert noted(database_url) == [
        ("clock.jumped", {"seconds": 3_600}), ("clock.jumped", {"seconds": -7_200}),
    ]  # fmt: skip
