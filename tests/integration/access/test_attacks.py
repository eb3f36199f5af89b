"""What somebody does who means harm: each ends in a refusal, a trace, and nothing lost."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from gebaeude.access.roles import Right, Role
from gebaeude.signin import throttle
from gebaeude.store import accounts, sessions, tokens

API = "/api/v1"
NASTY = (
    "'; DROP TABLE ticket; --",
    '<script>alert("x")</script>',
    '" onmouseover="alert(1)" x=\'',
    "{{7*7}} ${7*7} %(x)s %s \\' ||pg_sleep(9)--",
    "javascript:alert(1)",
    "../../../etc/passwd",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_text_stays_text(world: Any, nasty: str) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    tables = world.one("SELECT count(*) FROM pg_class WHERE relkind = 'r'")
    number, device = world.ticket(), world.unknown()
    tried: dict[str, dict[str, Any]] = {
        f"/tickets/{number}/comment": {"comment": nasty},
        f"/tickets/{number}/take": {"technician": nasty},
        f"/tickets/{number}/cancel": {"comment": nasty},
        f"/tickets/{number}/reopen": {"comment": nasty},
        f"/tickets/{number}/reassign": {"technician": nasty, "comment": nasty},
        f"/tickets/{number}/finish": {"comment": nasty},
        f"/inbox/senml/{device}/claim": {"building": "schule", "name": nasty, "ignore": [nasty]},
        f"/inbox/senml/{device}/release": {"fields": [nasty]},
    }
    for path, body in tried.items():
        answer = world.client.post(API + path, json=body, headers=boss.headers)
        assert answer.status_code < 500, path
        assert answer.headers["content-type"].startswith("application/")
    shown = world.client.get(f"{API}/tickets/{number}", headers=boss.headers).json()
    assert nasty in [event["comment"] for event in shown["history"]]
    for path in ("/buildings", "/tickets", "/findings", "/points", "/devices"):
        told = {"q": nasty, "building": nasty, "municipality": nasty}
        asked = world.client.get(API + path, params=told, headers=boss.headers)
        assert asked.status_code < 500
        assert "html" not in asked.headers["content-type"]
    for path in ("/konto/name", "/konto/schluessel", "/benutzer", "/benutzer/gast"):
        told = dict.fromkeys(("name", "email", "kommune", "rolle", "gebaeude", "tage"), nasty)
        told |= {"form": boss.form, "recht": "see_buildings"}
        answer = world.client.post(path, data=told, headers=boss.headers)
        assert answer.status_code < 500, path
        assert "<script>alert" not in answer.text
        assert '" onmouseover' not in answer.text
    page = world.client.get("/konto", headers=boss.headers)
    assert "<script>alert" not in page.text
    assert world.one("SELECT count(*) FROM pg_class WHERE relkind = 'r'") == tables


def test_a_body_of_two_gigabytes_is_refused_before_it_is_sent(world: Any) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    parts = urlsplit(world.address)
    for path in (f"{API}/tickets/A-2026-0001/comment", "/_dash-update-component", "/konto/name"):
        with socket.create_connection((parts.hostname, parts.port), 10) as raw:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {boss.headers['Cookie']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {2 * 1024**3}\r\n\r\n"
            )
            raw.sendall(head.encode())
            assert b" 413 " in raw.recv(100)


def test_a_body_without_an_end_is_refused(world: Any) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    for path in (f"{API}/tickets/A-2026-0001/comment", "/_dash-update-component", "/konto/name"):
        answer = world.client.post(path, content=iter([b"{", b"}"]), headers=boss.headers)
        assert answer.status_code == 411


def test_a_bomb_is_not_unpacked(world: Any) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    number = world.ticket()
    bomb = gzip.compress(json.dumps({"comment": "x" * 50_000_000}).encode(), 9)
    assert len(bomb) < 100_000
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"} | boss.headers
    for path in (f"{API}/tickets/{number}/comment", "/_dash-update-component"):
        answer = world.client.post(path, content=bomb, headers=packed)
        assert 400 <= answer.status_code < 500, path
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = world.client.post("/konto/name", content=bomb, headers=packed | form)
    assert 400 <= answer.status_code < 500
    events = "SELECT count(*) FROM ticket_event WHERE ticket_id = %s"
    assert world.one(events, int(number[-4:])) == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"output": "nothing.children"}', b'{"output": 5}', b"\xff",
     b'{"output": "page.children", "inputs": 7}', b'{"output": "unseen.children"}'],
)  # fmt: skip
def test_a_callback_that_is_none_is_refused(world: Any, body: bytes) -> None:
    boss = world.person("boss", "administrator", kalletal=Role.ADMINISTRATOR)
    headers = boss.headers | {"Content-Type": "application/json"}
    answer = world.client.post("/_dash-update-component", content=body, headers=headers)
    assert 400 <= answer.status_code < 500


def test_secrets_that_were_touched_or_are_over_open_nothing(world: Any) -> None:
    reader = world.account(kalletal=Role.READER)
    good, old, ended = (world.session(reader) for _session in range(3))
    with world.connect() as connection:
        connection.execute(
            "UPDATE session SET expires_at = now() WHERE hash = sha256(%s)", [old.encode()]
        )
        found = sessions.find(connection, ended, datetime.now(UTC))
        assert found is not None
        sessions.revoke(connection, found.id, datetime.now(UTC))
    swapped = good[:-1] + ("A" if good[-1] != "A" else "B")
    for bad in (old, ended, swapped, good[:-1], good + "x", good.swapcase(), "", "x" * 4000):
        asked = world.client.get(f"{API}/buildings", headers={"Cookie": f"gebaeude={bad}"})
        assert asked.status_code == 401, bad
    asked = world.client.get(f"{API}/buildings", headers={"Cookie": f"gebaeude={good}"})
    assert asked.status_code == 200


def test_a_clock_that_jumps_lets_nobody_in_and_locks_nobody_out(world: Any) -> None:
    reader, now, year = world.account(kalletal=Role.READER), datetime.now(UTC), timedelta(days=365)
    begun = world.session(reader)
    made = world.token(reader, Right.SEE_BUILDINGS)["Authorization"].split()[1]
    counter = throttle.Counter((("password", f"clock {reader}"),))
    with world.connect() as connection:
        assert sessions.find(connection, begun, now + year) is None
        assert tokens.find(connection, made, now + year) is None
        assert sessions.find(connection, begun, now) is not None  # and back again
        assert tokens.find(connection, made, now) is not None
        # Wrong passwords while the clock was a year ahead.
        for _try in range(20):
            throttle.claim(connection, counter, now + year)
        assert throttle.claim(connection, counter, now + year) > timedelta(0)
        assert throttle.claim(connection, counter, now) == timedelta(0)
        # A code of that time; one of now counts all the same, and once.
        accounts.set_second_factor(connection, reader, "JBSWY3DPEHPK3PXP", 0, [])
        step = int(now.timestamp()) // 30
        assert accounts.take_code(connection, reader, step + 1_000_000)
        assert accounts.take_code(connection, reader, step)
        assert not accounts.take_code(connection, reader, step)
        assert not accounts.take_code(connection, reader, step - 1)


def test_a_refusal_leaves_one_trace_a_minute(world: Any) -> None:
    reader = world.person("reader", "reader", kalletal=Role.READER)
    number = world.ticket()
    for _try in range(20):
        path = f"{API}/tickets/{number}/cancel"
        answer = world.client.post(path, json={"comment": "x"}, headers=reader.headers)
        assert answer.status_code == 403
    found = world.ask(
        "SELECT after FROM audit WHERE action = 'access.refused' AND account_id ="
        " (SELECT account_id FROM session WHERE hash = sha256(%s))", reader.secret.encode(),
    )  # fmt: skip
    assert [row[0]["what"] for row in found] == ["POST /tickets/{number}/cancel"]
    for path in ("/benutzer", "/konto"):
        world.client.get(path, headers=reader.headers)
    assert world.one("SELECT state FROM ticket WHERE id = %s", int(number[-4:])) == "open"
